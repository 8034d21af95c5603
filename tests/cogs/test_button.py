"""The button under a repost: answered to its author alone, in their language, without the words."""

from __future__ import annotations

from pathlib import Path

import pytest

from cogs._button import TEMPLATE, custom_id
from cogs._notice import explain
from sandbox.models import Message
from sandbox.seed import Demo
from sandbox.server import Sandbox
from tests.support import pressing
from tests.support.running import CURSE, Running, repost_of, running_bot, say, settings_for


async def press(running: Running, repost: Message, who: str, locale: str = "ko", button: str | None = None) -> str:
    """Press a repost's button as somebody, and return what only they are told."""
    wanted = button or repost.components[0]["components"][0]["custom_id"]
    return (await pressing.press(running, repost, who, wanted, locale=locale)).content


async def test_the_author_learns_what_kind_of_word_was_masked_and_how(running: Running) -> None:
    repost = await repost_of(running, say(running, CURSE))
    told = await press(running, repost, "minseo")
    assert "**욕설**" in told
    assert "낱말 목록" in told
    assert "시발" not in told


async def test_the_author_is_told_in_their_own_language(running: Running) -> None:
    repost = await repost_of(running, say(running, CURSE))
    assert "**profanity**" in await press(running, repost, "minseo", "en-US")


async def test_anybody_else_is_politely_told_nothing(running: Running) -> None:
    repost = await repost_of(running, say(running, CURSE))
    assert await press(running, repost, "jiho") == "이 안내는 메시지를 쓴 사람만 볼 수 있어요."
    assert "author" in await press(running, repost, "jiho", "ja")


async def test_what_is_told_stands_in_no_channel_history(running: Running) -> None:
    repost = await repost_of(running, say(running, CURSE))
    await press(running, repost, "minseo")
    assert list(running.demo.world.history(repost.channel_id)) == [repost]


async def test_the_button_of_a_process_before_still_answers(demo: Demo, server: Sandbox, tmp_path: Path) -> None:
    settings = settings_for(server, tmp_path)
    async with running_bot(demo, server, settings) as first:
        repost = await repost_of(first, say(first, CURSE))
    async with running_bot(demo, server, settings) as second:
        assert "욕설" in await press(second, repost, "minseo")


async def test_a_key_that_no_incident_has_is_answered_all_the_same(running: Running) -> None:
    repost = await repost_of(running, say(running, CURSE))
    unknown = custom_id("x" * 22, 0)
    repost.components[0]["components"][0]["custom_id"] = unknown
    assert "남아 있지 않아요" in await press(running, repost, "minseo", button=unknown)


@pytest.mark.parametrize(
    ("detectors", "expected"),
    [({"lexicon"}, "낱말 목록"), ({"classifier"}, "언어 모델"), ({"lexicon", "classifier"}, "함께")],
)
def test_the_explanation_names_who_decided(detectors: set[str], expected: str) -> None:
    verdict = {"labels": {"insult": 0.953}, "spans": [{"detector": name} for name in sorted(detectors)]}
    told = explain(verdict, "ko")
    assert expected in told
    assert "**모욕·악플** (확신 95%)" in told


def test_a_buttons_id_fits_discords_hundred_characters_and_can_be_read_back() -> None:
    wanted = custom_id("A-_z" * 5 + "09", 12)
    assert len(wanted) <= 100
    found = TEMPLATE.fullmatch(wanted)
    assert found is not None
    assert (found["key"], found["part"]) == ("A-_z" * 5 + "09", "12")
