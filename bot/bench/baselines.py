"""What the benchmarks compare with: one durable commit, and how late an event loop is by itself."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

LAG_SAMPLE_MS = 2.0
"""How long the sampler sleeps between two looks: short beside a 20 ms bound, long beside the cost of a wake-up."""


def durable_commits_s(folder: Path, count: int, payload_bytes: int = 1_024) -> list[float]:
    """Return the seconds that each of `count` bare SQLite commits took, synced to the disk of `folder`.

    Write-ahead log with `synchronous=FULL`, as `bot.storage` sets it, through the standard library alone.
    """
    file = folder / "baseline.sqlite3"
    taken: list[float] = []
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE IF NOT EXISTS payloads (id INTEGER PRIMARY KEY, payload BLOB NOT NULL)")
        for _ in range(count):
            started = time.perf_counter()
            connection.execute("INSERT INTO payloads (payload) VALUES (?)", (b"x" * payload_bytes,))
            taken.append(time.perf_counter() - started)
    return taken


@dataclass(slots=True)
class LoopLag:
    """Collect how many milliseconds late the event loop woke a sleeper, sample by sample."""

    late_ms: list[float] = field(default_factory=list)

    async def sample(self) -> None:
        """Sleep and look at the clock until cancelled."""
        sleep_s = LAG_SAMPLE_MS / 1_000
        while True:
            due = time.perf_counter() + sleep_s
            await asyncio.sleep(sleep_s)
            self.late_ms.append(max(0.0, (time.perf_counter() - due) * 1_000))


@asynccontextmanager
async def sampled_lag() -> AsyncIterator[LoopLag]:
    """Sample the running loop's lag for the length of the block."""
    lag = LoopLag()
    task = asyncio.create_task(lag.sample(), name="garim-bench-lag")
    try:
        yield lag
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
