"""The settings commands, run by people in the sandbox, over real interactions."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from bot.escalation import EscalationAction, EscalationStep
from bot.policy import LabelAction, Notice, Policy
from bot.records import Every
from cogs.settings._observing import SUMMARY_KIND
from masker.labels import Label
from masker.presets import Preset
from sandbox.commands_rules import MAX_TOTAL_CHARACTERS, check_command, total_characters
from sandbox.models import Message
from sandbox.permissions import Permission
from sandbox.seed import Demo
from sandbox.server import Sandbox
from tests.support.calling import call, fields, file_bytes, one_id, press
from tests.support.running import Running, channel_id, running_bot, settings_for

PUT = ("PUT", "/applications/{application_id}/commands")


async def run(running: Running, *path: str, **more: Any) -> Message:
    """Run one of the settings commands, as the owner unless somebody else is named."""
    return await call(running, "settings", *path, **more)


async def policy_of(running: Running) -> Policy:
    return await running.storage.guilds.policy(running.demo.guild.id)


async def test_the_present_settings_are_shown_on_a_panel_and_as_a_file(running: Running) -> None:
    shown = await run(running, "show")
    assert fields(shown)["기준"] == "보통"
    assert fields(shown)["알림 채널"] == "없음"
    assert b"format = 1" in file_bytes(running, shown)


async def test_settings_are_shown_in_the_language_of_who_asks(running: Running) -> None:
    assert fields(await run(running, "show", locale="en-GB"))["Preset"] == "standard"


SINGLE: list[tuple[tuple[str, ...], dict[str, Any], str, Any]] = [
    (("preset",), {"level": "strict"}, "preset", Preset.STRICT),
    (("threshold",), {"label": "gender", "score": 0.5}, "thresholds", {Label.GENDER: 0.5}),
    (("action",), {"label": "threat", "do": "delete"}, "actions", {Label.THREAT: LabelAction.DELETE}),
    (("mentions",), {"do": "ignore"}, "mentions", LabelAction.IGNORE),
    (("operator",), {"way": "label"}, "operator", "label"),
    (("notice",), {"way": "dm"}, "notice", Notice.DM),
    (("observe",), {"on": True}, "observe", True),
    (("language",), {"language": "en"}, "locale", "en"),
    (("retention",), {"days": 7}, "retention_days", 7),
    (("escalation", "decay"), {"hours": 12}, "escalation", None),
]


async def test_every_setting_can_be_changed_is_audited_and_is_taken_back_at_one_press(running: Running) -> None:
    guilds, guild = running.storage.guilds, running.demo.guild.id
    before = await policy_of(running)
    for path, options, key, value in SINGLE:
        told = await run(running, *path, **options)
        assert told.content.startswith("바꿨어요."), path
        assert "기준" in fields(told), "what holds now is shown"
        (change,) = await guilds.history(guild, limit=1)
        assert (change.key, change.actor_id) == (key, running.demo.people["haneul"].id)
        policy = await policy_of(running)
        assert value is None or getattr(policy, key) == value
        assert policy != before, path
        undone = await press(running, told, one_id(told, "garim:settings:undo:"))
        assert undone.content.startswith("바꿨어요."), path
        assert await policy_of(running) == before, path


async def test_a_value_left_out_goes_back_to_the_default(running: Running) -> None:
    await run(running, "threshold", label="gender", score=0.5)
    await run(running, "action", label="gender", do="alert")
    await run(running, "retention", days=7)
    for path, options in (
        (("threshold",), {"label": "gender"}),
        (("action",), {"label": "gender"}),
        (("retention",), {}),
    ):
        await run(running, *path, **options)
    policy = await policy_of(running)
    assert (dict(policy.thresholds), dict(policy.actions), policy.retention_days) == ({}, {}, None)
    assert (await run(running, "retention")).content.startswith("이미 그렇게 되어 있어요.")


async def test_observing_brings_a_weekly_summary_unless_it_is_not_wanted(running: Running) -> None:
    guild, schedules = running.demo.guild.id, running.storage.schedules
    assert "알림채널" in (await run(running, "observe", on=True)).content, "there is nowhere to post it yet"
    await run(running, "alerts", channel=str(channel_id(running, "관리자-알림")))
    assert "월요일마다" in (await run(running, "observe", on=True)).content
    (schedule,) = await schedules.of(guild)
    assert (schedule.kind, schedule.every) == (SUMMARY_KIND, Every.WEEK)
    assert "월요일마다" not in (await run(running, "observe", on=True, summary=False)).content
    assert await schedules.of(guild) == []
    await run(running, "observe", on=True)
    await run(running, "observe", on=False)
    assert await schedules.of(guild) == []


async def test_the_operator_is_chosen_by_how_it_looks(running: Running) -> None:
    told = await run(running, "operator", way="keep_first")
    assert "・ ●로 가리기: 이런 ●● 같은 일이" in told.content
    assert "▶ 첫 글자만 남기기: 이런 바● 같은 일이" in told.content
    assert "이런 【모욕】 같은 일이" in told.content


async def test_exemptions_are_toggled_and_told(running: Running) -> None:
    role, member = running.demo.roles["운영진"].id, running.demo.people["jiho"].id
    place = channel_id(running, "개발")
    await run(running, "exempt", "role", role=str(role))
    await run(running, "exempt", "member", member=str(member))
    shown = await run(running, "exempt", "channel", channel=str(place))
    policy = await policy_of(running)
    assert policy.exempt_role_ids == {role}
    assert policy.exempt_member_ids == {member}
    assert policy.exempt_channel_ids == {place}
    assert fields(shown)["예외 역할"] == f"<@&{role}>"
    assert f"+ <#{place}>" in shown.content
    again = await run(running, "exempt", "role", role=str(role))
    assert f"− <@&{role}>" in again.content
    assert (await policy_of(running)).exempt_role_ids == frozenset()


async def test_exempting_everybody_is_done_but_told_what_it_means(running: Running) -> None:
    told = await run(running, "exempt", "role", role=str(running.demo.guild.id))
    assert "아무 글도 살피지 않아요" in told.content


async def test_two_admins_who_exempt_at_once_both_get_what_they_chose(running: Running) -> None:
    running.demo.roles["운영진"].permissions |= Permission.MANAGE_GUILD
    roles = [running.demo.roles[name].id for name in ("운영진", "관리자")]
    await asyncio.gather(
        run(running, "exempt", "role", role=str(roles[0])),
        run(running, "exempt", "role", role=str(roles[1]), who="seoyeon"),
    )
    assert (await policy_of(running)).exempt_role_ids == set(roles)


async def test_a_channel_has_rules_of_its_own_until_they_are_cleared(running: Running) -> None:
    place, category = channel_id(running), running.demo.channels["자유-대화"].parent_id
    assert category is not None
    await run(running, "channel", "set", channel=str(category), preset="lenient", observe="on")
    told = await run(
        running, "channel", "set", channel=str(place), label="gender", score=0.4, action="alert", observe="off"
    )
    assert f"<#{place}>" in fields(told)["채널별 설정"]
    here = (await policy_of(running)).at(category, place)
    assert (here.preset, here.observe, here.thresholds[Label.GENDER]) == (Preset.LENIENT, False, 0.4)
    shown = (await run(running, "channel", "show", channel=str(place))).content
    assert "느슨하게" in shown
    assert "성별 혐오 0.40" in shown
    await run(running, "channel", "set", channel=str(category), preset="as_above")
    assert (await policy_of(running)).channels[category].preset is None
    await run(running, "channel", "clear", channel=str(category))
    await run(running, "channel", "clear", channel=str(place))
    assert dict((await policy_of(running)).channels) == {}


async def test_a_channel_rule_that_says_nothing_is_asked_for_more(running: Running) -> None:
    place = str(channel_id(running))
    assert "하나 이상" in (await run(running, "channel", "set", channel=place)).content
    assert "갈래" in (await run(running, "channel", "set", channel=place, score=0.4)).content
    assert dict((await policy_of(running)).channels) == {}


async def test_escalation_is_built_step_by_step_and_cleared(running: Running) -> None:
    await run(running, "escalation", "set", points=2.5, do="warn")
    await run(running, "escalation", "set", points=5, do="timeout", minutes=10)
    await run(running, "escalation", "set", points=2.5, do="alert")
    await run(running, "escalation", "weight", label="threat", points=4)
    told = await run(running, "escalation", "decay", hours=12)
    assert fields(told)["누적조치"].splitlines() == [
        "2.5점: 운영진에게 알리기",
        "5점: 10분 타임아웃",
        "12시간마다 점수가 절반이 돼요",
        "위협 ×4",
    ]
    escalation = (await policy_of(running)).escalation
    assert escalation.steps == (
        EscalationStep(2.5, EscalationAction.ALERT),
        EscalationStep(5.0, EscalationAction.TIMEOUT, 600),
    )
    assert "5점: 10분 타임아웃" in (await run(running, "escalation", "show")).content
    await run(running, "escalation", "clear", points=2.5)
    assert len((await policy_of(running)).escalation.steps) == 1
    await run(running, "escalation", "clear")
    assert (await policy_of(running)).escalation == Policy().escalation


async def test_only_timeouts_have_a_length(running: Running) -> None:
    assert "분" in (await run(running, "escalation", "set", points=3, do="timeout")).content
    assert "타임아웃에만" in (await run(running, "escalation", "set", points=3, do="warn", minutes=3)).content
    assert (await policy_of(running)).escalation.steps == ()


async def test_commands_are_named_in_korean_for_koreans_and_fit_discords_limits(running: Running) -> None:
    for command in running.demo.world.commands_of(running.demo.application.id, None):
        if command.name not in ("settings", "setup"):
            continue
        assert check_command(command.body) is None
        assert total_characters(command.body) <= MAX_TOTAL_CHARACTERS
        assert command.body["name_localizations"]["ko"] in ("설정", "준비")
        assert all("ko" in option["name_localizations"] for option in command.body["options"])


async def test_commands_are_sent_once_and_again_only_when_discord_has_others(
    demo: Demo, server: Sandbox, tmp_path: Path
) -> None:
    settings = settings_for(server, tmp_path)

    async def start() -> int:
        async with running_bot(demo, server, settings):
            return len([one for one in demo.world.requests if (one.method, one.route) == PUT])

    assert [await start(), await start()] == [1, 1]
    demo.world.delete_command(demo.world.commands_of(demo.application.id, None)[0])
    assert await start() == 2
