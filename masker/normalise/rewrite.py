"""Rewriting that keeps length: a reading is written over what it is the reading of, so that positions stay true."""

from __future__ import annotations

import re
from collections.abc import Mapping

PAD = "\u200b"
"""What fills up a reading that is shorter than what it replaces: invisible, nothing in every fold."""


class Rewriting:
    """Replace each occurrence of a key, the longest first, by its reading padded to the key's length.

    Raises ValueError for a reading that is longer than its key: the positions after it would lie.
    """

    def __init__(self, readings: Mapping[str, str]) -> None:
        self._table: dict[str, str] = {}
        for key, reading in readings.items():
            if len(reading) > len(key):
                raise ValueError(f"{reading!r} is longer than {key!r}")
            self._table[key] = reading + PAD * (len(key) - len(reading))
        keys = sorted(self._table, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, keys)))

    def __call__(self, text: str) -> str:
        """Return the rewritten text, as long as the original."""
        table = self._table
        return self._pattern.sub(lambda match: table[match[0]], text)
