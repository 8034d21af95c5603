"""A fold: what each code point reads as, as a table for `str.translate` that also knows how long each reading is."""

from __future__ import annotations

from itertools import groupby

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

    def readings(self, text: str) -> list[str]:
        """Return what each code point that reads as anything reads as, runs within one written once."""
        try:
            known = self._squeezed
        except AttributeError:
            known = self._squeezed = _Squeezed(self)
        return list(filter(None, map(known.__getitem__, text)))

    _squeezed: _Squeezed


class _Squeezed(dict[str, str]):
    """Map characters to their reading, each run in it written once."""

    def __init__(self, fold: Fold) -> None:
        self._fold = fold

    def __missing__(self, char: str) -> str:
        value = self._fold[ord(char)]
        if len(set(value)) < len(value):
            value = "".join(unit for unit, _ in groupby(value))
        if len(self) >= MAX_KEPT:
            self.clear()
        self[char] = value
        return value


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
