"""A sandbox in the test's own process and the bot's data beside it: what a bot process can be started against.

The world outlives every bot, and its log is kept by nobody but the sandbox: what it says stood in a channel did.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from bot.incidents import Incident
from bot.settings_loading import load_settings
from bot.storage import open_from
from sandbox.models import LogEntry, Message
from sandbox.seed import Demo, demo_world
from sandbox.server import Sandbox
from sandbox.world import World

T = TypeVar("T")

SPEAKER = "minseo"
CURSE = "아 시발 진짜 짜증나네"
MASKED = "아 ●● 진짜 짜증나네"


@dataclass(slots=True)
class Arena:
    """Hold the world, its server, and the environment that points a bot at both. `folder` is the bot's alone."""

    demo: Demo
    server: Sandbox
    folder: Path
    environ: dict[str, str] = field(default_factory=dict)

    @property
    def world(self) -> World:
        """Return the world."""
        return self.demo.world

    @property
    def channel_id(self) -> int:
        """Return the channel where everybody talks."""
        return self.demo.channels["자유-대화"].id

    @property
    def speaker_id(self) -> int:
        """Return the member who talks."""
        return self.demo.people[SPEAKER].id

    def say(self, content: str = CURSE, channel_id: int | None = None) -> Message:
        """Speak as the member."""
        return self.world.member_send(self.speaker_id, channel_id or self.channel_id, content)

    def reposts(self) -> list[LogEntry]:
        """Return every webhook post there ever was, oldest first."""
        return [entry for entry in self.world.facts("created") if entry.webhook_id is not None]

    def standing(self, channel_id: int) -> list[Message]:
        """Return what can be read in a channel now, oldest first."""
        return list(self.world.history(channel_id))

    async def incidents(self, message_id: int) -> list[Incident]:
        """Return what the bot's database says of a message."""
        async with open_from(load_settings(environ=self.environ), migrate=False) as storage:
            return await storage.incidents.for_message(message_id)


@contextlib.asynccontextmanager
async def arena(folder: Path, *, openapi: Path | None = None, **settings: str) -> AsyncIterator[Arena]:
    """Give a fresh world and an empty data folder; `settings` are variables such as `GARIM_GUILD_DEFAULTS__NOTICE`.

    With `openapi`, every request is held to that description.
    """
    demo = demo_world()
    async with Sandbox(demo.world, openapi=openapi) as server:
        environ = {
            "GARIM_DISCORD__API_BASE": server.api_base,
            "GARIM_DISCORD__GATEWAY": server.gateway,
            "GARIM_DISCORD__CDN_BASE": server.cdn,
            "GARIM_DISCORD__TOKEN": demo.token,
            "GARIM_PATHS__DATA_DIR": str(folder / "data"),
            "GARIM_REPOST__DOUBT_WAIT_MS": "150",
            "GARIM_REPOST__RETRY_BASE_MS": "50",
            "GARIM_LANG": "en",
            **settings,
        }
        yield Arena(demo, server, folder, environ)


async def wait_for(condition: Callable[[], T | None], what: str, timeout_s: float = 15.0) -> T:
    """Wait until a condition holds and return what it gives. Raises AssertionError saying what did not come."""
    deadline = time.monotonic() + timeout_s
    while not (found := condition()):
        assert time.monotonic() < deadline, f"within {timeout_s:.0f} s there was no {what}"
        await asyncio.sleep(0.02)
    return found
