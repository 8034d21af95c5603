"""Keys of sound: the rows of sound classes under which a respelt word is looked for."""

from __future__ import annotations

from collections.abc import Iterator

from masker.normalise.jamo import is_syllable, split_syllable
from masker.normalise.phonetic import LEAD_CLASS, TAIL_CLASS, VOWEL_CLASS

MIN_UNITS = 4
"""Fewest sounds of a key: less than that is heard in every other word."""
# What else a letter is written as once it is blurred (시벨, 씨볼, 쒸뷀, 병싱, 시팔, 존내), in classes.
_LEADS = {"ㅂ": "ㅍ", "ㄱ": "ㅋ", "ㄷ": "ㅌ", "ㅈ": "ㅊ"}
_VOWELS = {"ㅏ": "ㅓㅚㅐㅗ", "ㅓ": "ㅏㅜㅚ", "ㅐ": "ㅚ", "ㅗ": "ㅜ", "ㅣ": "ㅡ"}
_TAILS = {"ㅇ": "ㄴ", "ㄴ": "ㅇ"}


def sound_rows(word: str, *, blurred: bool) -> Iterator[str]:
    """Yield the rows of sound classes of a word of syllables, none when it is too short to be told by its sound.

    `blurred` also lets any one letter stand for a neighbour, for words that nothing innocent sounds like.
    """
    if len(word) < 2 or not all(map(is_syllable, word)):
        return
    row: list[str] = []
    others: list[str] = []
    for at, char in enumerate(word):
        lead, vowel, tail = split_syllable(char)
        lead, vowel, tail = LEAD_CLASS[lead], VOWEL_CLASS[vowel], TAIL_CLASS[tail]
        for unit, blurs in ((lead, _LEADS), (vowel, _VOWELS), (tail, _TAILS)):
            if unit:
                row.append(unit)
                others.append(blurs.get(unit, "") if blurred else "")
        following = word[at + 1 : at + 2]
        if following and tail == "ㅅ" and LEAD_CLASS[split_syllable(following)[0]] == "ㄱ":
            others[-1] += "ㄱㅎ"  # a stop is heard as the stop that follows it (족까), ㅎ makes that one tense (좋같네)
    if len(row) < MIN_UNITS:
        return
    yield "".join(row)
    for at, instead in enumerate(others):
        for unit in instead:
            yield "".join((*row[:at], unit, *row[at + 1 :]))
