"""Where a term may stand: every view of a text searched, the places found, the surely hopeless left out.

Tight views (letters as written, in any disguise of form) come first. Wide ones (how it sounds, syllables in another
order) add only places where no tight one stands, at a word's start, and their patterns say so in `how`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice

from masker.detectors.lexicon.compiled import Hit, How, Lexicon
from masker.detectors.lexicon.gaps import is_hangul
from masker.detectors.lexicon.korean import PREFIXES
from masker.detectors.lexicon.occurrence import Occurrence, locate, word_ends, word_starts
from masker.detectors.lexicon.readings import HOW_READ, may_be_read, to_reading_end
from masker.detectors.lexicon.respell import unit_rows
from masker.normalise import Normalised, View

NEIGHBOURS = 48
MAX_HITS = 4000
"""Most hits located per view: a hostile text cannot buy more work than this."""

MANY_HITS = 64
"""Hits of one view after which a hit that reads like a hopeless one, with AROUND code points on either side the same,
is passed over: no ordinary message has as many, and one disguise repeated over a long text is looked at once."""
AROUND = 24

_Place = tuple[int, str]
_Key = tuple[int, int, str, str, str]


class Candidates:
    """Hold the places of one text where a term may stand. `cut_short` says that MAX_HITS was reached."""

    def __init__(self, read: Normalised, lexicon: Lexicon) -> None:
        self._read, self._lexicon = read, lexicon
        self._taken = bytearray()
        self._hopeless: set[_Place] = set()
        self._place: _Place | None = None
        self._places: dict[_Key, _Place] = {}
        self.cut_short = False

    def __iter__(self) -> Iterator[Occurrence]:
        """Yield each occurrence: tight ones first, by view."""
        late: list[tuple[View, list[Hit]]] = []
        for view, hits in tight_views(self._read, self._lexicon):
            late.append((view, []))
            for occurrence in _longest_first(self._located(view, _but_late(hits, late[-1][1]))):
                if self._is_hopeless(occurrence):
                    continue
                self._take(occurrence)
                yield occurrence
        for view, kept in late:
            if kept:
                yield from self._wide(_longest_first(self._located(view, iter(kept))))
        for view, hits in wide_views(self._read, self._lexicon):
            if view.name == "phonetic":
                hits = (hit for hit in hits if not self._is_taken(view, hit))
            yield from self._wide(self._located(view, hits))

    def _wide(self, occurrences: Iterable[Occurrence]) -> Iterator[Occurrence]:
        """Yield the wide occurrences that stand where no tight one does and that may be meant at all."""
        for occurrence in occurrences:
            if self._is_hopeless(occurrence):
                continue
            how = HOW_READ.get(occurrence.view.name)
            if how is not None:
                occurrence = to_reading_end(occurrence)
            taken = self._taken[occurrence.start : occurrence.end]
            hopeless = (bool(taken) and all(taken)) if how or occurrence.pattern.sure else any(taken)
            if hopeless:
                continue
            if not _may_be_meant(occurrence):
                self._give_up()
                self.refused(occurrence)
                continue
            if how is not None:
                occurrence = occurrence.read_as(replace(occurrence.pattern, how=how))
            yield self._in_letters(occurrence)

    def _located(self, view: View, hits: Iterator[Hit]) -> Iterator[Occurrence]:
        self._place = None
        where, around = (-1, -1), ""
        placed: tuple[tuple[int, int, tuple[int, ...]], Occurrence | None] | None = None
        for count, hit in enumerate(hits):
            if count >= MAX_HITS:
                self.cut_short = True
                return
            if count >= MANY_HITS:
                if hit[1:] != where:  # a shared key is one place, and what stands around it is told once
                    where, around = hit[1:], _around(view, hit)
                self._place = id(hit.pattern), around
                if self._place in self._hopeless:
                    continue
            place = hit.first, hit.past, hit.pattern.minima
            if placed is None or placed[1] is None or placed[0] != place:  # a shared key is mostly a shared place
                placed = place, locate(view, hit)
            occurrence = placed[1]
            if occurrence is None:
                self._give_up()
            else:
                occurrence = occurrence.read_as(hit.pattern)
                if self._place is not None:
                    self._places[_key(occurrence)] = self._place
                yield occurrence

    def refused(self, occurrence: Occurrence) -> None:
        """Remember that form turned an occurrence down: where there are many, one that reads alike is passed over."""
        place = self._places.get(_key(occurrence))
        if place is not None:
            self._hopeless.add(place)

    def _is_hopeless(self, occurrence: Occurrence) -> bool:
        """Tell whether one that reads alike was turned down since this one was located."""
        return bool(self._places) and self._places.get(_key(occurrence)) in self._hopeless

    def _give_up(self) -> None:
        """Remember the place looked at, where many hits make that worth it."""
        if self._place is not None:
            self._hopeless.add(self._place)

    def _is_taken(self, view: View, hit: Hit) -> bool:
        """Tell whether a tight occurrence stands where a hit must stand, wherever its runs begin and end."""
        if not self._taken:
            return False
        start, end = view.sources[view.runs[hit.first + 1] - 1], view.sources[view.runs[hit.past - 1]]
        return self._taken.find(1, start, end + 1) >= 0

    def _take(self, occurrence: Occurrence) -> None:
        if not self._taken:
            self._taken = bytearray(len(self._read.text))
        start, end = occurrence.start, occurrence.end
        self._taken[start:end] = b"\1" * (end - start)

    def _in_letters(self, occurrence: Occurrence) -> Occurrence:
        """Return the occurrence in the view of letters, where suffixes and endings are looked for."""
        letters = {"phonetic": self._read.jamo, "sounding": self._read.sounds}
        if occurrence.view.name not in letters:
            return occurrence
        view = letters[occurrence.view.name]
        first, past = view.units_in(occurrence.start, occurrence.end)
        return replace(occurrence, view=view, first=first, last=past - 1) if first < past else occurrence


def _but_late(hits: Iterator[Hit], late: list[Hit]) -> Iterator[Hit]:
    """Yield hits of what is spelt as it reads; the others, which stand only where no such one does, go to `late`."""
    for hit in hits:
        if hit.pattern.how in (How.REORDERED, How.TYPED):
            late.append(hit)
        else:
            yield hit


def _key(occurrence: Occurrence) -> _Key:
    pattern = occurrence.pattern
    return occurrence.first, occurrence.last, occurrence.view.name, pattern.term.id, pattern.surface


def _around(view: View, hit: Hit) -> str:
    """Return what two hits of a pattern that read alike share: the text around."""
    start, end = view.sources[view.runs[hit.first]], view.sources[view.runs[hit.past] - 1]
    return view.text[max(0, start - AROUND) : end + AROUND + 1]


def _longest_first(located: Iterator[Occurrence]) -> Iterator[Occurrence]:
    """Yield occurrences by where they start, the longer and worse first, so that what lies inside one can be passed
    over. Only NEIGHBOURS at a time are put in order: who needs no more of them need not locate the rest.
    """
    while neighbours := list(islice(located, NEIGHBOURS)):
        yield from sorted(neighbours, key=lambda one: (one.start, -one.end, -one.pattern.term.score))


def tight_views(read: Normalised, lexicon: Lexicon) -> Iterator[tuple[View, Iterator[Hit]]]:
    """Yield the views of form in which some key stands at all, with what stands there."""
    jamo, latin = lexicon.jamo, lexicon.latin
    if read.jamo_units and (hits := jamo.hits(read.jamo)):
        yield read.jamo, hits
    if read.plain:
        return
    if read.has_split and (hits := jamo.hits(read.split)):
        yield read.split, hits
    if read.has_asides and (hits := jamo.hits(read.asides)):
        yield read.asides, hits
    if read.has_shapes and (hits := jamo.hits(read.shapes)):
        yield read.shapes, hits
    if read.has_initials and (hits := lexicon.initials.hits(read.initials)):
        yield read.initials, hits
    if read.latin_units and (hits := latin.hits(read.latin)):
        yield read.latin, hits
    if "*" in read.latin_units and (hits := latin.hits(read.unstarred)):
        yield read.unstarred, hits


def wide_views(read: Normalised, lexicon: Lexicon) -> Iterator[tuple[View, Iterator[Hit]]]:
    """Yield the views of sound, and of the other keyboard layout, in which some key stands at all."""
    if read.jamo_units and (hits := lexicon.phonetic.hits(read.phonetic)):
        yield read.phonetic, hits
    if read.plain:
        return
    if read.has_sounds:
        if hits := lexicon.jamo.hits(read.sounds):
            yield read.sounds, hits
        if hits := lexicon.phonetic.hits(read.sounding):
            yield read.sounding, hits
    if read.has_typed and (hits := lexicon.jamo.hits(read.typed)):
        yield read.typed, hits


def _may_be_meant(occurrence: Occurrence) -> bool:
    """Tell whether a wide occurrence is worth a judgement: at a word's start or after a prefix of curses."""
    if occurrence.view.name in HOW_READ:
        return may_be_read(occurrence)
    if occurrence.pattern.latin:
        written = occurrence.view.raw[occurrence.first : occurrence.last + 1]
        return not occurrence.gapped and written == occurrence.pattern.spelt and _stands_alone(occurrence)
    if occurrence.pattern.how is How.TYPED:
        return not occurrence.gapped and word_starts(occurrence)
    left = occurrence.left
    if left and is_hangul(left) and not occurrence.view.text.endswith(PREFIXES, 0, occurrence.start):
        return False
    if occurrence.pattern.how is How.REORDERED:
        return not occurrence.spaced and occurrence.row == unit_rows(occurrence.pattern.spelt)[-1]
    return True


def _stands_alone(occurrence: Occurrence) -> bool:
    return word_starts(occurrence) and word_ends(occurrence)
