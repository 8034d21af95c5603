"""A fold: what each code point reads as, as a table for `str.translate` that also knows how long each reading is."""

from __future__ import annotations

import re

from masker.normalise.lazy import lazy

MAX_KEPT = 0x10000
"""Most readings that a table which grows on sight keeps; past that it starts anew, so that no text can fill memory."""


BASIC = 0x10000
"""Code points of the plane that nearly all text keeps to: a row of so many readings is looked up faster than a dict."""
_BEYOND_RE = re.compile("[\U00010000-\U0010ffff]")


class Fold(dict[int, str]):
    """Map code points to units; what is not listed reads as nothing. Complete before the first text is read."""

    def __missing__(self, code_point: int) -> str:
        return ""

    def units(self, text: str) -> str:
        """Return the text's units, one row."""
        if not self.listed or _BEYOND_RE.search(text):
            return text.translate(self)
        return text.translate(self._row)

    @property
    def listed(self) -> bool:
        """Tell whether all readings are known beforehand: no subclass works any out."""
        return type(self) is Fold

    @lazy
    def _row(self) -> list[str]:
        """Return each reading of the basic plane, equal ones as one object: less for a cache to hold."""
        row, known = [""] * BASIC, dict[str, str]()
        for code_point, reading in self.items():
            if code_point < BASIC:
                row[code_point] = known.setdefault(reading, reading)
        return row

    def lengths(self, text: str) -> bytes:
        """Return how many units each code point of the text gave."""
        if not self.listed or _BEYOND_RE.search(text):
            return text.translate(self._lengths).encode("latin-1")
        return text.translate(self._length_row).encode("latin-1")

    @lazy
    def _lengths(self) -> _Lengths:
        return _Lengths(self)

    @lazy
    def _length_row(self) -> list[str]:
        return [chr(len(reading)) for reading in self._row]


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
