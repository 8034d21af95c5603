"""What the settings commands refuse, and what stands in their way: people, hostile words, limits, a database."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.policy import Policy
from bot.settings import StorageSettings
from masker.presets import Preset
from sandbox.commands import Command
from sandbox.errors import ApiError
from sandbox.interactions.model import CallbackType
from sandbox.models import Message
from sandbox.permissions import Permission
from sandbox.seed import Demo
from sandbox.server import Sandbox
from tests.support.calling import HOSTILE, call, one_id, press
from tests.support.running import Running, channel_id, running_bot, settings_for, shut_out


async def run(running: Running, *path: str, **more: Any) -> Message:
    """Run one of the settings commands, as the owner unless somebody else is named."""
    return await call(running, "settings", *path, **more)


async def policy_of(running: Running) -> Policy:
    return await running.storage.guilds.policy(running.demo.guild.id)


def group_of(running: Running) -> Command:
    """Return the group as Discord has it."""
    found = running.demo.world.commands_of(running.demo.application.id, None)
    return next(one for one in found if one.name == "settings")


@contextlib.asynccontextmanager
async def locked(folder: Path) -> AsyncIterator[sqlite3.Connection]:
    """Hold the database so that nobody else can write; the lock is waited for beside the loop that may hold it."""
    file = folder / "garim.sqlite3"
    with contextlib.closing(sqlite3.connect(file, isolation_level=None, check_same_thread=False)) as connection:
        await asyncio.to_thread(connection.execute, "BEGIN IMMEDIATE")
        yield connection


async def test_more_than_fits_is_refused_with_the_limits(running: Running) -> None:
    steps = [{"points": points, "action": "warn"} for points in range(1, 11)]
    await running.storage.guilds.update(running.demo.guild.id, {"escalation": {"steps": steps}}, actor_id=1)
    assert "10개까지" in (await run(running, "escalation", "set", points=11, do="warn")).content
    assert len((await policy_of(running)).escalation.steps) == 10


async def test_an_alert_channel_where_the_bot_cannot_post_is_not_taken(running: Running) -> None:
    place = channel_id(running, "개발")
    await shut_out(running, place, Permission.SEND_MESSAGES)
    assert "메시지 보내기" in (await run(running, "alerts", channel=str(place))).content
    assert (await policy_of(running)).alert_channel_id is None
    await run(running, "alerts", channel=str(channel_id(running, "관리자-알림")))
    assert (await policy_of(running)).alert_channel_id == channel_id(running, "관리자-알림")


async def test_members_without_manage_server_cannot_use_any_of_them(running: Running) -> None:
    with pytest.raises(ApiError):
        await run(running, "preset", who="jiho", level="lenient")
    group = group_of(running)
    group.body["default_member_permissions"] = None
    role = str(running.demo.roles["운영진"].id)
    for path, options in (
        (("preset",), {"level": "lenient"}),
        (("show",), {}),
        (("history",), {}),
        (("export",), {}),
        (("exempt", "role"), {"role": role}),
        (("channel", "clear"), {"channel": str(channel_id(running))}),
        (("escalation", "clear"), {}),
    ):
        refused = await run(running, *path, who="jiho", **options)
        assert "서버 관리하기" in refused.content, path
        assert not refused.embeds, path
        assert not refused.attachments, path
    assert await policy_of(running) == Policy()


FREE: list[tuple[tuple[str, ...], str, dict[str, Any]]] = [
    (("preset",), "level", {}),
    (("threshold",), "label", {"score": 0.5}),
    (("action",), "label", {"do": "mask"}),
    (("mentions",), "do", {}),
    (("operator",), "way", {}),
    (("notice",), "way", {}),
    (("language",), "language", {}),
    (("escalation", "set"), "do", {"points": 3}),
    (("escalation", "weight"), "label", {"points": 3}),
]


@pytest.mark.parametrize(("words", "kind"), HOSTILE, ids=[kind for _, kind in HOSTILE])
async def test_what_discord_would_not_offer_changes_nothing(running: Running, words: str, kind: str) -> None:
    group = group_of(running)
    _without_choices(group.body)
    for path, option, more in FREE:
        told = await run(running, *path, **{option: words}, **more)
        assert "넣을 수 없어요" in told.content, path
        assert words[:40] not in told.content, path
    assert (await run(running, "export", form=words)).attachments
    assert await policy_of(running) == Policy()


def _without_choices(option: dict[str, Any]) -> None:
    """Let everything be typed, as a client of somebody's own making would."""
    option.pop("choices", None)
    for child in option.get("options", ()):
        _without_choices(child)


async def test_an_undo_button_in_the_wrong_hands_does_nothing(running: Running) -> None:
    told = await run(running, "observe", on=True)
    told.ephemeral_to = running.demo.people["jiho"].id
    refused = await press(running, told, one_id(told, "garim:settings:undo:"), who="jiho")
    assert "서버 관리하기" in refused.content
    assert (await policy_of(running)).observe is True


async def test_what_somebody_else_changed_since_is_not_taken_back(running: Running) -> None:
    told = await run(running, "preset", level="strict")
    await run(running, "preset", level="lenient")
    refused = await press(running, told, one_id(told, "garim:settings:undo:"))
    assert "그 사이에" in refused.content
    assert (await policy_of(running)).preset is Preset.LENIENT


async def test_an_answer_that_takes_long_is_announced_first(running: Running, tmp_path: Path) -> None:
    async with locked(tmp_path) as other:
        asking = asyncio.create_task(run(running, "observe", on=True))
        await asyncio.sleep(2.5)
        assert not asking.done()
        other.execute("ROLLBACK")
        told = await asking
    assert told.content.startswith("바꿨어요.")
    assert list(running.demo.world.interactions.values())[-1].callback == CallbackType.DEFERRED_MESSAGE


async def test_a_database_that_stays_shut_is_told_to_whoever_asked(demo: Demo, server: Sandbox, tmp_path: Path) -> None:
    settings = settings_for(server, tmp_path).model_copy(update={"storage": StorageSettings(busy_timeout_ms=100)})
    async with running_bot(demo, server, settings) as running:
        async with locked(tmp_path):
            told = await run(running, "observe", on=True)
        assert "지금은 설정을 저장할 수 없어요" in told.content
        assert (await policy_of(running)).observe is False
