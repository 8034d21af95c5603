"""A fold: what each code point reads as, as a table for `str.translate` that also knows how long each reading is."""

from __future__ import annotations

MAX_KEPT = 0x10000
"""Most readings that a table which grows on sight keeps; past that it starts anew, so that no text can fill memory."""


class Fold(dict[int, str]):
    """Map code points to units; what is not listed reads as nothing."""

    def __missing__(self, code_point: int) -> str:
        return ""

    def units(self, text: str) -> str:
        """Return the text's units, one row."""
        return text.translate(self)

    def lengths(self, text: str) -> bytes:
        """Return how many units each code point of the text gave."""
        try:
            table = self._lengths
        except AttributeError:
            table = self._lengths = _Lengths(self)
        return text.translate(table).encode("latin-1")

    _lengths: _Lengths


class _Lengths(dict[int, str]):
    """Map code points to the character whose number is the length of their reading."""

    def __init__(self, fold: Fold) -> None:
        self._fold = fold

    def __missing__(self, code_point: int) -> str:
        value = chr(len(self._fold[code_point]))
        if len(self) >= MAX_KEPT:
            self.clear()
        self[code_point] = value
        return value
