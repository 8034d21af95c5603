"""`/case`, run by people in the sandbox, over real interactions."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.records import AuditKind, Case, CaseNote
from bot.storage import CaseStore
from cogs import _replies
from cogs.cases import NOTES_LIMIT, card
from sandbox.interactions.model import Interaction
from sandbox.models import Message
from sandbox.permissions import Permission
from sandbox.seed import Demo
from sandbox.server import Sandbox
from tests.support.calling import HOSTILE, call, fields, one_id, parts, press
from tests.support.pressing import fill, let_in, opened_form
from tests.support.running import Running, channel_id, running_bot, settings_for, wait_for

MOD = "seoyeon"
NOW = datetime(2026, 3, 1, tzinfo=UTC)


async def run(running: Running, *path: str, who: str = MOD, **more: Any) -> Message:
    return await call(running, "case", *path, who=who, **more)


async def opened(running: Running, who: str = "minseo") -> Message:
    return await run(running, "open", member=str(running.demo.people[who].id))


async def form_of(running: Running, number: int, who: str = MOD) -> Interaction:
    """Run `/case note`, and return the form that it opens."""
    world, user = running.demo.world, running.demo.people[who]
    command = {one.name: one for one in world.commands_of(running.demo.application.id, None)}["case"]
    begun = world.invoke_command(
        user.id, channel_id(running), command.id, path=("note",), options={"number": number}, locale="ko"
    )
    await wait_for(lambda: begun.modal, what="a form")
    return begun


async def test_a_case_is_opened_noted_shown_and_closed(running: Running) -> None:
    guild = running.demo.guild.id
    card_shown = await opened(running)
    assert "사건철 1번을 열었어요" in card_shown.content
    assert "이미 열려 있어요" in (await opened(running)).content
    noted = await fill(running, await form_of(running, 1), words="말로 타일렀음")
    assert "1번에 1번째 메모" in noted.content
    again = await fill(running, await opened_form(running, noted, MOD, one_id(noted, "garim:case:note:")), words="둘째")
    assert "2번째 메모" in again.content
    shown = await run(running, "show", number=1)
    assert "말로 타일렀음" in shown.embeds[0]["description"]
    assert fields(shown)["멤버"] == f"<@{running.demo.people['minseo'].id}>"
    closed = await press(running, shown, one_id(shown, "garim:case:close:"), who=MOD)
    assert "닫은 사람" in fields(closed)
    assert not [one for one in parts(closed) if "close" in one]
    case = await running.storage.cases.of(guild, 1)
    assert case is not None
    assert [note.words for note in case.notes] == ["말로 타일렀음", "둘째"]
    assert case.closed_by == running.demo.people[MOD].id
    kinds = [entry.what for entry in await running.storage.audit.history(guild, 10)]
    assert kinds == [AuditKind.CASE_CLOSED, AuditKind.NOTE_ADDED, AuditKind.NOTE_ADDED, AuditKind.CASE_OPENED]


async def test_cases_are_listed_by_page_and_chosen(running: Running) -> None:
    guild = running.demo.guild.id
    for member in range(1, 20):
        await running.storage.cases.open(guild, member, 1)
    await running.storage.cases.close(guild, 3, 1)
    message = await run(running, "list")
    assert message.embeds[0]["description"].splitlines()[0].startswith("**#19** <@19> · 열림")
    older = one_id(message, "garim:case:page:5:0")
    message = await press(running, message, older, who=MOD)
    assert len(message.embeds[0]["description"].splitlines()) == 4
    chosen = await press(running, message, "garim:case:show", "3", who=MOD)
    assert "사건철 3번" in chosen.embeds[0]["title"]
    only_open = await run(running, "list", open_only=True)
    only_open = await press(running, only_open, one_id(only_open, "garim:case:page:5:1"), who=MOD)
    assert "#3**" not in only_open.embeds[0]["description"]


async def test_what_there_is_not_is_said_to_be_unknown(running: Running) -> None:
    assert (await run(running, "list")).embeds[0]["description"] == "사건철이 없어요."
    await running.storage.cases.open(5, 6, 1)
    for command in ("show", "close", "note"):
        assert (await run(running, command, number=1)).content == "이 서버에 사건철 1번이 없어요.", command


async def test_only_moderators_may_touch_cases(running: Running) -> None:
    shown = await opened(running)
    let_in(running, "minseo", Permission.MANAGE_MESSAGES, place="자유-대화")
    for command, options in (("list", {}), ("show", {"number": 1}), ("close", {"number": 1}), ("note", {"number": 1})):
        assert "메시지 관리" in (await run(running, command, who="minseo", **options)).content, command
    form = await opened_form(running, shown, MOD, one_id(shown, "garim:case:note:"))
    running.demo.roles["운영진"].permissions &= ~Permission.MANAGE_MESSAGES
    running.demo.world.update_role(running.demo.guild, running.demo.roles["운영진"])
    await asyncio.sleep(0.1)
    assert "메시지 관리" in (await fill(running, form, words="늦은 메모")).content
    assert "메시지 관리" in (await press(running, shown, one_id(shown, "garim:case:close:"), who=MOD)).content
    case = await running.storage.cases.of(running.demo.guild.id, 1)
    assert case is not None
    assert (case.notes, case.closed_at) == ((), None)


@pytest.mark.parametrize(("words", "kind"), HOSTILE)
async def test_hostile_notes_are_kept_as_they_are_and_do_nothing(running: Running, words: str, kind: str) -> None:
    await opened(running)
    shown = await fill(running, await form_of(running, 1), words=words)
    case = await running.storage.cases.of(running.demo.guild.id, 1)
    assert case is not None
    assert case.notes[0].words == words.strip(), kind
    description = shown.embeds[0]["description"]
    assert "```" in description, "in a block, where nothing is markup"
    assert "\u202e" not in description


async def test_two_moderators_note_and_close_at_once_and_all_of_it_stands(running: Running) -> None:
    shown = await opened(running)
    forms = [await form_of(running, 1, who) for who in (MOD, "haneul")]
    told = await asyncio.gather(*(fill(running, form, words="동시에") for form in forms))
    assert sorted(one.content.split("에 ")[1][0] for one in told) == ["1", "2"]
    close = one_id(shown, "garim:case:close:")
    await asyncio.gather(press(running, shown, close, who=MOD), run(running, "close", number=1, who="haneul"))
    kinds = [entry.what for entry in await running.storage.audit.history(running.demo.guild.id, 10)]
    assert kinds.count(AuditKind.CASE_CLOSED) == 1


async def test_a_form_of_before_a_restart_is_still_taken(demo: Demo, server: Sandbox, tmp_path: Path) -> None:
    settings = settings_for(server, tmp_path)
    async with running_bot(demo, server, settings) as running:
        await opened(running)
        form = await form_of(running, 1)
    async with running_bot(demo, server, settings) as running:
        assert "1번째 메모" in (await fill(running, form, words="재시작 뒤")).content


async def test_a_database_too_slow_for_a_form_is_told_so(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    await opened(running)
    find = CaseStore.of

    async def slow(self: CaseStore, guild_id: int, number: int) -> Case | None:
        await asyncio.sleep(0.2)
        return await find(self, guild_id, number)

    monkeypatch.setattr(CaseStore, "of", slow)
    monkeypatch.setattr(_replies, "PATIENCE_S", 0.02)
    assert "잠시 뒤에" in (await run(running, "note", number=1)).content


def case_with(*words: str | None) -> Case:
    notes = tuple(CaseNote(number, 10**19, one, NOW, 10**9) for number, one in enumerate(words, 1))
    return Case(1, 999_999_999, 10**19, 10**19, NOW, 10**9, 10**19, NOW, notes)


def test_long_notes_are_read_a_page_at_a_time_each_whole() -> None:
    case = case_with(*[letter * 4_000 for letter in "가나다"])
    seen, before = [], 0
    while True:
        embed, view = card(case, "ko", before)
        assert len(embed.description or "") <= NOTES_LIMIT
        assert len(embed) <= 6_000
        seen.append("".join(letter for letter in "가나다" if letter * 4_000 in (embed.description or "")))
        older = [
            one.custom_id for one in view.children if ":notes:" in one.custom_id and not one.custom_id.endswith(":0")
        ]  # type: ignore[attr-defined]
        if not older:
            break
        before = int(older[0].rpartition(":")[2])
    assert seen == ["다", "나", "가"]


def test_hostile_notes_fit_and_erased_ones_say_so() -> None:
    embed, _ = card(case_with("`" * 4_000), "ko")
    assert len(embed.description or "") <= NOTES_LIMIT
    assert "지워진 메모" in (card(case_with(None), "ko")[0].description or "")
