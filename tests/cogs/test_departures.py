"""Guilds that the bot leaves: noticed whenever it happens, forgotten after the grace, and kept when it is back."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import wiring
from bot.client import connect
from bot.crypto import Keyring
from bot.errors import StorageUnavailable
from bot.settings import Settings
from bot.storage import Storage, open_storage
from bot.wiring import open_bot
from cogs import _departures
from cogs._departures import Departures, Here
from sandbox.seed import Demo
from sandbox.server import Sandbox
from tests.support.running import CURSE, Running, closed, lexicon_only, running_bot, say, settings_for, wait_for


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait until the record says so."""
    async with asyncio.timeout(10):
        while True:
            if await condition():
                return
            await asyncio.sleep(0.01)


async def noted(running: Running) -> None:
    """Wait until the guild stands as left."""

    async def gone() -> bool:
        return running.demo.guild.id in await running.storage.guilds.gone()

    await until(gone)


async def kept(running: Running) -> int:
    """Return how many incidents of the guild are kept."""
    return len(await running.storage.incidents.latest(running.demo.guild.id, 10))


def with_grace(server: Sandbox, folder: Path, days: int) -> Settings:
    """Return settings under which departed guilds are kept so long."""
    made = settings_for(server, folder)
    return made.model_copy(update={"storage": made.storage.model_copy(update={"departed_grace_days": days})})


def leave(demo: Demo) -> None:
    demo.world.remove_member(demo.guild, demo.application.bot_id)


def join(demo: Demo) -> None:
    demo.world.add_member(demo.guild, demo.world.users[demo.application.bot_id], roles=[demo.roles["bot"]])


@contextlib.asynccontextmanager
async def connected_without_a_guild(demo: Demo, server: Sandbox, settings: Settings) -> AsyncIterator[Running]:
    """Run a bot that is in no guild when it connects."""
    async with open_bot(settings, open_masker=lexicon_only) as (bot, engine):
        connection = asyncio.create_task(connect(bot, settings.discord, demo.token))
        try:
            await bot.ready.wait()
            yield Running(demo, server, bot, engine)
        finally:
            await bot.close()
            connection.cancel()
            await asyncio.gather(connection, return_exceptions=True)


async def test_a_guild_that_is_left_is_noted_and_one_that_is_joined_again_is_kept(running: Running) -> None:
    await closed(running, say(running, CURSE))
    leave(running.demo)
    await noted(running)
    join(running.demo)

    async def back() -> bool:
        return running.demo.guild.id not in await running.storage.guilds.gone()

    await until(back)
    assert await running.engine.departures.remove(0) == []
    assert await kept(running) == 1


async def test_an_outage_of_a_guild_is_no_departure(running: Running) -> None:
    world, guild_id = running.demo.world, running.demo.guild.id
    await closed(running, say(running, CURSE))
    outage = {"id": str(guild_id), "unavailable": True}
    world.emit("GUILD_DELETE", outage, guild_id=guild_id, only_user=running.demo.application.bot_id)
    guild = running.bot.get_guild(guild_id)
    assert guild is not None

    async def unavailable() -> bool:
        return guild.unavailable

    await until(unavailable)
    await running.engine.departures.remove(0)
    assert await running.storage.guilds.gone() == set()
    assert await kept(running) == 1


async def test_what_is_kept_of_a_guild_is_deleted_after_the_grace_and_not_before(
    demo: Demo, server: Sandbox, tmp_path: Path
) -> None:
    async with running_bot(demo, server, with_grace(server, tmp_path, 30)) as running:
        await closed(running, say(running, CURSE))
        leave(demo)
        await noted(running)
        assert await running.engine.departures.remove(30) == []
        assert await kept(running) == 1
    async with connected_without_a_guild(demo, server, with_grace(server, tmp_path, 0)) as running:

        async def nothing() -> bool:
            return await kept(running) == 0

        await until(nothing)


async def test_housekeeping_removes_attachments_that_no_incident_needs(
    demo: Demo, server: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wiring, "TIDY_EVERY_S", 0.05)
    async with running_bot(demo, server, settings_for(server, tmp_path)):
        orphan = settings_for(server, tmp_path).spool_path / ("A" * 43)
        orphan.write_bytes(b"left behind")
        await wait_for(lambda: not orphan.exists(), what="the orphan is swept")


async def test_a_guild_left_while_no_bot_ran_is_noticed_at_the_next_start(
    demo: Demo, server: Sandbox, tmp_path: Path
) -> None:
    async with running_bot(demo, server, settings_for(server, tmp_path)) as running:
        await closed(running, say(running, CURSE))
    leave(demo)
    async with connected_without_a_guild(demo, server, settings_for(server, tmp_path)) as running:
        await noted(running)
        assert await kept(running) == 1


async def test_a_guild_joined_again_while_no_bot_ran_is_kept_however_long_ago_it_was_left(
    demo: Demo, server: Sandbox, tmp_path: Path
) -> None:
    async with running_bot(demo, server, with_grace(server, tmp_path, 30)) as running:
        await closed(running, say(running, CURSE))
        leave(demo)
        await noted(running)
    join(demo)
    async with running_bot(demo, server, with_grace(server, tmp_path, 0)) as running:
        await running.engine.departures.remove(0)
        assert await kept(running) == 1
        assert await running.storage.guilds.gone() == set()


async def test_a_departure_that_could_not_be_recorded_is_recorded_later(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_departures, "RETRY_S", 0.05)
    guilds = running.storage.guilds
    left, refusals = guilds.left, 0

    async def refuse(guild_id: int) -> None:
        nonlocal refusals
        refusals += 1
        if refusals < 3:
            raise StorageUnavailable("the disk is full")
        await left(guild_id)

    monkeypatch.setattr(guilds, "left", refuse)
    leave(running.demo)
    await noted(running)
    assert refusals == 3


class World(Here):
    """Be in the guilds that it is told, and know of even ones alone."""

    def __init__(self, here: set[int]) -> None:
        self.here = here

    def ids(self) -> set[int]:
        return set(self.here)

    def has(self, guild_id: int) -> bool:
        return guild_id in self.here

    def serves(self, guild_id: int) -> bool:
        return guild_id % 2 == 0


_guilds = st.sets(st.integers(1, 6))


async def _recorded(storage: Storage, before: set[int], here: set[int], heard: list[int]) -> tuple[set[int], set[int]]:
    """Return which guilds stand as left and as known, after the bot starts and hears of some guilds."""
    for guild_id in range(1, 7):
        await storage.guilds.update(guild_id, {"observe": True}, actor_id=1)
        await (storage.guilds.left if guild_id in before else storage.guilds.back)(guild_id)
    departures = Departures(World(here), storage.guilds)
    for guild_id in heard:
        departures.changed(guild_id)
    departures.ready()
    running = asyncio.create_task(departures.run())
    await departures.remove(10)
    await wait_for(lambda: not departures.busy)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    return await storage.guilds.gone(), await storage.guilds.known()


@settings(max_examples=25, deadline=None)
@given(before=_guilds, here=_guilds, heard=st.lists(st.integers(1, 6), max_size=6))
def test_the_record_ends_where_the_bot_is_whatever_was_heard_and_in_whatever_order(
    before: set[int], here: set[int], heard: list[int]
) -> None:
    async def run() -> None:
        with tempfile.TemporaryDirectory() as folder:
            async with open_storage(f"sqlite:///{folder}/garim.sqlite3", Keyring([Fernet.generate_key()])) as storage:
                gone, known = await _recorded(storage, before, here, heard)
        assert gone & here == set()
        for guild_id in set(range(1, 7)) - here:
            # Of a guild that another process serves, only what this one heard itself counts.
            mine = guild_id % 2 == 0 or guild_id in heard or guild_id in before
            assert (guild_id in gone) is mine
        assert known == set(range(1, 7)) - gone

    asyncio.run(run())
