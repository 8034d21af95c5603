"""The real bot as a process of its own, which can be killed at a named step of its work.

Processes come from a fork server that has the bot's modules loaded, so that a walk over many deaths takes seconds each
and not minutes in all. Each bot is wired exactly as `garim run` wires it, but for the hook and the classifier.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from bot.run import serve, token_of
from bot.settings import Settings
from bot.settings_loading import load_settings
from masker import Masker
from masker.aio import AsyncMasker

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["bot.run", "bot.storage.migrate", "tests.support.bot_process", "tests.support.warm"])


_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Death:
    """Say at which step, and at which of its occurrences, the process kills itself."""

    step: str
    occurrence: int = 1


class BotProcess:
    """A bot that runs elsewhere. `log` is what it wrote, for a failing test's message."""

    def __init__(self, environ: Mapping[str, str], log: Path, death: Death | None) -> None:
        self._mine, theirs = _context.Pipe(duplex=False)
        self._process = _context.Process(target=_main, args=(dict(environ), str(log), death, theirs), daemon=True)
        self._log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        self._process.start()
        theirs.close()

    @property
    def exit_code(self) -> int | None:
        """Return None while it runs, and minus the signal that ended it."""
        return self._process.exitcode

    def log_text(self) -> str:
        """Return what the process logged."""
        return self._log.read_text(encoding="utf-8") if self._log.exists() else "(no log)"

    async def until_ready(self, timeout_s: float = 30.0) -> None:
        """Wait until the gateway said READY. Raises AssertionError with the process's log."""
        deadline = time.monotonic() + timeout_s
        while not self._mine.poll():
            if self.exit_code is not None or time.monotonic() > deadline:
                raise AssertionError(f"the bot did not get ready (exit code {self.exit_code}):\n{self.log_text()}")
            await asyncio.sleep(0.01)
        assert self._mine.recv() == "ready"

    async def until_dead(self, timeout_s: float = 20.0) -> None:
        """Wait until SIGKILL has ended it. Raises AssertionError with the process's log."""
        await self._gone(timeout_s)
        assert self.exit_code is not None, f"the bot did not die at its step:\n{self.log_text()}"
        assert self.exit_code == -signal.SIGKILL, f"it ended with {self.exit_code}:\n{self.log_text()}"

    async def _gone(self, timeout_s: float | None) -> None:
        """Wait on the loop for the process's end: its exit code is read once, so no thread may wait for it beside."""
        loop, gone = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(self._process.sentinel, gone.set)
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(timeout_s):
                    await gone.wait()
        finally:
            loop.remove_reader(self._process.sentinel)

    def kill(self) -> None:
        """Send SIGKILL, as a machine that loses power does."""
        self._process.kill()

    async def end(self) -> None:
        """End the process, whatever it does, and free what it held here."""
        self._process.kill()
        await self._gone(None)
        self._process.join()
        self._process.close()
        self._mine.close()


@contextlib.asynccontextmanager
async def bot_process(
    environ: Mapping[str, str], folder: Path, *, death: Death | None = None, ready: bool = True
) -> AsyncIterator[BotProcess]:
    """Run a bot with settings from `environ` for the length of the block; its log goes to `folder`."""
    process = BotProcess(environ, folder / f"bot-{next(_numbers)}.log", death)
    try:
        if ready:
            await process.until_ready()
        yield process
    finally:
        await process.end()


def _main(environ: dict[str, str], log: str, death: Death | None, ready: Connection) -> None:
    """Be the process: only what `environ` says counts, and everything written goes to the log."""
    handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(handle, sys.stdout.fileno())
    os.dup2(handle, sys.stderr.fileno())
    for name in [name for name in os.environ if name.startswith(("GARIM_", "DISCORD_"))]:
        del os.environ[name]
    os.environ.update(environ)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    settings = load_settings(environ=environ)
    asyncio.run(
        serve(
            settings,
            token_of(settings),
            on_ready=lambda _: ready.send("ready"),
            on_step=_hook(death),
            open_masker=lexicon_masker,
        )
    )


@contextlib.asynccontextmanager
async def lexicon_masker(_: Settings) -> AsyncIterator[AsyncMasker]:
    """Give a masker without a classifier: what it finds does not change with the model, and it loads at once."""
    yield AsyncMasker(Masker())


def _hook(death: Death | None) -> Callable[[str], None]:
    """Return the hook that dies at its step: no handler, no flush, no clean-up."""
    reached = 0

    def on_step(step: str) -> None:
        nonlocal reached
        if death is not None and step == death.step:
            reached += 1
            if reached == death.occurrence:
                os.kill(os.getpid(), signal.SIGKILL)

    return on_step
