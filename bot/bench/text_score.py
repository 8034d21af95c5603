"""What a filter makes of a set of sentences: recall by class, innocents flagged, spans found and exact."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from bot.bench.text_cases import Case
from masker import Masker, Span, Thresholds, Verdict, merge_spans

BATCH = 256
"""Sentences read between two looks at the progress bar; a classifier reads them in one call."""

Spans = tuple[Span, ...]
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Reading:
    """Hold what a filter said of one text; `spans` (merged) and `rules` are empty for one that only objects."""

    flagged: bool
    spans: Spans = ()
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Contestant:
    """Name one filter: `flags` tells whether it objects to a text, the call that is timed.

    `read` says also where, for many texts at once; None for a filter that cannot say.
    """

    name: str
    flags: Callable[[str], bool]
    read: Callable[[Sequence[str]], list[Reading]] | None = None

    def readings(self, texts: Sequence[str], progress: Progress = lambda _: None) -> list[Reading]:
        """Return one reading per text, in order."""
        found: list[Reading] = []
        for at in range(0, len(texts), BATCH):
            batch = texts[at : at + BATCH]
            found += self.read(batch) if self.read else [Reading(self.flags(text)) for text in batch]
            progress(len(found))
        return found


@dataclass(frozen=True, slots=True)
class Outcome:
    """Set what a filter said beside what stands in the case."""

    case: Case
    reading: Reading
    gold: Spans = field(init=False)
    found: tuple[tuple[Span, Span], ...] = field(init=False)

    def __post_init__(self) -> None:
        """Pair each gold span (marks that touch count as one, as a mask would) with the closest one that overlaps."""
        gold = merge_spans(self.case.gold)
        pairs = []
        for wanted in gold:
            over = [span for span in self.reading.spans if span.overlaps(wanted)]
            if over:
                pairs.append((wanted, min(over, key=lambda span: (_distance(span, wanted), span))))
        object.__setattr__(self, "gold", gold)
        object.__setattr__(self, "found", tuple(pairs))

    @property
    def missed(self) -> bool:
        """Tell whether something marked was overlooked: the whole case, or one span by a filter that has spans."""
        unseen = len(self.found) < len(self.gold) if self.reading.spans else not self.reading.flagged
        return bool(self.gold) and unseen

    def stray(self) -> int:
        """Count the spans apart from every gold span."""
        return sum(not any(span.overlaps(wanted) for wanted in self.gold) for span in self.reading.spans)

    def exact(self) -> int:
        """Count the gold spans found exactly."""
        return sum(wanted == span for wanted, span in self.found)

    def near(self) -> int:
        """Count the gold spans found exactly, or with the particle after the word that the gold leaves out."""
        return sum(up_to_a_particle(self.case.text, wanted, span) for wanted, span in self.found)


def _distance(span: Span, other: Span) -> int:
    return abs(span.start - other.start) + abs(span.end - other.end)


def up_to_a_particle(text: str, gold: Span, span: Span) -> bool:
    """Tell whether `span` starts where `gold` does and ends between its end and the end of its eojeol."""
    end = gold.end
    while end < len(text) and not text[end].isspace():
        end += 1
    return span.start == gold.start and gold.end <= span.end <= end


@dataclass(frozen=True, slots=True)
class Tally:
    """Count outcomes: sentences and those flagged; gold spans, those found, exact, and exact up to a particle.

    `stray` counts spans apart from every gold span.
    """

    rows: int
    flagged: int
    gold: int
    found: int
    exact: int
    near: int
    stray: int


def tally(outcomes: Iterable[Outcome]) -> Tally:
    """Return the counts over outcomes; the order does not matter."""
    rows = list(outcomes)
    return Tally(
        rows=len(rows),
        flagged=sum(row.reading.flagged for row in rows),
        gold=sum(len(row.gold) for row in rows),
        found=sum(len(row.found) for row in rows),
        exact=sum(row.exact() for row in rows),
        near=sum(row.near() for row in rows),
        stray=sum(row.stray() for row in rows),
    )


def by_class(outcomes: Iterable[Outcome]) -> dict[str, Tally]:
    """Return the counts per class, in the order in which the classes first stand in the set."""
    grouped: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        grouped.setdefault(outcome.case.kind, []).append(outcome)
    return {kind: tally(group) for kind, group in grouped.items()}


def share(part: int, whole: int) -> float:
    """Return `part` in percent of `whole`; 0 of nothing is 0."""
    return 100 * part / whole if whole else 0.0


def judged(contestant: Contestant, cases: Sequence[Case], progress: Progress = lambda _: None) -> list[Outcome]:
    """Run a filter over sentences, in order."""
    readings = contestant.readings([case.text for case in cases], progress)
    return [Outcome(case, reading) for case, reading in zip(cases, readings, strict=True)]


def marked(text: str, spans: Iterable[Span]) -> str:
    """Return the text on one line, ⟦ ⟧ around the spans, everything that is not printable escaped."""
    parts: list[str] = []
    at = 0
    for span in spans:
        parts += [_escaped(text[at : span.start]), "⟦", _escaped(text[span.start : span.end]), "⟧"]
        at = span.end
    return "".join([*parts, _escaped(text[at:])])


def _escaped(text: str) -> str:
    return "".join(char if char.isprintable() else _escape(char) for char in text)


def _escape(char: str) -> str:
    if char == "\n":
        return "\\n"
    return f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}"


def garim(name: str, masker: Masker, thresholds: Thresholds) -> Contestant:
    """Return Garim as a contestant: what its verdict flags at these thresholds. Loads what it would load later."""
    masker.warm()

    def reading(verdict: Verdict) -> Reading:
        flagged = verdict.flagged(thresholds)
        rules = dict.fromkeys(finding.rule or f"{finding.detector}: {finding.label}" for finding in flagged)
        return Reading(bool(flagged), merge_spans(finding.span for finding in flagged), tuple(rules))

    def flags(text: str) -> bool:
        return bool(masker.inspect(text).flagged(thresholds))

    return Contestant(name, flags, lambda texts: [reading(verdict) for verdict in masker.inspect_many(texts)])
