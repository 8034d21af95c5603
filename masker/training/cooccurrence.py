"""Start the token embeddings from co-occurrence: positive pointwise mutual information, factorised.

Levy & Goldberg (2014) show that this is what skip-gram learns. It costs a minute or two where pretraining an encoder
costs hours, and gives words that the labelled data rarely shows a place beside those that it shows often.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from scipy import sparse  # type: ignore[import-untyped]
from sklearn.utils.extmath import randomized_svd
from tokenizers import Tokenizer

WINDOW = 3
"""Tokens to each side that count as context, the nearer the more (weight 1 / distance)."""
CHUNK_TEXTS = 20_000
CONTEXT_SMOOTHING = 0.75
"""Exponent that keeps rare contexts from weighing too much (Levy, Goldberg & Dagan 2015)."""
TARGET_DEVIATION = 0.04
"""Twice the usual initial deviation, so that the first steps do not wash the factors out."""


def cooccurrence_embeddings(tokenizer: Tokenizer, texts: Sequence[str], width: int, seed: int) -> torch.Tensor:
    """Return `[vocabulary, width]` embeddings; the same for equal input and seed."""
    size = tokenizer.get_vocab_size()
    counts = sparse.csr_matrix((size, size), dtype=np.float32)
    for start in range(0, len(texts), CHUNK_TEXTS):
        rows = [encoding.ids for encoding in tokenizer.encode_batch_fast(list(texts[start : start + CHUNK_TEXTS]))]
        counts = counts + _count(rows, size)
    return _factorise(_ppmi(counts), width, seed)


def _count(rows: Sequence[Sequence[int]], size: int) -> sparse.csr_matrix:
    flat = np.concatenate([np.array([*row, *[-1] * WINDOW], dtype=np.int32) for row in rows])
    total = sparse.csr_matrix((size, size), dtype=np.float32)
    for distance in range(1, WINDOW + 1):
        left, right = flat[:-distance], flat[distance:]
        both = (left >= 0) & (right >= 0)
        weight = np.full(both.sum(), 1.0 / distance, dtype=np.float32)
        pairs = sparse.coo_matrix((weight, (left[both], right[both])), shape=(size, size)).tocsr()
        total = total + pairs + pairs.T
    return total


def _ppmi(counts: sparse.csr_matrix) -> sparse.csr_matrix:
    entries = counts.tocoo()
    tokens = np.asarray(counts.sum(axis=1)).ravel()
    contexts = tokens**CONTEXT_SMOOTHING
    contexts = contexts / contexts.sum()
    information = np.log(entries.data / (tokens[entries.row] * contexts[entries.col]))
    kept = information > 0
    return sparse.csr_matrix((information[kept], (entries.row[kept], entries.col[kept])), shape=counts.shape)


def _factorise(matrix: sparse.csr_matrix, width: int, seed: int) -> torch.Tensor:
    rank = min(width, min(matrix.shape) - 1)
    left, strengths, _ = randomized_svd(matrix, n_components=rank, n_iter=4, random_state=seed % 2**32)
    factors: npt.NDArray[np.float64] = np.zeros((matrix.shape[0], width))
    factors[:, :rank] = left * np.sqrt(strengths)
    return torch.from_numpy(factors / max(factors.std(), 1e-9) * TARGET_DEVIATION).float()
