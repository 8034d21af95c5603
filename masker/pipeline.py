"""The pipeline: text in, verdict out; and masks that are inspected again before anybody sees them."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from masker.detectors.classifier import findings_from
from masker.detectors.lexicon import NOTHING, Detection, Lexicon, LexiconDetector
from masker.detectors.lexicon.extended import allowing
from masker.detectors.lexicon.morphology import Morphology
from masker.detectors.links import detect_in_links
from masker.detectors.patterns import CustomPattern, PatternDetector
from masker.detectors.seconding import seconded
from masker.errors import MaskerError
from masker.labels import LABELS, Label
from masker.masking import MaskedText, mask
from masker.own_terms import OwnTerms, without_allowed
from masker.prediction import Classifier, Prediction
from masker.presets import Preset, Thresholds, thresholds_for
from masker.series import SeriesFinding, find_in_series
from masker.standin import with_stand_ins
from masker.verdict import Finding, Span, TraceStep, Verdict, merge_spans

MAX_LENGTH = 8_000
"""Code points inspected of one text: twice Discord's longest message. A longer text gets an incomplete verdict."""


@dataclass(frozen=True, slots=True)
class TextStage:
    """Hold what the stages before the classifier found in one text, and where words stand that are allowed."""

    detection: Detection
    reasons: tuple[str, ...]
    trace: tuple[TraceStep, ...]
    allowed: tuple[Span, ...] = ()


class Masker:
    """Inspect texts. Thread-safe; holds no text. Without a classifier it knows the lexicon alone, and its verdicts are
    complete all the same: `complete` speaks of the stages that this masker has.

    `lexicon` defaults to the one that ships; `extended` adds an admin's words to one. `patterns` are an admin's too.
    `morphology` defaults to the analyser that all maskers share; `Morphology(enabled=False)` goes by form alone.
    """

    def __init__(
        self,
        lexicon: Lexicon | None = None,
        classifier: Classifier | None = None,
        *,
        patterns: Sequence[CustomPattern] = (),
        morphology: Morphology | None = None,
    ) -> None:
        self.lexicon = LexiconDetector(lexicon, morphology)
        self.patterns = PatternDetector(patterns)
        self.classifier = classifier
        self.own: OwnTerms | None = None

    @classmethod
    def load(
        cls, uri: str = "embedded", *, lexicon: Lexicon | None = None, labels: Mapping[str, str] | None = None
    ) -> Masker:
        """Return a masker with the model at `uri`: `embedded`, an MLflow URI or a folder. Raises ModelError.

        `labels` say what another's model means by its labels (its name or index: ours, `clean` or `ignore`).
        """
        from masker.model.loading import load_classifier  # the model's libraries take longer to import than all of this

        return cls(lexicon, load_classifier(uri, labels=labels))

    def with_terms(self, own: OwnTerms) -> Masker:
        """Return a masker that also goes by a community's own terms; all that is compiled or loaded is shared."""
        masker = Masker(allowing(self.lexicon.lexicon, own.allow), self.classifier, morphology=self.lexicon.morphology)
        masker.patterns, masker.own = self.patterns, own
        return masker

    def warm(self) -> None:
        """Do now what the first text, or the first doubtful one, would wait seconds for; call it off the event loop."""
        lexicon = self.lexicon.lexicon
        _ = lexicon.jamo, lexicon.phonetic, lexicon.initials, lexicon.latin
        self.lexicon.morphology.warm()

    def inspect(self, text: str) -> Verdict:
        """Return everything found in one text. Never raises for what the text holds."""
        return self.inspect_many([text])[0]

    def inspect_many(self, texts: Sequence[str]) -> list[Verdict]:
        """Return one verdict per text, in order; the classifier reads all texts in one call."""
        stages = [self.read(text) for text in texts]
        if self.classifier is None:
            return [self.conclude(text, stage, None) for text, stage in zip(texts, stages, strict=True)]
        started = time.perf_counter_ns()
        try:
            predictions: list[Prediction] = self.classifier.predict(
                [self.for_classifier(text, stage) for text, stage in zip(texts, stages, strict=True)]
            )
        except MaskerError as error:
            return [
                self.conclude(text, stage, None, f"classifier: {error}")
                for text, stage in zip(texts, stages, strict=True)
            ]
        took_us = (time.perf_counter_ns() - started) // 1000 // max(1, len(texts))
        return [
            self.conclude(text, stage, prediction, took_us=took_us)
            for text, stage, prediction in zip(texts, stages, predictions, strict=True)
        ]

    def inspect_series(self, texts: Sequence[str]) -> tuple[SeriesFinding, ...]:
        """Return the words that cross messages: an author's recent ones in a channel, oldest first, the last new."""
        own = self.own
        if own is None:
            return find_in_series(texts, self.lexicon.detect)
        return find_in_series(texts, lambda text: own.beside(text, self.lexicon.detect(text)))

    def read(self, text: str) -> TextStage:
        """Run every stage but the classifier: cheap enough for an event loop's thread."""
        started = time.perf_counter_ns()
        bounded = text[:MAX_LENGTH]
        inside, links = self.lexicon.detect(bounded), detect_in_links(bounded, self.lexicon)
        custom = self.patterns.detect(bounded)
        if inside is links is custom is NOTHING and self.own is None and len(text) <= MAX_LENGTH:
            took_us = (time.perf_counter_ns() - started) // 1000
            return TextStage(NOTHING, (), (TraceStep("lexicon", took_us, 0),))
        found = Detection(
            inside.findings + links.findings + custom.findings,
            inside.rejections + links.rejections,
            inside.cut_short or links.cut_short,
            tuple(dict.fromkeys(inside.reasons + links.reasons + custom.reasons)),
        )
        allowed: tuple[Span, ...] = ()
        if self.own is not None:
            found, allowed = self.own.beside(bounded, found), self.own.allowed_in(bounded)
        reasons = []
        if len(text) > MAX_LENGTH:
            reasons.append(f"text: only the first {MAX_LENGTH} code points were inspected")
        if found.cut_short:
            reasons.append("lexicon: stopped at its bound of matches")
        reasons += found.reasons
        took_us = (time.perf_counter_ns() - started) // 1000
        return TextStage(found, tuple(reasons), (TraceStep("lexicon", took_us, len(found.findings)),), allowed)

    def for_classifier(self, text: str, stage: TextStage) -> str:
        """Return what the classifier reads: the bounded text, excused words replaced; positions stay true."""
        return with_stand_ins(text[:MAX_LENGTH], stage.detection.rejections, stage.allowed)

    def conclude(
        self, text: str, stage: TextStage, prediction: Prediction | None, failure: str | None = None, took_us: int = 0
    ) -> Verdict:
        """Join the stages into a verdict; `failure` says why a configured classifier has nothing to say."""
        findings: tuple[Finding, ...] = stage.detection.findings
        rejections = stage.detection.rejections
        trace, reasons = stage.trace, stage.reasons
        if prediction is not None:
            known = [finding.span for finding in findings]
            from_model, turned_down = without_allowed(
                findings_from(text[:MAX_LENGTH], prediction, known), stage.allowed
            )
            rejections += turned_down
            findings = seconded(findings, prediction) + from_model
            trace += (TraceStep("classifier", took_us, len(from_model)),)
        if failure is not None:
            reasons += (failure,)
        return Verdict(
            findings=_in_order(findings) if findings else (),
            rejections=rejections,
            scores=_highest(findings, prediction),
            complete=not reasons,
            incomplete_reasons=reasons,
            model=self.classifier.name if self.classifier is not None else None,
            trace=trace,
        )

    def mask(self, text: str, preset: Preset | str = Preset.STANDARD, operator: str = "star") -> MaskedText:
        """Return the text masked by a preset. Raises ValueError for an unknown preset or operator."""
        thresholds = thresholds_for(Preset(preset))
        flagged = self.inspect(text).flagged(thresholds)
        return self.mask_verified(text, flagged, thresholds, operator)

    def mask_verified(
        self, text: str, findings: Iterable[Finding], thresholds: Thresholds, operator: str = "star"
    ) -> MaskedText:
        """Mask findings and inspect the result again; while it is not clean, widen: to words, lines, everything."""
        flagged = tuple(findings)
        labels = {finding.span: finding.label for finding in flagged}
        spans = merge_spans(labels)
        masked = mask(text, spans, operator, labels)
        for widened, widen in (("", None), ("words", _to_words), ("lines", _to_lines), ("all", _to_all)):
            if not spans:
                break
            if widen is not None:
                spans = merge_spans([*spans, *(widen(text, span) for span in spans)])
                masked = replace(mask(text, spans, "star"), widened=widened)
            if self.is_clean(masked.text, thresholds):
                break
        return masked

    def is_clean(self, text: str, thresholds: Thresholds) -> bool:
        """Tell whether the lexicon finds nothing over the thresholds."""
        found = self.read(text).detection.findings
        return not any(finding.score >= thresholds[finding.label] for finding in found)


def _in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda finding: (finding.span, finding.label, -finding.score)))


def _highest(findings: Iterable[Finding], prediction: Prediction | None) -> dict[Label, float]:
    scores = dict.fromkeys(LABELS, 0.0)
    if prediction is not None:
        scores.update({label: float(score) for label, score in prediction.scores.items()})
    for finding in findings:
        scores[finding.label] = max(scores[finding.label], finding.score)
    return scores


def _to_words(text: str, span: Span) -> Span:
    start, end = span.start, span.end
    while start > 0 and not text[start - 1].isspace():
        start -= 1
    while end < len(text) and not text[end].isspace():
        end += 1
    return Span(start, end)


def _to_lines(text: str, span: Span) -> Span:
    return Span(text.rfind("\n", 0, span.start) + 1, text.find("\n", span.end) % (len(text) + 1))


def _to_all(text: str, span: Span) -> Span:
    return Span(0, len(text))
