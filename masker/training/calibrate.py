"""Calibrate: fit the logistic curves on the dev split, so that a score means the same wherever it comes from.

The offence curve is fitted on dev rows weighted to be half offensive, and then moved down, if it must be, until the
standard preset's threshold flags at most CLEAN_FLAG_SHARE of clean chat.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from masker.labels import LABELS, Label
from masker.model.inference import RawOutput
from masker.model.manifest import Blend, Curve, Curves
from masker.presets import BASE_THRESHOLD, Preset
from masker.training.encode import token_arrays
from masker.training.example import Example
from masker.training.mapping import UNSUPERVISED

CLEAN_FLAG_SHARE = 0.001
CLEAN_SOURCE = "clean_utterances"
GOLD_SPANS = "english_toxic_spans"
BLEND_SOURCES = frozenset({"kmhas", "kodoli", "beep", "curse_detection", "malicious_comments", "clean_utterances"})
"""Written by people, commenting or chatting: on what models rewrote, the n-grams of the rewriting give it away."""
MIN_POSITIVES = 15
"""A label with fewer positive dev rows takes the curve fitted on all labels together."""

Array = npt.NDArray[np.float64]


def fit_curve(logits: Array, truth: npt.NDArray[np.bool_], weights: Array | None = None) -> Curve:
    """Fit a rising logistic curve. Raises ValueError when only one class is there."""
    model = LogisticRegression(C=1e6, max_iter=1000).fit(logits.reshape(-1, 1), truth, sample_weight=weights)
    return Curve(slope=max(0.05, float(model.coef_[0, 0])), offset=float(model.intercept_[0]))


def fit_blend(examples: Sequence[Example], encoder: Array, linear: Array) -> Blend:
    """Fit how each output joins both models' logits `[rows, 1 + labels]`, by logistic regression on these examples.

    Both models were fitted on the train split, so the dev split says how far each is to be trusted. An output with few
    offensive rows, or one that the linear model does not know, is the encoder's alone. No weight is negative.
    """
    pairs = [_blend_one(examples, encoder[:, column], linear[:, column], column) for column in range(1 + len(LABELS))]
    return Blend(encoder=tuple(pair[0] for pair in pairs), linear=tuple(pair[1] for pair in pairs))


def _blend_one(examples: Sequence[Example], encoder: Array, linear: Array, column: int) -> tuple[float, float]:
    if column == 0:
        rows = [number for number, example in enumerate(examples) if example.source in BLEND_SOURCES]
        truth = np.array([examples[number].offensive for number in rows], dtype=bool)
    else:
        label = LABELS[column - 1]
        rows = [number for number, example in enumerate(examples) if label in example.labels]
        truth = np.array([examples[number].labels[label] for number in rows], dtype=bool)
    if min(truth.sum(), (~truth).sum()) < MIN_POSITIVES or np.ptp(linear) == 0:
        return 1.0, 0.0
    both = np.column_stack([encoder[rows], linear[rows]])
    weights = np.where(truth, 0.5 / truth.sum(), 0.5 / (~truth).sum()) * len(truth)
    found = LogisticRegression(C=1e6, max_iter=1000).fit(both, truth, sample_weight=weights).coef_[0]
    if found.min() < 0:
        return (1.0, 0.0) if found[0] > found[1] else (0.0, 1.0)
    return float(found[0]), float(found[1])


def calibrate(examples: Sequence[Example], raw: RawOutput) -> Curves:
    """Fit all curves on these examples (the dev split) and their raw outputs."""
    sentence = raw.sentence.astype(np.float64)
    return Curves(
        offence=_offence_curve(examples, sentence[:, 0]),
        labels=_label_curves(examples, sentence[:, 1:]),
        token=_token_curve(examples, raw),
    )


def _offence_curve(examples: Sequence[Example], logits: Array) -> Curve:
    truth = np.array([example.offensive for example in examples])
    chat = np.array([example.source == CLEAN_SOURCE for example in examples])
    weights = np.where(truth, 0.5 / truth.sum(), 0.5 / (~truth).sum())
    curve = fit_curve(logits, truth, weights * len(examples))
    if not chat.any():
        return curve
    bound = logit_at_share(logits[chat & ~truth], CLEAN_FLAG_SHARE)
    threshold = BASE_THRESHOLD[Preset.STANDARD]
    needed = float(np.log(threshold / (1 - threshold)))
    return Curve(slope=curve.slope, offset=min(curve.offset, needed - curve.slope * bound))


def logit_at_share(logits: Array, share: float) -> float:
    """Return the lowest value that at most `share` of `logits` exceed."""
    ordered = np.sort(logits)[::-1]
    return float(ordered[min(len(ordered) - 1, int(len(ordered) * share))]) + 1e-6


def _label_curves(examples: Sequence[Example], logits: Array) -> dict[Label, Curve]:
    """Fit each label on the sources that show it: rows of others are all negative and only teach its rarity there.

    A label is said from 0.5 on, so 0.5 is set where its F1 is best.
    """
    shown = {
        label: {example.source for example in examples if example.labels.get(label)}
        for label in LABELS
        if label not in UNSUPERVISED
    }
    known = {
        label: np.array(
            [index for index, each in enumerate(examples) if label in each.labels and each.source in sources],
            dtype=int,
        )
        for label, sources in shown.items()
    }
    truths = {label: np.array([examples[index].labels[label] for index in rows]) for label, rows in known.items()}
    columns = {label: logits[rows, LABELS.index(label)] for label, rows in known.items()}
    shared = fit_curve(np.concatenate(list(columns.values())), np.concatenate(list(truths.values())).astype(bool))
    curves = {}
    for label, truth in truths.items():
        enough = truth.sum() >= MIN_POSITIVES and (~truth.astype(bool)).sum() >= MIN_POSITIVES
        curves[label] = _centred(columns[label], truth.astype(bool), np.ones(len(truth))) if enough else shared
    return curves


def _token_curve(examples: Sequence[Example], raw: RawOutput) -> Curve:
    """Fit on tokens of known value, then set 0.5 where their character F1 is best.

    Characters of offensive and of clean comments weigh the same in all, so that words which offenders merely use
    often are not taken for offences; chat is left out, being clean of them anyway.
    """
    logits, truths, widths, offensive = [], [], [], []
    for example, tokens, offsets in zip(examples, raw.tokens, raw.offsets, strict=True):
        if example.source == CLEAN_SOURCE:
            continue
        values, weights = token_arrays(offsets, example.tokens)
        known = weights >= 0.5
        logits.append(tokens[known])
        truths.append(values[known] > 0.5)
        widths.append(np.array([end - start for start, end in offsets], dtype=np.float64)[known])
        offensive.append(np.full(known.sum(), example.offensive))
    all_logits, truth = np.concatenate(logits).astype(np.float64), np.concatenate(truths)
    width, guilty = np.concatenate(widths), np.concatenate(offensive)
    width[~guilty] *= width[guilty].sum() / max(1.0, width[~guilty].sum())
    return _centred(all_logits, truth, width)


def _centred(logits: Array, truth: npt.NDArray[np.bool_], weights: Array) -> Curve:
    """Fit a curve, then move it so that 0.5 stands where the weighted F1 is best."""
    slope = fit_curve(logits, truth, weights).slope
    return Curve(slope=slope, offset=-slope * best_f1_logit(logits, truth, weights))


def best_f1_logit(logits: Array, truth: npt.NDArray[np.bool_], widths: Array) -> float:
    """Return the threshold on `logits` at which the width-weighted F1 of `truth` is highest."""
    order = np.argsort(-logits)
    hit = np.cumsum(np.where(truth, widths, 0.0)[order])
    flagged = np.cumsum(widths[order])
    total = np.where(truth, widths, 0.0).sum()
    f1 = 2 * hit / np.maximum(flagged + total, 1.0)
    return float(logits[order][int(f1.argmax())])
