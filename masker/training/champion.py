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
import numpy.typing as npt

from masker.labels import LABELS
from masker.prediction import Classifier
from masker.presets import BASE_THRESHOLD, Preset
from masker.training.example import Example

CLEAN_CHAT = "clean_utterances"
NEUTRAL = "hatescore"
"""Sources whose clean rows are everyday chat, and sentences that merely name a group."""

DRAWS = 200
NOISE_PERCENT = 5.0
MIN_ROWS = 5
"""A source, a label or a guard with fewer rows of a kind is not measured; a source without clean rows borrows chat."""
FALSE_ALARM_SHARE = 0.001
LIKELY = 0.5
CHUNK = 256

Scores = npt.NDArray[np.float64]
Weights = npt.NDArray[np.float64]
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


class Yardstick:
    """Measure scores on fixed rows, each with a weight: 1, or how often a bootstrap draw took it."""

    def __init__(self, examples: Sequence[Example]) -> None:
        self.rows = len(examples)
        self._truth = np.array([example.offensive for example in examples], dtype=bool)
        sources = np.array([example.source for example in examples], dtype=object)
        self._clean = (sources == CLEAN_CHAT) & ~self._truth
        self._neutral = (sources == NEUTRAL) & ~self._truth
        self._by_source = {name: sources == name for name in sorted(set(sources.tolist()))}
        self._known = [np.array([label in example.labels for example in examples], dtype=bool) for label in LABELS]
        self._labels = [
            np.array([bool(example.labels.get(label)) for example in examples], dtype=bool) for label in LABELS
        ]

    def figures(self, scores: Scores, weights: Weights | None = None) -> Figures:
        """Return every figure that these rows can give; what they cannot is left out."""
        weights = np.ones(self.rows) if weights is None else weights
        offence = scores.max(axis=1)
        flagged = offence >= BASE_THRESHOLD[Preset.STANDARD]
        found: Figures = {}
        if aucs := self._aucs(offence, weights):
            found["auc"] = float(np.mean(aucs))
        for name, rows in (("clean_chat_flagged", self._clean), ("neutral_flagged", self._neutral)):
            if rows.sum() >= MIN_ROWS:
                found[name] = _share(flagged[rows], weights[rows])
        if recalls := self._recalls(offence, weights):
            found["recall_at_false_alarms"] = float(np.mean(recalls))
        if scored := self._label_f1(scores, weights):
            found["label_f1"] = float(np.mean(scored))
        return found

    def _aucs(self, offence: Scores, weights: Weights) -> list[float]:
        aucs = []
        for rows in self._by_source.values():
            if (rows & ~self._truth).sum() < MIN_ROWS:
                rows = rows | self._clean
            if (rows & self._truth).sum() >= MIN_ROWS and (rows & ~self._truth).sum() >= MIN_ROWS:
                aucs.append(weighted_auc(self._truth[rows], offence[rows], weights[rows]))
        return aucs

    def _recalls(self, offence: Scores, weights: Weights) -> list[float]:
        if self._clean.sum() < MIN_ROWS:
            return []
        bound = _bound(offence[self._clean], weights[self._clean])
        return [
            _share(offence[rows & self._truth] > bound, weights[rows & self._truth])
            for rows in self._by_source.values()
            if (rows & self._truth).sum() >= MIN_ROWS
        ]

    def _label_f1(self, scores: Scores, weights: Weights) -> list[float]:
        found = []
        for column, (known, truth) in enumerate(zip(self._known, self._labels, strict=True)):
            if truth.sum() < MIN_ROWS:
                continue
            said = (scores[:, column] >= LIKELY) & known
            hits = float(weights[said & truth].sum())
            found.append(2 * hits / max(1.0, float(weights[said].sum() + weights[truth].sum())))
        return found


def weighted_auc(truth: npt.NDArray[np.bool_], scores: Scores, weights: Weights) -> float:
    """Return the share of (offensive, clean) pairs in the right order, ties counting half; 0.5 without a pair."""
    _, place = np.unique(scores, return_inverse=True)
    bad = np.bincount(place, weights * truth)
    good = np.bincount(place, weights * ~truth)
    pairs = float(bad.sum() * good.sum())
    return float((bad * (good.cumsum() - good / 2)).sum() / pairs) if pairs else 0.5


def _share(hits: npt.NDArray[np.bool_], weights: Weights) -> float:
    return float(weights[hits].sum() / max(1e-12, float(weights.sum())))


def _bound(clean: Scores, weights: Weights) -> float:
    """Return the lowest score that at most FALSE_ALARM_SHARE of the clean rows exceed."""
    order = np.argsort(-clean, kind="stable")
    over = np.cumsum(weights[order])
    allowed = int(np.searchsorted(over, FALSE_ALARM_SHARE * over[-1], side="right"))
    return float(clean[order][min(allowed, len(order) - 1)])


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
