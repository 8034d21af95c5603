"""The compiled lexicon: every spelling of every term as a key in one automaton per alphabet."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import chain
from typing import NamedTuple

import ahocorasick

from masker.detectors.lexicon.respell import (
    censored,
    drawn_rows,
    half_cut,
    initial_row,
    misdrawn,
    misspellings,
    reorderings,
    spellings,
    turned_about,
    typed_on_hangul,
    unit_rows,
)
from masker.detectors.lexicon.schema import Severity, Term
from masker.detectors.lexicon.sounding import sound_rows
from masker.errors import LexiconError
from masker.labels import Label
from masker.normalise import PHONETIC_FOLD, SPLIT_FOLD, Fold, View, squeeze
from masker.normalise.lazy import lazy

MIN_TYPED = 4
"""Fewest different neighbours in what an English term becomes in Hangul: less stands in ordinary words."""
_MISSPELT = (Label.PROFANITY, Label.INSULT, Label.GENDER, Label.SEXUAL)
"""Labels whose English terms are also looked for misspelt: slurs of groups turn into names too often."""
MIN_BACKWARDS = 6
"""Fewest letters of any other English term that is looked for backwards: a shorter one is a name in some tongue."""
_ROWS = ("ㅅㅂ", "ㅆㅂ", "ㅂㅅ", "ㅈㄹ", "ㅈㄴ", "ㅅㄲ", "ㄲㅈ", "ㄷㅊ")
"""Rows of initials that are written one after another, or twice."""
REPEATED = (3, 4, 5)
"""Times over that a row of initials is looked for as one word; twice is among `_ROWS`."""
_COMMON = (Label.SEXUAL,)
"""Labels whose terms' initials stand for other words too."""
MIN_INITIALS = 4
"""Fewest initials of a word that is told by them: three stand for other words too (ㅉㅈㅁ), so they are listed."""
_TURNED = (Label.PROFANITY, Label.INSULT)
"""Labels whose terms are looked for backwards without asking; of others, those with a tensed consonant (딱틀)."""
_TENSED = frozenset("ㄲㄸㅃㅆㅉ")
_HEADS = frozenset("놈년넘뇬")
"""What ends a curse that is a noun with its suffix already."""


class How(StrEnum):
    """Say how a key differs from the term's own form."""

    EXACT = "exact"
    RESPELT = "respelt"
    CUT = "cut"
    PHONETIC = "phonetic"
    REORDERED = "reordered"
    ROMANISED = "romanised"
    TYPED = "typed"


@dataclass(frozen=True, slots=True)
class Pattern:
    """Say how one key stands for a term: `minima` is the least length of each unit's run in the text.

    `surface` is the spelling that is meant, `spelt` the one that the key is made of where it is another. `latin` says
    that the key is of Latin letters, whatever the term's own script is. `sure` says that nothing but the term is ever
    spelt so, where it is written exactly so.
    """

    term: Term
    key: str
    minima: tuple[int, ...]
    surface: str
    how: How = How.EXACT
    latin: bool = False
    spelt: str = ""
    sure: bool = False

    @property
    def typed(self) -> bool:
        """Tell whether the key is what the form's keys give on the other keyboard layout."""
        return self.how is How.TYPED

    def covers(self, other: Pattern) -> bool:
        """Tell whether a pattern of the same key adds nothing to this one (쪽바리 is not 쪽발이 unless loose)."""
        same = self.term is other.term and self.minima == other.minima
        if other.how is How.REORDERED:
            return same and self.spelt == other.spelt
        return same and (self.term.loose or unit_rows(self.surface)[-1] == unit_rows(other.surface)[-1])


class Hit(NamedTuple):
    """Say that the squeezed units `[first, past)` read like a pattern's key."""

    pattern: Pattern
    first: int
    past: int


class Automaton:
    """Find every key in a row of units in one pass, whatever the number of keys (Aho and Corasick, 1975)."""

    def __init__(self, patterns: Iterable[Pattern], fold: Fold | None = None) -> None:
        by_key: dict[str, list[Pattern]] = defaultdict(list)
        for pattern in patterns:
            if not any(known.covers(pattern) for known in by_key[pattern.key]):
                by_key[pattern.key].append(pattern)
        self._openings = _openings(fold) if fold is not None else {}
        self._machine = ahocorasick.Automaton()
        for key, sharing in by_key.items():
            self._machine.add_word(key, _Entry.of(key, tuple(sharing), key[0] if key[0] in self._openings else ""))
        if by_key:
            self._machine.make_automaton()
        self.keys = len(by_key)

    def hits(self, view: View) -> Iterator[Hit] | None:
        """Return every hit, by where it ends, or None where no key stands: the prefilter, told at the first one."""
        entries = self._entries(view)
        first = next(entries, None)
        return None if first is None else _hits(chain((first,), entries))

    def _entries(self, view: View) -> Iterator[tuple[int, _Entry]]:
        if not self.keys:
            return
        known: dict[str, bool] = {}
        for last, entry in self._machine.iter(view.units):
            if entry.needs and not self._has(view.read, entry, known):
                continue
            if view.may_stand(last + 1 - entry.length, last + 1):
                yield last, entry

    def _has(self, read: str, entry: _Entry, known: dict[str, bool]) -> bool:
        """Tell whether a text has what an entry needs, each thing looked for once."""
        if entry.literals:
            if entry.key not in known:
                letters = _PARTED_RE.sub("", read)
                known[entry.key] = any(literal in letters for literal in entry.literals)
            return known[entry.key]
        if entry.needs not in known:
            wanted = _ALONE_RE if entry.needs == ALONE else self._openings[entry.needs]
            known[entry.needs] = wanted.search(read) is not None
        return known[entry.needs]


def _hits(entries: Iterable[tuple[int, _Entry]]) -> Iterator[Hit]:
    for last, entry in entries:
        for pattern in entry.patterns:
            yield Hit(pattern, last + 1 - entry.length, last + 1)


ALONE = "alone"
LITERAL = "literal"
_PARTED_RE = re.compile("[^가-힣ㄱ-ㅣa-zA-Z ]+")
"""What may part the syllables of a word that is turned about (발.시, 끼1새1개)."""
_ALONE_RE = re.compile("[ㄱ-ㅣ\u1100-\u11ff\uffa0-\uffdc\u3200-\u320d\u3260-\u326d]")


@dataclass(frozen=True, slots=True)
class _Entry:
    """Hold the patterns that share a key, and what a text needs before any of them can stand in it.

    That is a character that begins with the key's vowel, a letter that stands alone, or one of the spellings as it is:
    told without working any position out.
    """

    key: str
    length: int
    patterns: tuple[Pattern, ...]
    needs: str
    literals: tuple[str, ...] = ()

    @classmethod
    def of(cls, key: str, patterns: tuple[Pattern, ...], opening: str) -> _Entry:
        """Return the entry of one key; `opening` is its first vowel where it begins with one."""
        if all(pattern.how is How.REORDERED and not pattern.latin for pattern in patterns) and not any(
            _stands_alone(pattern.spelt[0]) for pattern in patterns
        ):
            return cls(key, len(key), patterns, LITERAL, tuple(dict.fromkeys(pattern.spelt for pattern in patterns)))
        if all(pattern.term.kind == "korean" and any(map(_stands_alone, pattern.surface)) for pattern in patterns):
            return cls(key, len(key), patterns, ALONE)
        return cls(key, len(key), patterns, opening)


def _stands_alone(char: str) -> bool:
    return "ㄱ" <= char <= "ㅣ"


def _openings(fold: Fold) -> dict[str, re.Pattern[str]]:
    """Return for each vowel what a key that begins with it must begin at: a character that does.

    Most vowels stand inside syllables (재미); those are told apart here, before any position is worked out.
    """
    classes: dict[str, list[str]] = defaultdict(list)
    for code_point, units in fold.items():
        if units and "ㅏ" <= units[0] <= "ㅣ":
            classes[units[0]].append(chr(code_point))
    return {vowel: re.compile(f"[{''.join(chars)}]") for vowel, chars in classes.items()}


class Lexicon:
    """Hold terms compiled for matching, and `allow`: lower-case words inside which no term counts.

    Raises LexiconError for a term that cannot be compiled.
    """

    def __init__(self, terms: Iterable[Term], allow: Iterable[str] = ()) -> None:
        self.terms, self.allow = tuple(terms), tuple(allow)

    @lazy
    def _allowed(self) -> ahocorasick.Automaton | None:
        if not self.allow:
            return None
        machine = ahocorasick.Automaton()
        for word in self.allow:
            machine.add_word(word, len(word))
        machine.make_automaton()
        return machine

    def allowed_in(self, text: str) -> list[tuple[int, int]]:
        """Return where allowed words stand, longest at each end, sorted by end, as `[start, end)`."""
        if self._allowed is None:
            return []
        lower = text.lower()
        if len(lower) != len(text):  # a few letters grow when lowered
            lower = "".join(char.lower() if len(char.lower()) == 1 else char for char in text)
        ends: dict[int, int] = {}
        for last, length in self._allowed.iter(lower):
            ends[last + 1] = min(last + 1 - length, ends.get(last + 1, last + 1))
        return [(start, end) for end, start in sorted(ends.items())]

    @lazy
    def jamo(self) -> Automaton:
        """Return the automaton over jamo units: Korean terms, and English ones typed on a keyboard left in Hangul."""
        korean = _compile(self.terms, "korean", _korean_patterns)
        return Automaton([*korean, *_compile(self.terms, "latin", _typed_patterns)], SPLIT_FOLD)

    @lazy
    def phonetic(self) -> Automaton:
        """Return the automaton over sound classes."""
        return Automaton(_compile(self.terms, "korean", _phonetic_patterns), PHONETIC_FOLD)

    @lazy
    def initials(self) -> Automaton:
        """Return the automaton over consonants that stand alone."""
        plain = _compile(self.terms, "initials", _plain_patterns)
        return Automaton([*plain, *_compile(self.terms, "korean", _initial_patterns)])

    @lazy
    def latin(self) -> Automaton:
        """Return the automaton over Latin units."""
        return Automaton(_compile(self.terms, "latin", _latin_patterns))


def _compile(terms: Iterable[Term], kind: str, build: Callable[[Term], Iterator[Pattern]]) -> Iterator[Pattern]:
    for term in terms:
        if term.kind == kind:
            try:
                yield from build(term)
            except ValueError as error:
                raise LexiconError(f"{term.id}: form: {error}") from error


def _pattern(
    term: Term, row: str, surface: str, how: How = How.EXACT, *, latin: bool = False, spelt: str = ""
) -> Pattern:
    key = squeeze(row)
    minima, at = [], 0
    for unit in key:
        run = 0
        while at < len(row) and row[at] == unit:
            run, at = run + 1, at + 1
        minima.append(run)
    return Pattern(term, key, tuple(minima), surface, how, latin, spelt or surface)


def _korean_patterns(term: Term) -> Iterator[Pattern]:
    known: set[str] = set()
    for form in term.form:
        own = frozenset(spellings(form, frozenset()))
        for surface in spellings(form, term.respell):
            known.add(surface)
            for row in unit_rows(surface):
                yield _pattern(term, row, surface, How.EXACT if surface in own else How.RESPELT)
            if term.severity is not Severity.MILD and surface in own:
                for row in drawn_rows(surface):
                    yield _pattern(term, row, surface)
    if term.severity is not Severity.MILD:
        yield from _reordered_patterns(term, known)
        if term.heard and term.label not in _COMMON:
            yield from _half_cut_patterns(term)


def _half_cut_patterns(term: Term) -> Iterator[Pattern]:
    """Yield a long curse with some of its syllables cut: such a word stands alone, a particle aside."""
    cut = replace(term, before="word", after="noun", loose=False, spaced=False, sense="")
    for surface in dict.fromkeys(spelling for form in term.form for spelling in spellings(form, frozenset())):
        for spelt in half_cut(surface):
            yield _pattern(cut, unit_rows(spelt)[0], spelt, How.CUT)


def _reordered_patterns(term: Term, known: set[str]) -> Iterator[Pattern]:
    for surface in dict.fromkeys(spelling for form in term.form for spelling in spellings(form, frozenset())):
        turned = (
            frozenset(turned_about(surface))
            if (term.label in _TURNED or _TENSED & set(initial_row(surface)))
            and (len(surface) == 3 or surface[-1] not in _HEADS or surface[0] == "썅")
            else frozenset()
        )
        for spelt in sorted(turned - known):
            yield replace(_pattern(term, unit_rows(spelt)[0], surface, How.REORDERED, spelt=spelt), sure=True)
        if not term.heard:
            continue
        for spelt in reorderings(surface):
            if spelt in turned:
                continue
            if spelt not in known:
                yield _pattern(term, unit_rows(spelt)[0], surface, How.REORDERED, spelt=spelt)


def _phonetic_patterns(term: Term) -> Iterator[Pattern]:
    if not term.heard or (term.severity is Severity.MILD and not term.loose):
        return
    for form in term.form:
        for surface in spellings(form, frozenset()):
            for row in sound_rows(surface, blurred=term.loose):
                yield _pattern(term, row, surface, How.PHONETIC)


def _plain_patterns(term: Term) -> Iterator[Pattern]:
    for form in term.form:
        for surface in spellings(form, frozenset()):
            yield _pattern(term, surface, surface)
            if term.severity is not Severity.MILD and len(surface) == 2 and surface in _ROWS:
                for row in (*(surface + other for other in _ROWS), *(surface * times for times in REPEATED)):
                    yield _pattern(term, row, row)


def _initial_patterns(term: Term) -> Iterator[Pattern]:
    """Yield the initials of a long curse: a row that no ordinary words share, for a tensed letter in it."""
    if term.severity is Severity.MILD or term.label in _COMMON or not term.heard:
        return
    alone = replace(term, kind="initials", respell=frozenset(), prefixes=(), needs_before=(), needs_after=(), sense="")
    for surface in dict.fromkeys(spelling for form in term.form for spelling in spellings(form, frozenset())):
        row = initial_row(surface)
        if len(row) >= MIN_INITIALS and any(letter in "ㄲㄸㅃㅆㅉ" for letter in row):
            yield _pattern(alone, row, row)


def _typed_patterns(term: Term) -> Iterator[Pattern]:
    """Yield what an English term becomes on a keyboard left in Hangul."""
    if term.severity is Severity.MILD:
        return
    for surface in dict.fromkeys(spelling for form in term.form for spelling in spellings(form, frozenset())):
        if len(surface) >= 4 and surface.isalpha():
            for row in typed_on_hangul(surface):
                if len(squeeze(row)) < MIN_TYPED:
                    continue
                yield _pattern(term, row, surface, How.TYPED)


def _latin_patterns(term: Term) -> Iterator[Pattern]:
    for form in term.form:
        for surface in spellings(form, frozenset()):
            for row in censored(surface.replace(" ", "").lower(), term.label in _MISSPELT):
                yield _pattern(term, row, surface, latin=True)
            if term.severity is not Severity.MILD and term.label in _MISSPELT and surface.isalpha():
                for spelt in misdrawn(surface):
                    yield _pattern(term, spelt, surface, latin=True, spelt=spelt)
                for spelt in misspellings(surface) if len(surface) > 4 or term.label is Label.PROFANITY else ():
                    yield _pattern(term, spelt, surface, How.REORDERED, latin=True, spelt=spelt)
            elif term.severity is not Severity.MILD and surface.isalpha() and len(surface) >= MIN_BACKWARDS:
                yield _pattern(term, surface[::-1], surface, How.REORDERED, latin=True, spelt=surface[::-1])
