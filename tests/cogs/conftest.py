"""A sandbox with its demo guild, and a real bot in it, per test."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from sandbox.ratelimit import RateLimits
from sandbox.seed import Demo, demo_world
from sandbox.server import Sandbox
from tests.support.running import Running, running_bot, settings_for


@pytest.fixture
def demo() -> Demo:
    """Return the demo world."""
    return demo_world()


@pytest_asyncio.fixture
async def server(demo: Demo) -> AsyncIterator[Sandbox]:
    """Serve the demo world, checking every request against Discord's description where that is to be had."""
    shared = os.environ.get("GARIM_SHARED")
    openapi = Path(shared) / "discord-openapi.json" if shared else None
    async with Sandbox(demo.world, openapi=openapi, limits=RateLimits(enabled=False)) as running:
        yield running


@pytest_asyncio.fixture
async def running(demo: Demo, server: Sandbox, tmp_path: Path) -> AsyncIterator[Running]:
    """Run a bot that knows the lexicon alone."""
    async with running_bot(demo, server, settings_for(server, tmp_path)) as bot:
        yield bot


@pytest.fixture(autouse=True)
def nothing_undocumented(demo: Demo) -> Iterator[None]:
    """Hold every request of every test to Discord's description, and to routes that exist."""
    yield
    assert not demo.world.violations
    assert not demo.world.unknown_routes
