"""Retention: what is erased once it is older than its guild keeps it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Column, ColumnElement, and_, or_, select, update

from bot.incidents import IncidentState
from bot.storage.database import Database
from bot.storage.record_tables import case_notes, cases, contests
from bot.storage.tables import guild_settings, incidents

BATCH = 500
"""Incidents per transaction: nobody else waits long for it."""

_chosen_days = guild_settings.c.chosen["retention_days"].as_integer()
_choosers = select(guild_settings.c.guild_id).where(_chosen_days.is_not(None))


async def purge(database: Database, now: datetime, default_days: int) -> int:
    """Erase words that were kept long enough: as long as the guild chose, else `default_days`.

    Those are the words of incidents that were closed, or have waited for a human, longer ago than that, of contests
    made longer ago, and of the notes of cases closed longer ago. Returns how many incidents lost theirs.
    """
    async with database.read() as connection:
        rows = (await connection.execute(_choosers.add_columns(_chosen_days))).all()
    erased = await _erase(database, now - timedelta(days=default_days), None)
    for guild_id, days in rows:
        erased += await _erase(database, now - timedelta(days=days), guild_id)
    return erased


async def _erase(database: Database, before: datetime, guild_id: int | None) -> int:
    """Erase what is older than a time in one guild, or, with None, in all that chose no time of their own."""

    def chosen(column: Column[int]) -> ColumnElement[bool]:
        return column.not_in(_choosers) if guild_id is None else column == guild_id

    stuck = and_(incidents.c.state == IncidentState.STUCK.value, incidents.c.opened_at < before)
    old = or_(incidents.c.closed_at < before, stuck)
    held = select(incidents.c.id).where(incidents.c.payload.is_not(None), old, chosen(incidents.c.guild_id))
    erased = last = 0
    while True:
        # Looked for while others may write: among many incidents it takes a while.
        async with database.read() as connection:
            later = held.where(incidents.c.id > last).order_by(incidents.c.id).limit(BATCH)
            batch = list((await connection.execute(later)).scalars())
        if not batch:
            break
        async with database.write() as connection:
            await connection.execute(update(incidents).where(incidents.c.id.in_(batch)).values(payload=None))
        erased, last = erased + len(batch), batch[-1]
    said = or_(contests.c.words.is_not(None), contests.c.answer.is_not(None))
    closed = select(cases.c.id).where(cases.c.closed_at < before, chosen(cases.c.guild_id))
    async with database.write() as connection:
        contested = update(contests).where(contests.c.at < before, said, chosen(contests.c.guild_id))
        await connection.execute(contested.values(words=None, answer=None))
        noted = update(case_notes).where(case_notes.c.words.is_not(None), case_notes.c.case_id.in_(closed))
        await connection.execute(noted.values(words=None))
    return erased
