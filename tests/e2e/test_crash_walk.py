"""kill -9 at every step between verdict and close: the next process masks the message exactly once, loses nothing.

What happened is read from the sandbox's own log; that the work is over, from the bot's database.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.incidents import Incident, IncidentState, OutcomeKind
from cogs import _steps as steps
from sandbox.models import Message
from sandbox.uploads import Upload
from tests.support.arena import CURSE, MASKED, Arena, arena, wait_for
from tests.support.bot_process import Death, bot_process

AT_ONCE = 6
"""Walks that run beside each other: each mostly waits for its bot to get ready."""
FILE = Upload("사진 1.png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 300)
CLEAN = "오늘 날씨 좋네요"


@dataclass(frozen=True, slots=True)
class Variant:
    """Say what the member does, in which channel it ends up, and which steps do not come."""

    name: str
    act: Callable[[Arena], Message]
    without: frozenset[str]
    prepare: Callable[[Arena], None] = lambda _: None
    notice: str = "button"
    only: frozenset[str] | None = None
    parts: int = 1
    masked: str | None = None

    def steps(self) -> list[str]:
        """Return the steps to die at, by the names that the hook hears."""
        wanted = [step for step in steps.STEPS if step not in self.without and (not self.only or step in self.only)]
        return [steps.of_part(step, self.parts - 1) if step in steps.PART_STEPS else _numbered(step) for step in wanted]


def _numbered(step: str) -> str:
    return steps.of_part(step, 1) if step in SERIES else step


SERIES = frozenset({steps.BEFORE_OTHER, steps.OTHER_DELETED})
SPOOL = frozenset({steps.BEFORE_SPOOL, steps.SPOOLED})
NOTICE = frozenset({steps.BEFORE_NOTICE, steps.NOTICED})


def _old_message(place: Arena) -> Message:
    return place.world.member_edit(place.speaker_id, place.channel_id, _clean_message(place).id, CURSE)


def _clean_message(place: Arena) -> Message:
    return next(message for message in place.standing(place.channel_id) if message.content == CLEAN)


def _say_clean(place: Arena) -> None:
    place.say(CLEAN)


def _in_thread(place: Arena) -> Message:
    thread = place.world.threads(place.demo.guild.id)[0]
    return place.say(channel_id=thread.id)


def _open_thread(place: Arena) -> None:
    place.world.create_thread(place.speaker_id, place.channel_id, "점심 이야기", content=CLEAN)


def _long_reply(place: Arena) -> Message:
    """Fill a message to Discord's limit: with the line that says what it answers, its repost takes two."""
    text = f"{CURSE} {'길고 긴 이야기예요 ' * 200}"[:2_000]
    return place.world.member_reply(place.speaker_id, place.channel_id, _clean_message(place).id, text)


def _letter_by_letter(place: Arena) -> Message:
    for letter in "개새":
        place.say(letter)
    return place.say("끼")


def _with_file(place: Arena) -> Message:
    return place.world.member_send(place.speaker_id, place.channel_id, CURSE, uploads=[FILE])


VARIANTS = [
    Variant("a plain message", lambda place: place.say(), SPOOL | NOTICE | SERIES),
    Variant("a message with an attachment", _with_file, NOTICE | SERIES),
    Variant("an edited old message", _old_message, SPOOL | NOTICE | SERIES, _say_clean),
    Variant("a message in a thread", _in_thread, SPOOL | NOTICE | SERIES, _open_thread),
    Variant("a repost without the button", lambda place: place.say(), SPOOL | NOTICE | SERIES, notice="none"),
    Variant(
        "a notice by direct message",
        lambda place: place.say(),
        SPOOL | SERIES,
        notice="dm",
        only=NOTICE | {steps.REPOSTED, steps.BEFORE_CLOSE},
    ),
    Variant(
        "a message that needs two", _long_reply, SPOOL | NOTICE | SERIES, _say_clean, only=steps.PART_STEPS, parts=2
    ),
    Variant(
        "two messages without the button",
        _long_reply,
        SPOOL | NOTICE | SERIES,
        _say_clean,
        notice="none",
        only=steps.PART_STEPS,
        parts=2,
    ),
    Variant("a word sent letter by letter", _letter_by_letter, SPOOL | NOTICE, masked="●\n●\n●"),
]


@pytest.mark.parametrize("variant", VARIANTS, ids=[variant.name for variant in VARIANTS])
async def test_killed_at_any_step_the_next_process_masks_exactly_once(variant: Variant, tmp_path: Path) -> None:
    some = asyncio.Semaphore(AT_ONCE)

    async def walk(step: str) -> None:
        async with some:
            await _die_and_finish(variant, [step], tmp_path / step.replace(":", "-"))

    walked = variant.steps()
    results = await asyncio.gather(*(walk(step) for step in walked), return_exceptions=True)
    failed = {step: result for step, result in zip(walked, results, strict=True) if result is not None}
    assert not failed, "\n\n".join(f"killed at {step}: {error}" for step, error in failed.items())


SUCCESSIVE = [
    (["verdict", "opened"], "before and after it is recorded"),
    (["before_delete", "deleted_unrecorded"], "both while deleting"),
    (["deleted_unrecorded", "reposted_unrecorded:0"], "each time after Discord acted and before it was recorded"),
    (["before_repost:0", "reposted_unrecorded:0"], "before the repost was sent, and after it stood"),
    (["reposted_unrecorded:0", "reposted_unrecorded:0", "before_close"], "the adopting process dies too"),
]


@pytest.mark.parametrize("notice", ["button", "none"])
async def test_killed_again_and_again_it_is_still_masked_exactly_once(notice: str, tmp_path: Path) -> None:
    variant = Variant("a plain message", lambda place: place.say(), frozenset(), notice=notice)
    walks = [_die_and_finish(variant, deaths, tmp_path / str(number)) for number, (deaths, _) in enumerate(SUCCESSIVE)]
    results = await asyncio.gather(*walks, return_exceptions=True)
    failed = {row[1]: result for row, result in zip(SUCCESSIVE, results, strict=True) if result is not None}
    assert not failed, "\n\n".join(f"{reason}: {error}" for reason, error in failed.items())


async def _die_and_finish(variant: Variant, deaths: list[str], folder: Path) -> None:
    async with arena(folder, GARIM_GUILD_DEFAULTS__NOTICE=variant.notice) as place:
        variant.prepare(place)
        async with bot_process(place.environ, folder, death=Death(deaths[0])) as first:
            original = variant.act(place)
            await first.until_dead()
        for step in deaths[1:]:
            async with bot_process(place.environ, folder, death=Death(step), ready=False) as again:
                await again.until_dead()
        async with bot_process(place.environ, folder) as last:
            try:
                incident = await _closed(place, original)
            except AssertionError as error:
                raise AssertionError(f"{error}\n{_story(place)}\n{last.log_text()}") from None
            await asyncio.sleep(0.3)  # a second repost would come about now
        _masked_once(place, original, incident, variant.parts, variant.masked)
        _nothing_left_in_spool(place)


async def _closed(place: Arena, original: Message, timeout_s: float = 15.0) -> Incident:
    deadline = time.monotonic() + timeout_s
    while True:
        found = await place.incidents(original.id)
        if found and all(incident.state in (IncidentState.CLOSED, IncidentState.STUCK) for incident in found):
            assert len(found) == 1, f"{len(found)} incidents for one revision"
            return found[0]
        states = [str(incident.state) for incident in found] or "no incident"
        assert time.monotonic() < deadline, f"the incident was not closed: {states}"
        await asyncio.sleep(0.05)


def _masked_once(
    place: Arena, original: Message, incident: Incident, parts: int = 1, masked: str | None = None
) -> None:
    story = _story(place)
    for message_id in (original.id, *incident.draft.other_message_ids):
        deleted = [entry for entry in place.world.facts("deleted") if entry.message_id == message_id]
        assert len(deleted) == 1, f"the original was deleted {len(deleted)} times\n{story}"
    reposts = place.reposts()
    assert len(reposts) == parts, f"{len(reposts)} reposts\n{story}"
    assert {entry.channel_id for entry in reposts} == {original.channel_id}
    assert {entry.author_name for entry in reposts} == {place.demo.guild.members[place.speaker_id].nick}
    ids = [entry.message_id for entry in reposts]
    stands = [message for message in place.standing(original.channel_id) if message.id in ids]
    assert len(stands) == parts, f"a repost does not stand\n{story}"
    words = "".join(message.content for message in stands)
    # Discord takes the white space around each message away, so also that where a text was cut.
    expected = original.content.replace(CURSE, MASKED) if masked is None else masked
    assert "".join(expected.split()) in "".join(words.split()), story
    assert CURSE not in words
    carried = [_bytes(place, message, index) for message in stands for index in range(len(message.attachments))]
    assert carried == [FILE.data for _ in original.attachments]
    assert (incident.state, incident.outcome) == (IncidentState.CLOSED, OutcomeKind.MASKED)
    assert [part.message_id for part in incident.draft.parts] == ids
    _nobody_else_spoke(place, story)


def _nobody_else_spoke(place: Arena, story: str) -> None:
    """Every message in the world is the member's own, the repost, or the direct message to its author, at most once."""
    bot_id = place.demo.application.bot_id
    own = [entry for entry in place.world.facts("created") if entry.author_id == bot_id and entry.webhook_id is None]
    assert len(own) <= 1, f"the bot spoke {len(own)} times\n{story}"
    assert all(entry.guild_id is None for entry in own), story


def _nothing_left_in_spool(place: Arena) -> None:
    left = [file.name for file in (place.folder / "data" / "spool").rglob("*") if file.is_file()]
    assert not left, f"left in the spool: {left}"


def _bytes(place: Arena, message: Message, index: int) -> bytes:
    item = message.attachments[index]
    blob = place.world.blobs.get(f"attachments/{message.channel_id}/{item.id}/{item.filename}")
    assert blob is not None
    return blob.data


def _story(place: Arena) -> str:
    """Tell what happened in the world, for a failing test."""
    lines = [
        f"  {entry.what} {entry.message_id} in {entry.channel_id} by {entry.author_name}: {entry.content!r}"
        for entry in place.world.log
    ]
    requests = [f"  {entry.method} {entry.path} -> {entry.status}" for entry in place.world.requests]
    return "\n".join(["what happened:", *lines, "requests:", *requests])


HELD = [
    ("DELETE", "/channels/{channel_id}/messages/{message_id}", "hold_after", "deleted, and the answer never came"),
    ("DELETE", "/channels/{channel_id}/messages/{message_id}", "hold", "deleted only after the bot had died"),
    ("POST", "/webhooks/{webhook_id}/{webhook_token}", "hold_after", "reposted, and the answer never came"),
    ("POST", "/webhooks/{webhook_id}/{webhook_token}", "hold", "reposted only after the bot had died"),
]


@pytest.mark.parametrize("notice", ["button", "none"])
@pytest.mark.parametrize(("method", "route", "kind", "reason"), HELD, ids=[row[3] for row in HELD])
async def test_killed_while_a_request_is_under_way_it_is_masked_exactly_once(
    method: str, route: str, kind: str, reason: str, notice: str, tmp_path: Path
) -> None:
    async with arena(tmp_path, GARIM_GUILD_DEFAULTS__NOTICE=notice) as place:
        rule = place.server.faults.add(kind, method, route)
        async with bot_process(place.environ, tmp_path) as first:
            original = place.say()
            await wait_for(lambda: rule.waiting, f"{method} held back ({reason})")
            first.kill()
            await first.until_dead()
        place.server.faults.release()
        async with bot_process(place.environ, tmp_path):
            incident = await _closed(place, original)
            await asyncio.sleep(0.3)
        _masked_once(place, original, incident)


@pytest.mark.parametrize(("method", "route"), [row[:2] for row in HELD[::2]], ids=["delete", "repost"])
async def test_killed_while_a_request_is_lost_it_is_sent_again(method: str, route: str, tmp_path: Path) -> None:
    async with arena(tmp_path) as place:
        rule = place.server.faults.add("hold", method, route)
        async with bot_process(place.environ, tmp_path) as first:
            original = place.say()
            await wait_for(lambda: rule.waiting, f"{method} held back")
            first.kill()
            await first.until_dead()
        async with bot_process(place.environ, tmp_path):
            incident = await _closed(place, original)
        # The held request is let go only by the end of the world, after this count: to the bot it was never done.
        _masked_once(place, original, incident)


@pytest.mark.parametrize("notice", ["button", "none"])
async def test_killed_at_any_moment_of_a_lively_talk_every_message_is_masked_exactly_once(
    notice: str, tmp_path: Path
) -> None:
    """Members talk on while one bot after the other is killed at moments that nobody chose."""
    async with arena(tmp_path, GARIM_GUILD_DEFAULTS__NOTICE=notice) as place:
        channels = [place.channel_id, place.demo.channels["개발"].id]
        said = 0

        async def talk(count: int) -> None:
            nonlocal said
            for _ in range(count):
                place.say(f"시발 {said}번" if said % 3 == 0 else f"좋은 말 {said}번", channels[said % 2])
                said += 1
                await asyncio.sleep(0.015)

        for kills in range(3):
            async with bot_process(place.environ, tmp_path) as bot:
                talking = asyncio.create_task(talk(20))
                await asyncio.sleep(0.04 + 0.07 * kills)
                bot.kill()
                await bot.until_dead()
                await talking
        async with bot_process(place.environ, tmp_path):
            try:
                await wait_for(lambda: len(place.reposts()) >= said // 3, "repost of each", timeout_s=30)
            except AssertionError as error:
                raise AssertionError(f"{error}\n{_story(place)}") from None
            await asyncio.sleep(1.0)
        standing = sorted(message.content for channel_id in channels for message in place.standing(channel_id))
        wanted = sorted(f"●● {n}번" if n % 3 == 0 else f"좋은 말 {n}번" for n in range(said))
        assert standing == wanted, _story(place)


async def test_a_message_posted_while_no_bot_was_there_is_masked_by_the_next(tmp_path: Path) -> None:
    async with arena(tmp_path) as place:
        async with bot_process(place.environ, tmp_path) as first:
            first.kill()
            await first.until_dead()
        original = place.say()
        async with bot_process(place.environ, tmp_path):
            incident = await _closed(place, original)
            await asyncio.sleep(0.3)
        _masked_once(place, original, incident)


async def test_what_was_said_before_the_first_bot_came_is_left_alone(tmp_path: Path) -> None:
    async with arena(tmp_path) as place:
        before = place.say()
        async with bot_process(place.environ, tmp_path):
            after = place.say()
            await _closed(place, after)
        async with bot_process(place.environ, tmp_path):
            await asyncio.sleep(1.0)
        assert next(message.id for message in place.standing(place.channel_id)) == before.id
        assert len(place.reposts()) == 1


def test_every_step_is_walked() -> None:
    walked = {step.partition(":")[0] for variant in VARIANTS for step in variant.steps()}
    assert walked == set(steps.STEPS)
