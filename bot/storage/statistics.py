"""StatisticsStore: the figures of a guild's incidents, counted by the database from its indexes alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, case, cast, extract, func, select
from sqlalchemy.types import Integer

from bot.incidents import OutcomeKind
from bot.storage.database import Database
from bot.storage.finishing import finishing
from bot.storage.record_tables import reviews
from bot.storage.tables import incident_labels, incidents

BUCKET_LIMIT = 100_000
_HOUR = timedelta(hours=1)


class Bucket(StrEnum):
    """Name how finely time is divided."""

    HOUR = "hour"
    DAY = "day"


@finishing
class StatisticsStore:
    """Count one guild's incidents that were opened from `since` up to, not including, `until`.

    All methods raise StorageUnavailable. Hours and days are those of `zone`; where its offset is no whole number of
    hours, an incident counts at the hour in which its hour of UTC begins.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def series(
        self, guild_id: int, since: datetime, until: datetime, bucket: Bucket, zone: tzinfo = UTC
    ) -> Sequence[tuple[datetime, int]]:
        """Return each hour's or day's beginning with its number of incidents, oldest first, those without any too.

        Raises ValueError when that would be more than 100,000.
        """
        if (until - since) / (_HOUR if bucket is Bucket.HOUR else 24 * _HOUR) > BUCKET_LIMIT:
            raise ValueError(f"{since} to {until} has more than {BUCKET_LIMIT} {bucket}s")
        found = dict.fromkeys(_beginnings(since, until, bucket, zone), 0)
        for hour, count in await self._by_utc_hour(guild_id, since, until):
            beginning = _beginning(hour.astimezone(zone), bucket)
            found[beginning] = found.get(beginning, 0) + count
        return sorted(found.items())

    async def by_hour(self, guild_id: int, since: datetime, until: datetime, zone: tzinfo = UTC) -> Sequence[int]:
        """Return the number of incidents at each of the 24 hours of the day."""
        found = [0] * 24
        for hour, count in await self._by_utc_hour(guild_id, since, until):
            found[hour.astimezone(zone).hour] += count
        return found

    async def by_label(self, guild_id: int, since: datetime, until: datetime) -> Mapping[str, int]:
        """Return the number of incidents under each label, most first; one with two labels counts under both."""
        label = incident_labels.c.label
        query = select(label, func.count()).where(*_within(incident_labels, guild_id, since, until))
        return _most_first(await self._rows(query.group_by(label)))

    async def by_channel(self, guild_id: int, since: datetime, until: datetime) -> Mapping[int, int]:
        """Return the number of incidents in each channel, most first; a thread's count in the channel above it."""
        return await self._grouped(incidents.c.channel_id, guild_id, since, until)

    async def by_outcome(self, guild_id: int, since: datetime, until: datetime) -> Mapping[OutcomeKind, int]:
        """Return the number of incidents with each outcome, most first; one that is not finished has none."""
        found = await self._grouped(incidents.c.outcome, guild_id, since, until)
        return {OutcomeKind(name): count for name, count in found.items() if name is not None}

    async def verdicts(self, guild_id: int, since: datetime, until: datetime) -> tuple[int, int]:
        """Return how many incidents the moderators called right, and how many wrong."""
        within = _within(incidents, guild_id, since, until)
        # The number of verdicts is far smaller than that of incidents, so they come first.
        query = (
            select(func.sum(case((reviews.c.right, 1), else_=0)), func.sum(case((reviews.c.right, 0), else_=1)))
            .select_from(reviews.join(incidents, incidents.c.id == reviews.c.incident_id))
            .where(reviews.c.guild_id == guild_id, *within)
        )
        ((right, wrong),) = await self._rows(query)
        return int(right or 0), int(wrong or 0)

    async def false_positive_rate(self, guild_id: int, since: datetime, until: datetime) -> float | None:
        """Return the share of the moderators' verdicts that said wrong; None without any."""
        right, wrong = await self.verdicts(guild_id, since, until)
        return wrong / (right + wrong) if right + wrong else None

    async def median_reaction_s(self, guild_id: int, since: datetime, until: datetime) -> float | None:
        """Return the median of the seconds that words stood before they were deleted; None where none were.

        From the time in the message's id, or of its edit, by Discord's clock, to the delete by ours. Of an even number
        the lower middle one.
        """
        within = (*_within(incidents, guild_id, since, until), incidents.c.reaction_ms.is_not(None))
        ((count,),) = await self._rows(select(func.count()).select_from(incidents).where(*within))
        if not count:
            return None
        ordered = select(incidents.c.reaction_ms).where(*within).order_by(incidents.c.reaction_ms)
        ((middle,),) = await self._rows(ordered.offset((count - 1) // 2).limit(1))
        return float(max(middle, 0)) / 1_000

    async def _grouped(self, column: Column[Any], guild_id: int, since: datetime, until: datetime) -> dict[Any, int]:
        query = select(column, func.count()).where(*_within(incidents, guild_id, since, until)).group_by(column)
        return _most_first(await self._rows(query))

    async def _by_utc_hour(self, guild_id: int, since: datetime, until: datetime) -> list[tuple[datetime, int]]:
        at = incidents.c.opened_at
        if self._database.is_sqlite:
            hour: ColumnElement[Any] = func.substr(at, 1, 13)  # as SQLAlchemy writes times there: 2026-03-01 12:...
        else:
            hour = cast(func.floor(extract("epoch", at) / 3_600), Integer)
        query = select(hour.label("hour"), func.count()).where(*_within(incidents, guild_id, since, until))
        rows = await self._rows(query.group_by("hour"))
        if self._database.is_sqlite:
            return [(datetime.strptime(name, "%Y-%m-%d %H").replace(tzinfo=UTC), count) for name, count in rows]
        return [(datetime.fromtimestamp(number * 3_600, UTC), count) for number, count in rows]

    async def _rows(self, query: Select[Any]) -> list[Any]:
        async with self._database.read() as connection:
            return list((await connection.execute(query)).all())


def _within(table: Any, guild_id: int, since: datetime, until: datetime) -> tuple[ColumnElement[bool], ...]:
    return (table.c.guild_id == guild_id, table.c.opened_at >= since, table.c.opened_at < until)


def _most_first(rows: Sequence[Any]) -> dict[Any, int]:
    return dict(sorted(((name, count) for name, count in rows), key=lambda pair: (-pair[1], str(pair[0]))))


def _beginning(at: datetime, bucket: Bucket) -> datetime:
    whole = at.replace(minute=0, second=0, microsecond=0)
    return whole if bucket is Bucket.HOUR else whole.replace(hour=0)


def _beginnings(since: datetime, until: datetime, bucket: Bucket, zone: tzinfo) -> list[datetime]:
    found: list[datetime] = []
    hour = since.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    while hour < until:
        beginning = _beginning(hour.astimezone(zone), bucket)
        if not found or found[-1] != beginning:
            found.append(beginning)
        hour += _HOUR
    return found
