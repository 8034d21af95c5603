"""The listeners of moderation. No logic: each hands its event to the engine."""

from __future__ import annotations

import discord
from discord.ext import commands

from cogs._engine import Engine


class Moderation(commands.Cog):
    """Listen to messages, edits and deletions, and to the events that say which guilds can be worked on."""

    def __init__(self, client: discord.Client, engine: Engine) -> None:
        self._client = client
        self._engine = engine

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Take a new message."""
        await self._engine.take(message)

    @commands.Cog.listener()
    async def on_raw_message_edit(self, event: discord.RawMessageUpdateEvent) -> None:
        """Take an edited message; updates without an edit (link previews, pins) say nothing new."""
        if event.data.get("edited_timestamp") and "content" in event.data:
            await self._engine.take(event.message)

    @commands.Cog.listener()
    async def on_raw_message_delete(self, event: discord.RawMessageDeleteEvent) -> None:
        """Note a deletion."""
        self._engine.watch.reported(event.message_id)

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, event: discord.RawBulkMessageDeleteEvent) -> None:
        """Note many deletions."""
        for message_id in event.message_ids:
            self._engine.watch.reported(message_id)

    @commands.Cog.listener()
    async def on_webhooks_update(self, channel: discord.abc.GuildChannel) -> None:
        """Note that a channel's webhooks changed."""
        self._engine.webhooks.updated(channel.id)

    @commands.Cog.listener()
    async def on_guild_available(self, guild: discord.Guild) -> None:
        """Finish what was left unfinished in a guild, and read what was said while it was away."""
        self._engine.finisher.recover([guild.id])
        self._engine.take_up.recover([guild.id])
        self._engine.catch_up.available([guild.id])

    @commands.Cog.listener()
    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Note that the bot was let into a guild."""
        self._engine.departures.changed(guild.id)

    @commands.Cog.listener()
    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Note that the bot was removed from a guild; an outage of one is another event."""
        self._engine.departures.changed(guild.id)

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Finish what was left unfinished in every guild that is there, and note which those are."""
        here = [guild.id for guild in self._client.guilds if not guild.unavailable]
        self._engine.finisher.recover(here)
        self._engine.take_up.recover(here)
        self._engine.departures.ready()

    @commands.Cog.listener()
    async def on_shard_ready(self, shard_id: int) -> None:
        """Read what was said in a shard's guilds before its new session began."""
        self._engine.catch_up.back(shard_id)
        guilds = [guild.id for guild in self._client.guilds if guild.shard_id == shard_id]
        self._engine.catch_up.available(guilds)

    @commands.Cog.listener()
    async def on_shard_disconnect(self, shard_id: int) -> None:
        """Note that a shard hears nothing."""
        self._engine.catch_up.lost(shard_id)

    @commands.Cog.listener()
    async def on_shard_resumed(self, shard_id: int) -> None:
        """Note that a shard hears again, and was told what it had missed."""
        self._engine.catch_up.back(shard_id)
