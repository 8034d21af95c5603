"""What is encrypted in the database, put under the first key of the keyring."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

from sqlalchemy import Column, Table, bindparam, func, select, update

from bot.crypto import Keyring
from bot.errors import KeyUnusable
from bot.storage.database import Database
from bot.storage.record_tables import case_notes, contests
from bot.storage.tables import incidents, key_check

BATCH = 200
"""Rows per transaction: a bot that is running waits a moment at most."""

SEALED: tuple[tuple[Table, Column[Any], Column[Any]], ...] = (
    (incidents, incidents.c.id, incidents.c.payload),
    (contests, contests.c.incident_id, contests.c.words),
    (contests, contests.c.incident_id, contests.c.answer),
    (case_notes, case_notes.c.id, case_notes.c.words),
    (key_check, key_check.c.id, key_check.c.token),
)
"""Every encrypted column. The key's check comes last: while it is under an old key, a rotation is under way."""

Progress = Callable[[int, int], None]
"""Called with how many rows were looked at, and how many there are."""


async def is_under_way(database: Database, keyring: Keyring) -> bool:
    """Tell whether the last rotation was not brought to its end. Raises StorageUnavailable."""
    async with database.read() as connection:
        token = await connection.scalar(select(key_check.c.token).where(key_check.c.id == 1))
    return token is not None and not keyring.is_first(token)


async def renew(database: Database, keyring: Keyring, progress: Progress) -> int:
    """Put everything under the first key, and return how much was not. Stopped at any point, it can be begun again.

    What no key opens is left as it is. Raises StorageUnavailable.
    """
    renewed = 0
    async for table, key, sealed, old in _under_old_keys(database, keyring, progress):
        tokens = await asyncio.to_thread(lambda batch: [keyring.renewed(token) for _, token in batch], old)
        # Only where it is still what was read: words that were erased meanwhile must not come back.
        unchanged = update(table).where(key == bindparam("row"), sealed == bindparam("old"))
        rows = [{"row": row, "old": token, "new": new} for (row, token), new in zip(old, tokens, strict=True)]
        async with database.write() as connection:
            await connection.execute(unchanged.values({sealed: bindparam("new")}), rows)
        renewed += len(rows)
    return renewed


async def count_old(database: Database, keyring: Keyring, progress: Progress) -> int:
    """Count what only an older key of the keyring opens. Raises StorageUnavailable."""
    return sum([len(old) async for *_, old in _under_old_keys(database, keyring, progress)])


async def _under_old_keys(
    database: Database, keyring: Keyring, progress: Progress
) -> AsyncIterator[tuple[Table, Column[Any], Column[Any], list[tuple[int, bytes]]]]:
    total, seen = await _count(database), 0
    for table, key, sealed in SEALED:
        last = 0
        while True:
            query = select(key, sealed).where(sealed.is_not(None), key > last).order_by(key).limit(BATCH)
            async with database.read() as connection:
                rows = [(row, token) for row, token in (await connection.execute(query)).all()]
            if not rows:
                break
            old = await asyncio.to_thread(lambda batch: [pair for pair in batch if _is_old(pair[1], keyring)], rows)
            if old:
                yield table, key, sealed, old
            last = rows[-1][0]
            seen += len(rows)
            progress(seen, max(total, seen))


async def _count(database: Database) -> int:
    total = 0
    async with database.read() as connection:
        for table, _, sealed in SEALED:
            query = select(func.count()).select_from(table).where(sealed.is_not(None))
            total += await connection.scalar(query) or 0
    return total


def _is_old(token: bytes, keyring: Keyring) -> bool:
    if keyring.is_first(token):
        return False
    try:
        keyring.decrypt(token)
    except KeyUnusable:
        return False
    return True
