"""Who may read incidents, cases and reports: checked by us at every call and press, whatever Discord shows to whom."""

from __future__ import annotations

import logging
from collections.abc import Coroutine
from typing import Any

import discord
from discord import app_commands

from bot.errors import GarimError
from bot.texts import text
from cogs._refusals import FAULTS, Refusal, refused_by
from cogs._replies import Interaction, in_time, locale_of, say

logger = logging.getLogger(__name__)


async def may_moderate(interaction: Interaction) -> bool:
    """Let only those through who may manage messages in the whole server; the others are told so.

    What the interaction itself carries holds for its channel alone: with that, whoever has been given one channel to
    look after could read the incidents of all.
    """
    member = interaction.user
    if isinstance(member, discord.Member) and member.guild_permissions.manage_messages:
        return True
    await say(interaction, text("incidents.not_allowed", locale_of(interaction)))
    return False


class Moderated(app_commands.Group):
    """Be a group of commands for those who may manage messages."""

    def __init__(self) -> None:
        super().__init__(guild_only=True, default_permissions=discord.Permissions(manage_messages=True))

    async def interaction_check(self, interaction: Interaction, /) -> bool:
        """Check who calls."""
        return await may_moderate(interaction)


async def tried(interaction: Interaction, work: Coroutine[Any, Any, None], *, updates: bool = False) -> None:
    """Do what was asked for; what stands in its way is told to whoever asked, and logged."""
    try:
        await in_time(interaction, work, updates=updates)
    except GarimError as error:
        logger.error("guild %s: a record could not be used: %s", interaction.guild_id, error)
        await say(interaction, text("incidents.failed", locale_of(interaction)))
    except FAULTS as fault:
        # Nobody is left to tell: the answer itself is what was refused.
        refused = refused_by(fault, Refusal.OTHER).detail()
        logger.warning("guild %s: an answer was refused: %s", interaction.guild_id, refused)
