"""The masker's answer: spans, findings, rejections and the verdict that carries them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from masker.errors import SpanError
from masker.labels import Label
from masker.presets import Thresholds


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Mark `[start, end)` in code points of the original text.

    Raises SpanError when empty, reversed or negative.
    """

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise SpanError(f"a span needs 0 <= start < end, got [{self.start}, {self.end})")

    def overlaps(self, other: Span) -> bool:
        """Tell whether the two share a code point."""
        return self.start < other.end and other.start < self.end


def merge_spans(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Join overlapping and touching spans; order-free and idempotent."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return tuple(merged)


class Basis(StrEnum):
    """Name what decided: the letters and their boundaries, an exception, the words around, or the model."""

    FORM = "form"
    EXCEPTION = "exception"
    MORPHOLOGY = "morphology"
    CLASSIFIER = "classifier"


@dataclass(frozen=True, slots=True)
class Finding:
    """Say what stands where, how surely (0 to 1, calibrated), which detector and rule said so, and what decided.

    `rule` is a lexicon term's or pattern's id, or None for the classifier. `mention` says that the word is quoted or
    talked about and not used: a finding all the same, since what to do about it is policy.
    """

    span: Span
    label: Label
    score: float
    detector: str
    rule: str | None = None
    basis: Basis = Basis.FORM
    mention: bool = False


@dataclass(frozen=True, slots=True)
class Rejection:
    """Say why something that looked like an offence is none: the answer to "why not?".

    `innocent` means that the word is known for what it is (an exception, or a Latin word that merely holds the term),
    not only that the term may not stand so: the classifier is then not asked about it.
    """

    span: Span
    label: Label
    detector: str
    rule: str | None
    reason: str
    innocent: bool = False
    basis: Basis = Basis.FORM


@dataclass(frozen=True, slots=True)
class TraceStep:
    """Record that a stage ran: its name, its duration and a count; never text."""

    stage: str
    duration_us: int
    count: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """Give the whole answer on one text.

    `findings` holds everything that any detector found, whatever its score: thresholds are the caller's.
    `scores` is the highest score per label (0.0 where nothing spoke), sentence heads included.
    `complete` is False when a stage ran out of time or was unavailable; `incomplete_reasons` then says which and why.
    """

    findings: tuple[Finding, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    scores: Mapping[Label, float] = field(default_factory=dict)
    complete: bool = True
    incomplete_reasons: tuple[str, ...] = ()
    model: str | None = None
    trace: tuple[TraceStep, ...] = ()

    def flagged(self, thresholds: Thresholds) -> tuple[Finding, ...]:
        """Return the findings at or over their label's threshold, in text order."""
        over = (finding for finding in self.findings if finding.score >= thresholds[finding.label])
        return tuple(sorted(over, key=lambda finding: (finding.span, finding.label, -finding.score)))
