"""`/check`: what the bot makes of a text here, and why; nothing is posted, changed or recorded."""

from __future__ import annotations

import logging

import discord
from discord import app_commands

from bot.errors import GarimError
from bot.policy import LabelAction
from bot.texts import text
from cogs._explain import explained, here_of
from cogs._intake import Facts, Skipped, admit, place_of
from cogs._localised import said
from cogs._replies import Interaction, in_time, locale_of, say
from cogs.review.desk import Desk

logger = logging.getLogger(__name__)

TEXT_LIMIT = 4_000
"""As long as the longest message."""


def check_command(desk: Desk) -> app_commands.Command[app_commands.Group, ..., None]:
    """Return the command, to be added to the tree."""

    @app_commands.rename(words=said("check.option_text_name"))
    @app_commands.describe(words=said("check.option_text"))
    async def check(interaction: Interaction, words: app_commands.Range[str, 1, TEXT_LIMIT]) -> None:
        if not interaction.permissions.manage_messages:
            await say(interaction, text("check.not_allowed", locale_of(interaction)))
            return
        try:
            await in_time(interaction, _checked(desk, interaction, words))
        except GarimError as error:
            logger.error("guild %s: a text could not be checked: %s", interaction.guild_id, error)
            await say(interaction, text("check.failed", locale_of(interaction)))

    command: app_commands.Command[app_commands.Group, ..., None] = app_commands.Command(
        name=said("check.name"), description=said("check.about"), callback=check
    )
    command.guild_only = True
    command.default_permissions = discord.Permissions(manage_messages=True)
    return command


async def _checked(desk: Desk, interaction: Interaction, words: str) -> None:
    places, known = place_of(interaction.channel)
    roles = interaction.user.roles if isinstance(interaction.user, discord.Member) else []
    facts = Facts(
        guild_id=interaction.guild_id,
        place_ids=frozenset(places),
        place_known=known,
        author_id=interaction.user.id,
        author_is_bot=False,
        webhook_id=None,
        application_id=None,
        is_system=False,
        role_ids=frozenset(role.id for role in roles),
        has_text=True,
    )
    await say(interaction, embed=await explanation(desk, interaction, words, interaction.channel, facts))


async def explanation(desk: Desk, interaction: Interaction, words: str, channel: object, facts: Facts) -> discord.Embed:
    """Return what the bot makes of words in a channel of the interaction's guild. Raises StorageError.

    `facts` tell whether such a message is read at all.
    """
    guild_id = interaction.guild_id or 0
    censor = await desk.censor.of(guild_id)
    policy = await desk.storage.guilds.policy(guild_id)
    own_application_id = desk.client.application_id or 0
    admitted = admit(facts, policy, own_user_id=desk.bot_id, own_application_id=own_application_id)
    skip = admitted.reason if isinstance(admitted, Skipped) else None
    here = here_of(policy, channel, skip, censor.own.rules if censor.own is not None else {})
    judged = await censor.judge(words, here.policy)
    shown = censor.masked(judged, here.policy).text if judged.decision.action is LabelAction.MASK else ""
    return explained(judged, here, locale_of(interaction), masked=shown)
