"""`/setup scan`: a channel's past is read and told, nothing is touched until somebody says so, and then once."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import discord
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.incidents import Incident, IncidentState, Origin, OutcomeKind
from bot.records import AuditKind
from bot.texts import text
from cogs import scan, scan_act
from cogs.scan_shown import BAR, CANCEL_ID, bar
from sandbox.models import Message, Overwrite
from sandbox.permissions import Permission
from sandbox.ratelimit import RateLimits
from sandbox.seed import Demo, demo_world
from sandbox.server import Sandbox
from tests.support.calling import call, one_id, parts, press
from tests.support.pressing import alerts_on, posts, shown
from tests.support.running import (
    CURSE,
    MASKED,
    Running,
    channel_id,
    closed,
    gone,
    reposts,
    running_bot,
    say,
    settings_for,
    wait_for,
)

HOSTILE_CURSE = "시발 @everyone **굵게** <@1> [a](https://example.com) '; DROP TABLE incidents; -- ../../etc"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test wait for the pace."""
    monkeypatch.setattr(scan_act, "PACE_S", 0.0)
    monkeypatch.setattr(scan_act, "OLD_PACE_S", 0.0)
    monkeypatch.setattr(scan, "EVERY_S", 0.05)


async def past(demo: Demo, *said: tuple[str, str]) -> list[Message]:
    """Let people write while no bot runs."""
    world, place = demo.world, demo.channels["자유-대화"].id
    return [world.member_send(demo.people[who].id, place, words) for who, words in said]


async def scanned(running: Running, who: str = "haneul", **options: Any) -> Message:
    """Run a scan and wait for its report."""
    answer = await call(running, "setup", "scan", who=who, channel=channel_id(running), **options)
    await wait_for(lambda: "scan:cancel" not in "".join(parts(answer)), what="the report")
    return answer


async def acted(running: Running, report: Message, who: str = "haneul") -> Message:
    """Press the report's button and wait until everything was taken up."""
    answer = await press(running, report, one_id(report, "garim:scan:act:"), who=who)
    await wait_for(lambda: "scan:cancel" not in "".join(parts(answer)), what="the end of acting")
    return answer


async def incident(running: Running, message: Message) -> Incident:
    (found,) = await running.incidents(message.id)
    return found


async def test_a_scan_tells_what_would_be_flagged_and_touches_nothing(
    demo: Demo, server: Sandbox, tmp_path: Path
) -> None:
    curse, clean, hostile = await past(demo, ("minseo", CURSE), ("jiho", "오늘 날씨 좋네요"), ("jiho", HOSTILE_CURSE))
    async with running_bot(demo, server, settings_for(server, tmp_path)) as running:
        report = await scanned(running)
        words = shown(report)
        assert "**2개**" in words
        assert "2명" in words
        assert "욕설: 2" in words
        assert "시발" not in words
        assert f"/{channel_id(running)}/{curse.id})" in words
        assert "\\@everyone \\*\\*굵게" in words
        assert not any(gone(running, message) for message in (curse, clean, hostile))
        found = await incident(running, curse)
        assert (found.state, found.outcome) == (IncidentState.CLOSED, OutcomeKind.OBSERVED)
        assert (found.draft.origin, found.draft.observe) == (Origin.SCAN, True)
        assert await running.incidents(clean.id) == []
        (entry,) = await running.storage.audit.history(demo.guild.id, what=AuditKind.SCAN_RUN)
        assert entry.actor_id == demo.people["haneul"].id
        assert entry.detail is not None
        assert entry.detail["flagged"] == 2


async def test_the_button_sends_each_through_the_ordinary_path_once_however_often_it_is_pressed(
    demo: Demo, server: Sandbox, tmp_path: Path
) -> None:
    said = await past(demo, ("minseo", CURSE), ("jiho", CURSE))
    async with running_bot(demo, server, settings_for(server, tmp_path)) as running:
        await alerts_on(running)
        report = await scanned(running)
        assert "2개를 처리했어요" in shown(await acted(running, report))
        assert "처리할 것이 더 없어요" in shown(await acted(running, report))
        assert all(gone(running, message) for message in said)
        assert [one.content for one in reposts(demo, channel_id(running))] == [MASKED, MASKED]
        for message in said:
            found = await incident(running, message)
            assert (found.outcome, found.draft.origin) == (OutcomeKind.MASKED, Origin.SCAN)
            assert found.draft.observe is False
        figures = await running.storage.statistics.median_reaction_s(
            demo.guild.id, found.opened_at - timedelta(days=1), found.opened_at + timedelta(days=1)
        )
        assert figures is None, "what is long past says nothing of how quick the bot is"
        member = demo.people["minseo"].id
        since = found.opened_at - timedelta(days=1)
        assert not await running.storage.sanctions.points(demo.guild.id, member, since), "nobody is punished for it"
        await running.engine.alerts.drain()
        assert len(posts(running)) == 2


async def test_a_restart_between_the_report_and_the_press_changes_nothing(
    demo: Demo, server: Sandbox, tmp_path: Path
) -> None:
    (message,) = await past(demo, ("minseo", CURSE))
    async with running_bot(demo, server, settings_for(server, tmp_path)) as first:
        report = await scanned(first)
    async with running_bot(demo, server, settings_for(server, tmp_path)) as second:
        await acted(second, report)
        assert gone(second, message)
        assert (await incident(second, message)).outcome is OutcomeKind.MASKED


async def test_scanning_again_finds_the_same_and_records_it_once(demo: Demo, server: Sandbox, tmp_path: Path) -> None:
    (message,) = await past(demo, ("minseo", CURSE))
    async with running_bot(demo, server, settings_for(server, tmp_path)) as running:
        first, again = await scanned(running), await scanned(running)
        assert shown(first) == shown(again)
        assert len(await running.incidents(message.id)) == 1


async def test_what_was_observed_as_it_came_can_be_dealt_with_later(running: Running) -> None:
    actor = running.demo.people["haneul"].id
    await running.storage.guilds.update(running.demo.guild.id, {"observe": True}, actor)
    message = say(running, CURSE)
    await closed(running, message)
    report = await scanned(running)
    refused = await press(running, report, one_id(report, "garim:scan:act:"))
    assert "지켜보기만" in refused.content
    assert not gone(running, message)
    await running.storage.guilds.update(running.demo.guild.id, {"observe": False}, actor)
    await acted(running, report)
    assert gone(running, message)
    assert (await incident(running, message)).outcome is OutcomeKind.MASKED


async def test_what_a_moderator_called_wrong_is_left_alone(demo: Demo, server: Sandbox, tmp_path: Path) -> None:
    (message,) = await past(demo, ("minseo", CURSE))
    async with running_bot(demo, server, settings_for(server, tmp_path)) as running:
        report = await scanned(running)
        found = await incident(running, message)
        await running.storage.reviews.decide(found.id, demo.people["haneul"].id, right=False)
        assert "처리할 것이 더 없어요" in shown(await acted(running, report))
        assert not gone(running, message)


async def test_a_message_that_went_away_or_was_mended_since_is_not_acted_on(
    demo: Demo, server: Sandbox, tmp_path: Path
) -> None:
    deleted, mended = await past(demo, ("minseo", CURSE), ("jiho", CURSE))
    async with running_bot(demo, server, settings_for(server, tmp_path)) as running:
        report = await scanned(running)
        demo.world.member_delete(deleted.author_id, deleted.channel_id, deleted.id)
        demo.world.member_edit(mended.author_id, mended.channel_id, mended.id, "죄송합니다")
        words = shown(await acted(running, report))
        assert "1개는 이미 지워져" in words
        assert "1개는 지금 기준으로 걸리지 않아" in words
        assert not gone(running, mended)
        assert reposts(demo, channel_id(running)) == []


async def test_a_word_spelt_over_several_messages_is_found_and_dealt_with_as_one(
    demo: Demo, server: Sandbox, tmp_path: Path
) -> None:
    said = await past(demo, ("minseo", "병"), ("minseo", "신"))
    async with running_bot(demo, server, settings_for(server, tmp_path)) as running:
        report = await scanned(running)
        assert "**1개**" in shown(report)
        await acted(running, report)
        assert all(gone(running, message) for message in said)
        assert [one.content for one in reposts(demo, channel_id(running))] == ["●\n●"]


async def test_exempt_members_roles_and_bots_are_not_counted(demo: Demo, server: Sandbox, tmp_path: Path) -> None:
    await past(demo, ("haneul", CURSE), ("jiho", CURSE))
    async with running_bot(demo, server, settings_for(server, tmp_path)) as running:
        changes = {"exempt_role_ids": [demo.roles["관리자"].id], "exempt_member_ids": [demo.people["jiho"].id]}
        await running.storage.guilds.update(demo.guild.id, changes, demo.people["haneul"].id)
        report = await scanned(running)
        assert "걸린 메시지가 없어요" in shown(report)
        assert not parts(report)


@pytest.mark.parametrize(
    ("options", "expected", "why"),
    [
        ({"messages": 1}, "**1개**", "the newest alone"),
        ({"messages": 2}, "**2개**", "as many as asked for"),
        ({"days": 1}, "**3개**", "all of today's"),
        ({"days": 365, "messages": 10_000}, "**3개**", "the widest bound"),
    ],
)
async def test_a_scan_reads_no_further_than_it_was_told(
    demo: Demo, server: Sandbox, tmp_path: Path, options: dict[str, Any], expected: str, why: str
) -> None:
    await past(demo, *[("minseo", f"{CURSE} {number} 번째입니다 정말로") for number in range(3)])
    async with running_bot(demo, server, settings_for(server, tmp_path)) as running:
        assert expected in shown(await scanned(running, **options)), why


async def test_old_messages_lie_beyond_a_week_and_are_deleted_one_by_one(tmp_path: Path) -> None:
    ago_s = [20 * 86_400.0]
    demo = demo_world(clock=lambda: time.time() - ago_s[0])
    old = await past(demo, ("minseo", CURSE), ("jiho", CURSE))
    ago_s[0] = 0.0
    async with (
        Sandbox(demo.world, limits=RateLimits(enabled=False)) as server,
        running_bot(demo, server, settings_for(server, tmp_path)) as running,
    ):
        assert "걸린 메시지가 없어요" in shown(await scanned(running))
        report = await scanned(running, days=30)
        assert "**2개**" in shown(report)
        await acted(running, report)
        assert all(gone(running, message) for message in old)
        deletes = [one.path for one in running.requests() if one.method == "DELETE"]
        assert sorted(int(path.rsplit("/", 1)[-1]) for path in deletes) == [message.id for message in old]
        assert not [one for one in running.requests() if "bulk-delete" in one.path]


async def test_a_scan_shows_its_progress_can_be_stopped_and_runs_once_per_guild(
    demo: Demo, server: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = await past(demo, *[("minseo", CURSE)] * 3)
    async with running_bot(demo, server, settings_for(server, tmp_path)) as running:
        demo.roles["운영진"].permissions |= Permission.MANAGE_GUILD
        report = await scanned(running, "seoyeon")
        monkeypatch.setattr(scan_act, "PACE_S", 60.0)
        progress = await press(running, report, one_id(report, "garim:scan:act:"), who="seoyeon")
        await wait_for(lambda: "3개 가운데 1개" in shown(progress), what="the progress")
        assert "█" in shown(progress)
        assert "이미 살펴보거나" in (await call(running, "setup", "scan", channel=channel_id(running))).content
        demo.roles["운영진"].permissions &= ~Permission.MANAGE_GUILD
        assert "권한" in (await press(running, progress, CANCEL_ID, who="seoyeon")).content
        demo.roles["운영진"].permissions |= Permission.MANAGE_GUILD
        assert "곧 멈출게요" in (await press(running, progress, CANCEL_ID, who="seoyeon")).content
        await wait_for(lambda: "2개가 남았어요" in shown(progress), what="the end")
        assert [gone(running, message) for message in said] == [True, False, False]


async def test_two_moderators_who_press_at_once_deal_with_each_message_once(
    demo: Demo, server: Sandbox, tmp_path: Path
) -> None:
    await past(demo, ("minseo", CURSE), ("jiho", CURSE))
    demo.roles["운영진"].permissions |= Permission.MANAGE_GUILD
    async with running_bot(demo, server, settings_for(server, tmp_path)) as running:
        reports = {who: await scanned(running, who) for who in ("haneul", "seoyeon")}
        pressing = [press(running, one, one_id(one, "garim:scan:act:"), who=who) for who, one in reports.items()]
        answers = await asyncio.gather(*pressing)
        await wait_for(lambda: "scan:cancel" not in "".join("".join(parts(one)) for one in answers))
        assert sum("이미 살펴보거나" in one.content for one in answers) == 1
        assert len(reposts(demo, channel_id(running))) == 2


async def test_whoever_may_not_manage_the_server_can_neither_scan_nor_act(
    demo: Demo, server: Sandbox, tmp_path: Path
) -> None:
    (message,) = await past(demo, ("minseo", CURSE))
    demo.roles["운영진"].permissions |= Permission.MANAGE_GUILD
    async with running_bot(demo, server, settings_for(server, tmp_path)) as running:
        (group,) = [one for one in demo.world.commands_of(demo.application.id, None) if one.name == "setup"]
        group.body["default_member_permissions"] = None
        report = await scanned(running, "seoyeon")
        demo.roles["운영진"].permissions &= ~Permission.MANAGE_GUILD
        refused = text("panel.not_allowed", "ko")
        pressed = await press(running, report, one_id(report, "garim:scan:act:"), who="seoyeon")
        assert pressed.content == refused
        assert (await call(running, "setup", "scan", who="jiho", channel=channel_id(running))).content == refused
        assert not gone(running, message)
        assert len(await running.storage.audit.history(demo.guild.id)) == 1


async def test_a_channel_that_cannot_be_read_back_is_named_with_what_is_missing(running: Running) -> None:
    channel, bot_id = running.demo.channels["자유-대화"], running.demo.application.bot_id
    channel.overwrites[bot_id] = Overwrite(bot_id, 1, deny=int(Permission.READ_MESSAGE_HISTORY))
    running.demo.world.update_channel(channel)
    guild = running.bot.get_guild(running.demo.guild.id)
    assert guild is not None

    def may_read() -> bool:
        known = guild.get_channel(channel.id)
        assert isinstance(known, discord.TextChannel)
        return known.permissions_for(guild.me).read_message_history

    await wait_for(lambda: not may_read())
    answer = await call(running, "setup", "scan", channel=channel.id)
    assert "메시지 기록 보기" in answer.content
    assert f"<#{channel.id}>" in answer.content


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-10, max_value=10))
def test_a_bar_is_always_as_long_and_never_beyond_its_ends(share: float) -> None:
    drawn = bar(share).split("`")[1]
    assert len(drawn) == BAR
    assert drawn == drawn.replace("░█", "")
