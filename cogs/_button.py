"""The button under a repost: how an incident's key and a part's number are written into it, and read again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import discord

from bot.texts import text

TEMPLATE = re.compile(r"garim:why:(?P<key>[\w-]{22}):(?P<part>\d{1,3})", re.ASCII)


def custom_id(key: str, part_index: int) -> str:
    """Return the button's id for one part of an incident's repost."""
    return f"garim:why:{key}:{part_index}"


def why_button(key: str, part_index: int, locale: str) -> discord.ui.Button[discord.ui.View]:
    """Return the button that explains a repost to its author."""
    return discord.ui.Button(
        style=discord.ButtonStyle.secondary,
        label=text("notice.button", locale),
        custom_id=custom_id(key, part_index),
    )


def parts_marked(message: discord.Message, key: str) -> Iterator[int]:
    """Yield the part numbers that a message's buttons carry for an incident's key."""
    for found in map(TEMPLATE.fullmatch, _custom_ids(message.components)):
        if found is not None and found["key"] == key:
            yield int(found["part"])


def _custom_ids(components: Iterable[object]) -> Iterator[str]:
    for component in components:
        if isinstance(component, discord.ActionRow):
            yield from _custom_ids(component.children)
        elif isinstance(component, discord.Button) and component.custom_id is not None:
            yield component.custom_id
