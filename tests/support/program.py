"""A long-running `garim` command as a process of its own, read line by line."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from tests.support.command import environment


class Program:
    """Hold a running command and what it printed so far."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.lines: list[str] = []
        self.errors: list[str] = []
        self._readers = [
            asyncio.create_task(_collect(process.stdout, self.lines)),
            asyncio.create_task(_collect(process.stderr, self.errors)),
        ]

    @property
    def exit_code(self) -> int | None:
        """Return None while it runs."""
        return self._process.returncode

    async def until(self, words: str, timeout_s: float = 40.0) -> str:
        """Wait for a printed line with these words in it. Raises AssertionError with everything it said."""
        deadline = time.monotonic() + timeout_s
        while True:
            found = next((line for line in self.lines if words in line), None)
            if found is not None:
                return found
            assert self.exit_code is None, f"it ended with {self.exit_code}:\n{self.said()}"
            assert time.monotonic() < deadline, f"it did not say {words!r} within {timeout_s:.0f} s:\n{self.said()}"
            await asyncio.sleep(0.02)

    async def ended(self, timeout_s: float = 40.0) -> int:
        """Wait for its end by itself and return its exit code."""
        async with asyncio.timeout(timeout_s):
            code = await self._process.wait()
            await asyncio.gather(*self._readers)
        return code

    async def stop(self, number: signal.Signals = signal.SIGTERM, timeout_s: float = 20.0) -> int:
        """Ask it to end and return its exit code."""
        if self.exit_code is None:
            self._process.send_signal(number)
        return await self.ended(timeout_s)

    def said(self) -> str:
        """Return everything it printed, for a failing test."""
        return "\n".join([*self.lines, "--- errors ---", *self.errors])

    def complaints(self) -> list[str]:
        """Return the warnings and errors that it logged."""
        return [line for line in self.errors if " WARNING " in line or " ERROR " in line or "Traceback" in line]

    async def close(self) -> None:
        """End it whatever it does."""
        if self.exit_code is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
        await self._process.wait()
        await asyncio.gather(*self._readers)


async def _collect(stream: asyncio.StreamReader | None, lines: list[str]) -> None:
    assert stream is not None
    while line := await stream.readline():
        lines.append(line.decode().rstrip("\n"))


@contextlib.asynccontextmanager
async def program(
    *arguments: str, folder: Path, settings: Mapping[str, str], command: tuple[str, ...] = (sys.executable, "-m", "bot")
) -> AsyncIterator[Program]:
    """Start a command in `folder`; it is ended with the block."""
    process = await asyncio.create_subprocess_exec(
        *command,
        *arguments,
        cwd=folder,
        env=environment(**settings),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    running = Program(process)
    try:
        yield running
    finally:
        await running.close()
