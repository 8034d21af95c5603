"""The settings commands, run by people in the sandbox, over real interactions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.policy import Notice
from masker.presets import Preset
from sandbox.errors import ApiError
from sandbox.models import Message
from sandbox.permissions import Permission
from sandbox.seed import Demo
from sandbox.server import Sandbox
from tests.support.running import Running, channel_id, running_bot, settings_for, wait_for

PUT = ("PUT", "/applications/{application_id}/commands")


async def run(running: Running, command: str, who: str = "haneul", locale: str = "ko", **options: Any) -> Message:
    """Run one of the settings commands as somebody, and return what only they are told."""
    world, user = running.demo.world, running.demo.people[who]
    place = running.demo.channels["자유-대화"]
    (group,) = world.commands_of(running.demo.application.id, None)
    before = len(world.ephemerals_of(user.id, place))
    world.invoke_command(user.id, place.id, group.id, path=[command], options=options, locale=locale)
    await wait_for(lambda: len(world.ephemerals_of(user.id, place)) > before, what="an answer")
    return world.ephemerals_of(user.id, place)[-1]


def panel(message: Message) -> dict[str, str]:
    (embed,) = message.embeds
    return {field["name"]: field["value"] for field in embed["fields"]}


async def test_the_present_settings_are_shown(running: Running) -> None:
    shown = panel(await run(running, "show"))
    assert shown["기준"] == "보통"
    assert shown["알림 채널"] == "없음"


async def test_settings_are_shown_in_the_language_of_who_asks(running: Running) -> None:
    assert panel(await run(running, "show", locale="en-GB"))["Preset"] == "standard"


async def test_every_setting_can_be_changed_and_the_change_is_audited(running: Running) -> None:
    guild = running.demo.guild.id
    alerts = channel_id(running, "관리자-알림")
    await run(running, "preset", level="strict")
    await run(running, "notice", way="dm")
    await run(running, "observe", on=True)
    await run(running, "alerts", channel=str(alerts))
    role = running.demo.roles["운영진"].id
    await run(running, "exempt-role", role=str(role))
    shown = await run(running, "exempt-channel", channel=str(channel_id(running, "개발")))
    policy = await running.storage.guilds.policy(guild)
    assert (policy.preset, policy.notice, policy.observe) == (Preset.STRICT, Notice.DM, True)
    assert policy.alert_channel_id == alerts
    assert policy.exempt_role_ids == {role}
    assert policy.exempt_channel_ids == {channel_id(running, "개발")}
    assert panel(shown)["예외 역할"] == f"<@&{role}>"
    audited = {change.key for change in await running.storage.guilds.history(guild)}
    assert audited == {
        "preset",
        "notice",
        "observe",
        "alert_channel_id",
        "exempt_role_ids",
        "exempt_channel_ids",
    }


async def test_choosing_an_exemption_again_takes_it_back(running: Running) -> None:
    role = str(running.demo.roles["운영진"].id)
    await run(running, "exempt-role", role=role)
    await run(running, "exempt-role", role=role)
    assert (await running.storage.guilds.policy(running.demo.guild.id)).exempt_role_ids == frozenset()


async def test_an_alert_channel_where_the_bot_cannot_post_is_not_taken(running: Running) -> None:
    place = channel_id(running, "개발")
    running.demo.world.deny_in_channel(place, running.demo.application.bot_id, Permission.SEND_MESSAGES)
    guild = running.bot.get_guild(running.demo.guild.id)
    assert guild is not None
    channel = guild.get_channel(place)
    assert channel is not None
    await wait_for(lambda: not channel.permissions_for(guild.me).send_messages)
    assert "메시지 보내기" in (await run(running, "alerts", channel=str(place))).content
    assert (await running.storage.guilds.policy(guild.id)).alert_channel_id is None


async def test_members_without_manage_server_cannot_use_them(running: Running) -> None:
    with pytest.raises(ApiError):
        await run(running, "preset", "jiho", level="lenient")
    running.demo.world.commands_of(running.demo.application.id, None)[0].body["default_member_permissions"] = None
    refused = await run(running, "preset", "jiho", level="lenient")
    assert "서버 관리하기" in refused.content
    assert (await running.storage.guilds.policy(running.demo.guild.id)).preset is Preset.STANDARD


async def test_commands_are_named_in_korean_for_koreans(running: Running) -> None:
    (group,) = running.demo.world.commands_of(running.demo.application.id, None)
    assert group.body["name"] == "garim-settings"
    assert group.body["name_localizations"]["ko"] == "가림설정"
    assert all("ko" in option["name_localizations"] for option in group.body["options"])


async def test_commands_are_sent_once_and_again_only_when_discord_has_others(
    demo: Demo, server: Sandbox, tmp_path: Path
) -> None:
    settings = settings_for(server, tmp_path)

    async def start() -> int:
        async with running_bot(demo, server, settings):
            return len([one for one in demo.world.requests if (one.method, one.route) == PUT])

    assert [await start(), await start()] == [1, 1]
    (group,) = demo.world.commands_of(demo.application.id, None)
    demo.world.delete_command(group)
    assert await start() == 2
