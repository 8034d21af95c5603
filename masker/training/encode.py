"""Examples as arrays: token ids, sentence targets, token targets, each with its weight (0 where unknown)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from tokenizers import Encoding, Tokenizer

from masker.labels import LABELS
from masker.training.batches import pad
from masker.training.example import Example, TokenTargets

CHUNK_TEXTS = 4_096
"""Texts encoded at once: the library's encodings weigh some 20 KB each and are dropped after every chunk."""

FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Encoded:
    """Hold one row: ids; sentence values and weights `[1 + labels]`; token values, weights `[tokens]`; its source."""

    ids: list[int]
    values: FloatArray
    weights: FloatArray
    token_values: FloatArray
    token_weights: FloatArray
    source: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Hold rows padded to one length; shapes as in Encoded with a leading row axis, plus the attention mask."""

    ids: npt.NDArray[np.int64]
    mask: npt.NDArray[np.int64]
    values: FloatArray
    weights: FloatArray
    token_values: FloatArray
    token_weights: FloatArray
    sources: tuple[str, ...]


def token_arrays(offsets: Sequence[tuple[int, int]], targets: TokenTargets) -> tuple[FloatArray, FloatArray]:
    """Return each token's value and weight: a token that touches a segment takes the last such segment's."""
    values = np.full(len(offsets), targets.default_value, dtype=np.float32)
    weights = np.full(len(offsets), targets.default_weight, dtype=np.float32)
    for index, (start, end) in enumerate(offsets):
        if start == end:
            weights[index] = 0.0
            continue
        for first, last, value, weight in targets.segments:
            # A word's token may begin with the space before it, so the last character decides.
            if start < last and first < end and end - 1 < last:
                values[index], weights[index] = value, weight
    return values, weights


def encode(
    tokenizer: Tokenizer, examples: Sequence[Example], texts: Sequence[tuple[str, TokenTargets]], max_length: int
) -> list[Encoded]:
    """Encode examples under the texts given for them (disguised or not), cut to `max_length` tokens."""
    encoded: list[Encoded] = []
    for start in range(0, len(texts), CHUNK_TEXTS):
        part = texts[start : start + CHUNK_TEXTS]
        encodings = tokenizer.encode_batch([text for text, _ in part])
        encoded += [
            _encode_one(example, encoding, targets, max_length)
            for example, encoding, (_, targets) in zip(
                examples[start : start + CHUNK_TEXTS], encodings, part, strict=True
            )
        ]
    return encoded


def _encode_one(example: Example, encoding: Encoding, targets: TokenTargets, max_length: int) -> Encoded:
    ids, offsets = encoding.ids, encoding.offsets
    if len(ids) > max_length:
        ids = [*ids[: max_length - 1], ids[-1]]
        offsets = [*offsets[: max_length - 1], (0, 0)]
    token_values, token_weights = token_arrays(offsets, targets)
    known: list[Any] = [example.labels.get(label) for label in LABELS]
    values = np.array([example.offensive, *(bool(value) for value in known)], dtype=np.float32)
    weights = np.array([1.0, *(value is not None for value in known)], dtype=np.float32)
    return Encoded(ids, values, weights, token_values, token_weights, example.source)


def collate(rows: Sequence[Encoded]) -> Batch:
    """Pad rows into one batch."""
    ids, mask = pad([row.ids for row in rows])
    token_values = np.zeros(ids.shape, dtype=np.float32)
    token_weights = np.zeros(ids.shape, dtype=np.float32)
    for number, row in enumerate(rows):
        token_values[number, : len(row.ids)] = row.token_values
        token_weights[number, : len(row.ids)] = row.token_weights
    return Batch(
        ids,
        mask,
        np.stack([row.values for row in rows]),
        np.stack([row.weights for row in rows]),
        token_values,
        token_weights,
        tuple(row.source for row in rows),
    )
