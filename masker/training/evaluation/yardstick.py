"""The yardstick: figures on fixed rows that may carry weights, so that an evaluation and a contest measure alike.

`garim evaluate` reads it with every row counting once, `garim register` with each bootstrap draw's counts too.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from masker.labels import LABELS, Label
from masker.presets import BASE_THRESHOLD, Preset
from masker.training.example import Example

CLEAN_CHAT = "clean_utterances"
NEUTRAL = "hatescore"
"""Sources whose clean rows are everyday chat, and sentences that merely name a group."""
MIN_ROWS = 5
"""A source, a label or a guard with fewer rows of a kind is not measured."""
MIN_CLEAN_ROWS = 50
"""A source with fewer clean rows is ranked against clean chat: what little it has is its annotators' doubt."""
FALSE_ALARM_SHARE = 0.001
SAID_FROM = 0.5
"""A label is said from here on: its curve has 0.5 where as many dev rows are said to bear it as do."""

Bools = npt.NDArray[np.bool_]
Scores = npt.NDArray[np.float64]
Weights = npt.NDArray[np.float64]


class Yardstick:
    """Measure scores on fixed rows, each with a weight: 1, or how often a bootstrap draw took it."""

    def __init__(self, examples: Sequence[Example]) -> None:
        self.rows = len(examples)
        self.truth = np.array([example.offensive for example in examples], dtype=bool)
        sources = np.array([example.source for example in examples], dtype=object)
        self.by_source: dict[str, Bools] = {name: sources == name for name in sorted(set(sources.tolist()))}
        self.clean_chat = (sources == CLEAN_CHAT) & ~self.truth
        self.neutral = (sources == NEUTRAL) & ~self.truth
        self.known = {
            label: np.array([label in example.labels for example in examples], dtype=bool) for label in LABELS
        }
        self.labels = {
            label: np.array([bool(example.labels.get(label)) for example in examples], dtype=bool) for label in LABELS
        }

    def figures(self, scores: Scores, weights: Weights | None = None) -> dict[str, float]:
        """Return the figures that decide a contest; what these rows cannot give is left out."""
        weights = self._weights(weights)
        offence = scores.max(axis=1, initial=0.0)
        flagged = offence >= BASE_THRESHOLD[Preset.STANDARD]
        found: dict[str, float] = {}
        if aucs := self.aucs(offence, weights):
            found["auc"] = float(np.mean(list(aucs.values())))
        for name, rows in (("clean_chat_flagged", self.clean_chat), ("neutral_flagged", self.neutral)):
            if rows.sum() >= MIN_ROWS:
                found[name] = _share(flagged[rows], weights[rows])
        if recalls := self.recalls(offence, FALSE_ALARM_SHARE, weights):
            found["recall_at_false_alarms"] = float(np.mean(list(recalls.values())))
        if scored := self.label_f1(scores, weights):
            found["label_f1"] = float(np.mean(list(scored.values())))
        return found

    def aucs(self, offence: Scores, weights: Weights | None = None) -> dict[str, float]:
        """Return each source's AUC; one with few clean rows is ranked against clean chat, and its name says so."""
        weights, found = self._weights(weights), {}
        for name, rows in self.by_source.items():
            if (rows & ~self.truth).sum() < MIN_CLEAN_ROWS and self.clean_chat.any():
                rows, name = rows | self.clean_chat, f"{name} against clean chat"
            if (rows & self.truth).sum() >= MIN_ROWS and (rows & ~self.truth).sum() >= MIN_ROWS:
                found[name] = weighted_auc(self.truth[rows], offence[rows], weights[rows])
        return found

    def recalls(self, offence: Scores, share: float, weights: Weights | None = None) -> dict[str, float]:
        """Return what a bar that at most this share of clean chat exceeds still catches of each source."""
        weights = self._weights(weights)
        if self.clean_chat.sum() < MIN_ROWS:
            return {}
        bound = bound_at(offence[self.clean_chat], share, weights[self.clean_chat])
        return {
            name: _share(offence[rows & self.truth] > bound, weights[rows & self.truth])
            for name, rows in self.by_source.items()
            if (rows & self.truth).sum() >= MIN_ROWS
        }

    def label_f1(self, scores: Scores, weights: Weights | None = None) -> dict[Label, float]:
        """Return each label's F1 at SAID_FROM, on the rows whose source annotates it."""
        weights, found = self._weights(weights), {}
        for column, label in enumerate(LABELS):
            truth = self.labels[label]
            if truth.sum() < MIN_ROWS:
                continue
            said = (scores[:, column] >= SAID_FROM) & self.known[label]
            hits = float(weights[said & truth].sum())
            found[label] = 2 * hits / max(1.0, float(weights[said].sum() + weights[truth].sum()))
        return found

    def _weights(self, weights: Weights | None) -> Weights:
        return np.ones(self.rows) if weights is None else weights


def weighted_auc(truth: Bools, scores: Scores, weights: Weights) -> float:
    """Return the share of (offensive, clean) pairs in the right order, ties counting half; 0.5 without a pair."""
    _, place = np.unique(scores, return_inverse=True)
    bad = np.bincount(place, weights * truth)
    good = np.bincount(place, weights * ~truth)
    pairs = float(bad.sum() * good.sum())
    return float((bad * (good.cumsum() - good / 2)).sum() / pairs) if pairs else 0.5


def bound_at(clean: Scores, share: float, weights: Weights | None = None) -> float:
    """Return the lowest score that at most this share of the clean rows exceed. Raises ValueError without rows."""
    if not len(clean):
        raise ValueError("no clean rows to set a bound on")
    order = np.argsort(-clean, kind="stable")
    over = np.cumsum(np.ones(len(clean)) if weights is None else weights[order])
    allowed = int(np.searchsorted(over, share * over[-1] * (1 + 1e-12), side="right"))
    return float(clean[order][min(allowed, len(order) - 1)])


def _share(hits: Bools, weights: Weights) -> float:
    return float(weights[hits].sum() / max(1e-12, float(weights.sum())))
