"""Snowflake ids as Discord makes them (https://discord.com/developers/docs/reference#snowflakes)."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

DISCORD_EPOCH_MS = 1_420_070_400_000
"""First millisecond of 2015, from which snowflakes count."""

MAX_SNOWFLAKE = (1 << 63) - 1


class Snowflakes:
    """Make ids that only ever grow and carry the millisecond of the injected clock (seconds since 1970)."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._last = 0

    def next(self) -> int:
        """Return the next id: now in its upper bits, and greater than every id before."""
        now_ms = int(self._clock() * 1000) - DISCORD_EPOCH_MS
        self._last = max(now_ms << 22, self._last + 1)
        return self._last

    def next_in_new_ms(self) -> int:
        """Return an id whose millisecond is its own, so that guilds made at once fall on different shards."""
        self._last = ((self._last >> 22) + 1) << 22
        return self.next()


def created_ms(snowflake: int) -> int:
    """Return the milliseconds since 1970 that stand in a snowflake."""
    return (snowflake >> 22) + DISCORD_EPOCH_MS


def iso(seconds: float) -> str:
    """Write seconds since 1970 as Discord writes times: ISO 8601 in UTC, always with microseconds."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")


def snowflake_iso(snowflake: int) -> str:
    """Write the creation time of a snowflake."""
    return iso(created_ms(snowflake) / 1000)


def parse_snowflake(value: object) -> int | None:
    """Read an id given as decimal digits or as an integer; None when it is neither."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if 0 <= value <= MAX_SNOWFLAKE else None
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 19:
        number = int(value)
        return number if number <= MAX_SNOWFLAKE else None
    return None
