"""Where in a settings file each key stands: TOML's and JSON's readers give the values and keep the lines to themselves.

Both functions take a text that its reader has already accepted, so what is malformed needs no thought here.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

Path = tuple[str, ...]
"""The names from the top of the file down to a value; the places of a list are named by their numbers."""

_TOKEN = re.compile(
    r'"""(?:\\[\s\S]|[^\\])*?"""+'
    r"|'''[\s\S]*?'''+"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
    r"|\#[^\n]*"
    r"|[\n\[\]{},=:]"
    r"|[^\s\[\]{},=:\"'#]+"
)


@dataclass(slots=True)
class _Open:
    """Be one table or list that the reading is inside of; `key` is None while a table's next key is being read."""

    path: Path
    is_list: bool
    place: int = 0
    key: Path | None = None
    written: str = ""

    def value_path(self) -> Path:
        return (*self.path, str(self.place)) if self.is_list else (*self.path, *(self.key or ()))

    def next(self) -> None:
        self.place += 1
        self.key, self.written = None, ""


def json_lines(source: str) -> dict[Path, int]:
    """Return the line, counted from 1, of every value of a JSON text by its path."""
    return dict(_walked(source, [], ":", lambda written: (json.loads(written),)))


def toml_lines(source: str) -> dict[Path, int]:
    """Return the line, counted from 1, of every value and table of a TOML text by its path."""
    lines: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    base: Path = ()
    for first, block, header in _blocks(source):
        if header:
            base = _header_path(header, counts)
            lines.setdefault(base, first)
        for path, line in _walked(block, [_Open(base, is_list=False)], "=", _toml_key):
            lines.setdefault(path, line + first - 1)
    return lines


def _walked(
    source: str, frames: list[_Open], separator: str, read: Callable[[str], Path]
) -> Iterator[tuple[Path, int]]:
    """Yield each value's path and line; `frames` are what is open at the start: nothing, or TOML's top table."""
    top = len(frames)
    line = 1
    for found in _TOKEN.finditer(source):
        piece, here = found[0], frames[-1] if frames else None
        if piece == "\n" or piece[0] == "#":
            if here is not None and len(frames) == top:
                here.next()
        elif here is not None and not here.is_list and here.key is None and piece not in "}],":
            if piece == separator:
                here.key = read(here.written)
                yield here.value_path(), line
            else:
                here.written += piece
        elif piece in "{[":
            path = here.value_path() if here is not None else ()
            if here is not None and here.is_list:
                yield path, line
            frames.append(_Open(path, is_list=piece == "["))
        elif piece in "}]":
            frames.pop()
        elif piece == ",":
            if here is not None:
                here.next()
        elif here is not None and here.is_list:
            yield here.value_path(), line
        line += piece.count("\n")


def _blocks(source: str) -> Iterator[tuple[int, str, str]]:
    """Yield the stretches between TOML's table headers: first line, text after the header, the header.

    A line is a header when it begins with a bracket outside every list and every string.
    """
    starts = [0]
    depth, fresh = 0, True
    for found in _TOKEN.finditer(source):
        piece = found[0]
        if depth == 0 and fresh and piece == "[":
            starts.append(found.start())
        depth += (piece in "[{") - (piece in "]}")
        fresh = piece == "\n"
    first = 1
    for start, end in zip(starts, [*starts[1:], len(source)], strict=True):
        block = source[start:end]
        header, newline, rest = block.partition("\n") if block.startswith("[") else ("", "", block)
        yield first, newline + rest, header
        first += block.count("\n")


def _header_path(header: str, counts: dict[Path, int]) -> Path:
    """Return a header's path; `counts` holds how often each list of tables was begun, and is kept up."""
    path: Path = ()
    inner: Any = tomllib.loads(header)
    while inner:
        if isinstance(inner, list):
            counts[path] = counts.get(path, -1) + 1
            return (*path, str(counts[path]))
        if path in counts:
            path = (*path, str(counts[path]))
        ((name, inner),) = inner.items()
        path = (*path, name)
    return path


def _toml_key(written: str) -> Path:
    path: Path = ()
    inner: Any = tomllib.loads(f"{written} = 0")
    while isinstance(inner, dict):
        ((name, inner),) = inner.items()
        path = (*path, name)
    return path
