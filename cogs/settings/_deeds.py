"""The record of what moderators did, a page at a time: who saw an original, who restored, warned, erased."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import discord

from bot.records import AuditEntry
from bot.storage import AuditLog
from bot.texts import text
from cogs._press import ItemClass, pressed, standing
from cogs._replies import Interaction, locale_of, redraw, say
from cogs.settings._managed import guild_of, may_manage, tried

PAGE = 15
PAGES = re.compile(r"garim:settings:deeds:(?P<after>\d{1,18})", re.ASCII)


class Deeds:
    """Show what was done in a server."""

    def __init__(self, audit: AuditLog) -> None:
        self._audit = audit

    def items(self) -> list[ItemClass]:
        """Return the buttons that turn the pages."""
        return [pressed(PAGES, self._turn)]

    async def show(self, interaction: Interaction) -> None:
        """Answer a call with the newest page."""
        await tried(interaction, self._show(interaction))

    async def _show(self, interaction: Interaction) -> None:
        embed, view = await self._page(interaction, 0)
        await say(interaction, embed=embed, view=view)

    async def _turn(self, interaction: Interaction, match: re.Match[str], _: Sequence[str]) -> None:
        if await may_manage(interaction):
            await tried(interaction, self._redraw(interaction, int(match["after"])), updates=True)

    async def _redraw(self, interaction: Interaction, after: int) -> None:
        embed, view = await self._page(interaction, after)
        await redraw(interaction, embed=embed, view=view)

    async def _page(self, interaction: Interaction, after: int) -> tuple[discord.Embed, discord.ui.View | None]:
        """Return the page of what was done before a number; 0 is the newest page."""
        locale = locale_of(interaction)
        found = await self._audit.history(guild_of(interaction), PAGE + 1, after or None)
        shown = found[:PAGE]
        lines = [_line(entry, locale) for entry in shown] or [text("panel.deeds_empty", locale)]
        embed = discord.Embed(title=text("panel.deeds_title", locale), description="\n".join(lines))
        if not shown:
            return embed, None
        newest = _button("panel.history_newest", 0, locale, disabled=not after)
        older = _button("panel.history_older", shown[-1].id, locale, disabled=len(found) <= PAGE)
        return embed, standing(newest, older)


def _line(entry: AuditEntry, locale: str) -> str:
    about = [text("panel.deed_incident", locale, id=entry.incident_id)] if entry.incident_id is not None else []
    about += [f"<@{entry.member_id}>"] if entry.member_id is not None else []
    deed = text(f"panel.deed_{entry.what}", locale)
    return " · ".join([f"<t:{int(entry.at.timestamp())}:R> <@{entry.actor_id}> {deed}", *about])


def _button(key: str, after: int, locale: str, *, disabled: bool) -> discord.ui.Button[Any]:
    custom_id = f"garim:settings:deeds:{after}"
    return discord.ui.Button(label=text(key, locale), custom_id=custom_id, disabled=disabled)
