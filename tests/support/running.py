"""A real bot in a real sandbox inside the test's own loop, talking over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.client import GarimBot, connect
from bot.incidents import Incident, IncidentState
from bot.settings import BreakerSettings, DiscordSettings, PathSettings, RepostSettings, Settings
from bot.storage import Storage
from bot.wiring import OpenMasker, open_bot
from cogs._engine import Engine
from cogs._steps import OnStep, unwatched
from masker import Masker
from masker.aio import AsyncMasker
from sandbox.models import LogEntry, Message, RequestEntry
from sandbox.permissions import Permission
from sandbox.seed import Demo
from sandbox.server import Sandbox

CURSE = "시발 진짜 짜증나네"
MASKED = "●● 진짜 짜증나네"
QUICK = {
    "doubt_wait_ms": 150,
    "request_timeout_ms": 1_000,
    "retry_base_ms": 10,
    "retry_max_ms": 100,
    "unfinished_retry_s": 1,
    "shutdown_grace_ms": 2_000,
    "catch_up_minutes": 0,
}
"""Repost settings under which a test of waiting takes no minute; nothing is read back unless a test asks for it."""


@dataclass(frozen=True, slots=True)
class Running:
    """Hold what a test looks at: the world, the server, the bot, its engine and its database."""

    demo: Demo
    server: Sandbox
    bot: GarimBot
    engine: Engine

    @property
    def storage(self) -> Storage:
        """Return the bot's own storage."""
        return self.engine.storage

    def requests(self) -> list[RequestEntry]:
        """Return the REST requests so far."""
        return list(self.demo.world.requests)

    async def incidents(self, message_id: int) -> list[Incident]:
        """Return a message's incidents."""
        return await self.storage.incidents.for_message(message_id)


@contextlib.asynccontextmanager
async def lexicon_only(settings: Settings) -> AsyncIterator[AsyncMasker]:
    """Give the masker without a classifier: what it flags depends on no weights."""
    masker = Masker()
    await asyncio.to_thread(masker.warm)
    yield AsyncMasker(masker)


def settings_for(server: Sandbox, folder: Path, **repost: Any) -> Settings:
    """Return settings that point at a sandbox and keep their files in a folder."""
    return Settings(
        discord=DiscordSettings(api_base=server.api_base, gateway=server.gateway, cdn_base=server.cdn),
        repost=RepostSettings(**{**QUICK, **repost}),
        breaker=BreakerSettings(),
        paths=PathSettings(data_dir=folder),
    )


@contextlib.asynccontextmanager
async def running_bot(
    demo: Demo,
    server: Sandbox,
    settings: Settings,
    *,
    on_step: OnStep = unwatched,
    open_masker: OpenMasker = lexicon_only,
    clock: Callable[[], float] = time.monotonic,
) -> AsyncIterator[Running]:
    """Give a bot that is connected and knows its guilds; it is closed at the end."""
    async with open_bot(settings, on_step=on_step, open_masker=open_masker, clock=clock) as (bot, engine):
        connection = asyncio.create_task(connect(bot, settings.discord, demo.token))
        try:
            await wait_for(lambda: connection.done() or _knows(bot, demo))
            if connection.done():
                connection.result()
            yield Running(demo, server, bot, engine)
            await engine.wind_down(1.0)
        finally:
            await bot.close()
            connection.cancel()
            await asyncio.gather(connection, return_exceptions=True)


def _knows(bot: GarimBot, demo: Demo) -> bool:
    guild = bot.get_guild(demo.guild.id)
    return guild is not None and not guild.unavailable and guild.me is not None


async def wait_for(condition: Callable[[], Any], timeout_s: float = 10.0, *, what: str = "") -> Any:
    """Wait until the condition holds and return its value. Raises AssertionError after `timeout_s`."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + timeout_s
    while not (value := condition()):
        if loop.time() > deadline:
            raise AssertionError(f"waited {timeout_s} s in vain: {what or condition}")
        await asyncio.sleep(0.01)
    return value


def reposts(demo: Demo, channel_id: int) -> list[Message]:
    """Return the messages in a channel that a webhook or the bot posted, oldest first."""
    bot_id = demo.application.bot_id
    found = demo.world.history(channel_id)
    return [message for message in found if message.webhook_id is not None or message.author_id == bot_id]


def created(demo: Demo, channel_id: int) -> list[LogEntry]:
    """Return every creation in a channel, whoever made it, from the world's own log."""
    return demo.world.facts("created", channel_id=channel_id)


def channel_id(running: Running, name: str = "자유-대화") -> int:
    """Return the id of one of the demo guild's channels."""
    return running.demo.channels[name].id


def say(running: Running, content: str, who: str = "minseo", place: int | None = None, **more: Any) -> Message:
    """Let a member write a message."""
    return running.demo.world.member_send(running.demo.people[who].id, place or channel_id(running), content, **more)


def gone(running: Running, message: Message) -> bool:
    """Tell whether a message no longer stands."""
    return message.id not in running.demo.world.messages[message.channel_id]


async def incident_in(running: Running, message: Message, state: IncidentState, timeout_s: float = 10.0) -> Incident:
    """Wait until a message has an incident in a state, and return it."""
    async with asyncio.timeout(timeout_s):
        while True:
            for incident in await running.incidents(message.id):
                if incident.state is state:
                    return incident
            await asyncio.sleep(0.01)


async def closed(running: Running, message: Message, timeout_s: float = 10.0) -> Incident:
    """Wait until a message's incident is closed, and return it."""
    return await incident_in(running, message, IncidentState.CLOSED, timeout_s)


async def repost_of(running: Running, message: Message, timeout_s: float = 10.0) -> Message:
    """Wait until a message is gone and its incident closed, and return the one repost that stands in its place."""
    await closed(running, message, timeout_s)
    assert gone(running, message)
    (found,) = reposts(running.demo, message.channel_id)
    return found


async def shut_out(running: Running, place: int, denied: Permission) -> None:
    """Deny the bot something in a channel, and wait until it has heard of it."""
    running.demo.world.deny_in_channel(place, running.demo.application.bot_id, denied)
    guild = running.bot.get_guild(running.demo.guild.id)
    assert guild is not None
    channel = guild.get_channel(place)
    assert channel is not None
    await wait_for(lambda: not channel.permissions_for(guild.me).value & int(denied))
