"""Rows with what a model says of them: scored once, read by every figure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from masker.labels import LABELS
from masker.prediction import Classifier, Prediction
from masker.training.calibrate import CLEAN_SOURCE
from masker.training.example import Example

CHUNK = 512
"""Texts scored at once, so that memory stays bounded."""

Bools = npt.NDArray[np.bool_]
Scores = npt.NDArray[np.float64]
Figures = dict[str, Any]
Report = Callable[[str, float], None]
"""Told the stage's name and the share of it that is done, 0 to 1."""
T = TypeVar("T")


def silent(stage: str, share: float) -> None:
    """Report nothing."""


def chunks(items: Sequence[T], stage: str, report: Report) -> Iterator[Sequence[T]]:
    """Yield the items CHUNK at a time and report how far the reader has come."""
    for start in range(0, len(items), CHUNK):
        report(stage, start / len(items))
        yield items[start : start + CHUNK]
    report(stage, 1.0)


def predict_all(
    classifier: Classifier, texts: Sequence[str], stage: str = "scoring", report: Report = silent
) -> list[Prediction]:
    """Predict in chunks."""
    return [prediction for part in chunks(texts, stage, report) for prediction in classifier.predict(part)]


@dataclass(frozen=True, slots=True)
class Scored:
    """Hold rows and predictions: scores `[rows, labels]`, offence (the highest), truth and source `[rows]` each."""

    examples: Sequence[Example]
    predictions: Sequence[Prediction]
    scores: Scores
    offence: Scores
    truth: Bools
    sources: npt.NDArray[np.str_]

    @property
    def names(self) -> list[str]:
        """Return the sources that have a row, in order."""
        return sorted(set(self.sources.tolist()))

    def of(self, source: str) -> Bools:
        """Return which rows are a source's."""
        return np.asarray(self.sources == source, dtype=bool)

    @property
    def clean_chat(self) -> Bools:
        """Return which rows are clean utterances: what false alarms are counted on."""
        return self.of(CLEAN_SOURCE) & ~self.truth


def score(classifier: Classifier, examples: Sequence[Example], report: Report = silent) -> Scored:
    """Score every row once."""
    predictions = predict_all(classifier, [example.text for example in examples], report=report)
    scores = np.array(
        [[prediction.scores[label] for label in LABELS] for prediction in predictions], dtype=np.float64
    ).reshape(len(examples), len(LABELS))
    return Scored(
        examples,
        predictions,
        scores,
        scores.max(axis=1, initial=0.0),
        np.array([example.offensive for example in examples], dtype=bool),
        np.array([example.source for example in examples], dtype=np.str_),
    )


def share(hits: Iterable[bool] | Bools, digits: int = 4) -> float | None:
    """Return the rounded share of true values; None of nothing."""
    values = np.asarray(list(hits), dtype=bool)
    return round(float(values.mean()), digits) if len(values) else None
