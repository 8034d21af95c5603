"""Run the bot until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import Awaitable, Callable, Iterator

from bot.client import GarimBot, connect
from bot.errors import DiscordRefused
from bot.settings import Settings
from bot.settings_loading import read_secret
from bot.texts import tell
from bot.wiring import OpenMasker, masker_from, open_bot
from cogs._engine import Engine
from cogs._steps import OnStep, unwatched

logger = logging.getLogger(__name__)

OnReady = Callable[[GarimBot], None]
Prepare = Callable[[GarimBot, Engine], Awaitable[None]]


def run(settings: Settings) -> None:
    """Run until SIGINT or SIGTERM. Raises GarimError and MaskerError for what the command line prints as one line."""
    asyncio.run(serve(settings, token_of(settings), on_ready=_say_ready))


def token_of(settings: Settings) -> str:
    """Return the bot's token. Raises DiscordRefused when none is given, SettingsError when its file cannot be read."""
    if settings.discord.token is not None:
        return settings.discord.token.get_secret_value()
    if settings.discord.token_file is not None:
        return read_secret(settings.discord.token_file)
    raise DiscordRefused(tell("run.no_token"))


async def serve(
    settings: Settings,
    token: str,
    *,
    prepare: Prepare | None = None,
    on_ready: OnReady | None = None,
    on_step: OnStep = unwatched,
    open_masker: OpenMasker = masker_from,
    stop: asyncio.Event | None = None,
) -> None:
    """Serve Discord until `stop` is set or a signal comes, then finish what is under way within its grace.

    `prepare` is awaited, then `on_ready` called, once, when the gateway has said READY and the model is loaded.
    """
    stop = stop or asyncio.Event()
    with _stopped_by_signals(stop):
        async with open_bot(settings, on_step=on_step, open_masker=open_masker) as (bot, engine):
            connection = asyncio.create_task(connect(bot, settings.discord, token))
            try:
                if await _first(bot.ready, connection, stop):
                    if prepare is not None:
                        await prepare(bot, engine)
                    if on_ready is not None:
                        on_ready(bot)
                await _first(stop, connection)
                if connection.done():
                    # Raises what ended the connection; without that it is a clean close, which only we ask for.
                    connection.result()
                logger.info("%s", tell("run.stopping"))
                await _leave(engine, settings)
            finally:
                await bot.close()
                connection.cancel()
                await asyncio.gather(connection, return_exceptions=True)


async def _first(wanted: asyncio.Event, connection: asyncio.Task[None], stop: asyncio.Event | None = None) -> bool:
    """Wait for an event, the end of the connection, or `stop`; True when it was the event."""
    waits = [asyncio.create_task(event.wait()) for event in (wanted, stop) if event is not None]
    try:
        await asyncio.wait({connection, *waits}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waits:
            task.cancel()
        await asyncio.gather(*waits, return_exceptions=True)
    return wanted.is_set()


async def _leave(engine: Engine, settings: Settings) -> None:
    await engine.wind_down(settings.repost.shutdown_grace_ms / 1000)
    left = engine.finisher.waiting()
    if left:
        logger.warning("%s", tell("run.left", count=left))


@contextlib.contextmanager
def _stopped_by_signals(stop: asyncio.Event) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    taken: list[int] = []

    def on_signal(number: int) -> None:
        stop.set()
        # The second Ctrl+C is Python's own again, and ends at once.
        loop.remove_signal_handler(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        # Only the main thread's loop may take signals; elsewhere (tests) `stop` is the way.
        with contextlib.suppress(RuntimeError, ValueError, NotImplementedError):
            loop.add_signal_handler(number, on_signal, number)
            taken.append(number)
    try:
        yield
    finally:
        for signal_number in taken:
            loop.remove_signal_handler(signal_number)


def _say_ready(bot: GarimBot) -> None:
    print(tell("run.ready", name=str(bot.user), guilds=len(bot.guilds)), flush=True)
