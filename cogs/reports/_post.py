"""A report as a post: the picture, and beside it what it says in words."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Mapping

import discord

from bot.reports.periods import Period
from bot.reports.report import NameOf, Report, report_on, sentences, title_of
from bot.storage import Storage
from bot.texts import text

PICTURE = "garim-report.png"
TITLE_LIMIT = 256


async def post_of(
    storage: Storage, guild_id: int, guild: discord.Guild | None, period: Period, locale: str
) -> tuple[discord.Embed, discord.File]:
    """Return one guild's report on a time. Raises StorageUnavailable."""
    report = await report_on(storage, guild_id, period)
    return await drawn(report, guild, locale)


async def observed_post(
    storage: Storage, guild_id: int, guild: discord.Guild | None, period: Period, locale: str
) -> tuple[discord.Embed, discord.File]:
    """Return the summary of what would have been done to what was only observed. Raises StorageUnavailable."""
    report = await report_on(storage, guild_id, period)
    actions = await storage.statistics.would_have(guild_id, period.since, period.until)
    embed, file = await drawn(report, guild, locale)
    embed.colour = discord.Colour.gold()
    embed.description = "\n".join([*would_have(actions, locale), "", embed.description or ""])
    return embed, file


async def drawn(report: Report, guild: discord.Guild | None, locale: str) -> tuple[discord.Embed, discord.File]:
    """Return a report with its picture, which is drawn beside the loop."""
    words = "\n".join(sentences(report, lambda place: f"<#{place}>", locale))
    embed = discord.Embed(title=title_of(report.period, locale)[:TITLE_LIMIT], description=words)
    embed.colour = discord.Colour.blurple()
    embed.set_image(url=f"attachment://{PICTURE}")
    names = names_in(guild)
    raw = await asyncio.to_thread(_png, report, names, locale, guild.name if guild is not None else "")
    return embed, discord.File(io.BytesIO(raw), PICTURE)


def would_have(actions: Mapping[str, int], locale: str) -> list[str]:
    """Return what would have been done, in words."""
    if not actions:
        return [text("report.observed_none", locale)]
    done = [f"{text(f'panel.action_{action}', locale)} {count}" for action, count in actions.items()]
    head = text("report.observed", locale, count=sum(actions.values()), actions=", ".join(done))
    return [head, text("report.observed_end", locale)]


def names_in(guild: discord.Guild | None) -> NameOf:
    """Return how channels are called now; one that is gone goes by the end of its id."""
    places = {} if guild is None else {channel.id: f"#{channel.name}" for channel in guild.channels}
    return lambda place: places.get(place, f"#…{place % 10_000:04}")


def _png(report: Report, names: NameOf, locale: str, guild_name: str) -> bytes:
    # matplotlib takes a while to import, and a bot that nobody asks for a report never needs it.
    from bot.reports.picture import png

    return png(report, names, locale, guild_name)
