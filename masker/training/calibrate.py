"""Calibrate: fit the logistic curves on the dev split, so that a score means the same wherever it comes from.

The offence curve is fitted on dev rows weighted to be half offensive, and then moved down, if it must be, until the
standard preset's threshold flags at most CLEAN_FLAG_SHARE of clean chat.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

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


def main_sources(examples: Sequence[Example]) -> dict[Label, str]:
    """Return the source that shows each label most; a label that none shows is left out.

    Rows of other sources are nearly all negative, and teach little but how rare the label is there.
    """
    counts: dict[Label, Counter[str]] = {label: Counter() for label in LABELS}
    for example in examples:
        for label, value in example.labels.items():
            if value:
                counts[label][example.source] += 1
    return {label: shown.most_common(1)[0][0] for label, shown in counts.items() if shown}


@dataclass(frozen=True, slots=True)
class _Known:
    """Hold the rows (indices) that an output is fitted on, and what they say of it."""

    rows: npt.NDArray[np.int64]
    truth: npt.NDArray[np.bool_]

    @property
    def enough(self) -> bool:
        return int(min(self.truth.sum(), (~self.truth).sum())) >= MIN_POSITIVES

    @property
    def weights(self) -> Array:
        """Weigh offensive and clean rows alike in all."""
        shares = np.where(self.truth, 0.5 / self.truth.sum(), 0.5 / (~self.truth).sum())
        return np.asarray(shares * len(self.truth), dtype=np.float64)


def _known_labels(examples: Sequence[Example]) -> dict[Label, _Known]:
    """Return what each supervised label is fitted on: its main source's rows, none where no source shows it."""
    main = main_sources(examples)
    found = {}
    for label in (label for label in LABELS if label not in UNSUPERVISED):
        rows = [number for number, row in enumerate(examples) if label in row.labels and row.source == main.get(label)]
        truth = np.array([examples[number].labels[label] for number in rows], dtype=bool)
        found[label] = _Known(np.array(rows, dtype=np.int64), truth)
    return found


def fit_blend(examples: Sequence[Example], encoder: Array, linear: Array) -> Blend:
    """Fit how each output joins both models' logits `[rows, 1 + labels]`, by logistic regression on these examples.

    The offence is fitted as if half of the rows offended, a label on its main source's rows as they are (on halves of
    the dev split: micro F1 on K-MHaS 0.812 against 0.809 with a label's rows weighted alike).
    Both models were fitted on the train split, so the dev split says how far each is to be trusted. A label with few
    offensive rows takes the pair fitted on all labels together; one that no row shows, or that the linear model does
    not know, is the encoder's alone. No weight is negative.
    """
    written = [number for number, example in enumerate(examples) if example.source in BLEND_SOURCES]
    offence = _Known(np.array(written), np.array([examples[number].offensive for number in written], dtype=bool))
    known = _known_labels(examples)
    every = [(LABELS.index(label) + 1, each) for label, each in known.items() if len(each.rows)]
    none, nothing = np.zeros(0, dtype=np.int64), np.zeros(0)
    together = _pair(
        np.concatenate([nothing, *(encoder[each.rows, column] for column, each in every)]),
        np.concatenate([nothing, *(linear[each.rows, column] for column, each in every)]),
        _Known(none, np.concatenate([np.zeros(0, dtype=bool), *(each.truth for _, each in every)])),
    )
    pairs = [_pair(encoder[offence.rows, 0], linear[offence.rows, 0], offence, offence.weights)]
    for column, label in enumerate(LABELS, 1):
        if label not in known or not known[label].truth.any() or np.ptp(linear[:, column]) == 0:
            pairs.append((1.0, 0.0))
        elif known[label].enough:
            rows = known[label].rows
            pairs.append(_pair(encoder[rows, column], linear[rows, column], known[label]))
        else:
            pairs.append(together)
    return Blend(encoder=tuple(pair[0] for pair in pairs), linear=tuple(pair[1] for pair in pairs))


def _pair(encoder: Array, linear: Array, known: _Known, weights: Array | None = None) -> tuple[float, float]:
    if not known.enough or np.ptp(linear) == 0:
        return 1.0, 0.0
    both = np.column_stack([encoder, linear])
    deviation = both.std(axis=0)
    model = LogisticRegression(C=1.0, max_iter=1000).fit(both / deviation, known.truth, sample_weight=weights)
    found = model.coef_[0]
    if found.min() < 0:
        found = np.where(found == found.max(), found, 0.0)
    return float(found[0] / deviation[0]), float(found[1] / deviation[1])


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
    """Fit each label on its main source. A label is said from 0.5 on, which is set by `even_logit`.

    A label with few offensive rows takes the slope of all labels together, and one without any their whole curve.
    """
    known = _known_labels(examples)
    columns = {label: logits[each.rows, LABELS.index(label)] for label, each in known.items()}
    shared = fit_curve(np.concatenate(list(columns.values())), np.concatenate([each.truth for each in known.values()]))
    curves = {}
    for label, each in known.items():
        if each.truth.any() and not each.truth.all():
            slope = fit_curve(columns[label], each.truth).slope if each.enough else shared.slope
            curves[label] = Curve(slope=slope, offset=-slope * even_logit(columns[label], each.truth))
        else:
            curves[label] = shared
    return curves


def even_logit(logits: Array, truth: npt.NDArray[np.bool_]) -> float:
    """Return the bar that as many rows reach as are true. Raises ValueError where none or all are.

    That is where precision and recall are equal, which on held-out rows gave a higher F1 than the bar of the best F1:
    on halves of the dev split 0.814 against 0.804 over K-MHaS (micro), 0.775 against 0.759 (macro without race).
    """
    count = int(truth.sum())
    if not 0 < count < len(truth):
        raise ValueError("a bar lies between true and untrue rows: some of both are needed")
    ordered = np.sort(logits)[::-1]
    return float(ordered[count - 1] + ordered[count]) / 2


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
