"""The demo: a Discord of one's own on loopback, and the bot in it, for whoever has no token."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import json
import signal
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

from bot.client import GarimBot
from bot.errors import DiscordRefused
from bot.run import serve
from bot.settings import DiscordSettings, Settings
from bot.texts import text
from cogs._engine import Engine

START_TIMEOUT_S = 30.0
STOP_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class Place:
    """Hold where the sandbox is and the token it made for the bot."""

    page: str
    api_base: str
    gateway: str
    cdn_base: str
    token: str


def demo(settings: Settings) -> None:
    """Run the demo until SIGINT or SIGTERM. Raises GarimError and MaskerError like `bot.run.run`."""
    asyncio.run(_demo(settings))


async def _demo(settings: Settings) -> None:
    _say("demo.starting")
    stop = asyncio.Event()
    async with sandbox_process() as (process, place):
        watcher = asyncio.create_task(_stop_when_gone(process, stop))
        try:
            await serve(
                demo_settings(settings, place),
                place.token,
                prepare=_send_alerts_to_moderators,
                on_ready=lambda bot: _say_ready(bot, place),
                stop=stop,
            )
        finally:
            watcher.cancel()
            await asyncio.gather(watcher, return_exceptions=True)
        if process.returncode is not None:
            raise DiscordRefused(_both("demo.sandbox_gone", code=process.returncode))


def demo_settings(settings: Settings, place: Place) -> Settings:
    """Return the settings pointed at the sandbox, with files of their own."""
    discord = DiscordSettings(api_base=place.api_base, gateway=place.gateway, cdn_base=place.cdn_base)
    return settings.for_demo().model_copy(update={"discord": discord})


@contextlib.asynccontextmanager
async def sandbox_process() -> AsyncIterator[tuple[asyncio.subprocess.Process, Place]]:
    """Give a sandbox that runs as a process of its own, and stop it at the end whatever happens.

    Raises DiscordRefused when it does not start.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "sandbox",
        "--port",
        "0",
        "--json-ready",
        stdout=asyncio.subprocess.PIPE,
        # A session of its own: Ctrl+C is for us, and the sandbox must outlive the bot's last requests.
        start_new_session=True,
        preexec_fn=_end_with_parent(),
    )
    try:
        yield process, await _place(process)
    finally:
        await _end(process)


def _end_with_parent() -> Callable[[], None] | None:
    """Return what makes the kernel stop the child when this process dies without a word; Linux alone has it."""
    if sys.platform != "linux":
        return None
    # Looked up before the fork: after it, nothing may be loaded. Source: prctl(2), PR_SET_PDEATHSIG is 1.
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(1, signal.SIGTERM)


async def _place(process: asyncio.subprocess.Process) -> Place:
    assert process.stdout is not None  # noqa: S101 - asked for above
    try:
        async with asyncio.timeout(START_TIMEOUT_S):
            line = await process.stdout.readline()
        facts: dict[str, Any] = json.loads(line)
        return Place(facts["page"], facts["api_base"], facts["gateway"], facts["cdn"], facts["token"])
    except (TimeoutError, ValueError, KeyError) as fault:
        reason = f"{type(fault).__name__}, exit code {process.returncode}"
        raise DiscordRefused(_both("demo.sandbox_failed", reason=reason)) from None


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(STOP_TIMEOUT_S):
                await process.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


async def _stop_when_gone(process: asyncio.subprocess.Process, stop: asyncio.Event) -> None:
    await process.wait()
    stop.set()


async def _send_alerts_to_moderators(bot: GarimBot, engine: Engine) -> None:
    """Choose each guild's own moderators' channel for alerts, as an admin would first of all."""
    for guild in bot.guilds:
        channel = guild.public_updates_channel
        if channel is not None and bot.user is not None:
            await engine.storage.guilds.update(guild.id, {"alert_channel_id": channel.id}, bot.user.id)


def _say_ready(bot: GarimBot, place: Place) -> None:
    print(flush=True)
    _say("demo.ready", address=place.page)
    _say("demo.hint")


def _say(key: str, **params: object) -> None:
    """Print a text in both languages: whoever tries the demo has not told us theirs."""
    print(_both(key, **params), flush=True)


def _both(key: str, **params: object) -> str:
    return "\n".join(dict.fromkeys((text(key, "ko", **params), text(key, "en", **params))))
