"""What the setup panel's selects and buttons do; every choice takes effect at once and is audited."""

from __future__ import annotations

import re
from collections.abc import Sequence

import discord

from bot.guild_choice import GuildChoice
from bot.policy import Policy
from bot.storage import Storage
from bot.texts import text
from cogs._press import ItemClass, pressed
from cogs._replies import Interaction, locale_of, redraw, say
from cogs.settings._managed import Edit, may_manage, tried
from cogs.settings._observing import keep_summary
from cogs.setup_panel import OBSERVE, exempt_shown, setup_view, started_view
from cogs.setup_permissions import no_alerts_in, permission_lines

OPEN_ID = "garim:setup:open"
_CHOICE = re.compile(r"garim:setup:(?P<what>preset|alerts|roles|begin)", re.ASCII)
_BUTTON = re.compile(r"garim:setup:(?P<what>open|start|recheck)", re.ASCII)


class SetupDesk:
    """Open the panel, take its choices, and end it."""

    def __init__(self, storage: Storage) -> None:
        self._guilds = storage.guilds
        self._schedules = storage.schedules

    def items(self) -> list[ItemClass]:
        """Return the selects and buttons of the panel and of the greeting."""
        return [pressed(_CHOICE, self._chosen), pressed(_BUTTON, self._pressed)]

    async def open(self, interaction: Interaction) -> None:
        """Show the panel to whoever called, and to nobody else."""
        await tried(interaction, self._open(interaction))

    async def _open(self, interaction: Interaction) -> None:
        guild = _guild(interaction)
        await say(interaction, view=self._panel(interaction, await self._guilds.policy(guild.id)))

    async def _chosen(self, interaction: Interaction, match: re.Match[str], values: Sequence[str]) -> None:
        if await may_manage(interaction):
            await tried(interaction, self._take(interaction, match["what"], values), updates=True)

    async def _pressed(self, interaction: Interaction, match: re.Match[str], _: Sequence[str]) -> None:
        if not await may_manage(interaction):
            return
        if match["what"] == "open":
            await self.open(interaction)
        else:
            await tried(interaction, self._again(interaction, started=match["what"] == "start"), updates=True)

    async def _take(self, interaction: Interaction, what: str, values: Sequence[str]) -> None:
        guild = _guild(interaction)
        note = ""
        if what == "alerts" and (note := _refusal(guild, values, locale_of(interaction))):
            policy = await self._guilds.policy(guild.id)
        else:
            edit = _edit(guild, what, values)
            policy = (await self._guilds.apply(guild.id, edit, interaction.user.id)).policy
        if what == "roles" and str(guild.id) in values:
            note = text("panel.exempt_everyone", locale_of(interaction))
        await redraw(interaction, view=self._panel(interaction, policy, note))

    async def _again(self, interaction: Interaction, *, started: bool) -> None:
        """Draw the message anew: the panel, or with `started` the screen that it ends with."""
        guild, locale = _guild(interaction), locale_of(interaction)
        policy = await self._guilds.policy(guild.id)
        if not started:
            await redraw(interaction, view=self._panel(interaction, policy))
            return
        lines = permission_lines(guild, policy, interaction.application_id, locale)
        await keep_summary(self._schedules, guild.id, policy, wanted=True)
        all_well = lines == [text("setup.permissions_ok", locale)]
        await redraw(interaction, view=started_view(policy, lines, locale, all_well=all_well))

    @staticmethod
    def _panel(interaction: Interaction, policy: Policy, note: str = "") -> discord.ui.LayoutView:
        guild, locale = _guild(interaction), locale_of(interaction)
        lines = permission_lines(guild, policy, interaction.application_id, locale)
        return setup_view(guild, policy, lines, locale, note)


def _edit(guild: discord.Guild, what: str, values: Sequence[str]) -> Edit:
    """Return what one choice makes of the settings. Only values that the panel offers get here: Discord sees to it."""

    def edited(choice: GuildChoice) -> GuildChoice:
        match what:
            case "preset":
                return choice.changed({"preset": values[0] if values else None})
            case "alerts":
                return choice.changed({"alert_channel_id": int(values[0]) if values else None})
            case "begin":
                return choice.changed({"observe": OBSERVE in values})
        standing = choice.exempt_role_ids or frozenset()
        kept = standing - set(exempt_shown(guild, standing))
        return choice.changed({"exempt_role_ids": sorted(kept | {int(value) for value in values}) or None})

    return edited


def _refusal(guild: discord.Guild, values: Sequence[str], locale: str) -> str:
    """Say why a channel cannot be taken for alerts; "" where it can."""
    channel = guild.get_channel(int(values[0])) if values else None
    if not isinstance(channel, discord.TextChannel):
        return "" if not values else text("setup.alerts_gone", locale)
    return no_alerts_in(channel, locale)


def _guild(interaction: Interaction) -> discord.Guild:
    assert interaction.guild is not None  # noqa: S101 - may_manage, and the commands are for servers alone
    return interaction.guild
