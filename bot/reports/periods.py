"""The time that a report is about: the last day, week or month, a whole one that has ended, or a range somebody names.

Days begin at midnight where the guild's language is at home. Seoul's clock has stood nine hours before UTC, without
summer time, since 1988 (IANA's time zone database), so that no table of zones is needed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, timezone, tzinfo

from bot.records import Every
from bot.storage import Bucket

LIMIT = timedelta(days=5 * 366)
"""The longest time that one report is about."""
BY_HOUR = timedelta(hours=48)
"""Up to here a report counts by the hour, beyond by the day."""
SEOUL = timezone(timedelta(hours=9), "KST")

_ZONES: dict[str, tzinfo] = {"ko": SEOUL}
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_AGO = re.compile(r"(\d{1,5})([mhdw])", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DAYS = {Every.DAY: 1, Every.WEEK: 7, Every.MONTH: 30}
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """Hold a time from `since` up to, not including, `until`, both in the zone whose days are meant."""

    since: datetime
    until: datetime

    @property
    def zone(self) -> tzinfo:
        """Return the zone whose days are meant."""
        return self.since.tzinfo or UTC

    @property
    def bucket(self) -> Bucket:
        """Return how finely the time is divided."""
        return Bucket.HOUR if self.until - self.since <= BY_HOUR else Bucket.DAY

    def before(self) -> Period:
        """Return the time of the same length just before this one."""
        return Period(self.since - (self.until - self.since), self.since)


def zone_of(locale: str) -> tzinfo:
    """Return the zone of a guild that speaks a language: Seoul's for Korean, else UTC."""
    return _ZONES.get(locale, UTC)


def recent(every: Every, now: datetime, zone: tzinfo) -> Period:
    """Return the time up to now: 24 hours, or today with the 6 or 29 days before it."""
    here = now.astimezone(zone)
    if every is Every.DAY:
        return Period(here - _DAY, here)
    return Period(_midnight(here) - (_DAYS[every] - 1) * _DAY, here)


def ended(every: Every, now: datetime, zone: tzinfo) -> Period:
    """Return the last whole day, week (from Monday) or month of the calendar."""
    until = _midnight(now.astimezone(zone))
    if every is Every.WEEK:
        until -= until.weekday() * _DAY
    elif every is Every.MONTH:
        until = until.replace(day=1)
    since = (until - _DAY).replace(day=1) if every is Every.MONTH else until - _DAYS[every] * _DAY
    return Period(since, until)


def between(since: str | None, until: str | None, every: Every, now: datetime, zone: tzinfo) -> Period:
    """Return the range that somebody named: the whole of its last day, up to now where they named no end.

    Without a beginning it is as long as `every`. Raises ValueError for what is no time, empty, or over five years.
    """
    latest = recent(every, now, zone)
    if since is None and until is None:
        return latest
    end = read_time(until, now, zone, whole_day=True) if until else now
    begin = read_time(since, now, zone) if since else end - (latest.until - latest.since)
    if not timedelta() < end - begin <= LIMIT:
        raise ValueError(f"{begin} to {end} is no time to report on")
    return Period(begin.astimezone(zone), end.astimezone(zone))


def read_time(words: str, now: datetime, zone: tzinfo, *, whole_day: bool = False) -> datetime:
    """Return a time that somebody wrote: `2026-03-01`, `2026-03-01T09:30`, `...+09:00`, or ago: `30m`, `12h`, `7d`.

    One without a zone is meant in `zone`; with `whole_day`, a date alone means that day's end. Raises ValueError.
    """
    words = words.strip()
    try:
        if ago := _AGO.fullmatch(words):
            return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        found = datetime.fromisoformat(words)
        if found.tzinfo is None:
            found = found.replace(tzinfo=zone)
        # In UTC now, so that a time at the edge of the calendar is refused here and nowhere later.
        return (found + _DAY if whole_day and _DATE.fullmatch(words) else found).astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{words!r} is outside the calendar") from None


def _midnight(at: datetime) -> datetime:
    return datetime.combine(at.date(), time(), at.tzinfo)
