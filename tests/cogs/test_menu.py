"""The message menu: one entry whose panel depends on who asks; checks and reports for everybody."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.incidents import Origin, OutcomeKind
from cogs.review import report as rules
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
    labels_of,
    letters,
    open_menu,
    opened_form,
    posts,
    press,
    shown,
    started,
    told,
)
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

MISSED = "너 참 못됐다"


async def test_the_menu_has_one_entry_named_in_both_languages(running: Running) -> None:
    world = running.demo.world
    (menu,) = [one for one in world.commands_of(running.demo.application.id, None) if one.type == 3]
    assert menu.body["name"] == "Garim"
    assert menu.body["name_localizations"]["ko"] == "가림"
    assert menu.body.get("default_member_permissions") is None
    assert menu.in_guilds
    assert not menu.in_dms


async def test_anybody_may_check_and_report_a_message(running: Running) -> None:
    panel = await open_menu(running, say(running, MISSED), "jiho")
    assert labels_of(panel) == ["검사", "신고"]
    assert panel.ephemeral_to == running.demo.people["jiho"].id


async def test_an_author_does_not_report_themselves(running: Running) -> None:
    assert labels_of(await open_menu(running, say(running, MISSED), "minseo")) == ["검사"]


async def test_a_repost_names_its_author_and_gives_them_why_and_contest(running: Running) -> None:
    repost = await repost_of(running, say(running, CURSE))
    minseo = running.demo.people["minseo"].id
    own = await open_menu(running, repost, "minseo")
    assert f"<@{minseo}>" in own.content
    assert labels_of(own) == ["검사", "왜 가려졌나요?", "이의 제기"]
    assert "욕설" in (await press(running, own, "minseo", button(own, "garim:why:"))).content
    others = await open_menu(running, repost, "jiho")
    assert f"<@{minseo}>" in others.content
    assert labels_of(others) == ["검사", "신고"]


async def test_a_contest_can_be_made_from_the_panel(running: Running) -> None:
    await alerts_on(running)
    repost = await repost_of(running, say(running, CURSE))
    own = await open_menu(running, repost, "minseo")
    form = await opened_form(running, own, "minseo", button(own, "garim:contest:"))
    assert "전했어요" in (await fill(running, form, words="아니에요")).content
    await alert(running, 2)


async def test_moderators_have_all_of_the_alerts_actions(running: Running) -> None:
    await alerts_on(running)
    repost = await repost_of(running, say(running, CURSE))
    panel = await open_menu(running, repost, "seoyeon")
    acts = [one for one in ids_of(panel) if "review" in one]
    assert acts == ids_of(await alert(running))
    await press(running, panel, "seoyeon", button(panel, ":wrong:"))
    assert [one.content for one in reposts(running.demo, repost.channel_id)] == [CURSE]
    await wait_for(lambda: "오탐이라고 판단했어요" in shown(posts(running)[0]))


async def test_a_repost_without_the_button_is_known_all_the_same(running: Running) -> None:
    await running.storage.guilds.update(running.demo.guild.id, {"notice": "none"}, 1)
    repost = await repost_of(running, say(running, CURSE))
    assert repost.components == []
    assert "이의 제기" in labels_of(await open_menu(running, repost, "minseo"))


async def test_a_check_says_what_would_be_found(running: Running) -> None:
    running.demo.world.deny_in_channel(channel_id(running), running.demo.application.bot_id, Permission.MANAGE_MESSAGES)
    message = say(running, CURSE)
    panel = await open_menu(running, message, "jiho")
    answer = await press(running, panel, "jiho", button(panel, ":check:"))
    said = answer.content + "".join(str(embed) for embed in answer.embeds)
    assert "욕설" in said


async def test_a_check_of_an_innocent_message_says_that(running: Running) -> None:
    panel = await open_menu(running, say(running, "안녕하세요"), "jiho")
    answer = await press(running, panel, "jiho", button(panel, ":check:"))
    assert answer.content or answer.embeds


async def reported(running: Running, message: Message, who: str = "jiho") -> Message:
    panel = await open_menu(running, message, who)
    return await press(running, panel, who, button(panel, ":report:"))


async def test_a_report_becomes_an_incident_that_moderators_can_act_on(running: Running) -> None:
    await alerts_on(running)
    message = say(running, MISSED)
    assert "알렸어요" in (await reported(running, message)).content
    post = await alert(running)
    words = shown(post)
    assert "신고가 들어왔어요" in words
    assert MISSED in words
    assert f"신고 · <@{running.demo.people['jiho'].id}>" in words
    assert "문제없어요" in labels_of(post)
    (incident,) = await running.incidents(message.id)
    assert (incident.draft.origin, incident.outcome) == (Origin.REPORT, OutcomeKind.REPORTED)
    assert incident.draft.author_id == running.demo.people["minseo"].id
    await press(running, post, "seoyeon", button(post, ":warn:"))
    assert letters(running, "minseo")
    await press(running, post, "seoyeon", button(post, ":remove:"))
    assert gone(running, message)


async def test_a_message_is_reported_once(running: Running) -> None:
    await alerts_on(running)
    message = say(running, MISSED)
    first = await open_menu(running, message, "jiho")
    second = await open_menu(running, message, "doyun")
    await press(running, first, "jiho", button(first, ":report:"))
    assert "이미 신고된" in (await press(running, second, "doyun", button(second, ":report:"))).content
    await alert(running)


async def test_two_reports_at_once_make_one_incident(running: Running) -> None:
    await alerts_on(running)
    message = say(running, MISSED)
    panels = {who: await open_menu(running, message, who) for who in ("jiho", "doyun")}
    begun = [started(running, panel, who, button(panel, ":report:")) for who, panel in panels.items()]
    answers = [(await told(running, one)).content for one in begun]
    assert sorted("이미 신고된" in answer for answer in answers) == [False, True]
    assert len(await running.incidents(message.id)) == 1


async def test_a_member_reports_only_so_often(running: Running) -> None:
    for number in range(rules.PER_WINDOW):
        assert "알렸어요" in (await reported(running, say(running, f"{MISSED} {number}"))).content
    assert "10분에 5번까지" in (await reported(running, say(running, f"{MISSED} 끝"))).content
    assert "알렸어요" in (await reported(running, say(running, f"{MISSED} 또"), "doyun")).content


async def test_what_was_only_observed_is_told_to_the_moderators_when_it_is_reported(running: Running) -> None:
    await alerts_on(running, observe=True)
    message = say(running, CURSE)
    await closed(running, message)
    panel = await open_menu(running, message, "jiho")
    assert posts(running) == []
    assert "알렸어요" in (await press(running, panel, "jiho", button(panel, ":report:"))).content
    assert "관찰만" in shown(await alert(running))
    assert len(await running.incidents(message.id)) == 1


async def test_what_is_left_in_a_repost_can_be_reported_under_its_authors_name(running: Running) -> None:
    await alerts_on(running)
    repost = await repost_of(running, say(running, CURSE))
    await alert(running)
    assert "알렸어요" in (await reported(running, repost)).content
    post = await alert(running, 2)
    assert f"<@{running.demo.people['minseo'].id}>" in shown(post)


async def test_a_channel_that_one_cannot_see_gives_nothing_away(running: Running) -> None:
    message = say(running, MISSED)
    secret = running.demo.world.member_send(
        running.demo.people["haneul"].id, channel_id(running, "관리자-알림"), "비밀이에요"
    )
    panel = await open_menu(running, message, "jiho")
    forged = f"garim:menu:check:{secret.channel_id}:{secret.id}"
    panel.components[0]["components"][0]["custom_id"] = forged
    assert "비밀" not in (await press(running, panel, "jiho", forged)).content


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("'; DROP TABLE incidents; -- 너 참", "SQL is only letters"),
        ("@everyone [눌러](https://example.com) **너 참**", "Markdown and mentions do nothing"),
        ("=1+1 ../../etc/passwd \u202e너 참", "neither formula, path nor direction"),
        ("가" * 2_000, "the longest message"),
    ],
)
async def test_hostile_messages_are_reported_as_letters(running: Running, words: str, reason: str) -> None:
    await alerts_on(running)
    assert "알렸어요" in (await reported(running, say(running, words))).content, reason
    post = await alert(running)
    assert not post.mentions, reason
    assert "[눌러](" not in shown(post), reason


async def test_a_panel_of_a_process_before_still_works(demo: Demo, server: Sandbox, tmp_path: Path) -> None:
    settings = settings_for(server, tmp_path)
    async with running_bot(demo, server, settings) as first:
        await alerts_on(first)
        panel = await open_menu(first, say(first, MISSED), "jiho")
    async with running_bot(demo, server, settings) as second:
        assert "알렸어요" in (await press(second, panel, "jiho", button(panel, ":report:"))).content
        assert "신고가 들어왔어요" in shown(await alert(second))


async def test_the_panel_is_in_the_language_of_who_asks(running: Running) -> None:
    assert labels_of(await open_menu(running, say(running, MISSED), "jiho", "en-US")) == ["Check", "Report"]
