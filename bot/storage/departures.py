"""Guilds that the bot left: after a time of grace nothing of theirs is kept."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Table, delete, select

from bot.records import AuditKind
from bot.storage.audit import note
from bot.storage.database import Database
from bot.storage.record_tables import audit, cases, departures, guild_terms, sanctions, schedules, term_versions
from bot.storage.tables import guild_settings, incidents, settings_audit

_BATCH = 500
"""Incidents per transaction, with all that hangs on them: nobody else waits long for it."""
NOBODY = 0
"""The actor of what no person did."""


async def departed_before(database: Database, before: datetime) -> list[int]:
    """Return the guilds that were left before a time and not joined again. Raises StorageUnavailable."""
    query = select(departures.c.guild_id).where(departures.c.left_at < before).order_by(departures.c.guild_id)
    async with database.read() as connection:
        return list((await connection.execute(query)).scalars())


async def remove(database: Database, guild_id: int, now: datetime) -> bool:
    """Delete all rows of a guild that the bot left; one that it joined again meanwhile keeps what is left: False.

    Taken up again where it stopped after a restart. One line in the audit stays, which says that it was done.
    Raises StorageUnavailable.
    """
    here = select(departures.c.guild_id).where(departures.c.guild_id == guild_id).with_for_update()
    batch = select(incidents.c.id).where(incidents.c.guild_id == guild_id).limit(_BATCH)
    while True:
        async with database.write() as connection:
            if await connection.scalar(here) is None:
                return False
            gone = await connection.execute(delete(incidents).where(incidents.c.id.in_(batch)))
            if gone.rowcount:
                continue
            for table in _OF_GUILDS:
                await connection.execute(delete(table).where(table.c.guild_id == guild_id))
            await note(connection, now, guild_id, NOBODY, AuditKind.GUILD_REMOVED)
            return True


_OF_GUILDS: tuple[Table, ...] = (
    audit,
    cases,
    departures,
    guild_settings,
    guild_terms,
    sanctions,
    schedules,
    settings_audit,
    term_versions,
)
"""Everything that names a guild and does not hang on an incident or a case."""
