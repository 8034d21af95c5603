"""A guild's own terms in everything that masks: messages, edits, series, names, files, what was missed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.errors import StorageUnavailable
from bot.policy import Policy
from bot.storage import TermStore
from bot.terms import GuildTerm, GuildTerms, TermKind
from cogs import _guild_terms
from cogs._censor import Censor
from cogs._guild_terms import GuildCensors
from masker import Masker
from masker.aio import AsyncMasker
from masker.detectors.lexicon.morphology import Morphology
from masker.labels import Label
from masker.own_terms import OwnTerm, OwnTerms, RefusedTerm
from sandbox.seed import Demo
from sandbox.server import Sandbox
from tests.support.running import (
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

WORD = "꼬부기"


async def add(running: Running, kind: TermKind, entry: str, label: Label | None = Label.PROFANITY) -> None:
    terms = running.storage.terms
    assert await terms.add(running.demo.guild.id, kind, entry, label if kind is not TermKind.ALLOW else None, 1)


async def test_a_blocked_word_is_masked_from_the_next_message_on_and_no_more_once_it_is_removed(
    running: Running,
) -> None:
    before = say(running, f"저 {WORD} 봐")
    # Once what came after it is dealt with, so is it: only then is the word new.
    await closed(running, say(running, "시발", place=channel_id(running, "개발")))
    await add(running, TermKind.BLOCK, WORD)
    message = say(running, f"저 꼬.부.기 봐, {WORD}")
    assert (await repost_of(running, message)).content.startswith("저 ●●●●● 봐, ●●●")
    await running.storage.terms.remove(running.demo.guild.id, TermKind.BLOCK, WORD, 1)
    after = say(running, f"저 {WORD} 봐")
    flagged = say(running, "시발", place=channel_id(running, "개발"))
    await closed(running, flagged)
    assert not gone(running, before)
    assert not gone(running, after)


async def test_an_allowed_word_stays_and_what_stands_beside_it_is_masked(running: Running) -> None:
    await add(running, TermKind.ALLOW, "시발택시")
    stays = say(running, "시발택시 타자")
    message = say(running, "시발택시 타자 시발")
    assert (await repost_of(running, message)).content.startswith("시발택시 타자 ●●")
    assert not gone(running, stays)


async def test_a_pattern_counts_in_an_edit(running: Running) -> None:
    await add(running, TermKind.PATTERN, r"밤양갱\d+")
    message = say(running, "안녕하세요")
    running.demo.world.member_edit(running.demo.people["minseo"].id, message.channel_id, message.id, "밤양갱77 어때")
    assert (await repost_of(running, message)).content.endswith("●●●●● 어때")


async def test_a_blocked_word_sent_letter_by_letter_is_one_incident(running: Running) -> None:
    await add(running, TermKind.BLOCK, WORD)
    first, second, third = (say(running, letter) for letter in WORD)
    await closed(running, third)
    await wait_for(lambda: all(gone(running, one) for one in (first, second, third)))


async def test_the_name_under_which_a_repost_stands_is_masked_by_the_guilds_terms_too(running: Running) -> None:
    await add(running, TermKind.BLOCK, WORD)
    member = running.demo.guild.members[running.demo.people["minseo"].id]
    member.nick = f"귀여운 {WORD}"
    shown = await repost_of(running, say(running, "시발"))
    assert shown.webhook_name == "귀여운 ●●●"


async def test_what_was_said_while_the_bot_was_away_is_judged_by_the_guilds_terms(
    demo: Demo, server: Sandbox, tmp_path: Path
) -> None:
    settings = settings_for(server, tmp_path, catch_up_minutes=60)
    async with running_bot(demo, server, settings) as running:
        await add(running, TermKind.BLOCK, WORD)
        place = channel_id(running)
    message = demo.world.member_send(demo.people["minseo"].id, place, f"{WORD} 왔다")
    async with running_bot(demo, server, settings) as running:
        assert (await repost_of(running, message)).content.startswith("●●● 왔다")


async def test_another_guilds_messages_are_untouched(running: Running) -> None:
    await running.storage.terms.add(1234, TermKind.BLOCK, WORD, Label.PROFANITY, 1)
    stays = say(running, f"저 {WORD} 봐")
    await closed(running, say(running, "시발", place=channel_id(running, "개발")))
    assert not gone(running, stays)
    assert await running.storage.incidents.for_message(stays.id) == []


async def test_what_cannot_be_used_is_told_the_moderators_once_and_the_rest_is_masked(running: Running) -> None:
    guild, alerts = running.demo.guild.id, channel_id(running, "관리자-알림")
    await running.storage.guilds.update(guild, {"alert_channel_id": alerts}, 1)
    await running.storage.terms.add(guild, TermKind.PATTERN, "(", Label.PROFANITY, 1)
    await add(running, TermKind.BLOCK, WORD)
    shown = await repost_of(running, say(running, f"시발 {WORD}"))
    assert shown.content.startswith("●● ●●●")
    await closed(running, say(running, "시발", place=channel_id(running, "개발")))
    await running.engine.alerts.drain()
    told = [one.embeds[0]["description"] for one in reposts(running.demo, alerts) if "쓸 수 없어서" in str(one.embeds)]
    assert len(told) == 1
    assert "1개" in told[0]
    assert r"\(" in told[0]


# Below: the censors themselves, with a store that a test can turn as it likes.

PLAIN = AsyncMasker(Masker(morphology=Morphology(enabled=False)))
POLICY = Policy()


class Terms(TermStore):
    """Give what it is told to give."""

    def __init__(self) -> None:
        self.kept: dict[int, GuildTerms] = {}
        self.broken = False

    async def list(self, guild_id: int) -> GuildTerms:
        if self.broken:
            raise StorageUnavailable("the database does not answer")
        return self.kept.get(guild_id, GuildTerms())

    def put(self, guild_id: int, version: int, *words: str) -> None:
        block = tuple(GuildTerm(TermKind.BLOCK, word, Label.PROFANITY) for word in words)
        self.kept[guild_id] = GuildTerms(block, version=version)


class Told(list[tuple[int, Sequence[RefusedTerm]]]):
    def __call__(self, guild_id: int, refused: Sequence[RefusedTerm]) -> None:
        self.append((guild_id, refused))


@pytest.fixture
def terms() -> Terms:
    return Terms()


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def censors(terms: Terms, told: Told) -> GuildCensors:
    return GuildCensors(terms, PLAIN, 1_000, told)


async def covered(censors: GuildCensors, guild_id: int, text: str) -> str:
    root = Censor(PLAIN, 1_000, censors.of)
    return await (await root.of(guild_id)).cover(text, POLICY)


async def test_a_guild_without_terms_has_no_censor_of_its_own(censors: GuildCensors, terms: Terms) -> None:
    root = Censor(PLAIN, 1_000, censors.of)
    assert await root.of(1) is root
    terms.put(1, 5, WORD)
    own = await root.of(1)
    assert own is not root
    assert await own.of(1) is own
    terms.put(1, 6)
    assert await root.of(1) is root
    assert len(censors) == 0


async def test_a_guild_goes_by_its_newest_terms_at_once_and_by_its_own_alone(
    censors: GuildCensors, terms: Terms
) -> None:
    terms.put(1, 5, WORD)
    terms.put(2, 5, "밤양갱")
    text = f"{WORD} 밤양갱 삼겹살"
    assert await covered(censors, 1, text) == "●●● 밤양갱 삼겹살"
    assert await covered(censors, 2, text) == f"{WORD} ●●● 삼겹살"
    terms.put(1, 6, "삼겹살")
    assert await covered(censors, 1, text) == f"{WORD} 밤양갱 ●●●"


async def test_many_messages_at_once_share_one_build_and_one_that_gives_up_does_not_end_it(
    censors: GuildCensors, terms: Terms, monkeypatch: pytest.MonkeyPatch
) -> None:
    built: list[int] = []
    compiling = _guild_terms._compile

    def counted(wanted: Sequence[OwnTerm]) -> OwnTerms:
        built.append(len(wanted))
        return compiling(wanted)

    monkeypatch.setattr(_guild_terms, "_compile", counted)
    terms.put(1, 5, WORD)
    waiting = [asyncio.create_task(covered(censors, 1, WORD)) for _ in range(20)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert results[1:] == ["●●●"] * 19
    assert built == [1]


async def test_the_event_loop_goes_on_while_a_thousand_words_are_compiled(censors: GuildCensors, terms: Terms) -> None:
    syllables = [chr(0xAC00 + at * 28) for at in range(100)]
    terms.put(1, 5, *(f"{one}{other}" for one in syllables[:20] for other in syllables[20:70]))
    loop, turns = asyncio.get_running_loop(), 0
    task = loop.create_task(censors.of(1))
    while not task.done():
        await asyncio.sleep(0.001)
        turns += 1
    assert task.result() is not None
    assert turns > 20


async def test_what_stays_compiled_is_bounded_and_the_least_used_goes_first(
    censors: GuildCensors, terms: Terms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_guild_terms, "ENTRIES_KEPT", 4)
    for guild in (1, 2, 3):
        terms.put(guild, 5, WORD, "밤양갱")
    first, _ = await censors.of(1), await censors.of(2)
    assert await censors.of(1) is first
    await censors.of(3)
    assert len(censors) == 2
    assert await censors.of(1) is first
    terms.put(4, 5, *(f"{WORD}{tail}" for tail in "가나다라마"))
    assert await covered(censors, 4, f"{WORD}가") == "●●●●"
    assert len(censors) == 1, "one guild over the bound is kept alone"


async def test_terms_that_break_the_compiler_leave_the_common_lexicon_and_the_moderators_are_told_once(
    censors: GuildCensors, terms: Terms, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(wanted: Sequence[OwnTerm]) -> OwnTerms:
        raise RuntimeError("out of memory, say")

    monkeypatch.setattr(_guild_terms, "_compile", breaks)
    terms.put(1, 5, WORD)
    for _ in range(3):
        assert await covered(censors, 1, f"{WORD} 시발") == f"{WORD} ●●"
    assert told == [(1, ())]
    monkeypatch.undo()
    terms.put(1, 6, WORD)
    assert await covered(censors, 1, f"{WORD} 시발") == "●●● ●●", "the next version is tried anew"


async def test_terms_that_cannot_be_read_are_no_reason_to_judge_without_them(
    censors: GuildCensors, terms: Terms
) -> None:
    terms.put(1, 5, WORD)
    await censors.of(1)
    terms.broken = True
    with pytest.raises(StorageUnavailable):
        await censors.of(1)
