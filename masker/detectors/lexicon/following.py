"""What a reader reads on after a candidate: whole syllables, however they are disguised, with their places.

지.랄.하.네 goes on as it began, ㅈㅣㄹㅏㄹㅎㅏㄴㅔ in letters, 지랄하네 in one piece: endings are looked for in the
syllables that all of them spell.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from masker.detectors.lexicon.gaps import MARKS_RE, MAX_GAP, is_latin
from masker.detectors.lexicon.occurrence import Occurrence
from masker.normalise import View, is_ignorable
from masker.normalise.jamo import LEADS, TAILS, VOWELS, compatibility_letter, is_syllable, join_syllable, split_syllable
from masker.normalise.shapes import SHAPES_FOLD

MOST = 9
"""Syllables read on: longer than any chain of suffixes or ending that is looked for."""
_VOWELS = frozenset(VOWELS)
_SPACE = frozenset({" "})
_TAILS = frozenset(TAILS) - {"", "ㅋ", "ㅎ"}  # laughter closes no syllable


@dataclass(frozen=True, slots=True)
class Syllable:
    """Place one syllable (or a letter that joins no other) after a candidate: the gap before it, and where it ends."""

    char: str
    gap: str
    end: int
    spelt: bool = False


def gaps_within(occurrence: Occurrence) -> frozenset[str]:
    """Return what stands between the letters of a gapped candidate, the invisible left out."""
    if not occurrence.gapped:
        return frozenset()
    gaps, gap = set(), ""
    for char in occurrence.view.read[occurrence.start : occurrence.end]:
        if is_latin(char) if occurrence.pattern.latin else is_letter(char):
            gaps.add(gap)
            gap = ""
        elif not is_ignorable(char):
            gap += char
    return frozenset(gaps - {""})


def syllables_after(occurrence: Occurrence) -> list[Syllable]:
    """Return at most MOST syllables after a candidate, up to a gap that is not of the kind that its own are."""
    gaps = gaps_within(occurrence) | _SPACE
    short = occurrence.end - occurrence.start == 1
    read: list[Syllable] = []
    for syllable in _letters(occurrence.view, occurrence.end):
        gap = syllable.gap
        alike = occurrence.gapped and len(gap) <= 2 and not any(map(str.isspace, gap))
        if gap and gap not in gaps and not alike:
            if not short or read or len(gap) > 2:
                break
            gaps |= {gap}
        _join(read, syllable)
        if len(read) > MOST:
            break
    return read[:MOST]


def is_letter(char: str) -> bool:
    """Tell whether this is a Hangul syllable or letter in any Unicode form; a filler is not."""
    if char in "\u115f\u1160":
        return False
    return "가" <= char <= "힣" or "ㄱ" <= char <= "ㅣ" or "\u1100" <= char <= "\u11ff" or "\uffa1" <= char <= "\uffdc"


def _letters(view: View, start: int) -> Iterator[Syllable]:
    """Yield syllables and letters one by one, each with the visible gap before it."""
    text, gap = view.read, ""
    bare = start > 0 and text[start - 1] in LEADS
    at, past = start, min(len(text), start + 6 * MAX_GAP)
    while at < past:
        char = text[at]
        if is_letter(char):
            end = view.clusters.around(at)[1]
            composed = unicodedata.normalize("NFC", text[at:end]) if end - at > 1 else char
            if not is_syllable(composed[0]):
                composed = compatibility_letter(unicodedata.normalize("NFKC", composed[0])[0]) or composed
            yield Syllable(composed[0], "" if MARKS_RE.fullmatch(gap) else gap, end)
            gap, at, bare = "", end, composed[0] in LEADS
            continue
        shape = char.translate(SHAPES_FOLD) if bare and not gap else ""
        if shape in _VOWELS and not is_latin(text[at + 1 : at + 2] or " "):
            yield Syllable(shape, "", at + 1)
            at, bare = at + 1, False
            continue
        if not is_ignorable(char):
            gap += char
            if len(gap) > MAX_GAP:
                return
        at += 1


def _join(read: list[Syllable], new: Syllable) -> None:
    """Add a letter to the syllables read so far: consonant and vowel become one, a consonant closes what was spelt."""
    last = read[-1] if read else None
    if last is not None and not (new.gap and last.spelt is False and is_syllable(last.char)):
        if new.char in VOWELS and last.char in LEADS:
            read[-1] = Syllable(join_syllable(last.char, new.char), last.gap, new.end, True)
            return
        lead, vowel, tail = split_syllable(last.char) if last.spelt and is_syllable(last.char) else ("", "", "-")
        if not tail and new.char in _TAILS:
            read[-1] = Syllable(join_syllable(lead, vowel, new.char), last.gap, new.end, True)
            return
        if lead and tail in LEADS and new.char in VOWELS:
            read[-1] = Syllable(join_syllable(lead, vowel), last.gap, last.end - 1, True)
            read.append(Syllable(join_syllable(tail, new.char), "", new.end, True))
            return
    read.append(new)
