"""Letters sent one by one: which messages are read together, and one incident for all of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.incidents import OutcomeKind
from cogs._series import MAX_LENGTH, MAX_MESSAGES, WINDOW, Fragment, RecentFragments
from sandbox.seed import Demo
from sandbox.server import Sandbox
from tests.support.running import (
    CURSE,
    Running,
    closed,
    gone,
    repost_of,
    reposts,
    running_bot,
    say,
    settings_for,
)

AUTHOR = (1, 2)
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def fragment(message_id: int, text: str = "가", seconds: float = 0.0) -> Fragment:
    return Fragment(message_id, text, NOON + timedelta(seconds=seconds))


def noted(recent: RecentFragments, one: Fragment, author: tuple[int, int] = AUTHOR) -> list[int]:
    """Note a message and return the series that it can be read in."""
    recent.note(author, one)
    series, place = recent.series(author, one.message_id)
    assert not series or series[place] is one
    return [old.message_id for old in series]


def test_an_authors_short_messages_are_kept_in_order() -> None:
    recent = RecentFragments(lambda _: False)
    assert noted(recent, fragment(1)) == [1]
    assert noted(recent, fragment(2)) == [1, 2]
    assert noted(recent, fragment(3), (1, 9)) == [3]
    assert noted(recent, fragment(4), (9, 2)) == [4]


def test_a_long_message_ends_a_series_and_an_empty_one_too() -> None:
    for text in ("가" * (MAX_LENGTH + 1), ""):
        recent = RecentFragments(lambda _: False)
        recent.note(AUTHOR, fragment(1))
        assert noted(recent, fragment(2, text)) == []
        assert noted(recent, fragment(3)) == [3]


def test_what_is_old_too_many_or_deleted_is_left_out() -> None:
    recent = RecentFragments(lambda message_id: message_id == 2)
    recent.note(AUTHOR, fragment(1))
    recent.note(AUTHOR, fragment(2, seconds=WINDOW.total_seconds()))
    assert noted(recent, fragment(3, seconds=WINDOW.total_seconds() + 1)) == [3]
    for message_id in range(10, 10 + 2 * MAX_MESSAGES):
        series = noted(recent, fragment(message_id, seconds=70))
    assert len(series) == MAX_MESSAGES


def test_an_edited_message_keeps_its_place_and_one_found_out_by_itself_is_left_out() -> None:
    recent = RecentFragments(lambda _: False)
    for message_id in (1, 2, 3):
        recent.note(AUTHOR, fragment(message_id))
    recent.note(AUTHOR, fragment(2, "나"))
    series, place = recent.series(AUTHOR, 2)
    assert (place, [one.text for one in series]) == (1, ["가", "나", "가"])
    recent.drop(AUTHOR, 2)
    assert noted(recent, fragment(4)) == [1, 3, 4]


def test_what_an_incident_took_belongs_to_no_later_series_unless_it_is_given_back() -> None:
    recent = RecentFragments(lambda _: False)
    recent.note(AUTHOR, fragment(1))
    assert noted(recent, fragment(2)) == [1, 2]
    series, _ = recent.series(AUTHOR, 2)
    recent.take(AUTHOR, [1, 2])
    assert recent.is_taken(1)
    assert noted(recent, fragment(3)) == [3]
    recent.restore(AUTHOR, series)
    assert not recent.is_taken(1)
    assert noted(recent, fragment(3)) == [1, 2, 3]


async def test_a_word_sent_letter_by_letter_is_one_incident_and_one_repost(running: Running) -> None:
    first, second = say(running, "병"), say(running, "신")
    repost = await repost_of(running, second)
    assert repost.content == "●\n●"
    assert gone(running, first)
    assert gone(running, second)
    (incident,) = await running.incidents(second.id)
    assert incident.outcome is OutcomeKind.MASKED
    assert incident.draft.original == "병\n신"
    assert incident.draft.other_message_ids == (first.id,)
    assert [span["detector"] for span in incident.draft.verdict["spans"]] == ["series", "series"]


async def test_others_may_speak_in_between_and_their_messages_stay(running: Running) -> None:
    first, between, second = say(running, "시"), say(running, "안녕하세요", "jiho"), say(running, "발")
    await repost_of(running, second)
    assert gone(running, first)
    assert not gone(running, between)


async def test_what_the_author_said_in_between_stays_where_it_spells_nothing(running: Running) -> None:
    say(running, "오늘 점심 뭐 먹을까 고민되네요")
    first, second = say(running, "시"), say(running, "발")
    await repost_of(running, second)
    assert gone(running, first)
    standing = [message.content for message in running.demo.world.history(second.channel_id)]
    assert "오늘 점심 뭐 먹을까 고민되네요" in standing


@pytest.mark.parametrize(
    ("texts", "reason"),
    [
        (["시", "발표 준비하자"], "the second message is a sentence of its own"),
        (["개", "새", "고양이"], "three animals"),
        (["다시", "발급해 주세요"], "two words"),
    ],
)
async def test_messages_that_only_meet_by_chance_stand(running: Running, texts: list[str], reason: str) -> None:
    said = [say(running, text) for text in texts]
    await repost_of(running, say(running, CURSE, "jiho"))
    assert not [message for message in said if gone(running, message)], reason


async def test_two_people_spell_nothing_together(running: Running) -> None:
    first, second = say(running, "시"), say(running, "발", "jiho")
    await repost_of(running, say(running, CURSE, "jiho"))
    assert not gone(running, first)
    assert not gone(running, second)


async def test_an_edit_that_completes_a_word_is_noticed(running: Running) -> None:
    first, second = say(running, "병"), say(running, "원")
    await closed(running, say(running, CURSE, "jiho"))
    running.demo.world.member_edit(running.demo.people["minseo"].id, second.channel_id, second.id, "신")
    await closed(running, second)
    assert reposts(running.demo, second.channel_id)[-1].content.endswith("●\n●")
    assert gone(running, first)


async def test_an_edit_in_the_middle_of_a_word_is_noticed(running: Running) -> None:
    first, second, third = say(running, "병"), say(running, "원"), say(running, "아")
    await closed(running, say(running, CURSE, "jiho"))
    running.demo.world.member_edit(running.demo.people["minseo"].id, second.channel_id, second.id, "신")
    await closed(running, second)
    assert [gone(running, message) for message in (first, second, third)] == [True, True, True]


async def test_the_next_letter_after_an_incident_begins_anew(running: Running) -> None:
    for letter in "시발":
        last = say(running, letter)
    await closed(running, last)
    more = say(running, "점")
    await closed(running, say(running, CURSE, "jiho"))
    assert not gone(running, more)


async def test_observing_touches_no_message_of_a_series(demo: Demo, server: Sandbox, tmp_path: Path) -> None:
    settings = settings_for(server, tmp_path)
    settings = settings.model_copy(
        update={"guild_defaults": settings.guild_defaults.model_copy(update={"observe": True})}
    )
    async with running_bot(demo, server, settings) as running:
        first, second = say(running, "병"), say(running, "신")
        incident = await closed(running, second)
        assert incident.draft.other_message_ids == (first.id,)
        assert not gone(running, first)
        assert not gone(running, second)
        assert not reposts(demo, second.channel_id)
