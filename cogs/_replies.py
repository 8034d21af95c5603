"""Answering whoever pressed or called: within Discord's three seconds, to them alone, and pinging nobody."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

import discord

from bot.texts import nearest_locale

Interaction = discord.Interaction[Any]
_T = TypeVar("_T")

PATIENCE_S = 1.0
"""How long an answer is waited for before Discord is told that one will come; it gives up after three seconds."""


def locale_of(interaction: Interaction) -> str:
    """Return the catalogue's language of whoever pressed or called."""
    return nearest_locale(str(interaction.locale))


async def in_time(interaction: Interaction, work: Coroutine[Any, Any, _T], *, updates: bool = False) -> _T:
    """Return what the work returns; when it takes long, Discord is told that the answer (or update) will come."""
    task = asyncio.ensure_future(work)
    done, _ = await asyncio.wait({task}, timeout=PATIENCE_S)
    if not done and not interaction.response.is_done():
        if updates:
            await interaction.response.defer()
        else:
            await interaction.response.defer(ephemeral=True, thinking=True)
    return await task


async def say(
    interaction: Interaction,
    words: str = "",
    *,
    embed: discord.Embed | None = None,
    view: discord.ui.View | discord.ui.LayoutView | None = None,
    files: Sequence[discord.File] = (),
) -> None:
    """Tell whoever pressed or called, and nobody else; once more, if they were told before."""
    given: dict[str, Any] = {"ephemeral": True, "allowed_mentions": discord.AllowedMentions.none()}
    if words:
        given["content"] = words
    if embed is not None:
        given["embed"] = embed
    if view is not None:
        given["view"] = view
    if files:
        given["files"] = list(files)
    if interaction.response.is_done():
        await interaction.followup.send(**given)
    else:
        await interaction.response.send_message(**given)


async def redraw(interaction: Interaction, **changes: Any) -> None:
    """Put something else in the place of the message that was pressed on; attachments go unless they are given."""
    given: dict[str, Any] = {"allowed_mentions": discord.AllowedMentions.none(), **changes}
    if interaction.response.is_done():
        await interaction.edit_original_response(**given)
    else:
        await interaction.response.edit_message(**given)
