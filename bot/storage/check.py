"""Read a whole database once and name what is damaged in it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, select, text

from bot.crypto import Keyring
from bot.errors import KeyUnusable
from bot.storage.database import Database
from bot.storage.payload import unseal, unseal_words
from bot.storage.rotation import SEALED
from bot.storage.tables import incidents

_BATCH = 500
_NAMED = 10


async def problems(database: Database, keyring: Keyring) -> list[str]:
    """Return one line per kind of damage, none when all is sound. Raises StorageUnavailable when nothing can be read.

    SQLite checks its own pages and references; whatever is encrypted is decrypted on either kind.
    """
    found: list[str] = []
    if database.is_sqlite:
        async with database.read() as connection:
            pages = (await connection.execute(text("PRAGMA integrity_check(10)"))).scalars().all()
            dangling = (await connection.execute(text("PRAGMA foreign_key_check"))).all()
        found += [page for page in pages if page != "ok"]
        found += [f"{len(dangling)} row(s) refer to incidents that are gone"] if dangling else []
    for table, key, sealed in SEALED:
        unreadable = await _unreadable(database, keyring, key, sealed)
        if unreadable:
            named = ", ".join(map(str, unreadable[:_NAMED]))
            what = "incident(s)" if sealed is incidents.c.payload else f"row(s) of {table.name}.{sealed.name}"
            found.append(f"{len(unreadable)} {what} cannot be decrypted (ids {named})")
    return found


async def _unreadable(database: Database, keyring: Keyring, key: Column[Any], sealed: Column[Any]) -> list[int]:
    found: list[int] = []
    last = 0
    while True:
        query = select(key, sealed).where(key > last).order_by(key).limit(_BATCH)
        async with database.read() as connection:
            rows = (await connection.execute(query)).all()
        if not rows:
            return found
        for row_id, token in rows:
            try:
                if sealed is incidents.c.payload:
                    unseal(token, keyring)
                else:
                    unseal_words(token, keyring)
            except (KeyUnusable, ValueError, KeyError, TypeError):
                found.append(row_id)
        last = rows[-1][0]
