"""Calibration: from the network's logits to scores that mean the same for every label.

A score is a logistic function of its logit (Platt 1999), fitted on held-out rows. The network says how offensive a
text is at all, and which labels the offence bears. Both are joined by one law, `label_scores`:

* no label exceeds the text's offence score;
* the highest label equals it: the likeliest label when one is likelier than not, else `insult`, which is the label
  of an offence that has no other name.

So `max(labels)` ranks texts exactly as the offence score does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp

import numpy as np
import numpy.typing as npt

from masker.labels import LABELS, Label

LIKELY = 0.5
"""A label likelier than not may name the whole offence."""

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Platt:
    """Map a logit `x` to `1 / (1 + exp(-(slope * x + offset)))`."""

    slope: float
    offset: float

    def apply(self, logits: npt.NDArray[np.floating]) -> FloatArray:
        """Return the scores of an array of logits, same shape."""
        scaled = np.clip(self.slope * logits.astype(np.float64) + self.offset, -60.0, 60.0)
        return np.asarray(1.0 / (1.0 + np.exp(-scaled)), dtype=np.float64)

    def one(self, logit: float) -> float:
        """Return the score of one logit."""
        return 1.0 / (1.0 + exp(-min(60.0, max(-60.0, self.slope * logit + self.offset))))


@dataclass(frozen=True, slots=True)
class Calibration:
    """Hold the fitted curves: of the offence, of each supervised label, of the tokens."""

    offence: Platt
    labels: Mapping[Label, Platt]
    token: Platt


def label_scores(calibration: Calibration, logits: npt.NDArray[np.floating]) -> FloatArray:
    """Return `[rows, labels]` scores from `[rows, 1 + labels]` logits, by the law above.

    Labels without a curve were never supervised: they get 0.
    """
    offence = calibration.offence.apply(logits[:, 0])
    scores = np.zeros((len(logits), len(LABELS)), dtype=np.float64)
    for column, label in enumerate(LABELS):
        if (curve := calibration.labels.get(label)) is not None:
            scores[:, column] = curve.apply(logits[:, 1 + column])
    scores = np.minimum(scores, offence[:, None])
    best = scores.argmax(axis=1)
    named = scores[np.arange(len(scores)), best] >= LIKELY
    column_of_rest = LABELS.index(Label.INSULT)
    scores[np.arange(len(scores)), np.where(named, best, column_of_rest)] = offence
    return scores
