"""Read a whole database once and name what is damaged in it."""

from __future__ import annotations

from sqlalchemy import select, text

from bot.crypto import Keyring
from bot.errors import KeyUnusable
from bot.storage.database import Database
from bot.storage.payload import unseal
from bot.storage.tables import incidents

_BATCH = 500
_NAMED = 10


async def problems(database: Database, keyring: Keyring) -> list[str]:
    """Return one line per kind of damage, none when all is sound. Raises StorageUnavailable when nothing can be read.

    SQLite checks its own pages and references; every original is decrypted on either kind.
    """
    found: list[str] = []
    if database.is_sqlite:
        async with database.read() as connection:
            pages = (await connection.execute(text("PRAGMA integrity_check(10)"))).scalars().all()
            dangling = (await connection.execute(text("PRAGMA foreign_key_check"))).all()
        found += [page for page in pages if page != "ok"]
        found += [f"{len(dangling)} row(s) refer to incidents that are gone"] if dangling else []
    unreadable = await _unreadable(database, keyring)
    if unreadable:
        named = ", ".join(map(str, unreadable[:_NAMED]))
        found.append(f"{len(unreadable)} incident(s) cannot be decrypted (ids {named})")
    return found


async def _unreadable(database: Database, keyring: Keyring) -> list[int]:
    found: list[int] = []
    last = 0
    while True:
        query = select(incidents.c.id, incidents.c.payload).where(incidents.c.id > last).order_by(incidents.c.id)
        async with database.read() as connection:
            rows = (await connection.execute(query.limit(_BATCH))).all()
        if not rows:
            return found
        for incident_id, payload in rows:
            try:
                unseal(payload, keyring)
            except (KeyUnusable, ValueError, KeyError, TypeError):
                found.append(incident_id)
        last = rows[-1][0]
