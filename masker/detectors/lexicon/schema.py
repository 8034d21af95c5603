"""The lexicon's schema: what one term says, and how a file of terms is read.

A file is TOML. `[defaults]` gives values for the fields that its terms leave out, `[lists]` names lists that forms,
needed words and exceptions use in braces, `[term]` holds the terms, each on a line or as `[term.id]` in its own table:
`byeongsin = { form = "[병븅][신싄]", label = "profanity", severity = "strong", why = "..." }`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from masker.detectors.lexicon.respell import RULES
from masker.errors import LexiconError
from masker.labels import Label


class Severity(StrEnum):
    """Say how bad a term is; the presets' thresholds lie between the three scores."""

    MILD = "mild"
    STRONG = "strong"
    SEVERE = "severe"


SCORE: dict[Severity, float] = {Severity.MILD: 0.80, Severity.STRONG: 0.95, Severity.SEVERE: 0.99}
"""Score by severity: lenient (0.97) masks the severe, standard (0.90) the strong too, strict (0.70) everything."""

KINDS = ("korean", "initials", "latin")
SIDES = ("any", "word", "noun")
ENDINGS = ("noun", "verb", "none")
SENSES = ("", "young", "year", "raving", "departure", "quarter", "pecking", "toffee", "child", "going_out", "barking")


@dataclass(frozen=True, slots=True)
class Term:
    """Describe one term.

    `form`: the spellings, `[가나]` for a choice of syllables, `{list}` for each word of a list of the file.
    `respell`: rules of `respell.RULES` that derive more.
    `before`: "any", or "word" when only a word's start, a prefix of curses or one of `prefixes` may stand right before.
    `after`: "any"; "word" when the word must end; "noun" when particles, endings and curse suffixes may follow.
    `ending`: "noun" takes curse suffixes into the span, "verb" the rest of the word, "none" neither.
    `loose`: letters may also be doubled, drawn out or carried over to the next syllable (시이발, 십알); only for words
    that nothing innocent sounds like. `spaced`: whether a space between its syllables is still the term. `typed`:
    derive the Latin-keyboard spelling. `heard`: whether what only sounds like it, or has its syllables turned about,
    may be the term; false for words that an everyday word sounds like (꺼져 and 꺼줘).
    `sense`: the innocent sense that the word has too, told by its sentence (`sense.innocent_sense`).
    `needs_before`, `needs_after`: one of these must touch the term (a space may lie between).
    `except_`: places where it is innocent, written with the term in brackets (`아저[씨 발]`, `[18]년$`, `을 [*]`),
    kept by what stands in the brackets, as pairs of what comes before and after.
    `why`: source or reason.
    """

    id: str
    form: tuple[str, ...]
    label: Label
    severity: Severity
    kind: str = "korean"
    respell: frozenset[str] = frozenset()
    before: str = "any"
    after: str = "any"
    ending: str = "noun"
    loose: bool = False
    spaced: bool = True
    typed: bool = False
    heard: bool = True
    sense: str = ""
    prefixes: tuple[str, ...] = ()
    needs_before: tuple[str, ...] = ()
    needs_after: tuple[str, ...] = ()
    except_: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict, hash=False)
    why: str = ""
    _places: dict[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def may_be_excused(self, middle: str, before: str, after: str) -> bool:
        """Tell in a few steps of C whether any exception for `middle` can hold between these: terms have dozens."""
        places = self.except_.get(middle, ())
        if not places:
            return False
        if middle not in self._places:
            bare = [(left, right.removesuffix("$")) for left, right in places]
            self._places[middle] = (
                tuple(right for left, right in bare if not left),
                tuple(left for left, right in bare if left and not right),
                tuple({left for left, right in bare if left and right}),
                tuple({right for left, right in bare if left and right}),
            )
        afters, befores, lefts, rights = self._places[middle]
        if after.startswith(afters) or before.endswith(befores):
            return True
        return before.endswith(lefts) and after.startswith(rights)

    @property
    def score(self) -> float:
        """Return the score that a finding of this term carries."""
        return SCORE[self.severity]


_NAMES = {field.name.rstrip("_") for field in fields(Term) if field.init} - {"id"}


def read_lexicon(folder: Traversable | None = None) -> tuple[Term, ...]:
    """Read every `*.toml` of a folder (default: the terms that ship). Raises LexiconError naming file and term."""
    where = folder if folder is not None else files("masker.detectors.lexicon") / "data"
    terms: dict[str, Term] = {}
    for entry in sorted(where.iterdir(), key=lambda item: item.name):
        if not entry.name.endswith(".toml"):
            continue
        for term in parse_terms(entry.read_text(encoding="utf-8"), entry.name):
            if term.id in terms:
                raise LexiconError(f"{entry.name}: {term.id}: this id stands twice; give one of them another name")
            terms[term.id] = term
    return tuple(terms.values())


def parse_terms(source: str, name: str) -> Iterator[Term]:
    """Yield the terms of one file's text. Raises LexiconError naming file, term and field."""
    try:
        table = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        raise LexiconError(f"{name}: not valid TOML: {error}") from error
    defaults = table.pop("defaults", {})
    lists = {key: _strings(value) for key, value in table.pop("lists", {}).items()}
    rows = table.pop("term", {})
    if table:
        raise LexiconError(f"{name}: {next(iter(table))}: a file holds defaults, lists and term")
    for term_id, row in rows.items():
        if not isinstance(row, dict):
            raise LexiconError(f"{name}: {term_id}: a term is a table of fields")
        yield _term(term_id, {**defaults, **row}, name, lists)


def _term(term_id: str, row: dict[str, Any], name: str, lists: dict[str, tuple[str, ...]]) -> Term:
    def fail(field: str, problem: str) -> LexiconError:
        return LexiconError(f"{name}: {term_id}: {field}: {problem}")

    for key in row:
        if key not in _NAMES:
            raise fail(key, f"no such field; known are {', '.join(sorted(_NAMES))}")
    for key in ("form", "label", "severity"):
        if key not in row:
            raise fail(key, "is missing")
    try:
        label, severity = Label(row["label"]), Severity(row["severity"])
    except ValueError as error:
        raise fail("label or severity", str(error)) from error
    values: dict[str, Any] = {"label": label, "severity": severity}
    if not _strings(row["form"]) or not all(_strings(row["form"])):
        raise fail("form", "needs at least one spelling")
    choices = {"kind": KINDS, "before": SIDES[:2], "after": SIDES, "ending": ENDINGS, "sense": SENSES}
    for key, allowed in choices.items():
        if key in row:
            if row[key] not in allowed:
                raise fail(key, f"must be one of {', '.join(allowed)}")
            values[key] = row[key]
    for key in ("loose", "spaced", "typed", "heard"):
        if key in row:
            if not isinstance(row[key], bool):
                raise fail(key, "must be true or false")
            values[key] = row[key]
    for key in ("form", "prefixes", "needs_before", "needs_after"):
        if key in row:
            try:
                values[key] = tuple(word for written in _strings(row[key]) for word in _spelt_out(written, lists))
            except ValueError as error:
                raise fail(key, str(error)) from error
    values["respell"] = frozenset(_strings(row.get("respell", ())))
    if not values["respell"] <= set(RULES):
        raise fail("respell", f"known rules are {', '.join(RULES)}")
    try:
        places = [place for written in _strings(row.get("except", ())) for place in _spelt_out(written, lists)]
        values["except_"] = _by_middle(_exception(place) for place in places)
    except ValueError as error:
        raise fail("except", str(error)) from error
    return Term(id=term_id, why=str(row.get("why", "")), **values)


def _strings(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(str(item) for item in value)


def _spelt_out(place: str, lists: dict[str, tuple[str, ...]]) -> list[str]:
    """Return an exception once for each entry of the list that it names in braces."""
    before, opened, rest = place.partition("{")
    if not opened:
        return [place]
    key, _, after = rest.partition("}")
    if key not in lists:
        raise ValueError(f"no list named {key}; this file has {', '.join(sorted(lists)) or 'none'}")
    return [before + entry + after for entry in lists[key]]


def _by_middle(exceptions: Iterable[tuple[str, str, str]]) -> dict[str, tuple[tuple[str, str], ...]]:
    kept: dict[str, tuple[tuple[str, str], ...]] = {}
    for before, middle, after in exceptions:
        kept[middle] = (*kept.get(middle, ()), (before, after))
    return kept


def _exception(place: str) -> tuple[str, str, str]:
    before, opened, rest = place.partition("[")
    middle, closed, after = rest.partition("]")
    if not opened or not closed or not middle:
        raise ValueError(f"{place!r} must hold the term in brackets, as in 아저[씨 발]")
    return before, middle, after
