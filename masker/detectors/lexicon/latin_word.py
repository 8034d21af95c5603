"""How far a found Latin term reaches: its whole word, whatever style or gap its letters are set in."""

from __future__ import annotations

from masker.detectors.lexicon.following import gaps_within
from masker.detectors.lexicon.gaps import is_latin
from masker.detectors.lexicon.occurrence import Occurrence
from masker.normalise import LATIN_FOLD, is_ignorable

_ENDINGS = ("ings", "ing", "ers", "er", "ed", "es", "in", "s", "y")
"""What may go on a term letter by letter (f u c k i n g): any other letters are a word of their own."""
_MARKS = "*_~|`"


def latin_word(occurrence: Occurrence) -> tuple[int, int]:
    """Return `[start, end)` of the word: letters that touch it, or that are set apart as its own are."""
    text, start, end = occurrence.view.text, occurrence.start, occurrence.end
    while start > 0 and is_latin(text[start - 1]):
        start -= 1
    past = _letters_past(text, end)
    if past == end and end < len(text) and text[end] in _MARKS:
        opened = _without_marks(text, end)
        past = _letters_past(text, opened) if opened < len(text) and is_latin(text[opened]) else end
        if text[opened:past].lower() not in _ENDINGS:
            past = end
    if past == end and occurrence.gapped and max(occurrence.pieces) == 1:
        past = _apart(occurrence)
    return start, past


def _letters_past(text: str, at: int) -> int:
    while at < len(text) and is_latin(text[at]):
        at += 1
    return at


def _without_marks(text: str, at: int) -> int:
    while at < len(text) and text[at] in _MARKS:
        at += 1
    return at


def _apart(occurrence: Occurrence) -> int:
    """Return where a word ends that goes on letter by letter, the full stop that closes F.U.C.K. with it."""
    text, end = occurrence.view.text, occurrence.end
    gaps = gaps_within(occurrence)
    letters, ends = "", [end]
    gap, at = "", end
    while at < len(text) and len(letters) < len(_ENDINGS[0]) + 1:
        if is_latin(text[at]):
            alone = at + 1 == len(text) or not is_latin(text[at + 1])
            if gap not in gaps or not alone:
                break
            letters, gap = letters + text[at].translate(LATIN_FOLD)[:1], ""
            ends.append(at + 1)
        elif not is_ignorable(text[at]):
            gap += text[at]
            if len(gap) > 2:
                break
        at += 1
    last = text[end - 1].translate(LATIN_FOLD)[:1]
    if letters in _ENDINGS or letters.removeprefix(last) in _ENDINGS:  # shitty doubles its t
        end = ends[len(letters)]
    if gaps == {"."} and text[end : end + 1] == "." and text[end + 1 : end + 2] != ".":
        end += 1
    return end
