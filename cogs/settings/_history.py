"""`/settings history`: who changed what and when, a page at a time, and any of it taken back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import discord

from bot.setting_changes import taken_back
from bot.storage import SettingChange
from bot.texts import text
from cogs._press import ItemClass, pressed, standing
from cogs._replies import Interaction, locale_of, redraw, say
from cogs.settings._managed import SettingsDesk, guild_of, may_manage, tried
from cogs.settings._words import named, told

PAGE = 8
LINE_LIMIT = 400
OPTION_LIMIT = 100
"""Source: Discord's developer docs, "Select Option Structure"."""

_ID = r"(?P<change>\d{1,18})"
UNDO = re.compile(rf"garim:settings:undo:{_ID}", re.ASCII)
REVERT = re.compile(r"garim:settings:revert", re.ASCII)
PAGES = re.compile(r"garim:settings:history:(?P<before>\d{1,18})", re.ASCII)


class History:
    """Show a server's changes and take them back."""

    def __init__(self, desk: SettingsDesk) -> None:
        self._desk = desk

    async def show(self, interaction: Interaction) -> None:
        """Answer a call with the newest page."""
        await tried(interaction, self._show(interaction))

    def items(self) -> list[ItemClass]:
        """Return the buttons and the select that belong to it."""
        return [pressed(UNDO, self._undo), pressed(REVERT, self._revert), pressed(PAGES, self._turn)]

    async def _show(self, interaction: Interaction) -> None:
        embed, view = await self._page(interaction, 0)
        await say(interaction, embed=embed, view=view)

    async def _turn(self, interaction: Interaction, match: re.Match[str], _: Sequence[str]) -> None:
        if await may_manage(interaction):
            await tried(interaction, self._redraw(interaction, int(match["before"])), updates=True)

    async def _redraw(self, interaction: Interaction, before: int) -> None:
        embed, view = await self._page(interaction, before)
        await redraw(interaction, embed=embed, view=view)

    async def _page(self, interaction: Interaction, before: int) -> tuple[discord.Embed, discord.ui.View | None]:
        """Return the page of changes before a number; 0 is the newest page."""
        locale = locale_of(interaction)
        found = await self._desk.guilds.history(guild_of(interaction), PAGE + 1, before or None)
        shown = found[:PAGE]
        lines = [_line(change, locale) for change in shown] or [text("panel.history_empty", locale)]
        embed = discord.Embed(title=text("panel.history_title", locale), description="\n".join(lines))
        if not shown:
            return embed, None
        view = standing(
            _choice(shown, locale),
            _button("panel.history_newest", 0, locale, disabled=not before),
            _button("panel.history_older", shown[-1].id, locale, disabled=len(found) <= PAGE),
        )
        return embed, view

    async def _undo(self, interaction: Interaction, match: re.Match[str], _: Sequence[str]) -> None:
        if await may_manage(interaction):
            await tried(interaction, self._take_back(interaction, int(match["change"])))

    async def _revert(self, interaction: Interaction, _: re.Match[str], values: Sequence[str]) -> None:
        if values and await may_manage(interaction):
            await tried(interaction, self._take_back(interaction, int(values[0])))

    async def _take_back(self, interaction: Interaction, change_id: int) -> None:
        change = await self._desk.guilds.change(guild_of(interaction), change_id)
        if change is None:
            await say(interaction, text("panel.change_unknown", locale_of(interaction)))
            return
        applied = await self._desk.guilds.apply(
            guild_of(interaction),
            lambda choice: taken_back(choice, change.key, change.old, change.new),
            interaction.user.id,
        )
        await self._desk.answer(interaction, applied)


def _line(change: SettingChange, locale: str) -> str:
    when = f"<t:{int(change.at.timestamp())}:R>"
    words = "\n".join(told(change.key, change.old, change.new, locale))
    short = words if len(words) <= LINE_LIMIT else f"{words[: LINE_LIMIT - 1]}…"
    return f"`#{change.id}` {when} <@{change.actor_id}>\n{short}"


def _choice(shown: Sequence[SettingChange], locale: str) -> discord.ui.Select[Any]:
    options = [
        discord.SelectOption(value=str(change.id), label=f"#{change.id} {named(change.key, locale)}"[:OPTION_LIMIT])
        for change in shown
    ]
    return discord.ui.Select(
        custom_id="garim:settings:revert", placeholder=text("panel.history_revert", locale), options=options
    )


def _button(key: str, before: int, locale: str, *, disabled: bool) -> discord.ui.Button[Any]:
    custom_id = f"garim:settings:history:{before}"
    return discord.ui.Button(label=text(key, locale), custom_id=custom_id, disabled=disabled)
