"""Champion or not: the rule by which a new model takes the place of the present one.

Both score the same held-out rows. The new one takes the place when its AUC is higher beyond noise and no guard is
broken. Noise is what drawing the rows anew would change (paired bootstrap, Efron 1979, 5% on one side). A guard is
broken when its figure is worse beyond noise and, for false alarms, also over what the project promises.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from masker.labels import LABELS
from masker.prediction import Classifier
from masker.training.evaluation.yardstick import Scores, Yardstick

DRAWS = 200
NOISE_PERCENT = 5.0
CHUNK = 256

Figures = dict[str, float]

GUARDS: Mapping[str, tuple[int, float]] = {
    "clean_chat_flagged": (-1, 0.001),
    "neutral_flagged": (-1, 0.01),
    "recall_at_false_alarms": (1, 0.0),
    "label_f1": (1, 0.0),
}
"""Each guard's better direction (1: more, -1: less), and the share up to which false alarms are within the promise."""

MEANINGS: Mapping[str, str] = {
    "auc": "AUC of max(labels), mean over sources",
    "clean_chat_flagged": "clean chat flagged at standard",
    "neutral_flagged": "neutral sentences that name a group, flagged at standard",
    "recall_at_false_alarms": "recall at 0.1% false alarms on clean chat, mean over sources",
    "label_f1": "F1 of the labels at score 0.5, mean over labels",
}


@runtime_checkable
class SentenceScorer(Protocol):
    """Score whole texts without looking for spans: `[texts, labels]`."""

    def sentence_scores(self, texts: Sequence[str]) -> Scores:
        """Return the scores of the texts."""
        ...


def score_rows(classifier: Classifier, texts: Sequence[str], tell: Callable[[int], object] = bool) -> Scores:
    """Return `[texts, labels]` scores, in chunks; `tell` is called with the number of texts done so far.

    Raises ModelFailed.
    """
    parts: list[Scores] = [np.zeros((0, len(LABELS)))]
    for start in range(0, len(texts), CHUNK):
        chunk = texts[start : start + CHUNK]
        if isinstance(classifier, SentenceScorer):
            parts.append(classifier.sentence_scores(chunk))
        else:
            found = classifier.predict(chunk)
            parts.append(np.array([[each.scores[label] for label in LABELS] for each in found]))
        tell(start + len(chunk))
    return np.concatenate(parts)


@dataclass(frozen=True, slots=True)
class Compared:
    """Hold one figure of both models, the difference within noise (`low` to `high`), and if the rule is content."""

    name: str
    new: float
    old: float
    low: float
    high: float
    kept: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """Hold all figures of both, and the reasons why the new model does not take the place: none, and it does."""

    rows: int
    figures: tuple[Compared, ...]
    against: tuple[str, ...]

    @property
    def beats(self) -> bool:
        """Tell whether the new model takes the place."""
        return not self.against


def compare(yardstick: Yardstick, new: Scores, old: Scores, *, draws: int = DRAWS, seed: int = 7) -> Comparison:
    """Compare two models' scores on the same rows by the rule above; the same input gives the same answer."""
    ours, theirs = yardstick.figures(new), yardstick.figures(old)
    random = np.random.default_rng(seed)
    differences: dict[str, list[float]] = {name: [] for name in ours}
    for _ in range(draws):
        weights = np.bincount(random.integers(0, yardstick.rows, yardstick.rows), minlength=yardstick.rows).astype(
            float
        )
        one, other = yardstick.figures(new, weights), yardstick.figures(old, weights)
        for name in ours:
            differences[name].append(one[name] - other[name])
    figures = tuple(_compared(name, ours[name], theirs[name], differences[name]) for name in ours)
    return Comparison(yardstick.rows, figures, tuple(_against(figures)))


def _compared(name: str, new: float, old: float, differences: Sequence[float]) -> Compared:
    low, high = (float(each) for each in np.percentile(differences, [NOISE_PERCENT, 100.0 - NOISE_PERCENT]))
    if name == "auc":
        return Compared(name, new, old, low, high, kept=low > 0)
    direction, promised = GUARDS[name]
    worse = high < 0 if direction > 0 else low > 0 and new > promised
    return Compared(name, new, old, low, high, kept=not worse)


def _against(figures: Sequence[Compared]) -> list[str]:
    by_name = {figure.name: figure for figure in figures}
    if "auc" not in by_name:
        return ["the rows have too few offensive or clean texts to compare anything"]
    return [
        f"{MEANINGS[figure.name]}: {'not better' if figure.name == 'auc' else 'worse'} beyond noise "
        f"({figure.new:.4f} against {figure.old:.4f})"
        for figure in figures
        if not figure.kept
    ]
