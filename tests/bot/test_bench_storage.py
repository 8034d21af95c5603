"""The storage benchmark: what it fills and asks, and that every list is read off an index."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from bot.bench.filled import GUILD, fill
from bot.bench.lists import lists_of, reports_of
from bot.bench.reading import run_reading
from bot.crypto import Keyring
from bot.errors import KeyUnusable
from bot.incidents import IncidentFilter
from bot.storage import Storage, open_database, open_storage
from bot.storage.database import Database
from bot.storage.tables import metadata

ROWS = 400
WHOLE = tuple(f"SCAN {name}" for name in metadata.tables if name != "guild_settings")
"""What a plan says of a table that is read from its beginning to its end."""


@contextmanager
def _statements(database: Database) -> Iterator[list[tuple[str, Any]]]:
    """Collect what is asked of a database."""
    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        seen.append((statement, parameters))

    engine = database._engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


async def _plan(database: Database, statement: str, parameters: Any) -> list[str]:
    async with database.read() as connection:
        rows = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        return [row[3] for row in rows.all()]


async def test_no_list_or_report_reads_a_whole_table_and_no_page_is_sorted(sqlite_url: str, keyring: Keyring) -> None:
    async with open_storage(sqlite_url, keyring) as storage, open_database(sqlite_url) as database:
        await fill(database, keyring, ROWS, lambda *_: None)
        own = storage.incidents._database
        for name, ask in {**lists_of(ROWS), **reports_of()}.items():
            with _statements(own) as seen:
                await ask(storage, random.Random(1))
            assert seen, name
            for statement, parameters in seen:
                plan = await _plan(database, statement, parameters)
                scanned = [step for step in plan if step.startswith(WHOLE) and "COVERING INDEX" not in step]
                assert not scanned, (name, statement, plan)
                if name.startswith("list"):
                    sorted_ = [step for step in plan if "TEMP B-TREE FOR ORDER BY" in step]
                    is_page = "LIMIT" in statement
                    assert not (is_page and sorted_), (name, statement, plan)


async def _everything(storage: Storage) -> dict[str, Any]:
    found = {}
    for number, (name, ask) in enumerate({**lists_of(ROWS), **reports_of()}.items()):
        found[name] = await ask(storage, random.Random(number))
    return found


async def test_both_kinds_of_database_answer_the_same(sqlite_url: str, postgres_url: str, keyring: Keyring) -> None:
    answers = []
    for url in (sqlite_url, postgres_url):
        async with open_storage(url, keyring) as storage, open_database(url) as database:
            await fill(database, keyring, ROWS, lambda *_: None)
            answers.append(await _everything(storage))
            counts = await storage.incidents.counts(IncidentFilter(guild_id=GUILD))
            series = answers[-1]["series by day"]
            assert counts.total == sum(count for _, count in series) > ROWS / 2
            assert sum(counts.by_outcome.values()) == counts.total
    for name in answers[0]:
        assert answers[0][name] == answers[1][name], name


def test_it_measures_both_kinds_and_refuses_a_database_in_use(
    tmp_path: Path, postgres_url: str, keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.bench.reading.ROUNDS", 1)
    figures = run_reading(tmp_path, 60, postgres_url, lambda *_: None)
    kinds = {figure.name.partition(":")[0] for figure in figures}
    assert kinds == {"SQLite", "PostgreSQL"}
    assert all(figure.value > 0 for figure in figures)
    assert sum("bare indexed query" in figure.name for figure in figures) == 2
    assert list(tmp_path.iterdir()) == [], "what was made is removed"
    with pytest.raises(KeyUnusable):
        run_reading(tmp_path, 60, postgres_url, lambda *_: None)
