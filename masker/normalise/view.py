"""A view: one way to read a text as a row of units, each of which knows the original code points it came from.

All of it is built by calls that run in C over the whole text, and only when first asked for.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import chain, compress, count, repeat

import regex

from masker.normalise.fold import Fold
from masker.normalise.lazy import lazy

_REPEATED_RE = re.compile(r"(.)(?=\1)", re.DOTALL)
# No two of these ever make one cluster; whatever else stands in a text is looked at with its neighbours.
_COMPLEX_RE = re.compile("[\n -~가-힣ㄱ-ㅣ]?[^\n -~가-힣ㄱ-ㅣ]+[\n -~가-힣ㄱ-ㅣ]?")
_NOT_PLAIN_RE = re.compile("[^\n -~가-힣ㄱ-ㅣ]")
_CLUSTER_RE = regex.compile(r"\X")

SHORT = 400
"""Most code points of a text in which a source is counted out when asked for: few are asked for in a short one."""

_MARKS = [b"", *(b"\1" + bytes(length - 1) for length in range(1, 256))]


def squeeze(units: str) -> str:
    """Write each run of equal units once: elongation and stutter then read like the plain word."""
    return _REPEATED_RE.sub("", units)


def joined_clusters(text: str) -> list[tuple[int, int]]:
    """Return `[start, end)` of each grapheme cluster (UAX 29) of several code points."""
    joined: list[tuple[int, int]] = []
    at = 0
    while complicated := _COMPLEX_RE.search(text, at):
        at = complicated.end()
        for cluster in _CLUSTER_RE.finditer(text, complicated.start(), at):
            start, end = cluster.span()
            if joined and start < joined[-1][1]:
                joined[-1] = joined[-1][0], end
            elif end - start > 1:
                joined.append((start, end))
        if at < len(text):
            at -= 1  # the plain character after this stretch may also stand before the next
    return joined


def cluster_starts(text: str) -> list[int]:
    """Return where each grapheme cluster starts (UAX 29), and the length of the text last."""
    return Clusters(text).starts


class Clusters:
    """Answer which grapheme cluster a code point belongs to."""

    def __init__(self, text: str) -> None:
        self._text = text

    @lazy
    def joined(self) -> list[tuple[int, int]]:
        """Return `[start, end)` of each cluster of several code points."""
        return joined_clusters(self._text) if _NOT_PLAIN_RE.search(self._text) else []

    @lazy
    def starts(self) -> list[int]:
        """Return where each cluster starts, and the length of the text last."""
        if self.single:
            return list(range(len(self._text) + 1))
        inside = bytearray(b"\1") * len(self._text)
        for start, end in self.joined:
            inside[start + 1 : end] = bytes(end - start - 1)
        return [*compress(count(), inside), len(self._text)]

    @lazy
    def single(self) -> bool:
        """Tell whether every code point is a cluster of its own."""
        return not self.joined

    def around(self, index: int) -> tuple[int, int]:
        """Return `[start, end)` of the cluster that holds this code point."""
        if self.single:
            return index, index + 1
        at = bisect_right(self.starts, index) - 1
        return self.starts[at], self.starts[at + 1]

    def cover(self, start: int, end: int) -> tuple[int, int]:
        """Return the smallest range of whole clusters that holds `[start, end)`."""
        return self.around(start)[0], self.around(end - 1)[1]


class View:
    """Hold a text's units under one fold.

    `read` is the text as the fold takes it: as long as the original, with readings written over what they are readings
    of. `raw` is the row of units before runs are squeezed; `sources[i]` is the code point that `raw[i]` came from, so
    the row is ordered as the text is. `units` is what matchers read; unit k stands for `raw[runs[k]:runs[k + 1]]`.
    `name` tells the view from others; `shaped` says that it takes look-alikes for letters.
    """

    def __init__(
        self,
        text: str,
        fold: Fold,
        clusters: Clusters,
        name: str = "",
        *,
        read: str | None = None,
        shaped: bool = False,
    ) -> None:
        self.text, self.fold, self.clusters, self.name, self.shaped = text, fold, clusters, name, shaped
        self.read = text if read is None else read

    @lazy
    def raw(self) -> str:
        """Return the row of units, runs and all."""
        return self.fold.units(self.read)

    @lazy
    def units(self) -> str:
        """Return the squeezed row."""
        return squeeze(self.raw)

    def may_stand(self, first: int, past: int) -> bool:
        """Tell whether the squeezed units `[first, past)` can be those of whole clusters: where they begin and end.

        Nothing that stands in whole clusters is left out, and no source is worked out.
        """
        runs, opens = self.runs, self.opens
        if opens.find(1, runs[first], runs[first + 1]) < 0:
            return False
        start, end = runs[past - 1], runs[past]
        return end == len(opens) or opens.find(1, start + 1, end + 1) >= 0

    @lazy
    def runs(self) -> Sequence[int]:
        """Return where each squeezed unit's run starts in `raw`, and the length of `raw` last."""
        runs = _Runs(self.raw)
        return runs if len(self.text) <= SHORT else array("i", runs.all())

    @lazy
    def _lengths(self) -> bytes:
        return self.fold.lengths(self.read)

    @lazy
    def sources(self) -> Sequence[int]:
        """Return the index of the code point that each raw unit came from."""
        if len(self.text) <= SHORT and self.clusters.single:
            return _Sources(self._lengths, self.opens)
        return array("i", chain.from_iterable(map(repeat, count(), self._lengths)))

    def home(self, unit: int) -> int:
        """Return where the grapheme cluster of a raw unit starts."""
        return self.clusters.around(self.sources[unit])[0]

    @lazy
    def opens(self) -> bytes:
        """Tell for each raw unit whether it is the first of its grapheme cluster."""
        lengths = self._lengths
        marks = list(map(_MARKS.__getitem__, lengths))
        for start, end in self.clusters.joined:
            units = sum(lengths[start:end])
            if units:
                marks[start:end] = [b"\1" + bytes(units - 1), *[b""] * (end - start - 1)]
        return b"".join(marks)

    @lazy
    def closes(self) -> bytes:
        """Tell for each raw unit whether it is the last of its grapheme cluster."""
        return self.opens[1:] + b"\1" if self.opens else b""

    def range_of(self, first: int, last: int) -> tuple[int, int]:
        """Return the original `[start, end)`, in whole clusters, of raw units `first` to `last` inclusive."""
        return self.clusters.cover(self.sources[first], self.sources[last] + 1)

    def units_in(self, start: int, end: int) -> tuple[int, int]:
        """Return the `[first, past)` of the raw units that came from the original `[start, end)`."""
        return bisect_left(self.sources, start), bisect_left(self.sources, end)


class _Sources(Sequence[int]):
    """Answer which code point a raw unit came from, by counting the readings up to it."""

    def __init__(self, lengths: bytes, opens: bytes) -> None:
        self._places = list(compress(count(), lengths))
        self._opens = opens

    def __len__(self) -> int:
        return len(self._opens)

    def __getitem__(self, unit: int) -> int:  # type: ignore[override]
        if not 0 <= unit < len(self._opens):
            raise IndexError(unit)
        return self._places[self._opens.count(1, 0, unit + 1) - 1]


class _Runs(Sequence[int]):
    """Answer where a squeezed unit's run starts: worked out from the units that repeat, which are few."""

    def __init__(self, raw: str) -> None:
        self._repeated = [match.start() - order for order, match in enumerate(_REPEATED_RE.finditer(raw))]
        self._past = len(raw) - len(self._repeated)

    def all(self) -> Iterator[int]:
        """Yield every start, and the length of the row last: for long rows, of which many are asked for."""
        again = [place + order + 1 for order, place in enumerate(self._repeated)]
        length = self._past + len(self._repeated)
        return chain.from_iterable(map(range, [0, *(at + 1 for at in again)], [*again, length + 1]))

    def __len__(self) -> int:
        return self._past + 1

    def __getitem__(self, unit: int) -> int:  # type: ignore[override]
        if not 0 <= unit <= self._past:
            raise IndexError(unit)
        return unit + bisect_left(self._repeated, unit)
