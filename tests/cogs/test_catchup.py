"""Catching up: what was said while nobody listened is masked when somebody does, once, and nothing older."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

from bot.settings import Settings
from cogs import _catchup
from cogs._catchup import MARK
from sandbox.seed import Demo
from sandbox.server import Sandbox
from tests.support.running import (
    CURSE,
    MASKED,
    Running,
    closed,
    gone,
    reposts,
    running_bot,
    say,
    settings_for,
    wait_for,
)


def settings(server: Sandbox, folder: Path) -> Settings:
    return settings_for(server, folder, catch_up_minutes=60)


async def settle(running: Running) -> None:
    """Wait until everything that was noted as missed has been read."""
    await running.bot.ready.wait()
    await asyncio.sleep(0.1)
    await wait_for(lambda: not running.engine.catch_up._pending)
    await asyncio.sleep(0.3)


async def test_what_was_said_while_no_bot_ran_is_masked_at_the_next_start(
    demo: Demo, server: Sandbox, tmp_path: Path
) -> None:
    async with running_bot(demo, server, settings(server, tmp_path)) as first:
        await settle(first)
        spoken = first
    message, clean = say(spoken, CURSE), say(spoken, "오늘 날씨 좋네요", "jiho")
    async with running_bot(demo, server, settings(server, tmp_path)) as second:
        await closed(second, message)
        assert gone(second, message)
        assert not gone(second, clean)
        assert [repost.content for repost in reposts(demo, message.channel_id)] == [MASKED]


async def test_a_word_spelt_letter_by_letter_while_no_bot_ran_is_masked(
    demo: Demo, server: Sandbox, tmp_path: Path
) -> None:
    async with running_bot(demo, server, settings(server, tmp_path)) as first:
        await settle(first)
        said = say(first, "병")  # heard by the first bot, completed when nobody listened
        await asyncio.sleep(0.1)
        spoken = first
    last = say(spoken, "신")
    async with running_bot(demo, server, settings(server, tmp_path)) as second:
        await closed(second, last)
        assert gone(second, said)
        assert gone(second, last)
        assert [repost.content for repost in reposts(demo, last.channel_id)] == ["●\n●"]


async def test_what_was_edited_while_no_bot_ran_is_masked_and_says_so(
    demo: Demo, server: Sandbox, tmp_path: Path
) -> None:
    async with running_bot(demo, server, settings(server, tmp_path)) as first:
        await settle(first)
        message = say(first, "안녕하세요")
        await asyncio.sleep(0.1)
    demo.world.member_edit(message.author_id, message.channel_id, message.id, CURSE)
    async with running_bot(demo, server, settings(server, tmp_path)) as second:
        await closed(second, message)
        assert [repost.content for repost in reposts(demo, message.channel_id)] == [f"-# ✎ 수정된 메시지예요\n{MASKED}"]


async def test_the_very_first_start_reads_nothing_that_was_there_before(
    demo: Demo, server: Sandbox, tmp_path: Path
) -> None:
    old = demo.world.member_send(demo.people["minseo"].id, demo.channels["자유-대화"].id, CURSE)
    await asyncio.sleep(0.01)
    async with running_bot(demo, server, settings(server, tmp_path)) as running:
        await settle(running)
        assert not gone(running, old)


async def test_an_exempt_member_is_exempt_while_catching_up(demo: Demo, server: Sandbox, tmp_path: Path) -> None:
    async with running_bot(demo, server, settings(server, tmp_path)) as first:
        await settle(first)
        role = demo.roles["운영진"].id
        await first.storage.guilds.update(demo.guild.id, {"exempt_role_ids": [role]}, actor_id=1)
    exempt, other = say(first, CURSE, "seoyeon"), say(first, CURSE)
    async with running_bot(demo, server, settings(server, tmp_path)) as second:
        await closed(second, other)
        await settle(second)
        assert not gone(second, exempt)


async def test_what_was_handled_is_not_handled_again_after_a_restart(
    demo: Demo, server: Sandbox, tmp_path: Path
) -> None:
    async with running_bot(demo, server, settings(server, tmp_path)) as first:
        message = say(first, CURSE)
        await closed(first, message)
    async with running_bot(demo, server, settings(server, tmp_path)) as second:
        await settle(second)
        assert len(reposts(demo, message.channel_id)) == 1
        assert len(await second.incidents(message.id)) == 1


async def test_the_mark_moves_while_all_is_well_and_stays_behind_the_present(
    demo: Demo, server: Sandbox, tmp_path: Path
) -> None:
    async with running_bot(demo, server, settings(server, tmp_path)) as running:
        await settle(running)
        started = await running.storage.marks.get(MARK)
        assert started is not None
        later = started + timedelta(minutes=10)
        running.engine.catch_up._now = lambda: later
        running.engine.catch_up._wake.set()
        for _ in range(200):
            if await running.storage.marks.get(MARK) == later - _catchup.MARGIN:
                break
            await asyncio.sleep(0.02)
        else:
            raise AssertionError("the mark did not move")
