"""`/terms list`: a server's terms, a page at a time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import discord

from bot.terms import TermKind
from bot.texts import text
from cogs._plan import inert
from cogs._press import ItemClass, pressed, standing
from cogs._replies import Interaction, locale_of, redraw, say
from cogs.settings._managed import guild_of, may_manage
from cogs.terms import _words as words
from cogs.terms._desk import TermsDesk, carried

PAGE = 20
"""At most 20 lines of 170 characters: within an embed's 4,096."""
EVERY = "all"
PAGES = re.compile(rf"garim:terms:list:(?P<kind>{EVERY}|{'|'.join(TermKind)}):(?P<page>\d{{1,4}})", re.ASCII)


class Lists:
    """Show a server's terms."""

    def __init__(self, desk: TermsDesk) -> None:
        self._desk = desk

    def items(self) -> list[ItemClass]:
        """Return the buttons that turn pages."""
        return [pressed(PAGES, self._turned)]

    async def show(self, interaction: Interaction, kind: TermKind | None) -> None:
        """Answer a call with the first page."""
        await carried(interaction, self._show(interaction, kind))

    async def _show(self, interaction: Interaction, kind: TermKind | None) -> None:
        embed, view = await self._page(interaction, kind, 0)
        await say(interaction, embed=embed, view=view)

    async def _turned(self, interaction: Interaction, match: re.Match[str], _: Sequence[str]) -> None:
        kind = None if match["kind"] == EVERY else TermKind(match["kind"])
        if await may_manage(interaction):
            await carried(interaction, self._redraw(interaction, kind, int(match["page"])), updates=True)

    async def _redraw(self, interaction: Interaction, kind: TermKind | None, page: int) -> None:
        embed, view = await self._page(interaction, kind, page)
        await redraw(interaction, embed=embed, view=view)

    async def _page(
        self, interaction: Interaction, kind: TermKind | None, page: int
    ) -> tuple[discord.Embed, discord.ui.View | None]:
        locale = locale_of(interaction)
        terms = [one for one in await self._desk.terms.list(guild_of(interaction)) if kind in (None, one.kind)]
        pages = max(1, -(-len(terms) // PAGE))
        page = min(page, pages - 1)  # what was on the last page may have been removed since
        lines = [inert(words.named(term, locale)) for term in terms[page * PAGE : (page + 1) * PAGE]]
        embed = discord.Embed(
            title=text("terms.list_title", locale, count=len(terms)),
            description="\n".join(lines) or text("terms.list_empty", locale),
        )
        if pages == 1:
            return embed, None
        embed.set_footer(text=text("terms.list_page", locale, page=page + 1, pages=pages))
        buttons = [
            _button("terms.list_before", kind, max(0, page - 1), locale, disabled=page == 0),
            _button("terms.list_after", kind, page + 1, locale, disabled=page + 1 >= pages),
        ]
        return embed, standing(*buttons)


def _button(key: str, kind: TermKind | None, page: int, locale: str, *, disabled: bool) -> discord.ui.Button[Any]:
    custom_id = f"garim:terms:list:{kind or EVERY}:{page}"
    return discord.ui.Button(label=text(key, locale), custom_id=custom_id, disabled=disabled)
