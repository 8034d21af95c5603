"""The lexicon detector: terms found in any disguise, judged where they stand."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from masker.detectors.lexicon.compiled import Automaton, Lexicon
from masker.detectors.lexicon.extent import extent
from masker.detectors.lexicon.judge import INSIDE_A_WORD, Surroundings, excused, refused
from masker.detectors.lexicon.occurrence import locate
from masker.detectors.lexicon.schema import Term, parse_terms, read_lexicon
from masker.normalise import Normalised, View
from masker.verdict import Finding, Rejection, Span

__all__ = ["Detection", "Lexicon", "LexiconDetector", "Term", "embedded_lexicon", "parse_terms", "read_lexicon"]

NAME = "lexicon"
MAX_HITS = 4000
"""Most hits judged per view: a hostile text cannot buy more work than this."""
MAX_REJECTIONS = 50


@dataclass(frozen=True, slots=True)
class Detection:
    """Hold what a detector found and what it turned down. `cut_short` says that MAX_HITS was reached."""

    findings: tuple[Finding, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    cut_short: bool = False


NOTHING = Detection()


@cache
def embedded_lexicon() -> Lexicon:
    """Return the lexicon that ships in the package, compiled once."""
    return Lexicon(read_lexicon())


class LexiconDetector:
    """Find a lexicon's terms. Thread-safe; takes time linear in the text whatever the lexicon holds."""

    def __init__(self, lexicon: Lexicon | None = None) -> None:
        self.lexicon = lexicon if lexicon is not None else embedded_lexicon()
        self._jamo, self._initials, self._latin = self.lexicon.jamo, self.lexicon.initials, self.lexicon.latin

    def detect(self, text: str) -> Detection:
        """Return every term that stands in the text, each once, and what an exception or boundary excused."""
        read = Normalised(text)
        views = self._firing(read)
        if not views:
            return NOTHING
        search = _Search()
        for view, automaton in views:
            search.run(view, automaton)
        return search.result()

    def _firing(self, read: Normalised) -> list[tuple[View, Automaton]]:
        """Return the views in which some key stands at all."""
        views: list[tuple[View, Automaton]] = []
        if read.jamo_units and self._jamo.fires(read.jamo_units):
            views.append((read.jamo, self._jamo))
        if read.has_split and self._jamo.fires(read.split.units):
            views.append((read.split, self._jamo))
        if read.has_shapes and self._jamo.fires(read.shapes.units):
            views.append((read.shapes, self._jamo))
        if read.has_initials and self._initials.fires(read.initials.units):
            views.append((read.initials, self._initials))
        if read.latin_units and self._latin.fires(read.latin_units):
            views.append((read.latin, self._latin))
        if "*" in read.latin_units and self._latin.fires(read.unstarred.units):
            views.append((read.unstarred, self._latin))
        return views


class _Search:
    """Collect findings and rejections over the views of one text."""

    def __init__(self) -> None:
        self._findings: dict[tuple[Span, str], Finding] = {}
        self._rejections: dict[tuple[Span, str], Rejection] = {}
        self._cut_short = False

    def run(self, view: View, automaton: Automaton) -> None:
        """Judge every hit of one view."""
        for count, hit in enumerate(automaton.hits(view.units)):
            if count >= MAX_HITS:
                self._cut_short = True
                return
            occurrence = locate(view, hit)
            if occurrence is None:
                continue
            term = occurrence.pattern.term
            near = Surroundings(occurrence)
            exception = excused(occurrence, near)
            reason = f"exception {exception}" if exception else refused(occurrence, near)
            if reason is not None:
                span = Span(occurrence.start, occurrence.end)
                innocent = exception is not None or (term.kind == "latin" and reason in INSIDE_A_WORD)
                if len(self._rejections) < MAX_REJECTIONS:
                    self._rejections[span, term.id] = Rejection(span, term.label, NAME, term.id, reason, innocent)
                continue
            span = extent(occurrence)
            self._findings[span, term.id] = Finding(span, term.label, term.score, NAME, term.id)

    def result(self) -> Detection:
        """Return the findings without those that lie inside another of the same label, and the rejections left over."""
        findings = _outermost(
            sorted(self._findings.values(), key=lambda item: (item.span.start, -item.span.end, -item.score))
        )
        found = [finding.span for finding in findings]
        rejections = [
            rejection
            for rejection in self._rejections.values()
            if not any(span.overlaps(rejection.span) for span in found[:64])
        ]
        return Detection(tuple(findings), tuple(rejections), self._cut_short)


def _outermost(ordered: list[Finding]) -> list[Finding]:
    """Drop a finding that an earlier one of its label covers with at least its score; sorted, longest first."""
    kept: list[Finding] = []
    reach: dict[str, list[Finding]] = {}
    for finding in ordered:
        last = reach.setdefault(finding.label, [])
        if any(other.span.end >= finding.span.end and other.score >= finding.score for other in last):
            continue
        kept.append(finding)
        last[:] = [*[other for other in last if other.span.end > finding.span.start][-7:], finding]
    return kept
