"""The engine: one address in, read and write transactions out, every driver's error turned into ours here."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Coroutine, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import aiosqlite
from sqlalchemy import URL, Connection, Table, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.errors import SettingsError, StorageError, StorageUnavailable
from bot.storage.finishing import Work
from bot.texts import tell

_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgres": "postgresql+asyncpg", "postgresql": "postgresql+asyncpg"}
_IMMEDIATE = "garim_immediate"
_WAL_PAUSE_S = 0.02
_CACHE_KIB = 16_384
"""Of each SQLite connection: what a report reads of 100,000 incidents fits in; in the default of 2 MiB it does not."""
_CHUNK = 500
"""Ids per statement: SQLite before 3.32 takes 999 variables (https://sqlite.org/limits.html)."""


def parse_url(url: str, password: str | None = None) -> URL:
    """Return the address with the driver that we use. Raises SettingsError for another database or a broken URL."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise SettingsError(tell("storage.bad_url")) from None
    backend = parsed.drivername.partition("+")[0]
    if backend not in _DRIVERS or (backend == "sqlite" and parsed.database in (None, "", ":memory:")):
        raise SettingsError(tell("storage.bad_url"))
    parsed = parsed.set(drivername=_DRIVERS[backend])
    return parsed.set(password=password) if password else parsed


class Database:
    """Hold the engine of one database; `label` names it in messages, without its password."""

    def __init__(self, url: URL, busy_timeout_ms: int = 5_000) -> None:
        self.url = url
        self.is_sqlite = url.get_backend_name() == "sqlite"
        self.label = str(url.database) if self.is_sqlite else url.render_as_string(hide_password=True)
        self._engine = _create_engine(url, busy_timeout_ms)
        self.work = Work()
        # SQLite has one writer: waiting for it here costs nothing, waiting in its busy handler costs polling.
        self._writer: contextlib.AbstractAsyncContextManager[Any] = (
            asyncio.Lock() if self.is_sqlite else contextlib.nullcontext()
        )

    @contextlib.asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Give a connection for reading. Raises StorageUnavailable."""
        with self.translating():
            async with self._engine.connect() as connection:
                yield connection

    @contextlib.asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """Give a connection in a transaction, durable once the block is left. Raises StorageUnavailable."""
        with self.translating():
            async with self._writer, self._engine.connect() as connection:
                await connection.execution_options(**{_IMMEDIATE: True})
                async with connection.begin():
                    yield connection

    @contextlib.contextmanager
    def translating(self) -> Iterator[None]:
        """Turn what the drivers raise into StorageUnavailable; our own errors pass."""
        try:
            yield
        except StorageError:
            raise
        except (SQLAlchemyError, OSError) as error:
            raise StorageUnavailable(explain(error, self)) from error
        except Exception as error:
            # asyncpg raises its own errors, which are no SQLAlchemyError, while it connects.
            if type(error).__module__.partition(".")[0] in ("asyncpg", "sqlite3"):
                raise StorageUnavailable(explain(error, self)) from error
            raise

    async def together(self, *reading: Coroutine[Any, Any, Any]) -> list[Any]:
        """Return what all of it returns; when one fails, its error is raised after the others have ended.

        PostgreSQL is asked at once and uses more than one core. SQLite is asked one after another: its cache of pages
        belongs to a connection, and five cold ones take longer than a warm one.
        """
        limit = asyncio.Semaphore(1 if self.is_sqlite else len(reading))

        async def held(one: Coroutine[Any, Any, Any]) -> Any:
            async with limit:
                return await one

        results = await asyncio.gather(*map(held, reading), return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                raise result
        return results

    async def aclose(self) -> None:
        """Wait for what is under way, then close every connection."""
        await self.work.aclose()
        await self._engine.dispose()


def _create_engine(url: URL, busy_timeout_ms: int) -> AsyncEngine:
    seconds = busy_timeout_ms / 1000
    is_sqlite = url.get_backend_name() == "sqlite"
    arguments = {"timeout": seconds} if is_sqlite else {"timeout": max(seconds, 1.0)}
    try:
        # hide_parameters: an error must not show the values of a statement.
        engine = create_async_engine(
            url,
            hide_parameters=True,
            pool_pre_ping=not is_sqlite,
            pool_timeout=max(seconds, 1.0),
            pool_use_lifo=True,  # the connection used last has the warmest cache
            connect_args=arguments,
        )
    except ModuleNotFoundError as missing:
        raise StorageUnavailable(tell("storage.no_driver", module=missing.name)) from None
    if is_sqlite:
        event.listen(engine.sync_engine, "connect", partial(_prepare_sqlite, wait_s=seconds))
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any, *, wait_s: float) -> None:
    # The driver must not begin transactions by itself: it would do so without IMMEDIATE, and not before DDL.
    connection.isolation_level = None
    connection.run_async(partial(_use_wal, wait_s=wait_s))
    cursor = connection.cursor()
    for pragma in ("synchronous = FULL", "foreign_keys = ON", f"cache_size = -{_CACHE_KIB}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


async def _use_wal(driver: aiosqlite.Connection, *, wait_s: float) -> None:
    """Switch to WAL, waiting for another program's lock: for this one statement SQLite's own busy timeout does not."""
    give_up_at = time.monotonic() + wait_s
    while True:
        try:
            await driver.execute("PRAGMA journal_mode = WAL")
            return
        except aiosqlite.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() >= give_up_at:
                raise
        await asyncio.sleep(_WAL_PAUSE_S)


def _begin_sqlite(connection: Connection) -> None:
    # IMMEDIATE takes the write lock first: a transaction that read before it writes can otherwise fail at once
    # with SQLITE_BUSY, whatever the busy timeout (https://sqlite.org/isolation.html).
    immediate = connection.get_execution_options().get(_IMMEDIATE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


_SQLITE_CAUSES = (
    ("database is locked", "storage.locked"),
    ("unable to open database", "storage.cannot_open"),
    ("readonly database", "storage.read_only"),
    ("not a database", "storage.corrupt"),
    ("malformed", "storage.corrupt"),
    ("disk is full", "storage.disk_full"),
    ("disk i/o error", "storage.io_error"),
)
_POSTGRES_CAUSES = {
    "28P01": "storage.pg_login",
    "28000": "storage.pg_login",
    "3D000": "storage.pg_no_database",
    "42501": "storage.pg_privilege",
    "53300": "storage.pg_connections",
    "53100": "storage.disk_full",
}
"""SQLSTATE to text: https://www.postgresql.org/docs/current/errcodes-appendix.html."""


def explain(error: BaseException, database: Database) -> str:
    """Say in one line what is wrong with which database, and what to do about it."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    message = str(cause).splitlines()[0] if str(cause) else type(cause).__name__
    if database.is_sqlite:
        for words, key in _SQLITE_CAUSES:
            if words in message.lower():
                return tell(key, database=database.label, folder=Path(database.label).absolute().parent)
        return tell("storage.other", database=database.label, reason=message)
    state = str(getattr(cause, "sqlstate", None) or getattr(cause.__cause__, "sqlstate", None) or "")
    if state in _POSTGRES_CAUSES:
        return tell(_POSTGRES_CAUSES[state], database=database.label, folder="")
    if isinstance(cause, OSError | TimeoutError) or state.startswith(("08", "57")):
        return tell("storage.pg_unreachable", database=database.label, reason=message)
    return tell("storage.other", database=database.label, reason=message)


def chunks(values: Iterable[int]) -> Iterator[list[int]]:
    """Give the distinct ids in order, in lists short enough for one statement."""
    ordered = sorted(set(values))
    return (ordered[start : start + _CHUNK] for start in range(0, len(ordered), _CHUNK))


async def insert_new(connection: AsyncConnection, table: Table, values: Mapping[str, Any]) -> bool:
    """Insert a row unless a unique constraint already holds its like; tell whether it was inserted."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    result = await connection.execute(insert(table).values(values).on_conflict_do_nothing())
    return result.rowcount == 1
