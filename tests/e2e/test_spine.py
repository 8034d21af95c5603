"""The spine, end to end: `garim run` as it is started for real, with the model that ships, on a world that checks it.

Every request is held to Discord's own API description, under Discord's own rate limits.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from bot.incidents import IncidentState, OutcomeKind
from sandbox.models import LogEntry, Message
from sandbox.permissions import Permission
from sandbox.uploads import Upload
from tests.support.arena import Arena, arena, wait_for
from tests.support.command import garim
from tests.support.program import Program, program

pytestmark = pytest.mark.asyncio(loop_scope="module")

CURSE = "시발"
FILE = Upload("메모.txt", "점심은 김치찌개".encode(), "text/plain", "점심 메모")


@dataclass(slots=True)
class Spine:
    """Hold the world and the program that serves it."""

    place: Arena
    bot: Program

    async def masked(self, act: Callable[[], Message]) -> Message:
        """Do something that offends, wait until it is gone and its repost stands, and return the repost."""
        known = {entry.message_id for entry in self.place.reposts()}
        original = act()

        def reposted() -> LogEntry | None:
            gone = any(entry.message_id == original.id for entry in self.place.world.facts("deleted"))
            return next((entry for entry in self.place.reposts() if gone and entry.message_id not in known), None)

        try:
            entry = await wait_for(reposted, "repost")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.bot.said()}") from None
        return self.place.world.message(entry.channel_id, entry.message_id)

    async def say(self, content: str, channel_id: int | None = None) -> Message:
        """Say something that offends and return its repost."""
        return await self.masked(lambda: self.place.say(content, channel_id))


@contextlib.asynccontextmanager
async def served(folder: Path, shared_folder: Path, **settings: str) -> AsyncIterator[Spine]:
    """Run `garim run` against a fresh world that holds every request to Discord's description."""
    async with (
        arena(folder, openapi=shared_folder / "discord-openapi.json", **settings) as place,
        program("run", folder=folder, settings=place.environ) as bot,
    ):
        await bot.until("가림")
        yield Spine(place, bot)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def spine(tmp_path_factory: pytest.TempPathFactory, shared_folder: Path) -> AsyncIterator[Spine]:
    """Run one bot for all tests here; at their end nothing undocumented or refused may have been asked."""
    async with served(tmp_path_factory.mktemp("spine"), shared_folder) as running:
        place, bot = running.place, running.bot
        yield running
        assert not place.world.violations
        assert not place.world.unknown_routes
        assert not [request for request in place.world.requests if request.status >= 400]
        assert await bot.stop() == 0, bot.said()
        assert not bot.complaints(), bot.said()


async def test_a_member_curses_in_every_way_and_each_time_only_the_curse_is_masked(spine: Spine) -> None:
    place, world = spine.place, spine.place.world
    member = place.demo.guild.members[place.speaker_id]
    old = place.say("어제 쓴 글이에요")
    friend = world.member_send(place.demo.people["jiho"].id, place.channel_id, "점심 뭐 먹을까요?")
    thread = world.create_thread(place.speaker_id, place.channel_id, "점심 이야기")

    posted = await spine.say(f"{CURSE} 깜짝이야")
    assert posted.content == "●● 깜짝이야"
    edited = await spine.masked(
        lambda: world.member_edit(place.speaker_id, place.channel_id, old.id, f"아 {CURSE} 더워")
    )
    assert edited.content.endswith("아 ●● 더워")
    assert len(edited.content.splitlines()) == 2, "it says that it was edited"
    reply = await spine.masked(
        lambda: world.member_reply(place.speaker_id, place.channel_id, friend.id, f"{CURSE} 배고파")
    )
    assert reply.content.endswith("●● 배고파")
    assert str(friend.id) in reply.content, "it links to what it answered"
    with_file = await spine.masked(
        lambda: world.member_send(place.speaker_id, place.channel_id, f"{CURSE} 이거 봐", uploads=[FILE])
    )
    assert [(item.description, item.size) for item in with_file.attachments] == [(FILE.description, len(FILE.data))]
    in_thread = await spine.say(f"{CURSE} 여기도", channel_id=thread.id)
    assert in_thread.channel_id == thread.id

    for repost in (posted, edited, reply, with_file, in_thread):
        assert repost.webhook_name == member.nick
        assert repost.webhook_avatar is not None
        assert CURSE not in repost.content
        assert not repost.pinged
        assert len(repost.components) == 1, "the button that says why"
    standing = place.standing(place.channel_id)
    assert [message.id for message in standing if message.webhook_id] == [posted.id, edited.id, reply.id, with_file.id]
    assert not [message for message in standing if CURSE in message.content]


async def test_clean_messages_cost_no_request(spine: Spine) -> None:
    place = spine.place
    await spine.say(f"{CURSE} 먼저 하나")
    await wait_for(lambda: not _asked_lately(place), "quiet")
    before = len(place.world.requests)
    for number in range(30):
        place.say(f"오늘 날씨 좋네요, 산책 갈까요? {number}")
    last = await spine.say(f"{CURSE} 마지막")
    asked = [(request.method, request.route) for request in list(place.world.requests)[before:]]
    assert asked == [
        ("DELETE", "/channels/{channel_id}/messages/{message_id}"),
        ("POST", "/webhooks/{webhook_id}/{webhook_token}"),
    ], "the curse's two requests, and none for the thirty before it"
    assert last.content == "●● 마지막"


def _asked_lately(place: Arena) -> bool:
    requests = place.world.requests
    return bool(requests) and place.world.clock() - requests[-1].at_s < 0.5


async def test_mentions_that_the_author_may_not_make_ping_nobody(spine: Spine) -> None:
    place = spine.place
    jiho = place.demo.people["jiho"].id
    role = place.demo.roles["운영진"].id
    repost = await spine.say(f"{CURSE} @everyone @here <@{jiho}> <@&{role}> 나와")
    assert not repost.pinged
    assert not repost.mention_everyone
    assert f"<@{jiho}>" in repost.content, "it is still shown whom they meant"


async def test_an_offending_name_is_masked_too(spine: Spine) -> None:
    place = spine.place
    member = place.demo.guild.members[place.speaker_id]
    member.nick = "시발민서"
    place.world.update_member(member)
    repost = await spine.say(f"{CURSE} 이름도 볼까")
    assert repost.webhook_name is not None
    assert CURSE not in repost.webhook_name


async def test_the_incident_stands_in_the_database_and_in_the_report(spine: Spine) -> None:
    place = spine.place
    words = f"{CURSE} 기록해 줘"
    repost = await spine.say(words)
    original_id = place.world.facts("deleted")[-1].message_id
    for _ in range(100):
        (incident,) = await place.incidents(original_id)
        if incident.state is IncidentState.CLOSED:
            break
        await asyncio.sleep(0.05)
    assert (incident.state, incident.outcome) == (IncidentState.CLOSED, OutcomeKind.MASKED)
    assert incident.draft.original == words
    assert [part.message_id for part in incident.draft.parts] == [repost.id]
    files = [file for file in (place.folder / "data").rglob("*") if file.is_file()]
    assert not [file for file in files if "기록해".encode() in file.read_bytes()], "words are encrypted at rest"
    report = await asyncio.to_thread(
        garim, "report", "--format", "json", "--masked", folder=place.folder, settings=place.environ
    )
    assert report.returncode == 0, report.stderr
    assert "●● 기록해 줘" in report.stdout
    assert CURSE not in report.stdout


async def test_nothing_that_was_said_stands_in_the_log_whatever_fails(tmp_path: Path, shared_folder: Path) -> None:
    async with served(tmp_path, shared_folder, GARIM_LOG__LEVEL="DEBUG") as spine:
        place = spine.place
        await spine.say(f"{CURSE} 비밀이야")
        place.server.faults.add("spoil", "POST", "/webhooks/{webhook_id}/{webhook_token}", status=502, body="<html>")
        await spine.say(f"{CURSE} 이것도 비밀이야")
        bot_id = place.demo.application.bot_id
        place.world.set_bot_permissions(place.demo.guild.id, bot_id, int(Permission.VIEW_CHANNEL))
        left = place.say(f"{CURSE} 못 지우는 비밀이야")
        await _stuck(place, left.id)
        assert await spine.bot.stop() == 0
        assert "비밀이야" not in spine.bot.said()
        assert place.demo.token not in spine.bot.said()


async def _stuck(place: Arena, message_id: int) -> None:
    for _ in range(100):
        found = await place.incidents(message_id)
        if found and found[0].state is IncidentState.STUCK:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("the incident did not wait for a human")
