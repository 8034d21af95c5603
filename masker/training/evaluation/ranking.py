"""How well scores rank and name: AUC, F1, precision and recall, and what false alarms on clean chat leave to catch."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from sklearn.metrics import f1_score, precision_score, recall_score, roc_auc_score

from masker.labels import LABELS, Label
from masker.presets import BASE_THRESHOLD
from masker.training.evaluation.scored import Bools, Figures, Scored, Scores
from masker.training.evaluation.yardstick import SAID_FROM, Yardstick, bound_at
from masker.training.mapping import KMHAS_LABELS, UNSUPERVISED

CLEAN_SHARES = (0.0002, 0.001, 0.005)
RECALL_SHARES = (0.001, 0.01)
CURVE_SHARES = tuple(round(float(value), 5) for value in np.geomspace(0.0003, 0.3, 25))


def auc(truth: Bools, scores: Scores) -> float:
    """Return the area under the ROC curve, rounded."""
    return round(float(roc_auc_score(truth, scores)), 4)


def threshold_at(clean: Scores, share: float) -> float | None:
    """Return the score that at most `share` of the clean rows exceed, rounded; None without rows."""
    return round(bound_at(clean, share), 6) if len(clean) else None


def auc_by_source(scored: Scored, yardstick: Yardstick) -> Figures:
    """Return each source's AUC; one with few clean rows is ranked against clean chat, and its name says so."""
    return _rounded(yardstick.aucs(scored.offence))


def yardstick_figures(scored: Scored, yardstick: Yardstick) -> Figures:
    """Return the figures by which `garim register` compares two models, on these rows."""
    return _rounded(yardstick.figures(scored.scores))


def _rounded(figures: Mapping[str, float]) -> Figures:
    return {name: round(value, 4) for name, value in figures.items()}


def label_figures(scored: Scored) -> Figures:
    """Return per supervised label AUC, F1, precision and recall, on the rows whose source annotates it."""
    clean = scored.scores[scored.clean_chat]
    found: Figures = {}
    for column, label in enumerate(LABELS):
        rows = [index for index, example in enumerate(scored.examples) if label in example.labels]
        truth = np.array([scored.examples[index].labels[label] for index in rows], dtype=bool)
        if label in UNSUPERVISED or not truth.any() or truth.all():
            continue
        found[label.value] = _one_label(truth, scored.scores[rows, column], clean[:, column])
    return found


def _one_label(truth: Bools, mine: Scores, clean: Scores) -> Figures:
    figures: Figures = {"positive": int(truth.sum()), "known": len(truth), "auc": auc(truth, mine)}
    bars: Mapping[str, float | None] = {
        "0.5": SAID_FROM,
        **{f"{share:.1%}_false_alarms": _above(threshold_at(clean, share)) for share in RECALL_SHARES},
    }
    for name, bar in bars.items():
        if bar is None:
            continue
        said = mine >= bar
        for what, measure in (("f1", f1_score), ("precision", precision_score), ("recall", recall_score)):
            figures[f"{what}_at_{name}"] = round(float(measure(truth, said, zero_division=0.0)), 4)
    return figures


def _above(bar: float | None) -> float | None:
    """Return the lowest bar that is over `bar`: a share is kept when the score at it is not itself flagged."""
    return None if bar is None else bar + 1e-6


def kmhas_figures(scored: Scored) -> Figures:
    """Return macro and micro F1 on K-MHaS with "none" as ninth class, labels predicted at 0.5 and over.

    `macro_without_race_f1` leaves out race, which has a handful of rows. `f1` holds each class; `confusion`, per class
    that a row bears, the share of what was said of such rows, over all classes in the same order.
    """
    rows = [index for index, example in enumerate(scored.examples) if example.source == "kmhas"]
    if not rows:
        return {}
    columns = [LABELS.index(label) for label in KMHAS_LABELS]
    truth = np.array([[scored.examples[index].labels[label] for label in KMHAS_LABELS] for index in rows], dtype=bool)
    said = scored.scores[np.ix_(rows, columns)] >= SAID_FROM
    truth = np.column_stack([truth, ~truth.any(axis=1)])
    said = np.column_stack([said, ~said.any(axis=1)])
    each = f1_score(truth, said, average=None, zero_division=0.0)
    names = [*(label.value for label in KMHAS_LABELS), "none"]
    kept = [value for name, value in zip(names, each, strict=True) if name != Label.RACE]
    return {
        "macro_f1": round(float(each.mean()), 4),
        "micro_f1": round(float(f1_score(truth, said, average="micro", zero_division=0.0)), 4),
        "macro_without_race_f1": round(float(np.mean(kept)), 4),
        "f1": {name: round(float(value), 4) for name, value in zip(names, each, strict=True)},
        "confusion": confusion(truth, said),
    }


def confusion(truth: Bools, said: Bools) -> list[list[float]]:
    """Return per true class the shares of what was said, from `[rows, classes]` each; a row says one thing in all.

    A class that was rightly said takes its row whole; else the row is shared among the classes said wrongly.
    """
    wrong = said & ~truth
    shares = np.where(wrong.any(axis=1, keepdims=True), wrong / np.maximum(1, wrong.sum(axis=1, keepdims=True)), 0.0)
    found = []
    for column in range(truth.shape[1]):
        mine = truth[:, column]
        right = said[mine, column]
        row = shares[mine][~right].sum(axis=0)
        row[column] += right.sum()
        found.append([round(float(value), 4) for value in row / max(1, int(mine.sum()))])
    return found


def clean_figures(scored: Scored, yardstick: Yardstick) -> Figures:
    """Return what is flagged of clean chat, and what a bar that flags 0.1% or 1% of it still catches, by source."""
    clean = scored.offence[scored.clean_chat]
    if not len(clean):
        return {}
    return {
        "rows": len(clean),
        "flagged_at_preset": {
            preset.value: round(float((clean >= bar).mean()), 5) for preset, bar in BASE_THRESHOLD.items()
        },
        "recall_at_false_alarms": {
            f"{share:.1%}": _rounded(yardstick.recalls(scored.offence, share)) for share in RECALL_SHARES
        },
        "recall_curve": {
            str(share): round(float((scored.offence[scored.truth] > bound_at(clean, share)).mean()), 4)
            for share in CURVE_SHARES
            if scored.truth.any()
        },
        "thresholds": {f"{share:.2%}": threshold_at(clean, share) for share in CLEAN_SHARES},
    }


def preset_figures(scored: Scored) -> Figures:
    """Return per preset and source the share of offensive rows caught and of clean rows flagged by the classifier."""
    found: Figures = {}
    for preset, bar in BASE_THRESHOLD.items():
        found[preset.value] = {}
        for source in scored.names:
            mine = scored.of(source)
            shares = {
                "caught": scored.offence[mine & scored.truth] >= bar,
                "false_alarms": scored.offence[mine & ~scored.truth] >= bar,
            }
            found[preset.value][source] = {
                name: round(float(hits.mean()), 4) for name, hits in shares.items() if len(hits)
            }
    return found


def neutral_figures(scored: Scored) -> Figures:
    """Return the share of HateScore's clean sentences, which name groups, that the classifier flags at each preset."""
    neutral = scored.offence[scored.of("hatescore") & ~scored.truth]
    return {
        preset.value: round(float((neutral >= bar).mean()), 4) for preset, bar in BASE_THRESHOLD.items() if len(neutral)
    }
