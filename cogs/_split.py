"""Cutting a text into messages that Discord takes, without cutting a mask or a character that is seen as one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import regex

from masker.verdict import Span

MESSAGE_LIMIT = 2_000
"""Longest content of a message, in UTF-16 units (the stricter reading of "characters"). Source: Discord's developer
docs, "Create Message"."""

_CLUSTER = regex.compile(r"\X")


def utf16_length(text: str) -> int:
    """Return a text's length in UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def split_text(
    text: str, masks: Iterable[Span] = (), *, first_limit: int = MESSAGE_LIMIT, limit: int = MESSAGE_LIMIT
) -> list[str]:
    """Cut a text into parts of at most `limit` UTF-16 units, the first of at most `first_limit`.

    Joined, the parts are the text again, but for parts that hold only white space, which Discord does not take. A cut
    goes after a line where one ends in the second half of the room, else after a blank, else between two grapheme
    clusters; it goes through a mask or a cluster only where that alone is longer than a message.
    """
    parts: list[str] = []
    room = first_limit
    current: list[str] = []
    used = 0
    for atom in _atoms(text, tuple(sorted(masks)), min(limit, first_limit)):
        size = utf16_length(atom)
        while current and used + size > room:
            kept = _good_cut(current, room)
            parts.append("".join(current[:kept]))
            current = current[kept:]
            used, room = utf16_length("".join(current)), limit
        current.append(atom)
        used += size
    parts.append("".join(current))
    return [part for part in parts if part.strip()]


def _good_cut(atoms: list[str], room: int) -> int:
    """Choose how many of the atoms that fill a message stay in it: up to the last line's end or blank, if late."""
    for mark in ("\n", " "):
        for kept in range(len(atoms), 0, -1):
            if atoms[kept - 1].endswith(mark):
                if utf16_length("".join(atoms[:kept])) * 2 >= room:
                    return kept
                break
    return len(atoms)


def _atoms(text: str, masks: tuple[Span, ...], limit: int) -> Iterator[str]:
    """Yield what must stay together: each mask, and outside of masks each grapheme cluster."""
    at = 0
    for mask in (*masks, None):
        end = len(text) if mask is None else mask.start
        for cluster in _CLUSTER.findall(text[at:end]):
            yield from _bounded(cluster, limit)
        if mask is not None:
            yield from _bounded(text[mask.start : mask.end], limit)
            at = mask.end


def _bounded(atom: str, limit: int) -> Iterator[str]:
    """Yield an atom whole, or its code points where it alone is longer than a message."""
    if utf16_length(atom) <= limit:
        yield atom
    else:
        yield from atom
