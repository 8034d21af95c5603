"""The Discord client: where Discord is, with which intents it is asked, and what its refusals mean to a person."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import discord
import yarl
from discord.asset import Asset
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.errors import DiscordRefused
from bot.settings import DiscordSettings
from bot.texts import tell
from cogs._breaker import Breaker
from cogs._engine import Engine, Resources, open_engine
from cogs._forms import Forms
from cogs._items import forms_of, items_of
from cogs._localised import CatalogueTranslator
from cogs._sync import sync_commands
from cogs.automod import AutoModDesk
from cogs.automod_blocks import Blocks
from cogs.cases import CaseGroup
from cogs.check import check_command
from cogs.incidents.group import IncidentsGroup, MemberGroup
from cogs.menu import message_menu
from cogs.moderation import Moderation
from cogs.privacy import PrivacyGroup
from cogs.reports.group import ReportGroup
from cogs.scan import Scans
from cogs.settings.group import SettingsGroup
from cogs.setup import Greeting, SetupGroup
from cogs.terms.group import TermsGroup

logger = logging.getLogger(__name__)

RATE_LIMIT_WAIT_S = 60.0
"""Longest rate limit that discord.py sits out; a longer one is an error that puts the incident off."""
GUILD_READY_TIMEOUT_S = 1.0
"""How long discord.py waits for one more guild before it says READY."""

# This bot has no voice, so what voice would need is nothing to warn its admins of.
discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False

_INTENTS_REFUSED = frozenset({4013, 4014})
_TOKEN_REFUSED = 4004


class GarimBot(commands.AutoShardedBot):
    """Be discord.py's client with the least that masking needs: guilds, their messages, and what those say.

    `ready` is set once the gateway has said READY.
    """

    def __init__(self, settings: DiscordSettings, breaker: Breaker, state_dir: Path) -> None:
        super().__init__(
            command_prefix=_no_prefix,
            help_command=None,
            intents=discord.Intents(
                guilds=True, guild_messages=True, message_content=True, auto_moderation_execution=True
            ),
            chunk_guilds_at_startup=False,
            member_cache_flags=discord.MemberCacheFlags.none(),
            max_messages=None,
            allowed_mentions=discord.AllowedMentions.none(),
            http_trace=breaker.trace_config(settings.api_base),
            max_ratelimit_timeout=RATE_LIMIT_WAIT_S,
            guild_ready_timeout=GUILD_READY_TIMEOUT_S,
        )
        self.ready = asyncio.Event()
        self._state_dir = state_dir

    async def setup_hook(self) -> None:
        """Tell Discord the commands, when they are not those it knows."""
        await sync_commands(self, self._state_dir)

    async def launch_shards(self) -> None:
        """Ask Discord how many shards there are, and connect them to the gateway that the settings name."""
        # discord.py takes the address from this answer too, unless the count is set: then it takes DEFAULT_GATEWAY.
        self.shard_count, _, _ = await self.http.get_bot_gateway()
        await super().launch_shards()

    async def on_ready(self) -> None:
        """Note that the gateway is up."""
        self.ready.set()

    async def on_message(self, message: discord.Message, /) -> None:
        """Do nothing: there are no prefix commands, and the cogs have their own listeners."""


@contextlib.asynccontextmanager
async def open_client(resources: Resources) -> AsyncIterator[tuple[GarimBot, Engine]]:
    """Give the client, its cogs and its engine, not connected yet; closes the connection at the end."""
    settings = resources.settings
    point_at(settings.discord)
    async with (
        GarimBot(settings.discord, resources.breaker, settings.data_dir) as bot,
        open_engine(bot, resources) as engine,
    ):
        await bot.tree.set_translator(CatalogueTranslator())
        await bot.add_cog(Moderation(bot, engine))
        bot.tree.add_command(SettingsGroup(resources.storage))
        scans = Scans(bot, engine)
        setup = SetupGroup(resources.storage)
        setup.add_command(scans.command())
        automod = AutoModDesk(bot, engine)
        setup.add_command(automod.command())
        await bot.add_cog(Blocks(bot, engine))
        bot.tree.add_command(setup)
        await bot.add_cog(Greeting(resources.storage.guilds))
        bot.tree.add_command(TermsGroup(engine.desk))
        bot.tree.add_command(check_command(engine.desk))
        bot.tree.add_command(IncidentsGroup(engine.desk))
        bot.tree.add_command(MemberGroup(engine.desk))
        bot.tree.add_command(CaseGroup(resources.storage.cases))
        bot.tree.add_command(ReportGroup(engine.desk))
        bot.tree.add_command(PrivacyGroup(engine.privacy))
        bot.tree.add_command(message_menu(engine.desk))
        bot.add_dynamic_items(*items_of(engine), *scans.items(), *automod.items())
        await bot.add_cog(Forms(forms_of(engine)))
        try:
            yield bot, engine
        finally:
            await scans.close()


def point_at(settings: DiscordSettings) -> None:
    """Point discord.py at the addresses of the settings. It keeps them on its classes, so they hold for the process."""
    Route.BASE = settings.api_base
    Asset.BASE = settings.cdn_base
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(settings.gateway)


async def connect(bot: GarimBot, settings: DiscordSettings, token: str) -> None:
    """Log in and stay connected until the client is closed. Raises DiscordRefused with what to do about it."""
    try:
        await bot.login(token)
        await bot.connect()
    except discord.LoginFailure:
        raise DiscordRefused(tell("run.bad_token")) from None
    except discord.PrivilegedIntentsRequired:
        raise DiscordRefused(tell("run.missing_intent")) from None
    except discord.ConnectionClosed as closed:
        if closed.code == _TOKEN_REFUSED:
            raise DiscordRefused(tell("run.bad_token")) from None
        if closed.code in _INTENTS_REFUSED:
            raise DiscordRefused(tell("run.missing_intent")) from None
        raise DiscordRefused(tell("run.refused", address=settings.gateway, reason=closed.code)) from None
    except discord.HTTPException as refused:
        reason = f"HTTP {refused.status}"
        raise DiscordRefused(tell("run.refused", address=settings.api_base, reason=reason)) from None
    except (discord.GatewayNotFound, aiohttp.ClientError, OSError) as fault:
        reason = type(fault).__name__
        raise DiscordRefused(tell("run.unreachable", address=settings.api_base, reason=reason)) from None


def _no_prefix(bot: commands.Bot, message: discord.Message) -> list[str]:
    return []
