"""`garim report --picture`: one server's report as a PNG, and in words."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.errors import CommandFailed
from bot.incidents import IncidentFilter
from bot.records import Every
from bot.reports.periods import LIMIT, Period, recent, zone_of
from bot.reports.picture import png
from bot.reports.report import report_on, sentences, title_of
from bot.settings import Settings
from bot.storage import Storage, open_from
from bot.texts import tell


async def draw(settings: Settings, wanted: IncidentFilter, every: Every, locale: str) -> tuple[bytes, str]:
    """Return the picture of the time that was asked for, else of the last day, week or month, and what it says.

    Channels go by their ids: what they are called, only Discord knows. Raises CommandFailed, StorageError.
    """
    zone, now = zone_of(locale), datetime.now(UTC)
    last = recent(every, now, zone)
    until = (wanted.until or now).astimezone(zone)
    since = (wanted.since or until - (last.until - last.since)).astimezone(zone)
    if not since < until <= since + LIMIT:
        raise CommandFailed(tell("report.bad_range"))
    async with open_from(settings, migrate=False) as storage:
        guild_id = wanted.guild_id or await only_guild(storage)
        report = await report_on(storage, guild_id, Period(since, until) if wanted.since or wanted.until else last)
    words = "\n".join([title_of(report.period, locale), *sentences(report, str, locale)])
    return png(report, str, locale, str(guild_id)), words


async def only_guild(storage: Storage) -> int:
    """Return the one server that there is. Raises CommandFailed when there is none, or several to choose from."""
    known = sorted(await storage.guilds.known())
    if len(known) != 1:
        some = ", ".join(map(str, known[:20])) or "-"
        raise CommandFailed(tell("report.which_guild", guilds=some))
    return known[0]
