"""Disguises as a generator: the ways in which people hide a word, one function a way.

Each takes a text and a source of chance, and returns pieces, one per original character, so that what is known of the
characters can follow them. They are the classes that `masker.normalise` undoes: letters taken apart, letters that
look or sound alike, other scripts and keyboards, and what is put between.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from random import Random

Pieces = list[str]
Disguise = Callable[[str, Random], Pieces]

INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
MEDIALS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
FINALS: list[str] = ["", *"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"]
SYLLABLE_BASE, SYLLABLE_LAST = 0xAC00, 0xD7A3
"""Hangul syllable arithmetic, Unicode chapter 3.12."""

FILLERS = (*"1234!~.,*@^;-_/♡", " ", " ", " ", "\u200b")
LATIN_LOOKS = {"a": "@", "e": "3", "i": "1", "o": "0", "s": "$", "l": "1"}


def _table(entries: str) -> dict[str, str]:
    """Read entries of a letter and what it may become."""
    return {entry[0]: entry[1:] for entry in entries.split()}


SOUNDS_LIKE_INITIAL = _table("ㅅㅆ ㅆㅅ ㄱㄲ ㄲㄱ ㅂㅃ ㅃㅂ ㅈㅉ ㅉㅈ ㄷㄸ ㄸㄷ ㅊㅈ ㅋㄲ ㅌㄸ ㅍㅃ")
SOUNDS_LIKE_MEDIAL = _table(
    "ㅣㅟㅢ ㅏㅑㅘ ㅐㅔㅒ ㅔㅐㅖ ㅓㅕㅝ ㅗㅛㅜ ㅜㅠㅗ ㅕㅓㅛ ㅡㅜㅓ ㅢㅣㅟ ㅟㅣㅢ ㅑㅏㅕ ㅛㅗㅠ ㅠㅜㅛ ㅘㅏ ㅝㅓ"
)
SOUNDS_LIKE_FINAL = _table("ㄱㅋㄲ ㄴㅇ ㅇㄴ ㅂㅍ ㅅㄷㅈ ㄷㅅ ㅈㅅ ㅌㅅ ㅁㅇ")
LOOKS_LIKE_JAMO = _table("ㅣl|1I ㅡ-_ ㅇ0oO ㅅ^人 ㅏr ㅐH ㅌE ㄴL ㅁ口 ㄱ7 ㄹ2 ㅈ大 ㅊ大 ㅗ⊥ ㅜT ㅓ1 ㅂ日 ㅋ7")
LOOKS_LIKE_SYLLABLE = _table(
    "대머 머대 귀커 커귀 파과 과파 비네 네비 유윾 며띠 띠며 광팡 팡광 왕앟 관판 판관 우윽 멍댕 댕멍 겨저"
)
"""야민정음: syllables taken for others of a like outline."""
KEYS_OF_JAMO: Mapping[str, str] = dict(
    zip(
        "ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔㅁㄴㅇㄹㅎㅗㅓㅏㅣㅋㅌㅊㅍㅠㅜㅡㅃㅉㄸㄲㅆㅒㅖ",
        "qwertyuiopasdfghjklzxcvbnmQWERTOP",
        strict=True,
    )
)
"""The two-set keyboard (KS X 5002)."""
PARTS_OF_JAMO = _table(
    "ㅘㅗㅏ ㅙㅗㅐ ㅚㅗㅣ ㅝㅜㅓ ㅞㅜㅔ ㅟㅜㅣ ㅢㅡㅣ ㄳㄱㅅ ㄵㄴㅈ ㄶㄴㅎ"
    " ㄺㄹㄱ ㄻㄹㅁ ㄼㄹㅂ ㄽㄹㅅ ㄾㄹㅌ ㄿㄹㅍ ㅀㄹㅎ ㅄㅂㅅ"
)
ROMAN_INITIALS = _table("ㄱg ㄲkk ㄴn ㄷd ㄸtt ㄹr ㅁm ㅂb ㅃpp ㅅs ㅆss ㅇ ㅈj ㅉjj ㅊch ㅋk ㅌt ㅍp ㅎh")
ROMAN_MEDIALS = _table(
    "ㅏa ㅐae ㅑya ㅒyae ㅓeo ㅔe ㅕyeo ㅖye ㅗo ㅘwa ㅙwae ㅚoe ㅛyo ㅜu ㅝwo ㅞwe ㅟwi ㅠyu ㅡeu ㅢui ㅣi"
)
ROMAN_FINALS = _table("ㄱk ㄲk ㄴn ㄷt ㄹl ㅁm ㅂp ㅅt ㅆt ㅇng ㅈt ㅊt ㅋk ㅌt ㅍp ㅎt ㄶn ㄵn ㅄp ㄺk ㅀl")
"""Revised Romanisation of Korean (2000), letter by letter."""


def letters_of(char: str) -> tuple[str, str, str] | None:
    """Return a syllable's initial, medial and final ("" where it has none); None for any other character."""
    code = ord(char)
    if not SYLLABLE_BASE <= code <= SYLLABLE_LAST:
        return None
    initial, rest = divmod(code - SYLLABLE_BASE, 588)
    medial, final = divmod(rest, 28)
    return INITIALS[initial], MEDIALS[medial], FINALS[final]


def syllable_of(initial: str, medial: str, final: str) -> str:
    """Return the syllable of three letters. Raises ValueError where one cannot stand in its place."""
    code = INITIALS.index(initial) * 588 + MEDIALS.index(medial) * 28 + FINALS.index(final)
    return chr(SYLLABLE_BASE + code)


def split_jamo(syllable: str) -> str:
    """Return a syllable as compatibility jamo; any other character as it is."""
    return "".join(letters_of(syllable) or syllable)


def _syllables(change: Callable[[tuple[str, str, str], Random], str], *shares: float) -> Disguise:
    """Return a disguise that changes a share (one of `shares`, drawn for each text) of the syllables."""

    def disguise(text: str, random: Random) -> Pieces:
        share = random.choice(shares)
        pieces = []
        for char in text:
            letters = letters_of(char)
            pieces.append(change(letters, random) if letters and random.random() < share else char)
        return pieces

    return disguise


def _words(change: Callable[[str, Random], Pieces], share: float) -> Disguise:
    """Return a disguise that changes a share of the words, each as a whole."""

    def disguise(text: str, random: Random) -> Pieces:
        pieces: Pieces = []
        for number, word in enumerate(text.split(" ")):
            pieces += [" "] if number else []
            pieces += change(word, random) if random.random() < share else list(word)
        return pieces

    return disguise


def _spilled(letters: tuple[str, str, str], random: Random) -> str:
    initial, medial, final = letters
    if final:
        return syllable_of(initial, medial, "") + final
    return initial + medial


def _respelt(letters: tuple[str, str, str], random: Random) -> str:
    initial, medial, final = letters
    which = random.randrange(3)
    if which == 0:
        initial = SOUNDS_LIKE_INITIAL.get(initial, initial)
    elif which == 1:
        medial = random.choice(SOUNDS_LIKE_MEDIAL.get(medial, medial))
    else:
        final = random.choice(SOUNDS_LIKE_FINAL.get(final, final) or [""])
    return syllable_of(initial, medial, final)


def _outlined(letters: tuple[str, str, str], random: Random) -> str:
    written = syllable_of(*letters)
    if written in LOOKS_LIKE_SYLLABLE and random.random() < 0.5:
        return LOOKS_LIKE_SYLLABLE[written]
    return "".join(random.choice(LOOKS_LIKE_JAMO.get(each, each)) for each in split_jamo(written))


def _romanised(letters: tuple[str, str, str], random: Random) -> str:
    initial, medial, final = letters
    return ROMAN_INITIALS[initial] + ROMAN_MEDIALS[medial] + ROMAN_FINALS.get(final, "")


def _drawn_out(letters: tuple[str, str, str], random: Random) -> str:
    initial, medial, final = letters
    plain = syllable_of(initial, medial, "")
    return plain + syllable_of("ㅇ", medial, "") * random.randint(0, 2) + syllable_of("ㅇ", medial, final)


def _typed(word: str, random: Random) -> Pieces:
    return [
        "".join(KEYS_OF_JAMO[part] for each in split_jamo(char) for part in PARTS_OF_JAMO.get(each, each))
        if letters_of(char)
        else char
        for char in word
    ]


def _initials(word: str, random: Random) -> Pieces:
    letters = [letters_of(char) for char in word]
    if len(word) < 2 or not all(letters):
        return list(word)
    return [each[0] for each in letters if each]


def _fill(text: str, random: Random) -> Pieces:
    filler, share = random.choice(FILLERS), random.choice((0.08, 0.2))
    last = len(text) - 1
    return [
        char + filler if index < last and char.isalnum() and random.random() < share else char
        for index, char in enumerate(text)
    ]


def _space_out(text: str, random: Random) -> Pieces:
    return [char + " " if char.isalnum() and random.random() < 0.7 else char for char in text]


def _squeeze(text: str, random: Random) -> Pieces:
    return ["" if char == " " else char for char in text]


def _stretch(text: str, random: Random) -> Pieces:
    return [char * random.randint(2, 4) if char.isalnum() and random.random() < 0.08 else char for char in text]


def _leet(text: str, random: Random) -> Pieces:
    return [LATIN_LOOKS.get(char.lower(), char) if random.random() < 0.3 else char for char in text]


def _decompose(text: str, random: Random) -> Pieces:
    return [unicodedata.normalize("NFD", char) for char in text]


DISGUISES: Mapping[str, Disguise] = {
    "jamo_split": _syllables(lambda letters, _: "".join(letters), 0.1, 0.3, 1.0),
    "jamo_spilled": _syllables(_spilled, 0.1, 0.3),
    "initials": _words(_initials, 0.15),
    "inserted": _fill,
    "spaced": _space_out,
    "squeezed": _squeeze,
    "phonetic": _syllables(_respelt, 0.15, 0.4),
    "lookalike": _syllables(_outlined, 0.08, 0.2),
    "romanised": _syllables(_romanised, 0.1, 0.25),
    "keyboard": _words(_typed, 0.2),
    "elongated": _syllables(_drawn_out, 0.08, 0.2),
    "stretched": _stretch,
    "leet": _leet,
    "unicode": _decompose,
}
"""Every disguise by its class."""
