"""Calibration: does a score of 0.8 mean that four in five such rows offend?"""

from __future__ import annotations

import numpy as np

from masker.labels import LABELS
from masker.training.evaluation.scored import Bools, Figures, Scored, Scores
from masker.training.mapping import UNSUPERVISED

BINS = 10


def reliability_figures(scored: Scored) -> Figures:
    """Return expected calibration error, Brier score and the reliability curve of the offence and of each label.

    The offence is weighted to be half offensive, which its curve was fitted for; a label is read on the sources that
    show it, as its curve was.
    """
    found: Figures = {}
    if scored.truth.any() and not scored.truth.all():
        weights = np.where(scored.truth, 0.5 / scored.truth.sum(), 0.5 / (~scored.truth).sum())
        found["offence"] = calibration(scored.offence, scored.truth, weights)
    labels: Figures = {}
    for column, label in enumerate(LABELS):
        shown = {example.source for example in scored.examples if example.labels.get(label)}
        rows = [
            index
            for index, example in enumerate(scored.examples)
            if label in example.labels and example.source in shown
        ]
        if label in UNSUPERVISED or not rows:
            continue
        truth = np.array([scored.examples[index].labels[label] for index in rows], dtype=bool)
        labels[label.value] = calibration(scored.scores[rows, column], truth, np.full(len(rows), 1 / len(rows)))
    return {**found, "labels": labels}


def calibration(scores: Scores, truth: Bools, weights: Scores) -> Figures:
    """Return `error` (expected calibration error over ten bins of equal width; Naeini et al. 2015), `brier` and
    `curve`: per bin that holds rows its mean score, the share that is true, and its weight. Weights sum to 1.
    """
    bins = np.minimum((scores * BINS).astype(int), BINS - 1)
    curve, error = [], 0.0
    for number in range(BINS):
        mine = bins == number
        mass = float(weights[mine].sum())
        if not mass:
            continue
        said = float((scores[mine] * weights[mine]).sum()) / mass
        true = float((truth[mine] * weights[mine]).sum()) / mass
        error += mass * abs(said - true)
        curve.append({"said": round(said, 4), "true": round(true, 4), "weight": round(mass, 5)})
    brier = float((weights * (scores - truth) ** 2).sum())
    return {"error": round(error, 4), "brier": round(brier, 4), "curve": curve}
