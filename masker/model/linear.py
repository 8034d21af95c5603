"""A linear model over hashed n-grams of jamo: what single words and spellings say, whatever stands around them.

Text is folded (compatibility forms, lower case, white space to one space, long runs of a letter to two) and taken
apart into jamo, so that a respelt syllable still shares most of its n-grams. Runs of 2 to 6 letters that lie within a
word, its edges included, are hashed into a power of two of buckets; a text's features are the buckets it fills, each
1 over the square root of their number. Hashing needs no vocabulary, and int8 weights a few hundred kilobytes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

SHORTEST, LONGEST = 2, 6
"""Lengths of the n-grams in jamo; a syllable has two or three."""
MULTIPLIER = np.uint32(0x01000193)
SPREAD = np.uint32(0x9E3779B1)
"""FNV's prime rolls a hash on by one letter; Knuth's constant (2**32 over the golden ratio) spreads it."""
MAX_CHARS = 4_000

_SPACE = re.compile(r"\s+")
_RUN = re.compile(r"(.)\1{2,}", re.DOTALL)

Buckets = npt.NDArray[np.uint32]


def fold(text: str) -> str:
    """Return the text in the form whose letters are counted: conjoining jamo, one space around every word."""
    folded = unicodedata.normalize("NFKC", text[:MAX_CHARS]).lower()
    runs = _RUN.sub(r"\1\1", _SPACE.sub(" ", folded).strip())
    return f" {unicodedata.normalize('NFD', runs)} "


def buckets_of(text: str, bits: int) -> Buckets:
    """Return the distinct buckets, of `2**bits`, that the text's n-grams fill, in order."""
    codes = np.frombuffer(fold(text).encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.uint32)
    inner_space = np.cumsum(codes == 0x20)
    found: list[Buckets] = []
    hashes = codes.copy()
    for length in range(2, LONGEST + 1):
        if len(codes) < length:
            break
        hashes = hashes[:-1] * MULTIPLIER ^ codes[length - 1 :]
        if length >= SHORTEST:
            # A space may open or close an n-gram, as a word's edge, but not stand inside.
            inside = inner_space[length - 2 : len(codes) - 1] == inner_space[: len(codes) - length + 1]
            salted = (hashes[inside] + np.uint32(length)) * SPREAD
            found.append(salted >> np.uint32(32 - bits))
    return np.unique(np.concatenate(found)) if found else np.zeros(0, dtype=np.uint32)


@dataclass(frozen=True, slots=True)
class LinearModel:
    """Score texts: `weights` int8 `[buckets, outputs]`, `scales` and `offsets` float32 `[outputs]`."""

    weights: npt.NDArray[np.int8]
    scales: npt.NDArray[np.float32]
    offsets: npt.NDArray[np.float32]

    @property
    def bits(self) -> int:
        """Return the number of hash bits."""
        return len(self.weights).bit_length() - 1

    def logits(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return float32 `[texts, outputs]`."""
        bits = self.bits
        rows = np.empty((len(texts), len(self.scales)), dtype=np.float32)
        for number, text in enumerate(texts):
            buckets = buckets_of(text, bits)
            total = self.weights[buckets].sum(axis=0, dtype=np.int32) / np.sqrt(max(1, len(buckets)))
            rows[number] = total * self.scales + self.offsets
        return rows

    def save(self, path: Path) -> None:
        """Write the arrays to one compressed file."""
        np.savez_compressed(path, weights=self.weights, scales=self.scales, offsets=self.offsets)


def read_linear(path: Path, outputs: int) -> LinearModel:
    """Read what `save` wrote. Raises ValueError when it is no linear model of `outputs` columns."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            model = LinearModel(arrays["weights"], arrays["scales"], arrays["offsets"])
    except (KeyError, BadZipFile) as error:
        raise ValueError(f"{path}: not the arrays of a linear model") from error
    size = len(model.weights)
    if size < 2 or size & (size - 1) or model.weights.dtype != np.int8:
        raise ValueError(f"{path}: {size} buckets of {model.weights.dtype}, not a power of two of int8")
    if {model.weights.shape[1:], model.scales.shape, model.offsets.shape} != {(outputs,)}:
        raise ValueError(f"{path}: not {outputs} outputs")
    return model
