"""A guild's own terms: words that it blocks, words that it allows, patterns that it blocks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from masker.labels import Label

WORD_LIMIT = 1_000
"""Words per guild, blocked and allowed together."""
PATTERN_LIMIT = 100
ENTRY_LIMIT = 200
"""Code points of one entry."""


class TermKind(StrEnum):
    """Name what an entry is."""

    BLOCK = "block"
    ALLOW = "allow"
    PATTERN = "pattern"


@dataclass(frozen=True, slots=True)
class GuildTerm:
    """Give one entry; `label` is what it is flagged under, None for one that allows."""

    kind: TermKind
    entry: str
    label: Label | None = None


@dataclass(frozen=True, slots=True)
class GuildTerms:
    """Hold a guild's terms, each kind in order of its entries. `version` differs whenever they do; 0 for none ever."""

    block: tuple[GuildTerm, ...] = ()
    allow: tuple[GuildTerm, ...] = ()
    patterns: tuple[GuildTerm, ...] = ()
    version: int = 0

    def __iter__(self) -> Iterator[GuildTerm]:
        """Give every entry."""
        yield from (*self.block, *self.allow, *self.patterns)
