"""`/report schedule`: in which channel a report is posted, and how often."""

from __future__ import annotations

import discord

from bot.permissions import Need
from bot.records import Every, Schedule
from bot.texts import text
from cogs._moderated import tried
from cogs._replies import Interaction, locale_of, say
from cogs.reports._scheduler import REPORT_KIND
from cogs.review.desk import Desk
from cogs.settings._managed import may_manage
from cogs.setup_permissions import named

OFF = "off"
_NEEDED = (Need.VIEW_CHANNEL, Need.SEND_MESSAGES, Need.EMBED_LINKS, Need.ATTACH_FILES)


class Scheduling:
    """Show and change when a server's report is posted."""

    def __init__(self, desk: Desk) -> None:
        self._schedules = desk.storage.schedules

    async def set(self, interaction: Interaction, every: str | None, channel: discord.TextChannel | None) -> None:
        """Answer with what holds, or let it be otherwise; that needs the right to manage the server."""
        if every is None or await may_manage(interaction):
            await tried(interaction, self._set(interaction, every, channel))

    async def _set(self, interaction: Interaction, every: str | None, channel: discord.TextChannel | None) -> None:
        locale, guild_id = locale_of(interaction), interaction.guild_id or 0
        if every is None:
            standing = [one for one in await self._schedules.of(guild_id) if one.kind == REPORT_KIND]
            await say(interaction, _told(standing[0] if standing else None, locale))
            return
        if every == OFF:
            await self._schedules.set(guild_id, REPORT_KIND, 0, None)
            await say(interaction, _told(None, locale))
            return
        place = channel or interaction.channel
        if not isinstance(place, discord.TextChannel):
            await say(interaction, text("report.schedule_where", locale))
            return
        lacks = [need for need in _NEEDED if not place.permissions_for(place.guild.me).value & need.value]
        if lacks:
            permissions = named(lacks, locale)
            await say(
                interaction, text("report.schedule_lacks", locale, channel=place.mention, permissions=permissions)
            )
            return
        await say(interaction, _told(await self._schedules.set(guild_id, REPORT_KIND, place.id, Every(every)), locale))


def _told(schedule: Schedule | None, locale: str) -> str:
    if schedule is None:
        return text("report.schedule_none", locale)
    every = text(f"report.every_{schedule.every}", locale)
    at = f"<t:{int(schedule.next_at.timestamp())}:f>"
    return text("report.schedule_set", locale, channel=f"<#{schedule.channel_id}>", every=every, at=at)
