"""How far a found term reaches: the prefix, the suffixes and the ending that make one word with it."""

from __future__ import annotations

from masker.detectors.lexicon.gaps import gap_between, is_hangul, is_latin, visible_before
from masker.detectors.lexicon.korean import ENDINGS, PREDICATES, PREFIXES, SPACED_SUFFIXES, SUFFIXES, VOCATIVES
from masker.detectors.lexicon.occurrence import Occurrence
from masker.normalise import JAMO_FOLD, squeeze
from masker.verdict import Span

_MAX_CHAIN = 4
_MAX_ENDING = 6


def _keyed(words: tuple[str, ...]) -> tuple[str, ...]:
    keys = {squeeze(word.translate(JAMO_FOLD)) for word in words}
    return tuple(sorted(keys, key=len, reverse=True))


_SUFFIX_KEYS = _keyed(SUFFIXES)
_SPACED_KEYS = _keyed(SPACED_SUFFIXES)
_VOCATIVE_KEYS = _keyed(VOCATIVES)
_LONGEST_FIRST = sorted(SUFFIXES, key=len, reverse=True)


def extent(occurrence: Occurrence) -> Span:
    """Return the span to mask: whole grapheme clusters, the word with what belongs to it."""
    start, end = occurrence.start, occurrence.end
    term = occurrence.pattern.term
    if occurrence.pattern.latin:
        return Span(*_latin_word(occurrence.view.text, start, end))
    start = _with_prefix(occurrence, _with_stutter_before(occurrence, start))
    if term.kind == "initials":
        end = _suffixes_in_text(occurrence.view.text, end)
    if term.kind == "korean" and term.ending != "none":
        end = _with_suffixes(occurrence)
        if term.ending == "verb":
            end = _to_word_end(occurrence.view.text, end)
    return Span(start, _with_stutter(occurrence, end))


def _latin_word(text: str, start: int, end: int) -> tuple[int, int]:
    while start > 0 and is_latin(text[start - 1]):
        start -= 1
    while end < len(text) and is_latin(text[end]):
        end += 1
    return start, end


def _with_prefix(occurrence: Occurrence, start: int) -> int:
    text = occurrence.view.text
    at = visible_before(text, start) + 1
    for prefix in (*PREFIXES, *occurrence.pattern.term.prefixes):
        if text.endswith(prefix, 0, at):
            before = visible_before(text, at - len(prefix))
            if before < 0 or not is_hangul(text[before]) or len(prefix) > 1:
                return at - len(prefix)
    return start


def _with_suffixes(occurrence: Occurrence) -> int:
    """Follow the chain of suffixes in raw units, so that a disguised suffix is taken along too."""
    view, at, end = occurrence.view, occurrence.last + 1, occurrence.end
    for link in range(_MAX_CHAIN):
        ahead = view.raw[at : at + 24]
        taken = None
        for keys, spaces in (
            (_SUFFIX_KEYS, occurrence.gapped),
            (_SPACED_KEYS, link == 0),
            (_VOCATIVE_KEYS, occurrence.gapped),
        ):
            taken = _take(occurrence, at, ahead, keys, may_gap=spaces, closing=keys is _VOCATIVE_KEYS)
            if taken is not None:
                break
        if taken is None:
            break
        at, end = taken + 1, view.range_of(taken, taken)[1]
    if not occurrence.gapped:
        for predicate in PREDICATES:
            if view.text.startswith(predicate, end):
                return _to_word_end(view.text, end)
    return end


def _suffixes_in_text(text: str, end: int) -> int:
    """Follow the chain of suffixes in the text itself, where consonants stand for the word before them (ㅅㅂ놈아)."""
    for _ in range(_MAX_CHAIN):
        taken = next((len(suffix) for suffix in _LONGEST_FIRST if text.startswith(suffix, end)), 0)
        end += taken
        if not taken:
            break
    for vocative in VOCATIVES:
        past = end + len(vocative)
        if text.startswith(vocative, end) and (past == len(text) or not is_hangul(text[past])):
            return past
    return end


def _take(
    occurrence: Occurrence, at: int, ahead: str, keys: tuple[str, ...], *, may_gap: bool, closing: bool
) -> int | None:
    """Return the raw index of the last unit of the suffix that starts at `at`, or None."""
    view = occurrence.view
    for key in keys:
        if not ahead.startswith(key) or not view.opens[at]:
            continue
        last = at + len(key) - 1
        while (
            closing and last + 1 < len(view.raw) and view.raw[last + 1] == view.raw[last] and not view.opens[last + 1]
        ):
            last += 1
        if not view.closes[last]:
            continue
        before = view.clusters.around(view.sources[at - 1])[1]
        gap = gap_between(view.text, before, view.sources[at])
        if gap is not None and not (may_gap and gap.length <= (2 if occurrence.gapped else 1) and gap.lines == 0):
            continue
        past = view.range_of(last, last)[1]
        if closing and past < len(view.text) and is_hangul(view.text[past]):
            continue
        return last
    return None


def _to_word_end(text: str, end: int) -> int:
    past = end
    while past < len(text) and past - end < _MAX_ENDING and "가" <= text[past] <= "힣":
        past += 1
    if past == len(text) or not "가" <= text[past] <= "힣":
        return past
    return end + next((len(ending) for ending in ENDINGS if text.startswith(ending, end)), 0)


def _with_stutter_before(occurrence: Occurrence, start: int) -> int:
    """Take along what merely stammers the first letter (ㅅㅅ시발)."""
    text, letter = occurrence.view.text, occurrence.view.raw[occurrence.first]
    while start > 0 and text[start - 1] == letter:
        start -= 1
    return start


def _with_stutter(occurrence: Occurrence, end: int) -> int:
    """Take along what merely draws the last letter out (시발ㄹㄹㄹ)."""
    text = occurrence.view.text
    last = occurrence.view.raw[occurrence.last]
    while end < len(text) and text[end] == last:
        end += 1
    return end
