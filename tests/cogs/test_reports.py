"""`/report`, run by people in the sandbox, over real interactions, and what is posted by schedule."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.incidents import OutcomeKind
from bot.records import AuditKind, Every, Schedule
from bot.reports.periods import SEOUL, ended
from bot.reports.proposals import VERDICTS
from bot.storage.schedules import next_due
from cogs.reports._scheduler import REPORT_KIND, last_due
from cogs.settings._observing import SUMMARY_KIND
from masker.labels import Label
from sandbox.commands_rules import MAX_TOTAL_CHARACTERS, check_command, total_characters
from sandbox.models import Message, Overwrite
from sandbox.permissions import Permission
from tests.support.calling import HOSTILE, call, file_bytes, one_id, press
from tests.support.pressing import alert, alerts_on, let_in
from tests.support.recording import recorded
from tests.support.running import Running, channel_id

MOD = "seoyeon"


async def run(running: Running, *path: str, who: str = MOD, **more: Any) -> Message:
    return await call(running, "report", *path, who=who, **more)


def description(message: Message) -> str:
    (embed,) = message.embeds
    return str(embed["description"])


async def reviewed(running: Running, score: float, right: int, wrong: int) -> None:
    """Let moderators have said right and wrong so often of insults with a score."""
    for number in range(right + wrong):
        one = await recorded(running, labels={"insult": score})
        await running.storage.reviews.decide(one.id, 1, number < right)


@pytest.mark.parametrize("period", Every)
async def test_a_report_is_a_picture_with_a_short_text_beside_it(running: Running, period: Every) -> None:
    for _ in range(3):
        await recorded(running)
    shown = await run(running, "show", period=str(period))
    assert "사건이 3건 있었어요." in description(shown)
    assert f"<#{channel_id(running)}> 3" in description(shown)
    assert shown.embeds[0]["image"]["url"].endswith("garim-report.png") or shown.attachments
    assert file_bytes(running, shown).startswith(b"\x89PNG")


async def test_a_report_on_a_range_holds_what_was_in_it(running: Running) -> None:
    await recorded(running)
    today = datetime.now(UTC) + timedelta(hours=9)
    shown = await run(running, "show", since=str(today.date()), until=str(today.date()))
    assert "사건이 1건" in description(shown)
    old = await run(running, "show", since="2021-01-01", until="2021-01-31", locale="en-US")
    assert "There were no incidents" in description(old)
    assert "2021-01-01 – 2021-01-31 (UTC)" in old.embeds[0]["title"]


@pytest.mark.parametrize(("words", "kind"), [*HOSTILE, ("1990-01-01", "too long ago")])
async def test_hostile_ranges_are_refused_in_words(running: Running, words: str, kind: str) -> None:
    told = await run(running, "show", since=words[:40])
    assert told.content.startswith("그 기간은 보고할 수 없어요."), kind
    assert "때를 읽지" in (await run(running, "export", form="csv", until="x")).content


async def test_incidents_are_exported_without_words_and_that_is_on_record(running: Running) -> None:
    await recorded(running)
    await recorded(running, "jiho", {"threat": 0.9})
    told = await run(running, "export", form="csv")
    assert "2건을 모두" in told.content
    rows = list(csv.DictReader(io.StringIO(file_bytes(running, told).decode(), newline="")))
    assert [row["labels"] for row in rows] == ["threat", "profanity"]
    only = json.loads(file_bytes(running, await run(running, "export", form="json", label="threat")))
    assert [row["author_id"] for row in only] == [str(running.demo.people["jiho"].id)]
    book = file_bytes(running, await run(running, "export", form="xlsx", since="1h"))
    assert book.startswith(b"PK")
    for raw in (file_bytes(running, told), json.dumps(only).encode(), book):
        assert "진짜".encode() not in raw
    entries = await running.storage.audit.history(running.demo.guild.id, 5)
    assert [(one.what, dict(one.detail or {})["form"]) for one in entries] == [
        (AuditKind.EXPORTED, form) for form in ("xlsx", "json", "csv")
    ]
    nothing = await run(running, "export", form="csv", label="age")
    assert nothing.content == "조건에 맞는 사건이 없어요."


async def test_only_moderators_may_report_and_only_admins_may_change(running: Running) -> None:
    let_in(running, "minseo", Permission.MANAGE_MESSAGES, place="자유-대화")
    for path, options in (("show", {}), ("export", {"form": "csv"}), ("schedule", {}), ("thresholds", {})):
        assert "메시지 관리" in (await run(running, path, who="minseo", **options)).content, path
    assert "서버 관리하기" in (await run(running, "schedule", every="day")).content
    assert await running.storage.schedules.of(running.demo.guild.id) == []
    assert (await run(running, "schedule")).content == "정해 둔 보고가 없어요."


async def test_a_report_is_scheduled_shown_and_stopped(running: Running) -> None:
    guild, place = running.demo.guild.id, channel_id(running, "관리자-알림")
    told = await run(running, "schedule", who="haneul", every="week", channel=str(place))
    # The bot may see and write there, and has its rights to attach and embed from its role.
    assert f"<#{place}> 채널에 매주 월요일 보고를 올려요" in told.content
    (schedule,) = await running.storage.schedules.of(guild)
    assert (schedule.kind, schedule.channel_id, schedule.every) == (REPORT_KIND, place, Every.WEEK)
    assert (await run(running, "schedule")).content == told.content
    await run(running, "schedule", who="haneul", every="day")
    (schedule,) = await running.storage.schedules.of(guild)
    assert schedule.channel_id == channel_id(running), "without a channel, where it was asked for"
    assert "없어요" in (await run(running, "schedule", who="haneul", every="off")).content
    assert await running.storage.schedules.of(guild) == []


async def test_no_report_is_scheduled_where_the_bot_cannot_post_it(running: Running) -> None:
    channel, bot = running.demo.channels["자유-대화"], running.demo.application.bot_id
    channel.overwrites[bot] = Overwrite(bot, 1, deny=int(Permission.ATTACH_FILES))
    running.demo.world.update_channel(channel)
    await asyncio.sleep(0.1)
    told = await run(running, "schedule", who="haneul", every="day", channel=str(channel.id))
    assert "파일" in told.content
    assert await running.storage.schedules.of(running.demo.guild.id) == []


async def due(running: Running, kind: str, every: Every, channel: int) -> datetime:
    """Schedule something, and return the first moment at which it is due and about what is recorded now."""
    schedule = await running.storage.schedules.set(running.demo.guild.id, kind, channel, every)
    assert schedule is not None
    at, now = schedule.next_at, datetime.now(UTC)
    # Between midnight in Seoul and midnight of UTC, what is due next is about the day before.
    while ended(every, at, SEOUL).until <= now:
        at = next_due(at, every)
    return at


async def test_what_is_due_is_posted_once_about_the_time_that_has_ended(running: Running) -> None:
    await recorded(running)
    place = channel_id(running, "관리자-알림")
    at = await due(running, REPORT_KIND, Every.MONTH, place)
    scheduler = running.engine.scheduler
    assert await asyncio.gather(scheduler.tick(at), scheduler.tick(at)) in ([1, 0], [0, 1])
    assert await scheduler.tick(at + timedelta(hours=1)) == 0
    (post,) = running.demo.world.history(place)
    assert post.author_id == running.demo.application.bot_id
    assert str(ended(Every.MONTH, at, SEOUL).since.date()) in post.embeds[0]["title"]
    assert "사건이 1건 있었어요." in description(post)
    assert len(post.attachments) == 1
    (schedule,) = await running.storage.schedules.of(running.demo.guild.id)
    assert schedule.next_at > at


async def test_nothing_is_posted_before_it_is_due(running: Running) -> None:
    place = channel_id(running, "관리자-알림")
    schedule = await running.storage.schedules.set(running.demo.guild.id, REPORT_KIND, place, Every.DAY)
    assert schedule is not None
    assert await running.engine.scheduler.tick(schedule.next_at - timedelta(seconds=1)) == 0
    assert not list(running.demo.world.history(place))


async def test_a_start_after_days_posts_the_last_time_alone(running: Running) -> None:
    place = channel_id(running, "관리자-알림")
    at = await due(running, REPORT_KIND, Every.DAY, place)
    assert await running.engine.scheduler.tick(at + timedelta(days=5, hours=3)) == 1
    (post,) = running.demo.world.history(place)
    yesterday = (at + timedelta(days=4, hours=12)).date()
    assert str(yesterday) in post.embeds[0]["title"]


@given(st.sampled_from(Every), st.integers(0, 500), st.integers(0, 23))
def test_a_post_however_late_tells_of_no_day_that_the_next_one_tells_of(every: Every, days: int, hours: int) -> None:
    at = next_due(datetime(2026, 1, 1, tzinfo=UTC), every)
    now = at + timedelta(days=days, hours=hours)
    late = ended(every, last_due(Schedule(1, REPORT_KIND, 2, every, at), now), SEOUL)
    following = ended(every, next_due(now, every), SEOUL)
    assert late.until <= now
    assert late.until == following.since


async def test_the_summary_of_observing_says_what_would_have_been_done(running: Running) -> None:
    place = await alerts_on(running, observe=True)
    # Of last week, as it is seen from the Monday after: everything that is recorded now.
    at = await due(running, SUMMARY_KIND, Every.WEEK, 0)
    for action in ("mask", "mask", "delete"):
        await recorded(running, outcome=OutcomeKind.OBSERVED, observe=True, action=action)
    await recorded(running)
    assert await running.engine.scheduler.tick(at) == 1
    (post,) = running.demo.world.history(place)
    assert "3건에 손을 댔을 거예요" in description(post)
    assert "2" in description(post).splitlines()[0]
    assert "/settings observe" in description(post)


async def test_no_summary_is_posted_once_observing_has_ended_but_it_is_moved_on(running: Running) -> None:
    place = await alerts_on(running, observe=False)
    at = await due(running, SUMMARY_KIND, Every.WEEK, place)
    assert await running.engine.scheduler.tick(at) == 0
    assert not list(running.demo.world.history(place))
    (schedule,) = await running.storage.schedules.of(running.demo.guild.id)
    assert schedule.next_at > at


async def test_a_report_that_cannot_be_posted_is_told_to_the_moderators(running: Running) -> None:
    await alerts_on(running)
    at = await due(running, REPORT_KIND, Every.DAY, 12345)
    assert await running.engine.scheduler.tick(at) == 0
    told = await alert(running)
    assert "보고를 올리지 못했어요" in description(told)


async def test_thresholds_are_proposed_from_verdicts_and_applied_at_a_press(running: Running) -> None:
    guild = running.demo.guild.id
    now = (await running.storage.guilds.policy(guild)).effective_thresholds()[Label.INSULT]
    await reviewed(running, round(now + 0.02, 2), 1, VERDICTS)
    await reviewed(running, 0.97, VERDICTS, 0)
    shown = await run(running, "thresholds")
    assert f"모욕·악플 {now:.2f} → 0.96" in description(shown)
    assert f"{VERDICTS + 1}건을 더는 잡지 않아요 (오탐 {VERDICTS}, 맞음 1). 정확도 51% → 100%" in description(shown)
    apply = one_id(shown, "garim:report:apply:80:")
    assert "서버 관리하기" in (await press(running, shown, apply, who=MOD)).content
    assert (await running.storage.guilds.policy(guild)).thresholds == {}
    shown = await run(running, "thresholds", who="haneul")
    told = await press(running, shown, apply, who="haneul")
    assert told.content.startswith("바꿨어요.")
    assert (await running.storage.guilds.policy(guild)).thresholds == {Label.INSULT: 0.96}
    again = await press(running, shown, apply, who="haneul")
    assert "그사이에" in again.content, "pressed again, it is about what no longer holds"
    undone = await press(running, told, one_id(told, "garim:settings:undo:"), who="haneul")
    assert undone.content.startswith("바꿨어요.")
    assert (await running.storage.guilds.policy(guild)).thresholds == {}


async def test_proposals_that_moved_on_are_shown_anew_and_not_applied(running: Running) -> None:
    guild = running.demo.guild.id
    await reviewed(running, 0.97, 0, VERDICTS)
    await reviewed(running, 0.99, VERDICTS, 0)
    shown = await run(running, "thresholds", who="haneul", precision=90)
    await reviewed(running, 0.97, 1, 3)
    told = await press(running, shown, one_id(shown, "garim:report:apply:90:"), who="haneul")
    assert "그사이에" in told.content
    assert (await running.storage.guilds.policy(guild)).thresholds == {}
    assert "→" in description(told)


async def test_two_admins_who_apply_at_once_leave_one_outcome(running: Running) -> None:
    running.demo.roles["운영진"].permissions |= Permission.MANAGE_GUILD
    running.demo.world.update_role(running.demo.guild, running.demo.roles["운영진"])
    await reviewed(running, 0.97, 0, VERDICTS)
    await reviewed(running, 0.99, VERDICTS, 0)
    seen = {who: await run(running, "thresholds", who=who) for who in (MOD, "haneul")}
    presses = (press(running, one, one_id(one, "garim:report:apply:80:"), who=who) for who, one in seen.items())
    await asyncio.gather(*presses)
    assert len(await running.storage.guilds.history(running.demo.guild.id, limit=5)) == 1


async def test_few_verdicts_none_and_hopeless_labels_are_told_so(running: Running) -> None:
    assert "판정한 사건이 없어서" in description(await run(running, "thresholds"))
    await reviewed(running, 0.97, 3, 1)
    few = await run(running, "thresholds")
    assert "판정이 모자라요" in description(few)
    assert not few.components
    await reviewed(running, 0.97, 0, VERDICTS)
    assert "알리기만" in description(await run(running, "thresholds"))


def named_in_korean(body: dict[str, Any]) -> bool:
    """Tell whether a command, its subcommands, options and choices all have Korean names, and descriptions."""
    own = "ko" in body.get("name_localizations", {}) and (
        "value" in body or "ko" in body.get("description_localizations", {})
    )
    return own and all(named_in_korean(below) for key in ("options", "choices") for below in body.get(key, []))


async def test_commands_fit_discords_limits_are_named_in_korean_and_hidden_from_members(running: Running) -> None:
    found = {one.name: one.body for one in running.demo.world.commands_of(running.demo.application.id, None)}
    for name in ("incidents", "member", "case", "report"):
        body = found[name]
        assert check_command(body) is None, name
        assert total_characters(body) <= MAX_TOTAL_CHARACTERS, name
        assert named_in_korean(body), name
        assert int(body["default_member_permissions"]) == int(Permission.MANAGE_MESSAGES), name
        assert not body["dm_permission"], name
