"""Evaluate a packaged model on held-out rows: ranking, labels, false alarms on clean chat, spans."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.metrics import f1_score, roc_auc_score

from masker.labels import LABELS
from masker.model.calibration import label_scores
from masker.model.inference import OnnxClassifier
from masker.prediction import Prediction
from masker.presets import BASE_THRESHOLD
from masker.training.calibrate import CLEAN_SOURCE, GOLD_SPANS
from masker.training.example import Example
from masker.training.mapping import KMHAS_LABELS, UNSUPERVISED

CLEAN_SHARES = (0.0002, 0.001, 0.005)
RECALL_SHARES = (0.001, 0.01)
CHUNK = 512

Scores = npt.NDArray[np.float64]
Figures = dict[str, Any]


def predict_all(classifier: OnnxClassifier, texts: Sequence[str]) -> list[Prediction]:
    """Predict in chunks, so that memory stays bounded."""
    return [
        prediction
        for start in range(0, len(texts), CHUNK)
        for prediction in classifier.predict(texts[start : start + CHUNK])
    ]


def evaluate(classifier: OnnxClassifier, examples: Sequence[Example]) -> Figures:
    """Return the figures on these examples (the test split) as plain JSON values."""
    predictions = predict_all(classifier, [example.text for example in examples])
    scores = np.array([[prediction.scores[label] for label in LABELS] for prediction in predictions])
    offence = scores.max(axis=1)
    sources = np.array([example.source for example in examples])
    truth = np.array([example.offensive for example in examples])
    clean = offence[(sources == CLEAN_SOURCE) & ~truth]
    return {
        "rows": len(examples),
        "auc": _auc(truth, offence),
        "auc_by_source": _auc_by_source(sources, truth, offence, clean),
        "labels": _label_figures(examples, scores),
        "kmhas_with_none": _kmhas_figures(examples, scores),
        "clean_chat": _clean_figures(clean, offence, truth, sources),
        "at_preset": _preset_figures(offence, truth, sources),
        "thresholds_on_clean_chat": {f"{share:.2%}": _threshold_at(clean, share) for share in CLEAN_SHARES},
        "neutral_group_sentences_flagged": _neutral_flagged(examples, offence),
        "gold_span_char_f1": span_char_f1(
            (example, prediction)
            for example, prediction in zip(examples, predictions, strict=True)
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
    return _auc(np.array([example.offensive for example in examples]), scores)


def _auc(truth: npt.NDArray[np.bool_], scores: Scores) -> float:
    return round(float(roc_auc_score(truth, scores)), 4)


def _auc_by_source(
    sources: npt.NDArray[np.str_], truth: npt.NDArray[np.bool_], offence: Scores, clean: Scores
) -> Figures:
    found: Figures = {}
    for source in sorted(set(sources.tolist())):
        mine = sources == source
        if truth[mine].all() and len(clean):
            values = np.concatenate([offence[mine], clean])
            labels = np.concatenate([np.ones(mine.sum(), bool), np.zeros(len(clean), bool)])
            found[f"{source} against clean chat"] = _auc(labels, values)
        elif truth[mine].any() and not truth[mine].all():
            found[source] = _auc(truth[mine], offence[mine])
    return found


def _label_figures(examples: Sequence[Example], scores: Scores) -> Figures:
    found: Figures = {}
    for column, label in enumerate(LABELS):
        rows = [index for index, example in enumerate(examples) if label in example.labels]
        truth = np.array([examples[index].labels[label] for index in rows], dtype=bool)
        if label in UNSUPERVISED or not truth.any() or truth.all():
            continue
        mine = scores[rows, column]
        found[label.value] = {
            "positive": int(truth.sum()),
            "known": len(rows),
            "auc": _auc(truth, mine),
            "f1_at_0.5": round(float(f1_score(truth, mine >= 0.5)), 4),
        }
    return found


def _kmhas_figures(examples: Sequence[Example], scores: Scores) -> Figures:
    """Return macro and micro F1 on K-MHaS with "none" as ninth class, labels predicted at 0.5 and over."""
    rows = [index for index, example in enumerate(examples) if example.source == "kmhas"]
    if not rows:
        return {}
    columns = [LABELS.index(label) for label in KMHAS_LABELS]
    truth = np.array([[examples[index].labels[label] for label in KMHAS_LABELS] for index in rows], dtype=bool)
    said = scores[np.ix_(rows, columns)] >= 0.5
    truth = np.column_stack([truth, ~truth.any(axis=1)])
    said = np.column_stack([said, ~said.any(axis=1)])
    return {
        f"{average}_f1": round(float(f1_score(truth, said, average=average, zero_division=0.0)), 4)
        for average in ("macro", "micro")
    }


def _threshold_at(clean: Scores, share: float) -> float | None:
    if not len(clean):
        return None
    ordered = np.sort(clean)[::-1]
    return round(float(ordered[min(len(ordered) - 1, int(len(ordered) * share))]), 6)


def _clean_figures(
    clean: Scores, offence: Scores, truth: npt.NDArray[np.bool_], sources: npt.NDArray[np.str_]
) -> Figures:
    if not len(clean):
        return {}
    recall: Figures = {}
    for share in RECALL_SHARES:
        bound = _threshold_at(clean, share) or 0.0
        recall[f"{share:.1%}"] = {
            source: round(float((offence[truth & (sources == source)] > bound).mean()), 4)
            for source in sorted(set(sources[truth].tolist()))
        }
    return {
        "rows": len(clean),
        "flagged_at_preset": {
            preset.value: round(float((clean >= bar).mean()), 5) for preset, bar in BASE_THRESHOLD.items()
        },
        "recall_at_false_alarms": recall,
    }


def _preset_figures(offence: Scores, truth: npt.NDArray[np.bool_], sources: npt.NDArray[np.str_]) -> Figures:
    """Return per preset and source the share of offensive rows caught and of clean rows flagged."""
    found: Figures = {}
    for preset, bar in BASE_THRESHOLD.items():
        found[preset.value] = {}
        for source in sorted(set(sources.tolist())):
            mine = sources == source
            shares = {"caught": offence[mine & truth] >= bar, "false_alarms": offence[mine & ~truth] >= bar}
            found[preset.value][source] = {
                name: round(float(hits.mean()), 4) for name, hits in shares.items() if len(hits)
            }
    return found


def _neutral_flagged(examples: Sequence[Example], offence: Scores) -> Figures:
    """Return the share of clean sentences that merely name a group, flagged at each preset."""
    neutral = np.array([example.source == "hatescore" and not example.offensive for example in examples])
    if not neutral.any():
        return {}
    return {preset.value: round(float((offence[neutral] >= bar).mean()), 4) for preset, bar in BASE_THRESHOLD.items()}


def span_char_f1(pairs: Iterable[tuple[Example, Prediction]], threshold: float = 0.5) -> float | None:
    """Return the mean over texts of the character F1 (SemEval-2021 task 5); None without texts.

    A text without gold characters counts 1 when nothing is marked, else 0.
    """
    values = []
    for example, prediction in pairs:
        if not example.offensive:
            gold: set[int] = set()
        elif not example.tokens.segments:
            continue
        else:
            gold = {at for start, end, value, _ in example.tokens.segments if value > 0.5 for at in range(start, end)}
        marked = {at for token in prediction.tokens if token.score >= threshold for at in range(token.start, token.end)}
        marked |= _gaps(example.text, marked)
        both = len(gold & marked)
        values.append(2 * both / (len(gold) + len(marked)) if gold or marked else 1.0)
    return round(float(np.mean(values)), 4) if values else None


def _gaps(text: str, marked: set[int]) -> set[int]:
    """Return the single spaces between two marked characters: a span of words includes them."""
    return {at for at in range(1, len(text) - 1) if text[at] == " " and at - 1 in marked and at + 1 in marked}


def as_lines(figures: Mapping[str, Any], indent: int = 0) -> Iterable[str]:
    """Yield the figures as indented lines for a terminal."""
    for name, value in figures.items():
        if isinstance(value, Mapping):
            yield f"{'  ' * indent}{name}"
            yield from as_lines(value, indent + 1)
        else:
            yield f"{'  ' * indent}{name}: {value}"
