"""Disguises for measuring: each class of the text engine applied to a word, as somebody evading a filter would.

They are written apart from the engine's own rules and from the training's augmentation, so that neither is measured
against itself. A class that has no form for a word (no Hangul to split, say) returns the word as it is.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from random import Random

from masker.normalise.jamo import LEADS, TAILS, VOWELS, is_syllable, join_syllable, split_syllable
from masker.verdict import Span

Disguise = Callable[[str, Random], str]

_MARKS = ("1", ".", "-", "~", "^", "*", "/", "ㅡ", "♡", "!")
_INVISIBLE = ("\u200b", "\u200d", "\u2060", "\u00ad")
_TENSE = {"ㄱ": "ㄲ", "ㄷ": "ㄸ", "ㅂ": "ㅃ", "ㅅ": "ㅆ", "ㅈ": "ㅉ", "ㄲ": "ㄱ", "ㅆ": "ㅅ", "ㅉ": "ㅈ"}
_VOWEL_SHIFT = {
    "ㅏ": "ㅑ",
    "ㅐ": "ㅔ",
    "ㅔ": "ㅐ",
    "ㅓ": "ㅕ",
    "ㅗ": "ㅛ",
    "ㅜ": "ㅠ",
    "ㅣ": "ㅟ",
    "ㅕ": "ㅓ",
    "ㅑ": "ㅏ",
}
_LOOKS = {
    "ㅣ": "l",
    "ㅇ": "o",
    "ㅡ": "_",
    "ㅏ": "r",
    "ㅓ": "-l",
    "ㅅ": "人",
    "ㅁ": "口",
    "ㄹ": "己",
    "ㅊ": "大",
    "ㄱ": "7",
}
_LATIN_LOOKS = {"a": "@", "e": "3", "i": "1", "o": "0", "s": "$", "t": "7", "u": "v"}


def _table(letters: Iterable[str], written: str) -> dict[str, str]:
    return dict(zip(letters, written.split(" "), strict=True))


_ROMAN_LEADS = _table(LEADS, "g kk n d tt r m b pp s ss  j jj ch k t p h")
_ROMAN_VOWELS = _table(VOWELS, "a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i")
_ROMAN_TAILS = _table(TAILS, " k k k n n n t l k m l l l p l m p p t t ng t t k t p t")
"""Revised Romanisation of Korean (2000), letter by letter."""
_KEYS = _table(
    "ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔㅁㄴㅇㄹㅎㅗㅓㅏㅣㅋㅌㅊㅍㅠㅜㅡㅃㅉㄸㄲㅆㅒㅖ", " ".join("qwertyuiopasdfghjklzxcvbnmQWERTOP")
)
_KEYS |= _table("ㅘㅙㅚㅝㅞㅟㅢㄳㄵㄶㄺㄻㄼㄽㄾㄿㅀㅄ", "hk ho hl nj np nl ml rt sw sg fr fa fq ft fx fv fg qt")
"""The two-set keyboard (KS X 5002) on a Latin layout."""


def _each(word: str, change: Callable[[str, str, str], str]) -> str:
    return "".join(change(*split_syllable(char)) if is_syllable(char) else char for char in word)


def _between(word: str, pieces: Sequence[str], random: Random) -> str:
    mark = random.choice(pieces)
    return mark.join(word)


def _jamo_split(word: str, random: Random) -> str:
    return _each(word, lambda lead, vowel, tail: lead + vowel + tail)


def _jamo_spilled(word: str, random: Random) -> str:
    """Spill the last letter of the first syllable that has three, else open the last syllable alone."""
    for place, char in enumerate(word):
        if is_syllable(char) and split_syllable(char)[2]:
            lead, vowel, tail = split_syllable(char)
            return word[:place] + join_syllable(lead, vowel) + tail + word[place + 1 :]
    return word[:-1] + _jamo_split(word[-1:], random)


def _initials(word: str, random: Random) -> str:
    return _each(word, lambda lead, vowel, tail: lead)


def _inserted(word: str, random: Random) -> str:
    return _between(word, _MARKS, random)


def _invisible(word: str, random: Random) -> str:
    return _between(word, _INVISIBLE, random)


def _layout(word: str, random: Random) -> str:
    return _between(word, (" ", "  ", "\n"), random)


def _keyboard(word: str, random: Random) -> str:
    return "".join(_KEYS.get(letter, letter) for letter in _jamo_split(word, random))


def _lookalike(word: str, random: Random) -> str:
    """Open one syllable that has letters with a look, and write those as what they look like."""
    if word.isascii():
        return "".join(_LATIN_LOOKS.get(char.lower(), char) for char in word)
    for place, char in enumerate(word):
        letters = _jamo_split(char, random)
        drawn = "".join(_LOOKS.get(letter, letter) for letter in letters)
        if is_syllable(char) and drawn != letters:
            return word[:place] + drawn + word[place + 1 :]
    return word


def _romanised(word: str, random: Random) -> str:
    return _each(word, lambda lead, vowel, tail: _ROMAN_LEADS[lead] + _ROMAN_VOWELS[vowel] + _ROMAN_TAILS[tail])


def _unicode(word: str, random: Random) -> str:
    if word.isascii():
        return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in word)
    return unicodedata.normalize("NFD", word)


def _phonetic(word: str, random: Random) -> str:
    """Respell the first syllable by a tenser or laxer consonant, the second by a neighbouring vowel."""
    changed, left = [], 2
    for char in word:
        if left and is_syllable(char):
            lead, vowel, tail = split_syllable(char)
            first = left == 2
            char = join_syllable(_TENSE.get(lead, lead) if first else lead, vowel if first else _shifted(vowel), tail)
            left -= 1
        changed.append(char)
    return "".join(changed)


def _shifted(vowel: str) -> str:
    return _VOWEL_SHIFT.get(vowel, vowel)


def _elongated(word: str, random: Random) -> str:
    """Draw the first syllable's vowel out (시이이발, 벼어엉신), or repeat a Latin letter."""
    first = word[:1]
    if not is_syllable(first):
        return first * 3 + word[1:]
    lead, vowel, tail = split_syllable(first)
    plain = {"ㅑ": "ㅏ", "ㅕ": "ㅓ", "ㅛ": "ㅗ", "ㅠ": "ㅜ"}.get(vowel, vowel)
    drawn = join_syllable("ㅇ", plain) * random.randint(0, 2)
    return join_syllable(lead, vowel) + drawn + join_syllable("ㅇ", plain, tail) + word[1:]


def _reordered(word: str, random: Random) -> str:
    """Swap the first two syllables."""
    return word[1::-1] + word[2:] if len(word) > 1 else word


DISGUISES: Mapping[str, Disguise] = {
    "jamo_split": _jamo_split,
    "jamo_spilled": _jamo_spilled,
    "initials": _initials,
    "inserted": _inserted,
    "invisible": _invisible,
    "layout": _layout,
    "keyboard": _keyboard,
    "lookalike": _lookalike,
    "romanised": _romanised,
    "unicode": _unicode,
    "phonetic": _phonetic,
    "elongated": _elongated,
    "reordered": _reordered,
}
"""Every class by the name that the text benchmark gives it."""


def disguised(text: str, spans: Sequence[Span], kind: str, random: Random) -> str:
    """Return the text with every word inside the spans under one disguise; the rest stays as it is."""
    parts, at = [], 0
    for span in spans:
        words = text[span.start : span.end].split(" ")
        parts += [text[at : span.start], " ".join(DISGUISES[kind](word, random) for word in words)]
        at = span.end
    return "".join([*parts, text[at:]])
