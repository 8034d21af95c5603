"""A false positive: recorded once, its original back in the repost's place, and the word allowed on request."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.incidents import IncidentDraft, OutcomeKind, RepostPart
from bot.policy import LabelAction, Notice
from bot.records import AuditKind
from bot.terms import TermKind
from cogs.review.restore import original_parts
from sandbox.models import Message
from sandbox.permissions import Permission
from sandbox.seed import Demo
from sandbox.server import Sandbox
from sandbox.uploads import Upload
from tests.support.pressing import alert, alerts_on, button, ids_of, posts, press, shown
from tests.support.running import (
    CURSE,
    Running,
    channel_id,
    closed,
    gone,
    repost_of,
    reposts,
    running_bot,
    say,
    settings_for,
    wait_for,
)

EDIT = ("PATCH", "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}")


async def called_wrong(running: Running, post: Message, who: str = "seoyeon") -> Message:
    return await press(running, post, who, button(post, ":wrong:"))


async def test_the_original_stands_where_the_repost_stood_under_the_same_name_and_pings_nobody(
    running: Running,
) -> None:
    await alerts_on(running)
    words = f"{CURSE} @everyone <@{running.demo.people['jiho'].id}>"
    masked = await repost_of(running, say(running, words))
    told = await called_wrong(running, await alert(running))
    assert "되돌렸어요" in told.content
    (standing,) = reposts(running.demo, masked.channel_id)
    assert (standing.id, standing.content, standing.webhook_name) == (masked.id, words, masked.webhook_name)
    assert not standing.mentions
    assert not standing.mention_everyone
    assert standing.components == []


async def test_a_false_positive_is_recorded_once_and_shown(running: Running) -> None:
    await alerts_on(running)
    incident = await closed(running, say(running, CURSE))
    post = await alert(running)
    await called_wrong(running, post)
    again = await called_wrong(running, post, "haneul")
    seoyeon = running.demo.people["seoyeon"].id
    assert f"<@{seoyeon}>" in again.content
    review = await running.storage.reviews.of(incident.id)
    assert review is not None
    assert (review.right, review.moderator_id) == (False, seoyeon)
    restored = await running.storage.audit.history(running.demo.guild.id, what=AuditKind.RESTORED)
    assert [entry.actor_id for entry in restored] == [seoyeon]
    await wait_for(lambda: "원래 글로 되돌렸어요" in shown(posts(running)[0]))
    assert "오탐이라고 판단했어요" in shown(posts(running)[0])


async def test_files_and_replies_stay_where_they_are(running: Running) -> None:
    await alerts_on(running)
    first = say(running, "안녕하세요", "jiho")
    upload = Upload("메모.txt", b"text", "text/plain")
    masked = await repost_of(running, say(running, CURSE, reply_to=first.id, uploads=[upload]))
    assert masked.content.startswith("-# ↪")
    await called_wrong(running, await alert(running))
    (standing,) = reposts(running.demo, masked.channel_id)
    assert standing.content.endswith(f"\n{CURSE}")
    assert standing.content.startswith("-# ↪")
    assert [item.filename for item in standing.attachments] == ["메모.txt"]


async def test_a_repost_that_somebody_deleted_is_posted_anew_once(running: Running) -> None:
    await alerts_on(running)
    masked = await repost_of(running, say(running, CURSE))
    running.demo.world.member_delete(running.demo.people["haneul"].id, masked.channel_id, masked.id)
    post = await alert(running)
    await called_wrong(running, post)
    await called_wrong(running, post, "haneul")
    (standing,) = reposts(running.demo, masked.channel_id)
    assert (standing.content, standing.webhook_name) == (CURSE, masked.webhook_name)


async def test_the_repost_of_a_webhook_that_is_gone_is_replaced(running: Running) -> None:
    await alerts_on(running)
    masked = await repost_of(running, say(running, CURSE))
    running.demo.world.delete_webhook(next(iter(running.demo.world.webhooks.values())))
    await called_wrong(running, await alert(running))
    (standing,) = reposts(running.demo, masked.channel_id)
    assert standing.id != masked.id
    assert standing.content == CURSE


async def test_what_the_bot_posted_under_its_own_name_is_edited_too(running: Running) -> None:
    await alerts_on(running)
    role = running.demo.roles["bot"]
    role.permissions &= ~int(Permission.MANAGE_WEBHOOKS)
    running.demo.world.update_role(running.demo.guild, role)
    guild = running.bot.get_guild(running.demo.guild.id)
    assert guild is not None
    await wait_for(lambda: not guild.me.guild_permissions.manage_webhooks)
    masked = await repost_of(running, say(running, CURSE))
    await called_wrong(running, await alert(running))
    (standing,) = reposts(running.demo, masked.channel_id)
    assert standing.id == masked.id
    assert standing.content.endswith(CURSE)


async def test_a_message_that_was_only_deleted_is_posted_again(running: Running) -> None:
    await alerts_on(running, actions={"profanity": "delete"})
    incident = await closed(running, say(running, CURSE))
    assert incident.outcome is OutcomeKind.DELETED_ONLY
    await called_wrong(running, await alert(running))
    (standing,) = reposts(running.demo, channel_id(running))
    assert standing.content == CURSE


async def test_a_message_in_a_thread_is_restored_there(running: Running) -> None:
    await alerts_on(running)
    world, jiho = running.demo.world, running.demo.people["jiho"]
    thread = world.start_thread(running.demo.channels["자유-대화"], "곁가지", jiho.id)
    masked = await repost_of(running, say(running, CURSE, place=thread.id))
    await called_wrong(running, await alert(running))
    (standing,) = reposts(running.demo, thread.id)
    assert (standing.id, standing.content) == (masked.id, CURSE)


async def test_a_message_that_was_left_needs_no_restoring(running: Running) -> None:
    await alerts_on(running, actions={"profanity": "alert"})
    message = say(running, CURSE)
    await closed(running, message)
    assert "그대로 있어요" in (await called_wrong(running, await alert(running))).content
    assert list(running.demo.world.history(message.channel_id)) == [message]


async def test_an_outage_is_told_and_the_next_press_goes_on(running: Running) -> None:
    await alerts_on(running)
    masked = await repost_of(running, say(running, CURSE))
    post = await alert(running)
    running.server.faults.add("refuse", *EDIT, status=503, count=1)
    assert "대답하지" in (await called_wrong(running, post)).content
    assert "되돌렸어요" in (await called_wrong(running, post)).content
    (standing,) = reposts(running.demo, masked.channel_id)
    assert (standing.id, standing.content) == (masked.id, CURSE)


async def test_a_restart_in_the_middle_of_posting_anew_doubles_nothing(
    demo: Demo, server: Sandbox, tmp_path: Path
) -> None:
    settings = settings_for(server, tmp_path)
    execute = ("POST", "/webhooks/{webhook_id}/{webhook_token}")
    async with running_bot(demo, server, settings) as first:
        await alerts_on(first, actions={"profanity": "delete"})
        await closed(first, say(first, CURSE))
        post = await alert(first)
        server.faults.add("lose", *execute, count=1)
        assert "알 수 없어요" in (await called_wrong(first, post)).content
    async with running_bot(demo, server, settings) as second:
        await called_wrong(second, post)
        assert [one.content for one in reposts(demo, channel_id(second))] == [CURSE]


async def test_a_word_can_be_allowed_from_now_on(running: Running) -> None:
    await alerts_on(running)
    await closed(running, say(running, CURSE))
    told = await called_wrong(running, await alert(running))
    (select,) = ids_of(told)
    answer = await press(running, told, "seoyeon", select, ("0",))
    assert "허용 목록에 넣었어요" in answer.content
    terms = await running.storage.terms.list(running.demo.guild.id)
    assert [(term.kind, term.entry) for term in terms] == [(TermKind.ALLOW, "시발")]
    assert "이미" in (await press(running, told, "seoyeon", select, ("0",))).content
    again = say(running, f"{CURSE} 또")
    await repost_of(running, say(running, "좆같네", place=channel_id(running, "개발")))
    assert not gone(running, again)


def draft(
    original: str, *parts: str, action: str = LabelAction.MASK, revision: int = 0, reply: int | None = None
) -> IncidentDraft:
    return IncidentDraft(
        guild_id=1,
        channel_id=2,
        thread_id=None,
        message_id=3,
        revision=revision,
        author_id=4,
        author_name="이름",
        avatar_url=None,
        original=original,
        parts=tuple(RepostPart(index, part) for index, part in enumerate(parts)),
        action=action,
        notice=Notice.BUTTON,
        locale="ko",
        verdict={},
        reply_to_message_id=reply,
    )


@pytest.mark.parametrize(
    ("given", "expected", "reason"),
    [
        (draft("나쁜 말", "●● 말"), ["나쁜 말"], "nothing stands above a plain repost"),
        (draft("말", "-# ↪ 주소\n●", reply=9), ["-# ↪ 주소\n말"], "the reply's line stays"),
        (draft("말", "-# ↪ 주소\n-# ✎ 수정\n●", reply=9, revision=5), ["-# ↪ 주소\n-# ✎ 수정\n말"], "both lines stay"),
        (draft("-# ↪ 가짜", "-# ↪ 가●"), ["-# ↪ 가짜"], "an author's own such line is not taken for ours"),
        (draft("말", "●", action=LabelAction.DELETE, reply=9), ["말"], "what was never reposted has no such lines"),
    ],
)
def test_the_restored_text_is_the_original_under_the_reposts_own_lines(
    given: IncidentDraft, expected: list[str], reason: str
) -> None:
    assert original_parts(given) == expected, reason
