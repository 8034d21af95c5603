"""A view: one way to read a text as a row of units, each of which knows the original code points it came from."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import regex

_REPEAT_RE = re.compile(r"(.)\1+", re.DOTALL)
_SIMPLE_RE = re.compile("[\n -~가-힣ㄱ-ㅣ]*")
_CLUSTER_RE = regex.compile(r"\X")


def squeeze(units: str) -> str:
    """Write each run of equal units once: elongation and stutter then read like the plain word."""
    return _REPEAT_RE.sub(r"\1", units)


def cluster_starts(text: str) -> list[int]:
    """Return where each grapheme cluster starts (UAX 29), and the length of the text last."""
    if _SIMPLE_RE.fullmatch(text):
        return list(range(len(text) + 1))
    return [match.start() for match in _CLUSTER_RE.finditer(text)] + [len(text)]


class Clusters:
    """Answer which grapheme cluster a code point belongs to."""

    def __init__(self, text: str) -> None:
        self.starts = cluster_starts(text)

    def around(self, index: int) -> tuple[int, int]:
        """Return `[start, end)` of the cluster that holds this code point."""
        at = bisect_right(self.starts, index) - 1
        return self.starts[at], self.starts[at + 1]

    def cover(self, start: int, end: int) -> tuple[int, int]:
        """Return the smallest range of whole clusters that holds `[start, end)`."""
        return self.around(start)[0], self.around(end - 1)[1]


@dataclass(frozen=True)
class View:
    """Hold a text's units under one fold.

    `raw` is the row of units before runs are squeezed; `sources[i]` is the code point that `raw[i]` came from, so the
    row is ordered as the text is. `units` is what matchers read; unit k stands for `raw[runs[k]:runs[k + 1]]`.
    `shaped` says that look-alikes were taken for letters.
    """

    text: str
    raw: str
    sources: tuple[int, ...]
    clusters: Clusters
    shaped: bool = False

    @cached_property
    def runs(self) -> list[int]:
        """Return where each squeezed unit's run starts in `raw`, and the length of `raw` last."""
        raw = self.raw
        return [at for at in range(len(raw)) if at == 0 or raw[at] != raw[at - 1]] + [len(raw)]

    @cached_property
    def units(self) -> str:
        """Return the squeezed row."""
        return squeeze(self.raw)

    @cached_property
    def opens(self) -> list[bool]:
        """Tell for each raw unit whether it is the first of its grapheme cluster."""
        homes = self.homes
        return [at == 0 or homes[at] != homes[at - 1] for at in range(len(homes))]

    @cached_property
    def closes(self) -> list[bool]:
        """Tell for each raw unit whether it is the last of its grapheme cluster."""
        homes = self.homes
        return [at + 1 == len(homes) or homes[at] != homes[at + 1] for at in range(len(homes))]

    @cached_property
    def homes(self) -> list[int]:
        """Return the start of each raw unit's grapheme cluster."""
        return [self.clusters.around(source)[0] for source in self.sources]

    def range_of(self, first: int, last: int) -> tuple[int, int]:
        """Return the original `[start, end)`, in whole clusters, of raw units `first` to `last` inclusive."""
        return self.clusters.cover(self.sources[first], self.sources[last] + 1)


def view(text: str, fold: Mapping[int, str], clusters: Clusters | None = None) -> View:
    """Read a text under a fold (code point to units)."""
    raw: list[str] = []
    sources: list[int] = []
    for at, char in enumerate(text):
        for unit in fold[ord(char)]:
            raw.append(unit)
            sources.append(at)
    return View(text, "".join(raw), tuple(sources), clusters or Clusters(text))
