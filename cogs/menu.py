"""The one entry in a message's context menu: a panel for whoever asks, with a check and a report for everybody."""

from __future__ import annotations

import re
from collections.abc import Sequence

import discord
from discord import app_commands

from bot.texts import text
from cogs._intake import facts_of
from cogs._localised import said
from cogs._press import ItemClass, pressed
from cogs._refusals import FAULTS, Refusal, refused_by
from cogs._replies import Interaction, locale_of
from cogs.check import explanation
from cogs.review import buttons, panel, report
from cogs.review.desk import Denied, Desk, Told, answer, deferred, guarded


def message_menu(desk: Desk) -> app_commands.ContextMenu:
    """Return the context menu, to be added to the tree."""

    async def opened(interaction: Interaction, message: discord.Message) -> None:
        if not await deferred(interaction):
            return

        async def made() -> Told:
            if interaction.guild_id is None:
                raise Denied("review.unknown")
            return await panel.of_message(desk, interaction, message)

        await answer(interaction, await guarded(interaction, made()))

    menu = app_commands.ContextMenu(name=said("menu.name"), callback=opened)
    menu.guild_only = True
    return menu


def menu_items(desk: Desk) -> list[ItemClass]:
    """Return the items of the panel that are everybody's."""
    limits = report.ReportLimits()

    async def check(interaction: Interaction, match: re.Match[str], _: Sequence[str]) -> None:
        async def made() -> Told:
            message = await _message(desk, interaction, match)
            return await _checked(desk, interaction, message)

        if await deferred(interaction):
            await answer(interaction, await guarded(interaction, made()))

    async def reported(interaction: Interaction, match: re.Match[str], _: Sequence[str]) -> None:
        async def made() -> Told:
            message = await _message(desk, interaction, match)
            async with desk.locks.holding(message.id):
                subject = await panel.subject_of(desk, interaction, message)
                key = await report.report(desk, limits, subject, interaction.guild_id or 0, interaction.user.id)
            return Told(text(key, locale_of(interaction)))

        if await deferred(interaction):
            await answer(interaction, await guarded(interaction, made()))

    return [pressed(buttons.CHECK, check), pressed(buttons.REPORT, reported)]


async def _message(desk: Desk, interaction: Interaction, match: re.Match[str]) -> discord.Message:
    """Return the panel's message, as it stands now, if whoever asks may read it. Raises Denied, Refused."""
    channel_id, message_id = int(match["channel"]), int(match["message"])
    guild = interaction.guild
    channel = guild.get_channel_or_thread(channel_id) if guild is not None else None
    if guild is None or channel is None or not isinstance(channel, discord.abc.Messageable):
        raise Denied("review.unknown")
    allowed = channel.permissions_for(interaction.user) if isinstance(interaction.user, discord.Member) else None
    if allowed is None or not (allowed.view_channel and allowed.read_message_history):
        raise Denied("review.unknown")
    try:
        with desk.breaker.of_guild(guild.id):
            return await channel.fetch_message(message_id)
    except FAULTS as fault:
        raise refused_by(fault, Refusal.NO_READ_HISTORY) from fault


async def _checked(desk: Desk, interaction: Interaction, message: discord.Message) -> Told:
    shown = await explanation(desk, interaction, message.content, message.channel, facts_of(message))
    return Told(embed=shown)
