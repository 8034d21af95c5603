"""From a hit in squeezed units to an occurrence in the text: aligned to syllables, its gaps known."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from masker.detectors.lexicon.compiled import Hit, Pattern
from masker.detectors.lexicon.gaps import MARKS_RE, gap_between, is_hangul, is_latin, visible_after, visible_before
from masker.detectors.lexicon.stretch import drawn_out, stammer_before
from masker.normalise import View, is_ignorable
from masker.normalise.jamo import has_silent_lead, open_syllable
from masker.normalise.lazy import lazy


@dataclass(frozen=True)
class Occurrence:
    """Place a pattern in the text: raw units `first` to `last`, original `[start, end)`.

    `gapped`: something visible stands between its letters. `spaced`: some of that is white space. `inserted`: all
    of it is what ordinary writing never puts there.
    `pieces` holds the number of clusters between one gap and the next.
    """

    pattern: Pattern
    view: View
    first: int
    last: int
    start: int
    end: int
    gapped: bool
    spaced: bool
    inserted: bool
    pieces: tuple[int, ...]

    @lazy
    def surface(self) -> str:
        """Return the text of the occurrence as one composed line, the invisible left out."""
        return readable(self.view.text[self.start : self.end])

    @lazy
    def letters(self) -> str:
        """Return the composed letters alone."""
        return "".join(char for char in self.surface if char.isalnum())

    @lazy
    def shaped(self) -> bool:
        """Tell whether a look-alike stands for one of its letters."""
        return self.view.shaped and any(not is_hangul(char) for char in self.letters or " ")

    @lazy
    def row(self) -> str:
        """Return the units as written, unsqueezed, each silent ㅇ of a syllable written out."""
        view = self.view
        row = ""
        for at in range(self.first, self.last + 1):
            if view.opens[at] and (
                has_silent_lead(view.text[view.home(at)]) or has_silent_lead(view.text[view.sources[at]])
            ):
                row += "ㅇ"
            row += view.raw[at]
        return row

    @lazy
    def left(self) -> str:
        """Return the visible character right before, a stammer left out, or ""."""
        at = visible_before(self.view.text, self.stammered)
        return self.view.text[at] if at >= 0 else ""

    @lazy
    def right(self) -> str:
        """Return the visible character right after, the drawn-out end left out, or ""."""
        at = visible_after(self.view.text, self.drawn)
        return self.view.text[at] if at >= 0 else ""

    def read_as(self, pattern: Pattern) -> Occurrence:
        """Return the same place for another pattern."""
        if pattern is self.pattern:
            return self
        return Occurrence(
            pattern, self.view, self.first, self.last, self.start, self.end,
            self.gapped, self.spaced, self.inserted, self.pieces,
        )  # fmt: skip

    @lazy
    def stammered(self) -> int:
        """Return where the stammer before it begins, or its own start."""
        return stammer_before(self.view.text, self.start)

    @lazy
    def drawn(self) -> int:
        """Return where its drawn-out end ends, or its own end: of a word turned about, 이 is a particle (놈친미이)."""
        return self.end if self.pattern.sure else drawn_out(self.view.text, self.end)


class _Readable(dict[int, str]):
    """Map a code point to what a reader sees of it, for `str.translate`: itself, a space, or nothing."""

    def __missing__(self, code_point: int) -> str:
        char = chr(code_point)
        seen = " " if char.isspace() else "" if is_ignorable(char) else char
        self[code_point] = seen
        return seen


_READABLE = _Readable()
_SPACES_RE = re.compile("  +")


_HANGUL_VIEWS = frozenset({"jamo", "split", "asides", "shapes", "phonetic"})
"""Views that read Hangul as it is written, or as what it looks like."""
_REWRITTEN = frozenset({"asides", "latin", "unstarred"})
"""Views whose gaps are those of the text as they read it, asides and drawn letters rewritten."""
# A Hangul letter that belongs to no syllable, in any Unicode form.
_LETTER_RE = re.compile("[ㄱ-ㅣ\u1100-\u11ff\u3200-\u320d\u3260-\u326d\uffa1-\uffdc]")
_APART_RE = re.compile("[ㄱ-ㅣ]")
_TAILS = 28
"""Syllables of one lead and vowel, one for each tail, in a row of code points."""


def readable(text: str) -> str:
    """Return text as a reader sees it: composed, invisible characters gone, each run of white space one space."""
    seen = text.translate(_READABLE)
    if "  " in seen:
        seen = _SPACES_RE.sub(" ", seen)
    return seen if seen.isascii() or unicodedata.is_normalized("NFC", seen) else unicodedata.normalize("NFC", seen)


def _needed(surface: str) -> re.Pattern[str] | None:
    """Return what a text must hold for a pattern to stand in it at all, where its units alone are found too easily.

    A letter set apart needs one in the text; a first syllable that opens into its vowel alone (애미) needs such a
    syllable, or its vowel set apart: without that, its units belong to the syllables around.
    """
    if _APART_RE.search(surface):
        return _LETTER_RE
    first = surface[:1]
    if not "아" <= first < "자":
        return None
    return _silent(open_syllable(first)[0])


@cache
def _silent(vowel: str) -> re.Pattern[str]:
    """Return what finds a syllable that opens into this vowel first, or a letter set apart."""
    leads = [chr(code) for code in range(ord("아"), ord("자"), _TAILS) if open_syllable(chr(code))[0] == vowel]
    ranges = "".join(f"{first}-{chr(ord(first) + _TAILS - 1)}" for first in leads)
    return re.compile(f"[{ranges}]|{_LETTER_RE.pattern}")


def locate(view: View, hit: Hit) -> Occurrence | None:
    """Return where a hit stands, or None when its letters do not fill whole syllables or lie too far apart."""
    needed = _needed(hit.pattern.spelt or hit.pattern.surface) if view.name in _HANGUL_VIEWS else None
    if needed is not None and not needed.search(view.read):
        return None
    runs, opens = view.runs, view.opens
    for offset, least in enumerate(hit.pattern.minima):
        if least > 1 and runs[hit.first + offset + 1] - runs[hit.first + offset] < least:
            return None
    first_minimum, last_minimum = hit.pattern.minima[0], hit.pattern.minima[-1]
    first = _pick(opens, runs[hit.first + 1] - first_minimum, runs[hit.first])
    least = runs[hit.past - 1] + last_minimum - 1
    last = _last(view, least, least if hit.pattern.sure and view.closes[least] else runs[hit.past] - 1)
    if first is None or last is None or last < first:
        return None
    written = view.read if view.name in _REWRITTEN else view.text
    gapped = spaced = False
    inserted = True
    pieces, size = [], 1
    for at in range(first + 1, last + 1):
        if opens[at]:
            past = view.clusters.around(view.sources[at - 1])[1]
            gap = gap_between(written, past, view.sources[at])
            if gap is not None and hit.pattern.latin and _closes_a_mark(view.text, past, view.sources[at]):
                gap = None
            if gap is None:
                size += 1
                continue
            if not gap.bounded:
                return None
            gapped, spaced, inserted = True, spaced or gap.spaces > 0, inserted and gap.inserted
            pieces.append(size)
            size = 1
    start, end = view.range_of(first, last)
    return Occurrence(hit.pattern, view, first, last, start, end, gapped, spaced, gapped and inserted, (*pieces, size))


def _closes_a_mark(text: str, start: int, end: int) -> bool:
    """Tell whether a mark of Markdown of several characters stands there alone: a reader sees none (**f**uck)."""
    return end - start > 1 and MARKS_RE.fullmatch(text, start, end) is not None


def _pick(flags: Sequence[int], at: int, until: int) -> int | None:
    """Return the last index from `at` down to `until` whose flag is set."""
    while at >= until:
        if flags[at]:
            return at
        at -= 1
    return None


def _last(view: View, at: int, until: int) -> int | None:
    """Return the last unit of a run that closes a cluster, as far as nothing visible stands in between."""
    closes, last = view.closes, None
    while at <= until:
        if closes[at]:
            last = at
            if at < until and gap_between(view.text, view.clusters.around(view.sources[at])[1], view.sources[at + 1]):
                break
        at += 1
    return last


def word_starts(occurrence: Occurrence) -> bool:
    """Tell whether no letter of the same script touches the occurrence on the left."""
    left = occurrence.left
    latin = occurrence.pattern.latin
    if not left:
        return True
    return not (is_latin(left) and left.isalpha()) if latin else not is_hangul(left)


def word_ends(occurrence: Occurrence) -> bool:
    """Tell whether no letter of the same script touches the occurrence on the right."""
    right = occurrence.right
    latin = occurrence.pattern.latin
    if not right:
        return True
    return not is_latin(right) if latin else not is_hangul(right)
