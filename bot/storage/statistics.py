"""StatisticsStore: the figures of a guild's incidents, counted by the database from its indexes alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, ColumnElement, Executable, case, func, select

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


_Hour = tuple[datetime, int]


@dataclass(frozen=True, slots=True)
class Figures:
    """Hold everything that a report shows; each field is what the method of its name returns."""

    series: Sequence[tuple[datetime, int]]
    by_hour: Sequence[int]
    by_label: Mapping[str, int]
    by_channel: Mapping[int, int]
    by_outcome: Mapping[OutcomeKind, int]
    right: int
    wrong: int
    median_reaction_s: float | None

    @property
    def total(self) -> int:
        """Return the number of incidents."""
        return sum(self.by_hour)

    @property
    def false_positive_rate(self) -> float | None:
        """Return the share of the moderators' verdicts that said wrong; None without any."""
        return _rate(self.right, self.wrong)


@finishing
class StatisticsStore:
    """Count one guild's incidents that were opened from `since` up to, not including, `until`.

    All methods raise StorageUnavailable. Hours and days are those of `zone`; where its offset is no whole number of
    hours, an incident counts at the hour in which its hour of UTC begins.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def figures(
        self, guild_id: int, since: datetime, until: datetime, bucket: Bucket, zone: tzinfo = UTC
    ) -> Figures:
        """Return everything at once, which is quicker than one after another. Raises ValueError as `series` does."""
        asked = (guild_id, since, until)

        async def verdicts_and_reaction() -> tuple[int, int, float | None]:
            return *await self.verdicts(*asked), await self.median_reaction_s(*asked)

        hours, by_label, by_channel, by_outcome, rest = await self._database.together(
            self._by_utc_hour(*asked),
            self.by_label(*asked),
            self.by_channel(*asked),
            self.by_outcome(*asked),
            verdicts_and_reaction(),
        )
        series, by_hour = _series(hours, since, until, bucket, zone), _by_hour(hours, zone)
        return Figures(series, by_hour, by_label, by_channel, by_outcome, *rest)

    async def series(
        self, guild_id: int, since: datetime, until: datetime, bucket: Bucket, zone: tzinfo = UTC
    ) -> Sequence[tuple[datetime, int]]:
        """Return each hour's or day's beginning with its number of incidents, oldest first, those without any too.

        Raises ValueError when that would be more than 100,000.
        """
        return _series(await self._by_utc_hour(guild_id, since, until), since, until, bucket, zone)

    async def by_hour(self, guild_id: int, since: datetime, until: datetime, zone: tzinfo = UTC) -> Sequence[int]:
        """Return the number of incidents at each of the 24 hours of the day."""
        return _by_hour(await self._by_utc_hour(guild_id, since, until), zone)

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

    async def would_have(self, guild_id: int, since: datetime, until: datetime) -> Mapping[str, int]:
        """Return how often each action would have been taken on what was only observed, most first."""
        observed = (*_within(incidents, guild_id, since, until), incidents.c.outcome == OutcomeKind.OBSERVED.value)
        query = select(incidents.c.action, func.count()).where(*observed).group_by(incidents.c.action)
        return _most_first(await self._rows(query))

    async def verdicts(self, guild_id: int, since: datetime, until: datetime) -> tuple[int, int]:
        """Return how many incidents the moderators called right, and how many wrong."""
        right = func.sum(case((reviews.c.right, 1), else_=0))
        query = select(right, func.count()).where(*_within(reviews, guild_id, since, until))
        ((confirmed, given),) = await self._rows(query)
        return int(confirmed or 0), int(given) - int(confirmed or 0)

    async def false_positive_rate(self, guild_id: int, since: datetime, until: datetime) -> float | None:
        """Return the share of the moderators' verdicts that said wrong; None without any."""
        right, wrong = await self.verdicts(guild_id, since, until)
        return _rate(right, wrong)

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
        hour = incidents.c.opened_hour
        # The time asks for what the hour cannot tell, at both ends; the hours let an index be followed.
        ends = (hour >= int(since.timestamp()) // 3_600, hour <= int(until.timestamp()) // 3_600)
        query = select(hour, func.count()).where(*ends, *_within(incidents, guild_id, since, until)).group_by(hour)
        rows = await self._rows(query)
        return [(datetime.fromtimestamp(number * 3_600, UTC), count) for number, count in rows]

    async def _rows(self, query: Executable) -> list[Any]:
        async with self._database.read() as connection:
            return list((await connection.execute(query)).all())


def _rate(right: int, wrong: int) -> float | None:
    return wrong / (right + wrong) if right + wrong else None


def _series(hours: Iterable[_Hour], since: datetime, until: datetime, bucket: Bucket, zone: tzinfo) -> list[_Hour]:
    found = dict.fromkeys(_beginnings(since, until, bucket, zone), 0)
    for hour, count in hours:
        beginning = _beginning(hour.astimezone(zone), bucket)
        found[beginning] = found.get(beginning, 0) + count
    return sorted(found.items())


def _by_hour(hours: Iterable[_Hour], zone: tzinfo) -> list[int]:
    found = [0] * 24
    for hour, count in hours:
        found[hour.astimezone(zone).hour] += count
    return found


def _within(table: Any, guild_id: int, since: datetime, until: datetime) -> tuple[ColumnElement[bool], ...]:
    return (table.c.guild_id == guild_id, table.c.opened_at >= since, table.c.opened_at < until)


def _most_first(rows: Sequence[Any]) -> dict[Any, int]:
    return dict(sorted(((name, count) for name, count in rows), key=lambda pair: (-pair[1], str(pair[0]))))


def _beginning(at: datetime, bucket: Bucket) -> datetime:
    whole = at.replace(minute=0, second=0, microsecond=0)
    return whole if bucket is Bucket.HOUR else whole.replace(hour=0)


def _beginnings(since: datetime, until: datetime, bucket: Bucket, zone: tzinfo) -> list[datetime]:
    if (until - since) / (_HOUR if bucket is Bucket.HOUR else 24 * _HOUR) > BUCKET_LIMIT:
        raise ValueError(f"{since} to {until} has more than {BUCKET_LIMIT} {bucket}s")
    found: list[datetime] = []
    hour = since.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    while hour < until:
        beginning = _beginning(hour.astimezone(zone), bucket)
        if not found or found[-1] != beginning:
            found.append(beginning)
        hour += _HOUR
    return found
