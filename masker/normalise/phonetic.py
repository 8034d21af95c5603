"""Sound classes: how a syllable sounds to an ear that does not tell ㅅ from ㅆ, ㅏ from ㅘ, or ㄷ from ㅅ at its end.

A class is written as one of its letters. Leads: a plain and a tensed consonant are one class. Vowels: those that
differ in a glide or in rounding alone. Tails: what a final consonant sounds like before a pause (the seven final
sounds of Korean).
"""

from __future__ import annotations

import unicodedata

from masker.normalise.fold import Fold
from masker.normalise.jamo import FIRST_SYLLABLE, LAST_SYLLABLE, build_fold, compatibility_letter, split_syllable

WALL = "\x00"
"""White space: no respelt word goes across it."""


def _classes(groups: str) -> dict[str, str]:
    return {letter: group[0] for group in groups.split() for letter in group}


LEAD_CLASS = _classes("ㄱㄲ ㅋ ㄴ ㄷㄸ ㅌ ㄹ ㅁ ㅂㅃ ㅍ ㅅㅆ ㅈㅉ ㅊ ㅎ") | {"ㅇ": ""}
VOWEL_CLASS = _classes("ㅏㅑㅘ ㅓㅕㅝ ㅐㅔㅒㅖ ㅚㅙㅞ ㅗㅛ ㅜㅠ ㅡ ㅣㅟㅢ")
TAIL_CLASS = _classes("ㄱㄲㄳㄺㅋ ㄴㄵㄶ ㅇ ㄹㄼㄽㄾㅀ ㅁㄻ ㅂㅄㄿㅍ ㅅㄷㅆㅈㅊㅌ ㅎ") | {"": ""}


def sound_of(syllable: str) -> str:
    """Return the class units of one precomposed syllable; a silent ㅇ is none."""
    lead, vowel, tail = split_syllable(syllable)
    return LEAD_CLASS[lead] + VOWEL_CLASS[vowel] + TAIL_CLASS[tail]


def sounds_of(word: str) -> str:
    """Return the class units of a word of precomposed syllables."""
    return "".join(map(sound_of, word))


def _letter_sound(code_point: int, letter: str) -> str:
    """Return the class unit of a letter that was taken out of its syllable; a lone ㅇ is heard as a tail."""
    if 0x1100 <= code_point <= 0x1112:
        return LEAD_CLASS.get(letter, "")
    if 0x11A8 <= code_point <= 0x11C2 or letter == "ㅇ":
        return TAIL_CLASS.get(letter, "")
    return VOWEL_CLASS.get(letter) or LEAD_CLASS.get(letter) or TAIL_CLASS.get(letter, "")


def _build() -> Fold:
    fold = Fold(dict.fromkeys(range(0x100), ""))
    fold.update({code: sound_of(chr(code)) for code in range(FIRST_SYLLABLE, LAST_SYLLABLE + 1)})
    for code in build_fold(without="ㅋㅎㅠㅜㅡ"):
        letter = compatibility_letter(unicodedata.normalize("NFKC", chr(code)))
        if code not in fold and letter and (units := _letter_sound(code, letter)):
            fold[code] = units
    fold.update(dict.fromkeys(map(ord, " \t\n\r\v\f\u00a0\u3000"), WALL))
    return fold


PHONETIC_FOLD = _build()
