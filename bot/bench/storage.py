"""`garim bench storage`: what writing an incident costs beside a bare commit; lists are in bot.bench.reading."""

from __future__ import annotations

import asyncio
import itertools
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

from bot.bench.baselines import durable_commits_s
from bot.bench.corpus import offending_lines
from bot.bench.figures import Figure, Report, percentile
from bot.bench.reading import run_reading
from bot.crypto import create_keyring
from bot.incidents import IncidentDraft, OutcomeKind, RepostPart
from bot.policy import Notice
from bot.storage import open_storage
from bot.storage.incidents import IncidentStore

BASELINE = "bare durable commit (SQLite, WAL, synced)"
CONCURRENT = 16
"""Incidents that are written at the same time in the second measurement: a busy guild's handful."""

ROUNDS = 5

Progress = Callable[[str, int, int], None]
"""Called with what is measured now, how much of it is done, and how much there is."""


def run_storage(folder: Path, count: int, rows: int, postgres: str | None, progress: Progress) -> Report:
    """Measure in new databases under `folder` (its disk is what is measured), which are removed afterwards.

    `rows` and `postgres` are what lists and reports are asked of. Raises what `run_reading` raises.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=folder) as place:
        commits, one_by_one, many = asyncio.run(_measure(Path(place), -(-count // ROUNDS), progress))
    count = len(commits)
    per_second = count / sum(commits)
    return Report(
        "storage",
        (
            Figure(BASELINE, per_second, "per second"),
            Figure("incidents opened and closed, one after another", count / sum(one_by_one), "per second", BASELINE),
            Figure(f"incidents opened and closed, {CONCURRENT} at a time", count / many, "per second", BASELINE),
            Figure("durable commit, p50", percentile(commits, 0.5) * 1_000, "ms"),
            Figure("durable commit, p99", percentile(commits, 0.99) * 1_000, "ms", "durable commit, p50"),
            Figure("open and close, p50", percentile(one_by_one, 0.5) * 1_000, "ms", "durable commit, p50"),
            Figure("open and close, p99", percentile(one_by_one, 0.99) * 1_000, "ms", "durable commit, p50"),
            *(run_reading(folder, rows, postgres, progress) if rows else ()),
        ),
        {"incidents": count, "commits per incident": 2, "lists and reports": f"p95 over {rows:,} incidents"},
    )


async def _measure(folder: Path, count: int, progress: Progress) -> tuple[list[float], list[float], float]:
    """Take the three measurements in turns, so that what else the machine does falls on each of them."""
    keyring = create_keyring(folder / "bench.key")
    numbers = itertools.count()
    commits: list[float] = []
    one_by_one: list[float] = []
    many = 0.0
    async with open_storage(f"sqlite:///{folder / 'bench.sqlite3'}", keyring) as storage:
        for done in range(ROUNDS):
            progress("storage", done, ROUNDS)
            commits += await asyncio.to_thread(durable_commits_s, folder, count)
            turn = itertools.islice(numbers, count)
            one_by_one += [await _timed(_open_and_close(storage.incidents, number)) for number in turn]
            many += await _timed(_many(storage.incidents, itertools.islice(numbers, count)))
    return commits, one_by_one, many


async def _many(incidents: IncidentStore, numbers: Iterator[int]) -> None:
    async def work() -> None:
        for number in numbers:
            await _open_and_close(incidents, number)

    await asyncio.gather(*(work() for _ in range(CONCURRENT)))


async def _timed(work: Awaitable[None]) -> float:
    started = time.perf_counter()
    await work
    return time.perf_counter() - started


async def _open_and_close(incidents: IncidentStore, number: int) -> None:
    incident = await incidents.open(_draft(number))
    await incidents.close(incident.id, OutcomeKind.ALERTED)


_LINE = next(offending_lines())


def _draft(number: int) -> IncidentDraft:
    return IncidentDraft(
        guild_id=1,
        channel_id=2,
        thread_id=None,
        message_id=10_000 + number,
        revision=0,
        author_id=3,
        author_name="이웃",
        avatar_url=None,
        original=_LINE,
        parts=(RepostPart(0, "●" * len(_LINE)),),
        action="mask",
        notice=Notice.BUTTON,
        locale="ko",
        verdict={"scores": {"profanity": 0.95}, "spans": [[2, 4]]},
    )
