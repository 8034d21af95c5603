"""Judge the candidates of one text: form first, then morphology for what form leaves in doubt."""

from __future__ import annotations

from dataclasses import dataclass

from masker.detectors.lexicon.extent import extent
from masker.detectors.lexicon.judge import ALIKE, INSIDE_A_WORD, Question, Surroundings, by_form, excused
from masker.detectors.lexicon.mention import is_mention
from masker.detectors.lexicon.morphology import ORDINARY, Answer, Morphology, Reader
from masker.detectors.lexicon.occurrence import Occurrence
from masker.verdict import Basis, Finding, Rejection, Span

NAME = "lexicon"
MAX_REJECTIONS = 50
ENOUGH = 48
"""Findings after which doubts are no longer asked about: nothing that they could add changes what happens."""
ALLOWED_WORD = "inside a word on the allowlist"
OTHER_WORDS = "reads as other words"


@dataclass(frozen=True, slots=True)
class Detection:
    """Hold what a detector found and what it turned down.

    `cut_short` says that the bound of hits was reached; `reasons` says which stage was wanted and could not speak.
    """

    findings: tuple[Finding, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    cut_short: bool = False
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Doubt:
    occurrence: Occurrence
    near: Surroundings
    question: Question
    reason: str | None


class Search:
    """Collect findings and rejections over the views of one text."""

    def __init__(self, morphology: Morphology) -> None:
        self._reader = Reader(morphology) if morphology.enabled or morphology.failure else None
        self._morphology = morphology
        self._findings: dict[tuple[Span, str], Finding] = {}
        self._rejections: dict[tuple[Span, str], Rejection] = {}
        self._doubts: dict[tuple[int, int, str, str], _Doubt] = {}

    def judge(self, occurrence: Occurrence) -> None:
        """Judge one candidate by form; what form leaves in doubt waits for `result`."""
        term = occurrence.pattern.term
        near = Surroundings(occurrence)
        exception = excused(occurrence, near)
        if exception is not None:
            self._reject(occurrence, f"exception {exception}", Basis.EXCEPTION, innocent=True)
            return
        ruling = by_form(occurrence, near)
        if ruling.question is not None:
            key = occurrence.start, occurrence.end, term.id, occurrence.pattern.surface
            self._doubts.setdefault(key, _Doubt(occurrence, near, ruling.question, ruling.reason))
        elif ruling.reason is not None:
            innocent = term.kind == "latin" and ruling.reason in INSIDE_A_WORD
            self._reject(occurrence, ruling.reason, Basis.FORM, innocent=innocent)
        else:
            self._find(occurrence, Basis.FORM)

    def excuse(self, occurrence: Occurrence) -> None:
        """Turn a candidate down because it stands inside an allowed word."""
        self._reject(occurrence, ALLOWED_WORD, Basis.EXCEPTION, innocent=True)

    def _find(self, occurrence: Occurrence, basis: Basis) -> None:
        term, span = occurrence.pattern.term, extent(occurrence)
        if (span, term.id) not in self._findings:
            mention = is_mention(occurrence.view.text, span)
            self._findings[span, term.id] = Finding(span, term.label, term.score, NAME, term.id, basis, mention)

    def _reject(self, occurrence: Occurrence, reason: str, basis: Basis, *, innocent: bool) -> None:
        term, span = occurrence.pattern.term, Span(occurrence.start, occurrence.end)
        if len(self._rejections) < MAX_REJECTIONS:
            self._rejections[span, term.id] = Rejection(span, term.label, NAME, term.id, reason, innocent, basis)

    def _settle(self) -> None:
        """Answer the doubts that no sure finding makes idle."""
        sure = sorted(self._findings.values(), key=lambda finding: finding.span)
        for doubt in self._doubts.values():
            if any(_idle(doubt, finding) for finding in sure[:ENOUGH]):
                continue
            answer = None if self._reader is None or len(sure) >= ENOUGH else _ask(self._reader, doubt)
            if answer is None:
                if doubt.reason is None:
                    self._find(doubt.occurrence, Basis.FORM)
                else:
                    self._reject(doubt.occurrence, doubt.reason, Basis.FORM, innocent=False)
            elif _counts(doubt.question, answer):
                self._find(doubt.occurrence, Basis.MORPHOLOGY)
            else:
                reason = doubt.reason or OTHER_WORDS
                self._reject(doubt.occurrence, reason, Basis.MORPHOLOGY, innocent=answer.known)

    def result(self, *, cut_short: bool = False) -> Detection:
        """Return the findings without those that lie inside another of the same label, and the rejections left over."""
        self._settle()
        findings = _outermost(
            sorted(self._findings.values(), key=lambda item: (item.span.start, -item.span.end, -item.score))
        )
        found = [finding.span for finding in findings]
        rejections = [
            rejection
            for rejection in self._rejections.values()
            if not any(span.overlaps(rejection.span) for span in found[:64])
        ]
        reasons = (self._reader.failure,) if self._reader is not None and self._reader.failure else ()
        return Detection(tuple(findings), tuple(rejections), cut_short, reasons)


def _ask(reader: Reader, doubt: _Doubt) -> Answer | None:
    """Return how the candidate reads among its neighbours."""
    occurrence, question = doubt.occurrence, doubt.question
    meant = occurrence.pattern.surface
    if doubt.reason == ALIKE and reader.is_word(occurrence.surface):
        return ORDINARY
    before, surface, after = doubt.near.window(occurrence.surface, wide=not question.itself)
    return reader.ask(before, surface, after, meant, itself=question.itself)


def _idle(doubt: _Doubt, finding: Finding) -> bool:
    """Tell whether an answer would change nothing: a finding of the label covers the candidate already."""
    term, span = doubt.occurrence.pattern.term, finding.span
    covers = span.start <= doubt.occurrence.start and doubt.occurrence.end <= span.end
    return covers and finding.label == term.label and finding.score >= term.score


def _counts(question: Question, answer: Answer) -> bool:
    """Tell whether the answer makes the candidate the term."""
    if question.alone and answer.stands and answer.known and (question.itself or not answer.follows_noun):
        return True
    if question.itself and not answer.held:
        return True
    if answer.known and question.need_known is not None:
        return answer.gain >= question.need_known
    return answer.gain >= question.need


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
