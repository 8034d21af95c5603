"""Batches under a token budget: sorted by length inside shuffled pools, so that little is padding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

import numpy as np
import numpy.typing as npt

POOL_BATCHES = 50
"""Rows are shuffled freely, then sorted by length within pools of about this many batches."""

IntArray = npt.NDArray[np.int64]


def plan_batches(lengths: Sequence[int], tokens_per_batch: int, random: Random) -> list[list[int]]:
    """Return index batches of at most `tokens_per_batch` padded tokens each (one row at least), in random order."""
    order = list(range(len(lengths)))
    random.shuffle(order)
    mean = max(1.0, sum(lengths) / max(1, len(lengths)))
    pool_rows = max(1, int(tokens_per_batch / mean * POOL_BATCHES))
    batches: list[list[int]] = []
    for start in range(0, len(order), pool_rows):
        pool = sorted(order[start : start + pool_rows], key=lambda index: lengths[index])
        batches.extend(group_by_budget(pool, lengths, tokens_per_batch))
    random.shuffle(batches)
    return batches


def group_by_budget(ordered: Sequence[int], lengths: Sequence[int], tokens_per_batch: int) -> Iterator[list[int]]:
    """Cut indices that are ordered by length into runs whose padded size fits the budget."""
    batch: list[int] = []
    for index in ordered:
        if batch and (len(batch) + 1) * lengths[index] > tokens_per_batch:
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


def pad(rows: Sequence[Sequence[int]]) -> tuple[IntArray, IntArray]:
    """Return ids and mask, `[rows, longest]`, padded with 0."""
    longest = max(map(len, rows))
    ids = np.zeros((len(rows), longest), dtype=np.int64)
    mask = np.zeros_like(ids)
    for number, row in enumerate(rows):
        ids[number, : len(row)] = row
        mask[number, : len(row)] = 1
    return ids, mask
