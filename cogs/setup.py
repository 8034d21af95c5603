"""`/setup`: begin in four choices, and invite with exactly what is needed; and the greeting when the bot joins."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.errors import StorageError
from bot.permissions import Need, invitation
from bot.storage import GuildStore, Storage
from bot.texts import text
from cogs._localised import said
from cogs._press import standing
from cogs._refusals import FAULTS, Refusal, refused_by
from cogs._replies import Interaction, locale_of, say
from cogs.settings._managed import Managed
from cogs.setup_items import OPEN_ID, SetupDesk
from cogs.setup_permissions import explained

logger = logging.getLogger(__name__)

FRESH = timedelta(minutes=10)
"""A server joined longer ago has been greeted, whatever event says that it is new."""


class SetupGroup(Managed, name=said("setup.group_name"), description=said("setup.group")):
    """Set the bot up in one server; other commands of setting up are added to this group."""

    def __init__(self, storage: Storage) -> None:
        self._desk = SetupDesk(storage)
        super().__init__(guild_only=True, default_permissions=discord.Permissions(manage_guild=True))

    @app_commands.command(name=said("setup.start_name"), description=said("setup.start"))
    async def start(self, interaction: Interaction) -> None:
        """Show the panel of four choices."""
        await self._desk.open(interaction)

    @app_commands.command(name=said("setup.invite_name"), description=said("setup.invite"))
    async def invite(self, interaction: Interaction) -> None:
        """Give the invitation, each permission explained."""
        locale = locale_of(interaction)
        embed = discord.Embed(title=text("setup.invite_title", locale), colour=discord.Colour.blurple())
        embed.description = "\n".join([text("setup.invite_intro", locale), "", *explained(list(Need), locale)])
        url = invitation(interaction.application_id)
        button: discord.ui.Button[Any] = discord.ui.Button(label=text("setup.button_invite", locale), url=url)
        await say(interaction, embed=embed, view=standing(button))


class Greeting(commands.Cog):
    """Say hello in a server that the bot has just joined, with a button that opens the panel."""

    def __init__(self, guilds: GuildStore) -> None:
        self._guilds = guilds

    @commands.Cog.listener()
    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Greet, where there is a channel to do it in."""
        joined_at = guild.me.joined_at
        if joined_at is None or datetime.now(UTC) - joined_at > FRESH:
            return
        channel = _hall(guild)
        if channel is None:
            logger.info("guild %d: joined, but there is no channel to say hello in", guild.id)
            return
        try:
            policy = await self._guilds.policy(guild.id)
            words = text("setup.hello", policy.locale, preset=text(f"panel.preset_{policy.preset}", policy.locale))
            button: discord.ui.Button[Any] = discord.ui.Button(
                label=text("setup.button_open", policy.locale), custom_id=OPEN_ID, style=discord.ButtonStyle.primary
            )
            none = discord.AllowedMentions.none()
            await channel.send(words, view=standing(button), allowed_mentions=none)
        except StorageError as error:
            logger.error("guild %d: its settings could not be read for the greeting: %s", guild.id, error)
        except FAULTS as fault:
            logger.warning(
                "guild %d: the greeting was refused: %s", guild.id, refused_by(fault, Refusal.OTHER).detail()
            )


def _hall(guild: discord.Guild) -> discord.TextChannel | None:
    """Return where newcomers are greeted: the server's own channel for that, or the first where the bot may write."""
    wanted = [guild.system_channel] if guild.system_channel is not None else []
    for channel in (*wanted, *guild.text_channels):
        allowed = channel.permissions_for(guild.me)
        if allowed.view_channel and allowed.send_messages:
            return channel
    return None
