"""The group `/report`: a picture of a time, a file, a schedule, and thresholds drawn from verdicts."""

from __future__ import annotations

import discord
from discord import app_commands

from bot.incidents import IncidentFilter
from bot.records import Every
from bot.reports.exports import ExportForm
from bot.reports.periods import Period, between, zone_of
from bot.reports.proposals import LEAST_RIGHT
from bot.texts import text
from cogs._localised import choices, said
from cogs._moderated import Moderated, tried
from cogs._press import ItemClass
from cogs._replies import Interaction, locale_of, say
from cogs.incidents.group import Time, read_range
from cogs.reports._export import Export
from cogs.reports._post import post_of
from cogs.reports._schedule import OFF, Scheduling
from cogs.reports._thresholds import Thresholds
from cogs.review.desk import Desk
from cogs.settings._options import LABELS, PlaceId

_EVERY = choices("report.every_", Every)
_PERIODS = choices("report.last_", Every)
_PRECISION = round(100 * LEAST_RIGHT)
_SINCE, _UNTIL = said("incidents.option_since_name"), said("incidents.option_until_name")


class ReportGroup(Moderated, name=said("report.group_name"), description=said("report.group")):
    """Report on one server's incidents."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._export, self._scheduling, self._thresholds = Export(desk), Scheduling(desk), Thresholds(desk)
        super().__init__()

    @app_commands.command(name=said("report.show_name"), description=said("report.show"))
    @app_commands.rename(period=said("report.option_period_name"), since=_SINCE, until=_UNTIL)
    @app_commands.describe(period=said("report.option_period"), since=said("incidents.option_since"))
    @app_commands.describe(until=said("incidents.option_until"))
    @app_commands.choices(period=_PERIODS)
    async def show(
        self, interaction: Interaction, period: str = Every.WEEK, since: Time | None = None, until: Time | None = None
    ) -> None:
        """Show a picture of a time, and what it says."""
        locale = locale_of(interaction)
        try:
            wanted = between(since, until, Every(period), self._desk.now(), zone_of(locale))
        except ValueError:
            await say(interaction, text("report.bad_range", locale))
            return
        await tried(interaction, self._show(interaction, wanted, locale))

    async def _show(self, interaction: Interaction, period: Period, locale: str) -> None:
        guild_id = interaction.guild_id or 0
        embed, file = await post_of(self._desk.storage, guild_id, interaction.guild, period, locale)
        await say(interaction, embed=embed, files=[file])

    @app_commands.command(name=said("report.export_name"), description=said("report.export"))
    @app_commands.rename(form=said("panel.option_form_name"), member=said("incidents.option_member_name"))
    @app_commands.rename(label=said("incidents.option_label_name"), channel=said("incidents.option_channel_name"))
    @app_commands.rename(since=_SINCE, until=_UNTIL)
    @app_commands.describe(form=said("panel.option_form"), member=said("incidents.option_member"))
    @app_commands.describe(label=said("incidents.option_label"), channel=said("incidents.option_channel"))
    @app_commands.describe(since=said("incidents.option_since"), until=said("incidents.option_until"))
    @app_commands.choices(form=choices("report.form_", ExportForm), label=LABELS)
    async def export(
        self,
        interaction: Interaction,
        form: str,
        member: discord.User | None = None,
        channel: PlaceId | None = None,
        label: str | None = None,
        since: Time | None = None,
        until: Time | None = None,
    ) -> None:
        """Give incidents as a file, without anybody's words."""
        try:
            begin, end = read_range(self._desk, interaction, since, until)
        except ValueError:
            await say(interaction, text("incidents.bad_time", locale_of(interaction)))
            return
        wanted = IncidentFilter(
            guild_id=interaction.guild_id,
            author_id=member.id if member else None,
            channel_id=channel,
            label=label,
            since=begin,
            until=end,
        )
        await self._export.give(interaction, wanted, ExportForm(form))

    @app_commands.command(name=said("report.schedule_name"), description=said("report.schedule"))
    @app_commands.rename(every=said("report.option_every_name"), channel=said("incidents.option_channel_name"))
    @app_commands.describe(every=said("report.option_every"), channel=said("report.option_channel"))
    @app_commands.choices(every=[*_EVERY, *choices("report.every_", (OFF,))])
    async def schedule(
        self, interaction: Interaction, every: str | None = None, channel: discord.TextChannel | None = None
    ) -> None:
        """Let a report be posted regularly, or show when it is."""
        await self._scheduling.set(interaction, every, channel)

    @app_commands.command(name=said("report.thresholds_name"), description=said("report.thresholds"))
    @app_commands.rename(precision=said("report.option_precision_name"))
    @app_commands.describe(precision=said("report.option_precision"))
    async def thresholds(
        self, interaction: Interaction, precision: app_commands.Range[int, 50, 99] = _PRECISION
    ) -> None:
        """Propose thresholds from moderators' verdicts, and show what they would change."""
        await self._thresholds.show(interaction, precision)


def report_items(desk: Desk) -> list[ItemClass]:
    """Return the buttons that belong to the commands' answers."""
    return Thresholds(desk).items()
