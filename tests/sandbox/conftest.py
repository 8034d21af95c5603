"""A demo world served on a loopback port, a raw HTTP caller, and real discord.py bots against it."""

from __future__ import annotations

import asyncio
import contextlib
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
import yarl

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # discord.py imports audioop, which Python 3.13 removes
    import discord
    import discord.gateway
    import discord.http
    from discord.ext import commands

from sandbox.ratelimit import RateLimits
from sandbox.seed import Demo, demo_world
from sandbox.server import Sandbox


@dataclass
class Answer:
    """What the server answered."""

    status: int
    data: Any
    headers: Any

    @property
    def code(self) -> int | None:
        return self.data.get("code") if isinstance(self.data, dict) else None


class Caller:
    """Speak REST without a library, as the bot or as nobody."""

    def __init__(self, session: aiohttp.ClientSession, base: str, token: str) -> None:
        self.session = session
        self.base = base
        self.token = token

    async def __call__(
        self, method: str, path: str, json: Any = None, *, token: str | None = "", **options: Any
    ) -> Answer:
        headers = dict(options.pop("headers", {}))
        if token is not None:
            headers["Authorization"] = f"Bot {token or self.token}"
        async with self.session.request(method, self.base + path, json=json, headers=headers, **options) as answer:
            raw = await answer.read()
            is_json = answer.headers.get("Content-Type") == "application/json"
            return Answer(answer.status, await answer.json() if is_json and raw else raw, answer.headers)


class Bot(commands.AutoShardedBot):
    """A real discord.py bot that keeps what it hears."""

    def __init__(self, **options: Any) -> None:
        intents = options.pop("intents", discord.Intents(guilds=True, guild_messages=True, message_content=True))
        super().__init__(command_prefix="\0", intents=intents, chunk_guilds_at_startup=False, **options)
        self.heard: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()

    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        super().dispatch(event, *args, **kwargs)
        if hasattr(self, "heard"):
            self.heard.put_nowait((event, args[0] if args else None))

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Do not wait the five seconds between identifies: the sandbox lets sixteen begin at once."""

    async def hear(self, event: str, timeout_s: float = 10.0) -> Any:
        """Return the next event of a name, dropping those before it."""
        async with asyncio.timeout(timeout_s):
            while True:
                name, value = await self.heard.get()
                if name == event:
                    return value

    def heard_so_far(self, event: str) -> list[Any]:
        found = []
        while not self.heard.empty():
            name, value = self.heard.get_nowait()
            if name == event:
                found.append(value)
        return found


@pytest.fixture
def demo() -> Demo:
    return demo_world()


@pytest.fixture
async def server(demo: Demo) -> AsyncIterator[Sandbox]:
    async with Sandbox(demo.world, limits=RateLimits(enabled=False)) as running:
        yield running


@pytest.fixture
async def call(server: Sandbox, demo: Demo) -> AsyncIterator[Caller]:
    async with aiohttp.ClientSession() as session:
        yield Caller(session, server.api_base, demo.token)


BotStarter = Callable[..., Awaitable[Bot]]


@pytest.fixture
async def start_bot(server: Sandbox, demo: Demo, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[BotStarter]:
    monkeypatch.setattr(discord.http.Route, "BASE", server.api_base)
    monkeypatch.setattr(discord.asset.Asset, "BASE", server.cdn)
    monkeypatch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(server.gateway))
    async with contextlib.AsyncExitStack() as stack:

        async def start(**options: Any) -> Bot:
            bot = Bot(**options)
            bot._connection.guild_ready_timeout = 0.2
            task = asyncio.create_task(bot.start(demo.token))

            async def stop() -> None:
                await bot.close()
                await asyncio.gather(task, return_exceptions=True)

            stack.push_async_callback(stop)
            await bot.hear("ready")
            return bot

        yield start
