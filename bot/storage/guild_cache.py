"""What stores keep in memory of guilds: the least recently used goes first, and no read outlives a write."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class GuildCache(Generic[T]):
    """Keep one value per guild, `limit` of them."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._kept: OrderedDict[int, T] = OrderedDict()
        self._writes = 0

    async def get(self, guild_id: int, read: Callable[[int], Awaitable[T]]) -> T:
        """Return what is kept of a guild, else what `read` gives. Raises what `read` raises."""
        kept = self._kept.get(guild_id)
        if kept is not None:
            self._kept.move_to_end(guild_id)
            return kept
        writes = self._writes
        value = await read(guild_id)
        # A write that finished meanwhile may have changed what was just read.
        if writes == self._writes:
            self._kept[guild_id] = value
            if len(self._kept) > self._limit:
                self._kept.popitem(last=False)
        return value

    def forget(self, guild_id: int) -> None:
        """Read a guild's value anew the next time, and keep nothing that is being read now."""
        self._writes += 1
        self._kept.pop(guild_id, None)
