"""Evaluate a model on held-out rows: the model alone (`evaluate`), and all that surrounds it too (`evaluate_fully`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from masker.model.calibration import label_scores
from masker.model.inference import OnnxClassifier
from masker.pipeline import Masker
from masker.prediction import Classifier
from masker.training.calibrate import GOLD_SPANS
from masker.training.evaluation.bias import bias_figures
from masker.training.evaluation.judged import combination_figures, judge, residual_figures, verdict_figures
from masker.training.evaluation.locating import clause_figures, span_char_f1
from masker.training.evaluation.ranking import (
    auc,
    auc_by_source,
    clean_figures,
    kmhas_figures,
    label_figures,
    neutral_figures,
    preset_figures,
    yardstick_figures,
)
from masker.training.evaluation.reliability import reliability_figures
from masker.training.evaluation.robustness import robustness_figures
from masker.training.evaluation.scored import CHUNK, Figures, Report, Scored, score, silent
from masker.training.evaluation.yardstick import Yardstick
from masker.training.example import Example

__all__ = ["CHUNK", "Figures", "as_lines", "evaluate", "evaluate_fully", "offence_auc"]


def evaluate(classifier: Classifier, examples: Sequence[Example], report: Report = silent) -> Figures:
    """Return the model's own figures on these examples (the test split) as plain JSON values."""
    return _model_figures(score(classifier, examples, report))


def evaluate_fully(classifier: Classifier, examples: Sequence[Example], report: Report = silent) -> Figures:
    """Return the model's figures and those of the whole pipeline: verdicts, places, residue, bias, disguises."""
    scored = score(classifier, examples, report)
    masker = Masker(classifier=classifier)
    texts = [example.text for example in examples]
    judged = judge(masker, texts, report=report)
    foul = [index for index, example in enumerate(examples) if example.offensive]
    return {
        **_model_figures(scored),
        "calibration": reliability_figures(scored),
        "verdicts": verdict_figures(scored, judged),
        "combination": combination_figures(scored, judged),
        "places": clause_figures(examples, judged),
        "residual": residual_figures(
            masker, [texts[index] for index in foul], [judged.verdicts[index] for index in foul], report
        ),
        "bias": bias_figures(masker, examples, report),
        "robustness": robustness_figures(masker, examples, judged, report),
    }


def _model_figures(scored: Scored) -> Figures:
    yardstick = Yardstick(scored.examples)
    return {
        "rows": len(scored.examples),
        "auc": auc(scored.truth, scored.offence),
        "auc_by_source": auc_by_source(scored, yardstick),
        "yardstick": yardstick_figures(scored, yardstick),
        "labels": label_figures(scored),
        "kmhas_with_none": kmhas_figures(scored),
        "clean_chat": clean_figures(scored, yardstick),
        "at_preset": preset_figures(scored),
        "neutral_group_sentences_flagged": neutral_figures(scored),
        "gold_span_char_f1": span_char_f1(
            (example, prediction)
            for example, prediction in zip(scored.examples, scored.predictions, strict=True)
            if example.source == GOLD_SPANS
        ),
    }


def offence_auc(classifier: OnnxClassifier, examples: Sequence[Example]) -> float:
    """Return the AUC of `max(labels)` alone: to compare the float graph with the quantised one."""
    rows = [
        classifier.raw([example.text for example in examples[start : start + CHUNK]]).sentence
        for start in range(0, len(examples), CHUNK)
    ]
    curves = classifier.manifest.curves()
    scores = np.concatenate([label_scores(curves, part).max(axis=1) for part in rows])
    return auc(np.array([example.offensive for example in examples]), scores)


def as_lines(figures: Mapping[str, Any], indent: int = 0) -> Iterable[str]:
    """Yield the figures as indented lines for a terminal; curves are left to the page and the JSON."""
    for name, value in figures.items():
        if isinstance(value, Mapping):
            yield f"{'  ' * indent}{name}"
            yield from as_lines(value, indent + 1)
        elif not (isinstance(value, list) and value and isinstance(value[0], Mapping)):
            yield f"{'  ' * indent}{name}: {value}"
