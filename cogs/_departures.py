"""Departures: the record of which guilds the bot is in, held to what Discord says, and the end of those it has left."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable

import discord

from bot.errors import StorageError
from bot.storage import GuildStore

logger = logging.getLogger(__name__)

RETRY_S = 30.0


class Here:
    """Say in which guilds a client is, those in an outage included."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    def ids(self) -> set[int]:
        """Return the guilds' ids."""
        return {guild.id for guild in self._client.guilds}

    def has(self, guild_id: int) -> bool:
        """Tell whether the client is in a guild."""
        return self._client.get_guild(guild_id) is not None

    def serves(self, guild_id: int) -> bool:
        """Tell whether this process would know of it: a guild belongs to one shard, by its id.

        Source: Discord's developer docs, "Sharding".
        """
        client = self._client
        if not isinstance(client, discord.AutoShardedClient) or not client.shard_count:
            return True
        return (guild_id >> 22) % client.shard_count in client.shards


class Departures:
    """Record that guilds are left and joined again, and delete what is kept of those left long ago.

    An event only says which guild to look at; what is recorded is where the bot then is. So events may come twice or
    in any order, and a database that was out of reach is told later.
    """

    def __init__(self, here: Here, guilds: GuildStore) -> None:
        self._here = here
        self._guilds = guilds
        self._changed: set[int] = set()
        self._all = False
        self._wake = asyncio.Event()
        self._compared = asyncio.Event()

    def changed(self, guild_id: int) -> None:
        """Note that the bot has left or joined a guild."""
        self._changed.add(guild_id)
        self._wake.set()

    def ready(self) -> None:
        """Note that it is known in which guilds the bot is: the whole record is compared with it."""
        self._all = True
        self._wake.set()

    @property
    def busy(self) -> bool:
        """Tell whether something that was noted is not recorded yet."""
        return self._all or bool(self._changed)

    async def run(self) -> None:
        """Record what was noted, again and again until it stands."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                await self._settle()
            except StorageError as error:
                logger.error("which guilds the bot is in could not be recorded yet: %s", error)
                self._wake.set()
                await asyncio.sleep(RETRY_S)

    async def remove(self, grace_days: int) -> list[int]:
        """Delete everything of the guilds that were left longer ago than that, and return which.

        Waits until the record was compared: a guild may have been joined again while no bot ran. Raises StorageError.
        """
        await self._compared.wait()
        removed = await self._guilds.remove_departed(grace_days)
        for guild_id in removed:
            logger.info("guild %d: left more than %d days ago, and everything of it was deleted", guild_id, grace_days)
        return removed

    async def _settle(self) -> None:
        if self._all:
            known, gone, here = await self._guilds.known(), await self._guilds.gone(), self._here.ids()
            left = {guild_id for guild_id in known - here if self._here.serves(guild_id)}
            await self._record(left | (gone & here))
            self._all = False
            self._compared.set()
        await self._record(tuple(self._changed))

    async def _record(self, guild_ids: Iterable[int]) -> None:
        for guild_id in guild_ids:
            if self._here.has(guild_id):
                await self._guilds.back(guild_id)
            else:
                await self._guilds.left(guild_id)
                logger.info("guild %d: the bot was removed from it", guild_id)
            self._changed.discard(guild_id)
