"""ScheduleStore: what is posted regularly, where, and when next."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Select, delete, select, update

from bot.records import Every, Schedule
from bot.storage.database import Database, insert_new
from bot.storage.finishing import finishing
from bot.storage.record_tables import schedules

_DUE_LIMIT = 100


@finishing
class ScheduleStore:
    """Keep one schedule per guild and kind. All methods raise StorageUnavailable."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    async def set(self, guild_id: int, kind: str, channel_id: int, every: Every | None) -> Schedule | None:
        """Post something regularly from `next_due` on, in place of what was set; None stops it."""
        own = (schedules.c.guild_id == guild_id) & (schedules.c.kind == kind)
        async with self._database.write() as connection:
            if every is None:
                await connection.execute(delete(schedules).where(own))
                return None
            schedule = Schedule(guild_id, kind, channel_id, every, next_due(self._clock(), every))
            values = {"channel_id": channel_id, "every": every.value, "next_at": schedule.next_at}
            if not await insert_new(connection, schedules, {"guild_id": guild_id, "kind": kind, **values}):
                await connection.execute(update(schedules).where(own).values(values))
        return schedule

    async def of(self, guild_id: int) -> list[Schedule]:
        """Return a guild's schedules."""
        return await self._schedules(select(schedules).where(schedules.c.guild_id == guild_id))

    async def due(self, now: datetime) -> list[Schedule]:
        """Return what should have been posted by now, the longest overdue first; at most 100."""
        return await self._schedules(select(schedules).where(schedules.c.next_at <= now))

    async def done(self, schedule: Schedule, next_at: datetime) -> bool:
        """Move a schedule on; False when it was changed or moved on meanwhile: then the post is somebody else's."""
        own = (schedules.c.guild_id == schedule.guild_id) & (schedules.c.kind == schedule.kind)
        query = update(schedules).where(own, schedules.c.next_at == schedule.next_at).values(next_at=next_at)
        async with self._database.write() as connection:
            return (await connection.execute(query)).rowcount == 1

    async def _schedules(self, query: Select[Any]) -> list[Schedule]:
        ordered = query.order_by(schedules.c.next_at, schedules.c.guild_id, schedules.c.kind).limit(_DUE_LIMIT)
        async with self._database.read() as connection:
            rows = (await connection.execute(ordered)).mappings().all()
        return [
            Schedule(row["guild_id"], row["kind"], row["channel_id"], Every(row["every"]), row["next_at"])
            for row in rows
        ]


def next_due(now: datetime, every: Every) -> datetime:
    """Return the first midnight of UTC (nine in the morning in Seoul) after a time: of a day, a Monday, or a month."""
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if every is Every.DAY:
        return midnight + timedelta(days=1)
    if every is Every.WEEK:
        return midnight + timedelta(days=7 - midnight.weekday())
    return (midnight.replace(day=1) + timedelta(days=32)).replace(day=1)
