"""Judge an occurrence: may it stand here? Each answer "no" carries its reason."""

from __future__ import annotations

import unicodedata

from masker.detectors.lexicon.gaps import is_hangul
from masker.detectors.lexicon.korean import OPEN_STEMS, PARTICLES, PREFIXES, SUFFIXES, VOCATIVES
from masker.detectors.lexicon.occurrence import Occurrence, readable, word_ends, word_starts
from masker.detectors.lexicon.respell import unit_rows
from masker.normalise.characters import LATIN_RE

CONTEXT = 12
"""Code points on either side that boundaries and exceptions look at: longer than any of their entries."""

BEGINS_INSIDE = "begins inside another word"
ENDS_INSIDE = "ends inside another word"
INSIDE_A_WORD = frozenset({BEGINS_INSIDE, ENDS_INSIDE})


class Surroundings:
    """Hold the readable text on either side of an occurrence, worked out once."""

    def __init__(self, occurrence: Occurrence) -> None:
        text, start, end = occurrence.view.text, occurrence.start, occurrence.end
        self.before = readable(text[max(0, start - CONTEXT) : start])
        if len(self.before) < CONTEXT < start:  # something invisible took the room
            self.before = readable(text[max(0, start - 4 * CONTEXT) : start])[-CONTEXT:]
        self.after = readable(text[end : end + CONTEXT])
        if len(self.after) < CONTEXT < len(text) - end:
            self.after = readable(text[end : end + 4 * CONTEXT])[:CONTEXT]


def excused(occurrence: Occurrence, near: Surroundings) -> str | None:
    """Return the exception that makes this occurrence innocent, in the lexicon's notation, or None."""
    exceptions = occurrence.pattern.term.except_
    if not exceptions:
        return None
    surface = occurrence.surface
    for middle in dict.fromkeys((surface, surface.replace(" ", ""), occurrence.letters, "*")):
        for before, after in exceptions.get(middle, ()):
            follows = near.after == after[:-1] if after.endswith("$") else near.after.startswith(after)
            if follows and near.before.endswith(before):
                return f"{before}[{middle}]{after}"
    return None


def refused(occurrence: Occurrence, near: Surroundings) -> str | None:
    """Return why the boundaries or the spelling do not allow the term here, or None when they do."""
    pattern = occurrence.pattern
    term = pattern.term
    if pattern.typed or term.kind == "latin":
        return _latin_refused(occurrence)
    if term.kind == "initials":
        return _initials_refused(occurrence, near)
    if not term.loose and occurrence.row != unit_rows(pattern.surface)[-1]:
        return "spelt otherwise than the term"
    if any(map(_stands_alone, pattern.surface)) and not _cut_as_written(occurrence):
        return "a whole syllable where the term has a letter"
    starts = word_starts(occurrence) or _ends_with(near.before, (*PREFIXES, *term.prefixes))
    if occurrence.gapped or occurrence.shaped:
        if occurrence.spaced and not term.spaced:
            return "two words with a space between"
        if occurrence.surface.startswith("게 ") and not pattern.surface.startswith("게"):
            return "게 is a word of its own"
        if not starts:
            return BEGINS_INSIDE
        if not (
            occurrence.inserted
            or _goes_on_as_itself(occurrence, near)
            or word_ends(occurrence)
            or near.after.startswith((*SUFFIXES, "아 ", "야 "))
            or near.after in VOCATIVES
        ):
            return ENDS_INSIDE
        if near.before[-1:].isdigit():
            return BEGINS_INSIDE
    if occurrence.shaped and (_is_ascii_word(near.before[-1:]) or _is_ascii_word(near.after[:1])):
        return "inside a number or a Latin word"
    if term.before == "word" and (not starts or near.before[-1:].isdigit()):
        return BEGINS_INSIDE
    if not _may_follow(occurrence, near.after):
        return "goes on as another word"
    if term.needs_before or term.needs_after:
        touched = _follows_word(near.before.rstrip(), term.needs_before) or near.after.lstrip().startswith(
            term.needs_after or "\x00"
        )
        if not touched:
            return "means this only next to certain words"
    return None


def _goes_on_as_itself(occurrence: Occurrence, near: Surroundings) -> bool:
    """Tell whether a term of several words merely takes a particle or an ending (엿이나 먹어라, 인간 쓰레기임)."""
    if max(occurrence.pieces) == 1:
        return False
    return occurrence.pattern.surface[-1] in OPEN_STEMS or near.after.startswith(PARTICLES)


def _stands_alone(char: str) -> bool:
    return "ㄱ" <= char <= "ㅣ"


def _cut_as_written(occurrence: Occurrence) -> bool:
    """Tell whether letters stand alone where the term has them so (시ㅂ is no 십), or all do."""
    letters = "".join(char for char in occurrence.letters if is_hangul(char))
    return letters == occurrence.pattern.surface or all(map(_stands_alone, letters))


def _ends_with(text: str, endings: tuple[str, ...]) -> bool:
    return bool(endings) and text.endswith(endings)


def _follows_word(text: str, words: tuple[str, ...]) -> bool:
    """Tell whether the text ends with one of the words, standing on its own."""
    return any(text.endswith(word) and not is_hangul(text[-len(word) - 1 : -len(word)] or " ") for word in words)


def _is_ascii_word(char: str) -> bool:
    return char.isascii() and char.isalnum()


def _may_follow(occurrence: Occurrence, after: str) -> bool:
    rule = occurrence.pattern.term.after
    if rule == "any" or word_ends(occurrence):
        return True
    return rule == "noun" and unicodedata.normalize("NFC", after).startswith((*PARTICLES, *SUFFIXES))


def _initials_refused(occurrence: Occurrence, near: Surroundings) -> str | None:
    left, right = near.before[-1:], near.after[:1]
    if ("ㄱ" <= left <= "ㅎ" and left not in "ㅋㅎ" and left != occurrence.letters[:1]) or (
        "ㅏ" <= left <= "ㅣ" and left not in "ㅠㅜ"
    ):
        return "begins inside another row of letters"
    if ("ㄱ" <= right <= "ㅎ" and right not in "ㅋㅎ") or ("ㅏ" <= right <= "ㅣ" and right not in "ㅠㅜ"):
        return "goes on as another row of letters"
    if occurrence.spaced and (is_hangul(left) or is_hangul(right)):
        return "two words with a space between"
    return None


def _latin_refused(occurrence: Occurrence) -> str | None:
    term = occurrence.pattern.term
    text = occurrence.view.text
    if not word_starts(occurrence) and not (
        term.prefixes
        and text[max(0, occurrence.start - 2 * CONTEXT) : occurrence.start].lower().endswith(term.prefixes)
    ):
        return BEGINS_INSIDE
    words = tuple(len(word) for word in occurrence.pattern.surface.split())
    if len(words) > 1:
        if occurrence.gapped and occurrence.pieces != words:
            return "letters of other words"
    elif occurrence.gapped and max(occurrence.pieces) > 1 and (occurrence.spaced or len(occurrence.pieces) == 2):
        return "letters of two words"
    if not word_ends(occurrence) and not (term.after == "any" and not occurrence.spaced):
        return ENDS_INSIDE
    if not LATIN_RE.search(text, occurrence.start, occurrence.end):
        return "no letter at all"
    return None
