"""Fit the linear model of hashed jamo n-grams: one logistic regression an output, on what is known of each row."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import numpy as np
import numpy.typing as npt
from scipy import sparse  # type: ignore[import-untyped]
from sklearn.linear_model import LogisticRegression

from masker.labels import LABELS
from masker.model.linear import LinearModel, buckets_of
from masker.training.augment import disguise
from masker.training.config import LinearConfig
from masker.training.example import Example

MIN_POSITIVES = 15
"""An output with fewer offensive rows stays 0: the encoder alone speaks for it."""
LARGEST = 127


def features(texts: Sequence[str], bits: int) -> sparse.csr_matrix:
    """Return `[texts, 2**bits]`, every row of length 1."""
    rows = [buckets_of(text, bits) for text in texts]
    sizes = np.array([len(row) for row in rows])
    values = np.repeat(1.0 / np.sqrt(np.maximum(sizes, 1)), sizes).astype(np.float32)
    ends = np.concatenate([[0], np.cumsum(sizes)])
    columns = np.concatenate([*rows, np.zeros(0, dtype=np.uint32)]).astype(np.int32)
    return sparse.csr_matrix((values, columns, ends), shape=(len(texts), 2**bits))


def fit_linear(config: LinearConfig, examples: Sequence[Example], seed: int, bars: Sequence[str] = ()) -> LinearModel:
    """Fit on these examples (the train split), a share of them read a second time in disguise.

    Each source of `bars` has an offset of its own for "offensive at all", which is then dropped.
    Returns the model with int8 weights. Equal input and seed give equal weights.
    """
    random = Random(f"{seed}/linear")
    again = [example for example in examples if random.random() < config.augmented_share]
    texts = [example.text for example in examples]
    texts += [disguise(example.text, example.tokens, random)[0] for example in again]
    rows = [*examples, *again]
    matrix = features(texts, config.bits)
    columns = [_fit_one(_with_bars(matrix, rows, bars), *_known(rows, 0), config, seed)]
    columns += [_fit_one(matrix, *_known(rows, column), config, seed) for column in range(1, 1 + len(LABELS))]
    weights = np.stack([column[: matrix.shape[1]] for column, _ in columns], axis=1)
    scales = np.maximum(np.abs(weights).max(axis=0), 1e-9) / LARGEST
    offsets = np.array([offset for _, offset in columns], dtype=np.float32)
    return LinearModel(np.rint(weights / scales).astype(np.int8), scales.astype(np.float32), offsets)


def _with_bars(matrix: sparse.csr_matrix, rows: Sequence[Example], bars: Sequence[str]) -> sparse.csr_matrix:
    """Return the matrix with one column more for each bar: 1 in its source's rows."""
    if not bars:
        return matrix
    marks = np.array([[row.source == bar for bar in bars] for row in rows], dtype=np.float32)
    return sparse.hstack([matrix, sparse.csr_matrix(marks)]).tocsr()


def _known(rows: Sequence[Example], column: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Return which rows know an output, and what they say of it; output 0 is "offensive at all"."""
    if column == 0:
        return np.arange(len(rows)), np.array([row.offensive for row in rows], dtype=bool)
    label = LABELS[column - 1]
    known = [number for number, row in enumerate(rows) if label in row.labels]
    return np.array(known, dtype=np.int64), np.array([rows[number].labels[label] for number in known], dtype=bool)


def _fit_one(
    matrix: sparse.csr_matrix,
    known: npt.NDArray[np.int64],
    truth: npt.NDArray[np.bool_],
    config: LinearConfig,
    seed: int,
) -> tuple[npt.NDArray[np.float64], float]:
    if truth.sum() < MIN_POSITIVES or (~truth).sum() < MIN_POSITIVES:
        return np.zeros(matrix.shape[1]), 0.0
    model = LogisticRegression(C=config.inverse_penalty, solver="liblinear", tol=2e-3, random_state=seed % 2**32)
    model.fit(matrix[known], truth)
    return np.asarray(model.coef_[0], dtype=np.float64), float(model.intercept_[0])
