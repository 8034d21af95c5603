"""A bound on how often something may be done."""

from __future__ import annotations

import time
from collections.abc import Callable

from cogs._watch import Remembered

REMEMBERED = 10_000


class TokenBucket:
    """Let `limit` things through per `window_s`, after a burst of as many."""

    def __init__(self, limit: int, window_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._per_second = limit / window_s
        self._clock = clock
        self._left = float(limit)
        self._at = clock()

    def take(self) -> bool:
        """Take one if there is one."""
        now = self._clock()
        self._left = min(self._limit, self._left + (now - self._at) * self._per_second)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class PerMember:
    """Let each member do something `limit` times per `window_s`, whatever the guild; a restart forgets who did."""

    def __init__(self, limit: int, window_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.limit = limit
        self._window_s = window_s
        self._clock = clock
        self._buckets: Remembered[int, TokenBucket] = Remembered(REMEMBERED)

    def take(self, member_id: int) -> bool:
        """Take one if there is one."""
        bucket = self._buckets.get(member_id) or TokenBucket(self.limit, self._window_s, self._clock)
        self._buckets.put(member_id, bucket)
        return bucket.take()
