"""Buttons and selects that outlive the process: a press is matched by its id's pattern, and what it chose handed on."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import discord

from cogs._replies import Interaction

ItemClass = type[discord.ui.DynamicItem[Any]]
Take = Callable[[Interaction, re.Match[str], Sequence[str]], Awaitable[None]]
"""Take a press: the interaction, the match of the id, and a select's values (of a button, none)."""


def pressed(template: re.Pattern[str], take: Take) -> ItemClass:
    """Return an item class for ids of a pattern, to be registered with the client; presses go to `take`.

    discord.py makes an instance per press from the class alone, so what `take` needs is bound to the class here.
    """

    class Pressed(discord.ui.DynamicItem[Any], template=template):
        def __init__(self, item: discord.ui.Item[Any], match: re.Match[str]) -> None:
            super().__init__(item)
            self.match = match

        @classmethod
        async def from_custom_id(
            cls, interaction: Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
        ) -> Pressed:
            return cls(item, match)

        async def callback(self, interaction: Interaction) -> None:
            data: Any = interaction.data or {}
            await take(interaction, self.match, [str(value) for value in data.get("values", ())])

    return Pressed


def standing(*items: discord.ui.Item[Any]) -> discord.ui.View:
    """Return a view of items to send; discord.py keeps nothing of it, because presses are matched by pattern."""
    view = discord.ui.View(timeout=None)
    for item in items:
        view.add_item(item)
    view.stop()
    return view
