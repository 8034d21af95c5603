"""Hangul letters: how a code point opens into jamo, and how syllables are built and opened again.

A *unit* is one compatibility jamo (U+3131 to U+3163). Leading and trailing consonants share units, so that a syllable
that was taken apart (시ㅂㅏㄹ, 십ㅏㄹ) reads like the whole one. Three distinctions that spelling does not keep are
folded away: a silent leading ㅇ opens into nothing, ㅔ and ㅖ read as ㅐ and ㅒ, compound letters open into parts.
"""

from __future__ import annotations

import unicodedata
from functools import cache

from masker.normalise.fold import Fold

LEADS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
TAILS = ("", *"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ")

_PARTS = {
    "ㄳ": "ㄱㅅ", "ㄵ": "ㄴㅈ", "ㄶ": "ㄴㅎ", "ㄺ": "ㄹㄱ", "ㄻ": "ㄹㅁ", "ㄼ": "ㄹㅂ", "ㄽ": "ㄹㅅ", "ㄾ": "ㄹㅌ",
    "ㄿ": "ㄹㅍ", "ㅀ": "ㄹㅎ", "ㅄ": "ㅂㅅ", "ㅔ": "ㅐ", "ㅖ": "ㅒ", "ㅘ": "ㅗㅏ", "ㅙ": "ㅗㅐ", "ㅚ": "ㅗㅣ",
    "ㅝ": "ㅜㅓ", "ㅞ": "ㅜㅐ", "ㅟ": "ㅜㅣ", "ㅢ": "ㅡㅣ",
    "ㆍ": "ㅏ", "ㆎ": "ㅐ", "ㅸ": "ㅂ", "ㅹ": "ㅃ", "ㅿ": "ㅅ", "ㆁ": "ㅇ",
    "ㅺ": "ㄲ", "ㅼ": "ㄸ", "ㅽ": "ㅃ", "ㅾ": "ㅉ",
}  # fmt: skip

# Letters of old spelling: leads that are tensed ones now, and a vowel whose name no single letter has.
_OLD = {"\u1120": "ㄸ", "\u1121": "ㅆ", "\u1127": "ㅉ", "\u11a1": "ㅐ"}

FIRST_SYLLABLE, LAST_SYLLABLE = 0xAC00, 0xD7A3


def split_syllable(syllable: str) -> tuple[str, str, str]:
    """Return the lead, vowel and tail (or "") of one precomposed syllable."""
    index = ord(syllable) - FIRST_SYLLABLE
    return LEADS[index // 588], VOWELS[index % 588 // 28], TAILS[index % 28]


def join_syllable(lead: str, vowel: str, tail: str = "") -> str:
    """Return the precomposed syllable of three letters; the inverse of `split_syllable`."""
    return chr(FIRST_SYLLABLE + LEADS.index(lead) * 588 + VOWELS.index(vowel) * 28 + TAILS.index(tail))


def is_syllable(char: str) -> bool:
    """Tell whether this is one precomposed syllable."""
    return FIRST_SYLLABLE <= ord(char) <= LAST_SYLLABLE


def has_silent_lead(char: str) -> bool:
    """Tell whether a syllable, or the first code point of a decomposed one, leads with a silent ㅇ."""
    return char == "\u110b" or (is_syllable(char) and (ord(char) - FIRST_SYLLABLE) // 588 == LEADS.index("ㅇ"))


def open_letter(letter: str) -> str:
    """Return the units of one compatibility jamo."""
    return _PARTS.get(letter, letter)


def open_syllable(syllable: str, *, silent: str = "") -> str:
    """Return the units of one precomposed syllable, its silent ㅇ as `silent`."""
    lead, vowel, tail = split_syllable(syllable)
    return (silent if lead == "ㅇ" else lead) + open_letter(vowel) + (open_letter(tail) if tail else "")


def compatibility_letter(char: str) -> str:
    """Return the compatibility jamo of a conjoining, half-width, circled or compatibility one, or ""."""
    if len(char) != 1:
        return ""
    if "ㄱ" <= char <= "ㅣ":
        return char
    name = unicodedata.name(char, "")
    for prefix in ("HANGUL CHOSEONG ", "HANGUL JUNGSEONG ", "HANGUL JONGSEONG "):
        if name.startswith(prefix):
            try:
                return unicodedata.lookup("HANGUL LETTER " + name.removeprefix(prefix))
            except KeyError:
                return ""
    return ""


def _units_of(code_point: int) -> str:
    char = chr(code_point)
    if is_syllable(char):
        return open_syllable(char)
    if char in _OLD:  # before folding, which makes a lead of ㅄ too
        return open_letter(_OLD[char])
    units = ""
    for folded in char if "ㄱ" <= char <= "ㅣ" else unicodedata.normalize("NFKC", char):  # ㅄ is no old lead
        if is_syllable(folded):
            units += open_syllable(folded)
        elif 0x1100 <= code_point <= 0x115F and folded == "ᄋ":
            continue
        else:
            units += open_letter(compatibility_letter(folded)) if compatibility_letter(folded) else ""
    return units


_BLOCKS = (
    (0x1100, 0x1200), (0x3131, 0x318F), (0x3200, 0x321F), (0x3260, 0x327F), (0xA960, 0xA97D), (0xAC00, 0xD7A4),
    (0xD7B0, 0xD7FC), (0xFFA0, 0xFFDD),
)  # fmt: skip


@cache
def _every_unit() -> dict[int, str]:
    """Return the units of every Hangul code point: worked out once, shared by all folds."""
    table = {code_point: _units_of(code_point) for first, past in _BLOCKS for code_point in range(first, past)}
    return {code_point: units for code_point, units in table.items() if units}


def build_fold(*, without: str = "") -> Fold:
    """Return the fold of every Hangul code point; the letters in `without`, standing alone, open into nothing."""
    fold = Fold(dict.fromkeys(range(0x100), ""))
    fold.update(_every_unit())
    fold.pop(0x318D, None)  # written as a middle dot, not as the old vowel
    for code_point, units in _every_unit().items():
        if units in without and not FIRST_SYLLABLE <= code_point <= LAST_SYLLABLE and not 0x1100 <= code_point < 0x1200:
            del fold[code_point]
    return fold
