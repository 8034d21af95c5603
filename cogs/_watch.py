"""Small bounded memories of the running process: what was seen of a message, and who is at work on it."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Remembered(Generic[K, V]):
    """Keep the newest `limit` entries by key; the oldest is forgotten first."""

    def __init__(self, limit: int) -> None:
        if limit < 1:
            raise ValueError(f"the limit must be at least 1, got {limit}")
        self._limit = limit
        self._entries: OrderedDict[K, V] = OrderedDict()

    def put(self, key: K, value: V) -> None:
        """Remember a value under a key, as the newest."""
        self._entries[key] = value
        self._entries.move_to_end(key)
        while len(self._entries) > self._limit:
            self._entries.popitem(last=False)

    def get(self, key: K) -> V | None:
        """Return what is remembered under a key, or None."""
        return self._entries.get(key)

    def forget(self, key: K) -> None:
        """Drop a key, known or not."""
        self._entries.pop(key, None)

    def __contains__(self, key: K) -> bool:
        return key in self._entries

    def __len__(self) -> int:
        return len(self._entries)


class DeletionWatch:
    """Tell whether Discord reported a message's deletion before we first tried to delete it ourselves.

    Only such a report proves that somebody else removed it: after our first try, a report or a 404 may be our
    own doing.
    """

    def __init__(self, limit: int = 50_000) -> None:
        self._gone: Remembered[int, bool] = Remembered(limit)
        self._tried: Remembered[int, bool] = Remembered(limit)

    def reported(self, message_id: int) -> None:
        """Note a MESSAGE_DELETE, or one id of a MESSAGE_DELETE_BULK."""
        if message_id not in self._tried:
            self._gone.put(message_id, True)

    def trying(self, message_id: int) -> None:
        """Note that our own delete is about to be sent."""
        self._tried.put(message_id, True)

    def not_sent(self, message_id: int) -> None:
        """Take `trying` back: the request was refused before it left."""
        self._tried.forget(message_id)

    def tried(self, message_id: int) -> bool:
        """Tell whether this process has sent a delete for the message."""
        return message_id in self._tried

    def removed_by_others(self, message_id: int) -> bool:
        """Tell whether the deletion was reported before our first try."""
        return message_id in self._gone


class KeyedLocks(Generic[K]):
    """Serialise work per key, first come first served; a key that nobody works on takes no memory."""

    def __init__(self) -> None:
        self._locks: dict[K, tuple[asyncio.Lock, int]] = {}

    @asynccontextmanager
    async def holding(self, key: K) -> AsyncIterator[None]:
        """Hold a key for the length of the block."""
        lock, users = self._locks.get(key, (asyncio.Lock(), 0))
        self._locks[key] = (lock, users + 1)
        try:
            async with lock:
                yield
        finally:
            lock, users = self._locks[key]
            if users == 1:
                del self._locks[key]
            else:
                self._locks[key] = (lock, users - 1)

    def __len__(self) -> int:
        return len(self._locks)
