"""Contests: asked for by the author behind the notice's button, answered once by the moderators, and told."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.records import AuditKind
from cogs.review import contest as rules
from sandbox.models import Message
from sandbox.permissions import Permission
from sandbox.seed import Demo
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
    MASKED,
    Running,
    closed,
    repost_of,
    reposts,
    running_bot,
    say,
    settings_for,
    wait_for,
)

WORDS = "노래 제목을 그대로 적은 거예요"


async def asked_why(running: Running, repost: Message, who: str = "minseo", locale: str = "ko") -> Message:
    return await press(running, repost, who, button(repost, "garim:why:"), locale=locale)


async def contested(running: Running, words: str = WORDS) -> tuple[Message, Message]:
    """Let somebody curse and contest it; return the repost and the moderators' post about the contest."""
    await alerts_on(running)
    repost = await repost_of(running, say(running, CURSE))
    why = await asked_why(running, repost)
    form = await opened_form(running, why, "minseo", button(why, "garim:contest:"))
    assert "전했어요" in (await fill(running, form, words=words)).content
    return repost, await alert(running, 2)


async def test_the_notice_says_how_to_contest_and_the_moderators_get_the_authors_words(running: Running) -> None:
    _, post = await contested(running)
    told = shown(post)
    assert "이의가 제기됐어요" in told
    assert WORDS in told
    assert MASKED in told
    assert "시발" not in told
    await wait_for(lambda: "이의를 제기했어요" in shown(posts(running)[0]))


async def test_a_granted_contest_restores_the_original_and_tells_the_author(running: Running) -> None:
    repost, post = await contested(running)
    told = await press(running, post, "seoyeon", button(post, ":grant:"))
    assert "되돌렸어요" in told.content
    assert [one.content for one in reposts(running.demo, repost.channel_id)] == [CURSE]
    assert "받아들였어요" in letters(running, "minseo")[-1]
    review = await running.storage.reviews.of((await running.storage.incidents.by_repost(repost.id)).id)  # type: ignore[union-attr]
    assert review is not None
    assert not review.right
    await wait_for(lambda: "이의를 받아들였어요" in shown(posts(running)[1]))
    assert ids_of(posts(running)[1]) == []


async def refused(running: Running, post: Message, who: str, words: str) -> Message:
    form = await opened_form(running, post, who, button(post, ":refuse:"))
    return await fill(running, form, words=words)


async def test_a_refused_contest_brings_its_answer_to_the_author(running: Running) -> None:
    repost, post = await contested(running)
    assert "알렸어요" in (await refused(running, post, "seoyeon", "욕설이 맞아요 **@everyone**")).content
    letter = letters(running, "minseo")[-1]
    assert "받아들이지 않았어요" in letter
    assert "욕설이 맞아요" in letter
    assert "**@everyone**" not in letter
    assert [one.content for one in reposts(running.demo, repost.channel_id)] == [MASKED]
    answered = await running.storage.audit.history(running.demo.guild.id, what=AuditKind.CONTEST_ANSWERED)
    assert [entry.detail for entry in answered] == [{"granted": False}]


async def test_who_takes_no_direct_messages_finds_the_answer_behind_the_button(running: Running) -> None:
    repost, post = await contested(running)
    running.demo.people["minseo"].dms_open = False
    assert "개인 메시지를 받지 않아" in (await refused(running, post, "seoyeon", "욕설이 맞아요")).content
    why = await asked_why(running, repost)
    assert "욕설이 맞아요" in why.content
    assert why.components == []
    assert "욕설이 맞아요" not in (await asked_why(running, repost, "jiho")).content


async def test_an_incident_is_contested_once(running: Running) -> None:
    repost, post = await contested(running)
    why = await asked_why(running, repost)
    assert "알려 드릴게요" in why.content
    assert why.components == []
    assert len(posts(running)) == 2
    assert post.id == posts(running)[-1].id


async def test_two_forms_at_once_leave_one_contest(running: Running) -> None:
    await alerts_on(running)
    repost = await repost_of(running, say(running, CURSE))
    why = await asked_why(running, repost)
    forms = [await opened_form(running, why, "minseo", button(why, "garim:contest:")) for _ in range(2)]
    await fill(running, forms[0], words="첫째")
    assert "알려 드릴게요" in (await fill(running, forms[1], words="둘째")).content
    incident = await running.storage.incidents.by_repost(repost.id)
    assert incident is not None
    standing = await running.storage.contests.of(incident.id)
    assert standing is not None
    assert standing.words == "첫째"


async def test_somebody_elses_incident_cannot_be_contested(running: Running) -> None:
    await alerts_on(running)
    repost = await repost_of(running, say(running, CURSE))
    why = await asked_why(running, repost)
    foreign = button(why, "garim:contest:")
    theirs = await repost_of_other(running)
    other = await asked_why(running, theirs, "jiho")
    other.components[0]["components"][0]["custom_id"] = foreign
    assert "쓴 사람만" in (await press(running, other, "jiho", foreign)).content


async def repost_of_other(running: Running) -> Message:
    message = say(running, CURSE, "jiho")
    await closed(running, message)
    (found,) = [one for one in reposts(running.demo, message.channel_id) if one.webhook_name == "지호"]
    return found


async def test_a_member_contests_only_so_often_a_day(running: Running) -> None:
    await alerts_on(running)
    for number in range(rules.PER_WINDOW):
        await running.storage.contests.open(
            await an_incident(running, number), 1, running.demo.people["minseo"].id, "앞"
        )
    repost = await repost_of(running, say(running, CURSE, place=running.demo.channels["개발"].id))
    why = await asked_why(running, repost)
    assert "하루에 3번까지" in why.content
    assert why.components == []


async def an_incident(running: Running, number: int) -> int:
    message = say(running, f"{CURSE} {number}")
    await wait_for(lambda: message.id not in running.demo.world.messages[message.channel_id])
    return (await running.incidents(message.id))[0].id


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("'; DROP TABLE contests; --", "SQL is only letters"),
        ("@everyone <@&1> **굵게** [눌러](https://example.com)", "Markdown and mentions do nothing"),
        ("\u202e뒤집힌 글 \u2066", "direction marks are kept as they are"),
        ("=HYPERLINK(1) ../../etc/passwd", "neither formula nor path"),
        ("가" * 1_000, "the longest that the form takes"),
    ],
)
async def test_hostile_words_are_kept_and_shown_as_letters(running: Running, words: str, reason: str) -> None:
    repost, post = await contested(running, words)
    assert not post.mentions, reason
    assert not post.mention_everyone, reason
    assert "[눌러](" not in shown(post), reason
    incident = await running.storage.incidents.by_repost(repost.id)
    assert incident is not None
    standing = await running.storage.contests.of(incident.id)
    assert standing is not None
    assert standing.words == words.strip(), reason


async def test_two_moderators_at_once_leave_one_answer(running: Running) -> None:
    repost, post = await contested(running)
    form = await opened_form(running, post, "haneul", button(post, ":refuse:"))
    grant = button(post, ":grant:")
    await press_all(running, post, {"seoyeon": grant})
    told = await fill(running, form, words="안 돼요")
    assert f"<@{running.demo.people['seoyeon'].id}>" in told.content
    assert "받아들였어요" in told.content
    assert [one.content for one in reposts(running.demo, repost.channel_id)] == [CURSE]
    assert len(letters(running, "minseo")) == 1


async def test_a_second_grant_is_told_of_the_first(running: Running) -> None:
    _, post = await contested(running)
    grant = button(post, ":grant:")
    answers = await press_all(running, post, {"seoyeon": grant, "haneul": grant})
    assert sorted("<t:" in answer.content for answer in answers) == [False, True]
    assert len(letters(running, "minseo")) == 1


async def test_a_grant_that_discord_did_not_take_is_finished_by_the_next_press(running: Running) -> None:
    repost, post = await contested(running)
    edit = ("PATCH", "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}")
    running.server.faults.add("refuse", *edit, status=503, count=1)
    grant = button(post, ":grant:")
    first = await press(running, post, "seoyeon", grant)
    assert "대답하지" in first.content
    wrong = button(posts(running)[0], ":wrong:")
    assert "되돌렸어요" in (await press(running, posts(running)[0], "haneul", wrong)).content
    assert [one.content for one in reposts(running.demo, repost.channel_id)] == [CURSE]
    assert len(letters(running, "minseo")) == 1


async def test_members_cannot_answer(running: Running) -> None:
    repost, post = await contested(running)
    let_in(running, "doyun", Permission.MANAGE_MESSAGES)
    assert "메시지 관리" in (await press(running, post, "doyun", button(post, ":grant:"))).content
    assert "메시지 관리" in (await press(running, post, "doyun", button(post, ":refuse:"))).content
    assert [one.content for one in reposts(running.demo, repost.channel_id)] == [MASKED]


async def test_the_alerts_own_false_positive_grants_a_waiting_contest(running: Running) -> None:
    repost, _ = await contested(running)
    first = posts(running)[0]
    await press(running, first, "seoyeon", button(first, ":wrong:"))
    assert "받아들였어요" in letters(running, "minseo")[-1]
    await wait_for(lambda: ids_of(posts(running)[1]) == [])
    assert [one.content for one in reposts(running.demo, repost.channel_id)] == [CURSE]


async def test_a_contest_whose_post_was_lost_with_the_process_is_posted_at_the_next_start(
    demo: Demo, server: Sandbox, tmp_path: Path
) -> None:
    settings = settings_for(server, tmp_path)
    async with running_bot(demo, server, settings) as first:
        repost = await repost_of(first, say(first, CURSE))
        incident = await first.storage.incidents.by_repost(repost.id)
        assert incident is not None
        await alerts_on(first)
        await first.storage.contests.open(incident.id, demo.guild.id, incident.draft.author_id, WORDS)
    async with running_bot(demo, server, settings) as second:
        post = await alert(second)
        assert WORDS in shown(post)
        assert "되돌렸어요" in (await press(second, post, "seoyeon", button(post, ":grant:"))).content


async def test_the_whole_is_in_the_members_own_language(running: Running) -> None:
    repost = await repost_of(running, say(running, CURSE))
    why = await asked_why(running, repost, locale="en-US")
    assert "contest it" in why.content
    form = await opened_form(running, why, "minseo", button(why, "garim:contest:"), locale="en-US")
    assert form.modal is not None
    assert form.modal["title"] == "Contest"
