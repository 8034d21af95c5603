"""What moderators press about an incident: what each press does, once, who may press it, and what it records."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.incidents import Incident, IncidentState, OutcomeKind
from bot.records import AuditKind, SanctionKind
from cogs.review.original import in_code
from sandbox.models import Message
from sandbox.permissions import Permission
from sandbox.seed import Demo, add_guilds
from sandbox.server import Sandbox
from tests.support.pressing import (
    alert,
    alerts_on,
    button,
    fill,
    ids_of,
    let_in,
    letters,
    opened_form,
    posts,
    press,
    press_all,
    shown,
)
from tests.support.running import (
    CURSE,
    Running,
    closed,
    gone,
    incident_in,
    reposts,
    running_bot,
    say,
    settings_for,
    wait_for,
)

ACTS = ("original", "wrong", "right", "remove", "warn", "timeout")


async def alerted(running: Running, words: str = CURSE, who: str = "minseo") -> tuple[Message, Incident]:
    """Let somebody curse, and return the alert about it and the incident."""
    await alerts_on(running)
    incident = await closed(running, say(running, words, who))
    return await alert(running), incident


async def audited(running: Running, what: AuditKind) -> list[int]:
    """Return who is on record for something."""
    return [entry.actor_id for entry in await running.storage.audit.history(running.demo.guild.id, what=what)]


async def test_the_original_is_shown_to_the_presser_alone_and_every_look_is_on_record(running: Running) -> None:
    post, incident = await alerted(running)
    told = await press(running, post, "seoyeon", button(post, ":original:"))
    assert CURSE in told.embeds[0]["description"]
    assert told.ephemeral_to == running.demo.people["seoyeon"].id
    assert await audited(running, AuditKind.ORIGINAL_VIEWED) == [running.demo.people["seoyeon"].id]
    await wait_for(lambda: "원문을 봤어요" in shown(posts(running)[0]))
    assert CURSE not in shown(posts(running)[0])
    assert incident.draft.original == CURSE


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("```\n# 제목\n```", "a block's end would let Markdown out"),
        ("\u202e뒤집힌 글\u2066", "what turns the text around would hide the rest"),
        ("`" * 4_000, "a text of nothing but marks doubles in length"),
        ("가" * 4_000, "the longest message fits"),
        ("", "nothing at all still makes a block"),
    ],
)
def test_a_hostile_original_is_only_letters(words: str, reason: str) -> None:
    block = in_code(words)
    assert block.startswith("```\n"), reason
    assert block.endswith("\n```"), reason
    assert "```" not in block[4:-4], reason
    assert not set(block) & set("\u202e\u2066"), reason
    assert len(block) <= 4_096, reason


async def test_a_repost_is_deleted_once(running: Running) -> None:
    post, incident = await alerted(running)
    told = await press(running, post, "seoyeon", button(post, ":remove:"))
    assert told.content == "글을 지웠어요."
    assert reposts(running.demo, incident.draft.channel_id) == []
    assert "지웠어요" in (await press(running, post, "haneul", button(post, ":remove:"))).content
    assert await audited(running, AuditKind.REPOST_DELETED) == [running.demo.people["seoyeon"].id]
    review = await running.storage.reviews.of(incident.id)
    assert review is not None
    assert review.right


async def test_a_warning_reaches_the_author_once(running: Running) -> None:
    post, incident = await alerted(running)
    assert "경고했어요" in (await press(running, post, "seoyeon", button(post, ":warn:"))).content
    again = await press(running, post, "haneul", button(post, ":warn:"))
    assert f"<@{running.demo.people['seoyeon'].id}>" in again.content
    (letter,) = letters(running, "minseo")
    assert "경고" in letter
    assert "시발" not in letter
    (given,) = await running.storage.sanctions.of_member(running.demo.guild.id, incident.draft.author_id)
    assert (given.kind, given.incident_id) == (SanctionKind.WARN, incident.id)


async def test_a_warning_that_cannot_be_delivered_is_on_record_and_says_so(running: Running) -> None:
    post, incident = await alerted(running)
    running.demo.people["minseo"].dms_open = False
    assert "전하지는 못했어요" in (await press(running, post, "seoyeon", button(post, ":warn:"))).content
    assert await running.storage.sanctions.of_member(running.demo.guild.id, incident.draft.author_id)


async def timed_out(running: Running, post: Message, who: str, seconds: int) -> Message:
    asked = await press(running, post, who, button(post, ":timeout:"))
    (select,) = ids_of(asked)
    return await press(running, asked, who, select, (str(seconds),))


async def test_a_time_out_lasts_as_long_as_was_chosen_and_is_given_once(running: Running) -> None:
    post, incident = await alerted(running)
    told = await timed_out(running, post, "seoyeon", 600)
    assert "10분" in told.content
    member = running.demo.guild.members[incident.draft.author_id]
    first = member.timed_out_until_s
    assert first is not None
    assert first - running.demo.world.clock() == pytest.approx(600, abs=30)
    assert "10분" in (await timed_out(running, post, "haneul", 86_400)).content
    assert member.timed_out_until_s == first
    await wait_for(lambda: "10분 동안 타임아웃했어요" in shown(posts(running)[0]))


async def test_a_time_out_that_discord_refuses_is_not_on_record(running: Running) -> None:
    post, incident = await alerted(running)
    role = running.demo.roles["bot"]
    role.permissions &= ~int(Permission.MODERATE_MEMBERS)
    running.demo.world.update_role(running.demo.guild, role)
    told = await timed_out(running, post, "seoyeon", 60)
    assert "멤버 타임아웃" in told.content
    assert await running.storage.sanctions.of_member(running.demo.guild.id, incident.draft.author_id) == []
    role.permissions |= int(Permission.MODERATE_MEMBERS)
    running.demo.world.update_role(running.demo.guild, role)
    assert "1분" in (await timed_out(running, post, "seoyeon", 60)).content


@pytest.mark.parametrize(
    ("author", "reason"), [("haneul", "the owner"), ("doyun", "a moderator as high as the presser")]
)
async def test_nobody_is_timed_out_through_the_bot_whom_the_presser_could_not(
    running: Running, author: str, reason: str
) -> None:
    running.demo.guild.members[running.demo.people["doyun"].id].roles.append(running.demo.roles["운영진"].id)
    post, incident = await alerted(running, who=author)
    assert "타임아웃할 수 없어요" in (await timed_out(running, post, "seoyeon", 60)).content, reason
    assert running.demo.guild.members[incident.draft.author_id].timed_out_until_s is None


async def test_a_case_is_opened_with_its_note_and_taken_up_again(running: Running) -> None:
    post, incident = await alerted(running)
    hostile = "'; DROP TABLE cases; -- @everyone =1+1 ../../etc/passwd \u202e"
    form = await opened_form(running, post, "seoyeon", button(post, ":case:"))
    assert "1번" in (await fill(running, form, note=hostile)).content
    form = await opened_form(running, post, "haneul", button(post, ":case:"))
    assert "이미 열려" in (await fill(running, form, note="가" * 4_000)).content
    case = await running.storage.cases.of(running.demo.guild.id, 1)
    assert case is not None
    assert [note.words for note in case.notes] == [hostile, "가" * 4_000]
    assert case.member_id == incident.draft.author_id
    assert len(await audited(running, AuditKind.CASE_OPENED)) == 1


async def test_a_form_that_was_open_when_the_bot_restarted_is_taken(
    demo: Demo, server: Sandbox, tmp_path: Path
) -> None:
    settings = settings_for(server, tmp_path)
    async with running_bot(demo, server, settings) as first:
        post, _ = await alerted(first)
        form = await opened_form(first, post, "seoyeon", button(post, ":case:"))
    async with running_bot(demo, server, settings) as second:
        assert "1번" in (await fill(second, form, note="메모")).content


async def test_a_restart_between_alert_and_press_changes_nothing(demo: Demo, server: Sandbox, tmp_path: Path) -> None:
    settings = settings_for(server, tmp_path)
    async with running_bot(demo, server, settings) as first:
        post, _ = await alerted(first)
        await press(first, post, "seoyeon", button(post, ":warn:"))
    async with running_bot(demo, server, settings) as second:
        again = await press(second, post, "haneul", button(post, ":warn:"))
        assert f"<@{demo.people['seoyeon'].id}>" in again.content
        assert len(letters(second, "minseo")) == 1
        assert "경고했어요" in shown(posts(second)[0])
        await press(second, post, "haneul", button(post, ":remove:"))
        await wait_for(lambda: "글을 지웠어요" in shown(posts(second)[0]))


@pytest.mark.parametrize("act", ACTS)
async def test_two_moderators_at_once_leave_one_outcome(running: Running, act: str) -> None:
    post, incident = await alerted(running)
    wanted = button(post, f":{act}:")
    answers = await press_all(running, post, {"seoyeon": wanted, "haneul": wanted})
    assert all(answer.content or answer.embeds for answer in answers)
    deeds = [event.step for event in await running.storage.incidents.events(incident.id) if "deed." in event.step]
    assert len(deeds) == len(set(deeds)) or act == "original"
    if act in ("remove", "warn", "right"):
        named = [answer.content for answer in answers if "<t:" in answer.content]
        assert len(named) == 1


async def test_contrary_presses_at_once_leave_the_first_verdict(running: Running) -> None:
    post, incident = await alerted(running)
    presses = {"seoyeon": button(post, ":wrong:"), "haneul": button(post, ":remove:")}
    answers = await press_all(running, post, presses)
    review = await running.storage.reviews.of(incident.id)
    assert review is not None
    standing = reposts(running.demo, incident.draft.channel_id)
    assert [one.content for one in standing] == ([] if review.right else [CURSE])
    loser = answers[0] if review.right else answers[1]
    assert f"<@{review.moderator_id}>" in loser.content


@pytest.mark.parametrize("act", ACTS)
async def test_who_may_not_moderate_is_told_so_and_nothing_happens(running: Running, act: str) -> None:
    post, incident = await alerted(running)
    let_in(running, "doyun", Permission.MANAGE_MESSAGES)
    await asyncio.sleep(0.05)
    told = await press(running, post, "doyun", button(post, f":{act}:"))
    assert "메시지 관리" in told.content
    assert not told.embeds
    assert await running.storage.reviews.of(incident.id) is None
    assert [one.content for one in reposts(running.demo, incident.draft.channel_id)] == ["●● 진짜 짜증나네"]


async def test_a_case_form_is_opened_for_moderators_alone(running: Running) -> None:
    post, _ = await alerted(running)
    let_in(running, "doyun")
    assert "메시지 관리" in (await press(running, post, "doyun", button(post, ":case:"))).content


async def test_time_outs_take_a_permission_of_their_own(running: Running) -> None:
    role = running.demo.roles["운영진"]
    role.permissions &= ~int(Permission.MODERATE_MEMBERS)
    running.demo.world.update_role(running.demo.guild, role)
    post, _ = await alerted(running)
    assert "멤버 타임아웃" in (await press(running, post, "seoyeon", button(post, ":timeout:"))).content
    assert "경고했어요" in (await press(running, post, "seoyeon", button(post, ":warn:"))).content


async def test_another_guilds_incident_is_unknown(demo: Demo, server: Sandbox, tmp_path: Path) -> None:
    (other,) = add_guilds(demo, 1)
    async with running_bot(demo, server, settings_for(server, tmp_path)) as running:
        place = next(channel for channel in demo.world.channels.values() if channel.guild_id == other.id)
        foreign = await closed(running, say(running, CURSE, place=place.id))
        post, _ = await alerted(running, f"{CURSE} 여기")
        post.components[0]["components"][0]["custom_id"] = f"garim:review:original:{foreign.id}"
        told = await press(running, post, "haneul", f"garim:review:original:{foreign.id}")
        assert "기록에 없는 사건" in told.content
        assert not told.embeds


async def test_an_alerted_message_that_stands_is_deleted_itself(running: Running) -> None:
    await alerts_on(running, actions={"profanity": "alert"})
    message = say(running, CURSE)
    await closed(running, message)
    post = await alert(running)
    assert "글 지우기" in [item["label"] for row in post.components for item in row["components"]]
    await press(running, post, "seoyeon", button(post, ":remove:"))
    assert gone(running, message)


async def test_an_incident_that_waited_for_a_human_is_closed_by_one(running: Running) -> None:
    await alerts_on(running)
    body = {"code": 50013, "message": "Missing Permissions"}
    running.server.faults.add("refuse", "DELETE", status=403, body=body, count=1)
    message = say(running, CURSE)
    incident = await incident_in(running, message, IncidentState.STUCK)
    post = await alert(running)
    await press(running, post, "seoyeon", button(post, ":remove:"))
    assert gone(running, message)
    after = await running.storage.incidents.by_id(incident.id)
    assert after is not None
    assert (after.state, after.outcome) == (IncidentState.CLOSED, OutcomeKind.NOT_DELETED)


async def test_what_is_still_being_done_is_not_undone_meanwhile(running: Running) -> None:
    await alerts_on(running)
    execute = ("POST", "/webhooks/{webhook_id}/{webhook_token}")
    running.server.faults.add("refuse", *execute, status=503, count=None)
    message = say(running, CURSE)
    post = await alert(running)
    for act in (":wrong:", ":remove:"):
        assert "아직 처리하는 중" in (await press(running, post, "seoyeon", button(post, act))).content
    running.server.faults.clear()
    incident = await closed(running, message, 20)
    assert await running.storage.reviews.of(incident.id) is None


async def test_the_presser_is_answered_in_their_own_language(running: Running) -> None:
    post, _ = await alerted(running)
    told = await press(running, post, "seoyeon", button(post, ":right:"), locale="en-US")
    assert "rightly flagged" in told.content


async def test_an_erased_original_is_said_to_be_gone(running: Running) -> None:
    post, incident = await alerted(running)
    await running.storage.members.erase(running.demo.guild.id, incident.draft.author_id, actor_id=1)
    assert "남아 있지 않아요" in (await press(running, post, "seoyeon", button(post, ":original:"))).content
