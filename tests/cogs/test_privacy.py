"""What members can do about their data: see what is kept, take it away, erase their words; about themselves alone."""

from __future__ import annotations

import io
import json
import re
import unicodedata
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import StorageUnavailable
from bot.members import ErasedCounts, MemberData
from bot.records import AuditKind
from bot.settings import StorageSettings
from bot.texts import LOCALES, catalogue
from cogs import _replies
from cogs.privacy import PER_HOUR, confirms, erased_words, guilds_in, packed
from sandbox.commands_rules import check_command
from sandbox.interactions.model import Interaction
from sandbox.models import Message, MessageFlag
from sandbox.seed import Demo
from sandbox.server import Sandbox
from tests.support.calling import HOSTILE, call, fields, file_bytes, parts
from tests.support.pressing import alert, alerts_on, button, fill, opened_form, posts, press, shown, submitted, told
from tests.support.running import (
    CURSE,
    Running,
    channel_id,
    closed,
    repost_of,
    running_bot,
    say,
    settings_for,
    wait_for,
)

WORDS = "노래 제목을 그대로 적은 거예요"


async def ask(running: Running, what: str, who: str = "minseo", **more: Any) -> Message:
    return await call(running, "privacy", what, who=who, **more)


async def erase_form(
    running: Running, who: str = "minseo", place: int | None = None, locale: str = "ko"
) -> Interaction:
    """Run the erase command as somebody, and return the interaction whose form is open."""
    world, user = running.demo.world, running.demo.people[who]
    (found,) = [one for one in world.commands_of(running.demo.application.id, None) if one.name == "privacy"]
    begun = world.invoke_command(user.id, place or channel_id(running), found.id, path=("erase",), locale="ko")
    await wait_for(lambda: begun.modal, what="a form")
    return begun


async def erase(running: Running, word: str = "지우기", **more: Any) -> Message:
    return await fill(running, await erase_form(running, **more), word=word)


async def exported(running: Running, who: str = "minseo", place: int | None = None) -> Any:
    """Return the file that somebody gets."""
    return json.loads(file_bytes(running, await ask(running, "export", who, place=place)))


def direct(running: Running, who: str) -> int:
    """Return the conversation of somebody with the bot."""
    return running.demo.world.open_dm(running.demo.application.bot_id, running.demo.people[who].id).id


async def erased_incidents(running: Running) -> list[bool]:
    """Tell of each incident of the guild, newest first, whether its words are gone."""
    found = await running.storage.incidents.latest(running.demo.guild.id, 50)
    incidents = [await running.storage.incidents.by_id(one.id) for one in found]
    return [incident.erased for incident in incidents if incident is not None]


async def audited(running: Running, what: AuditKind) -> list[tuple[int, int | None, Mapping[str, Any] | None]]:
    found = await running.storage.audit.history(running.demo.guild.id, what=what)
    return [(entry.actor_id, entry.member_id, entry.detail) for entry in found]


async def test_what_is_kept_is_told_in_the_language_and_by_the_rules_of_where_it_is_asked(running: Running) -> None:
    await running.storage.guilds.update(running.demo.guild.id, {"retention_days": 7}, actor_id=1)
    here = await ask(running, "about")
    assert here.flags & MessageFlag.EPHEMERAL
    assert "7일 뒤에" in fields(here)["얼마나"]
    assert "30일 뒤에 모두" in fields(here)["얼마나"]
    assert set(parts(here)) == {"garim:privacy:export", "garim:privacy:erase"}
    everywhere = await ask(running, "about", place=direct(running, "minseo"), locale="en-US")
    assert "90 days" in fields(everywhere)["How long"]


async def test_everybody_is_offered_the_command_in_servers_and_in_a_conversation(running: Running) -> None:
    world, user_id = running.demo.world, running.demo.people["jiho"].id
    for place in (channel_id(running), direct(running, "jiho")):
        (command,) = [one for one in world.usable_commands(user_id, world.channel(place)) if one.name == "privacy"]
    assert check_command(command.body) is None
    assert command.body["name_localizations"]["ko"] == "개인정보"
    assert command.required_bits is None


async def test_a_member_gets_everything_that_is_stored_of_them_and_nothing_of_others(running: Running) -> None:
    await closed(running, say(running, CURSE))
    await closed(running, say(running, "병신아", who="jiho"))
    file = await exported(running)
    assert file["member_id"] == str(running.demo.people["minseo"].id)
    assert [row["original"] for row in file["incidents"]] == [CURSE]
    assert "병신아" not in json.dumps(file, ensure_ascii=False)
    member_id = running.demo.people["minseo"].id
    assert await audited(running, AuditKind.MEMBER_EXPORTED) == [(member_id, member_id, None)]


async def test_of_whom_nothing_is_stored_gets_no_file(running: Running) -> None:
    await closed(running, say(running, CURSE))
    answer = await ask(running, "export", "jiho")
    assert (answer.content, answer.attachments) == ("나에 대해 남은 기록이 없어요.", [])


async def test_nobody_else_sees_the_answers(running: Running) -> None:
    await closed(running, say(running, CURSE))
    for what in ("about", "export"):
        assert (await ask(running, what)).ephemeral_to == running.demo.people["minseo"].id
    assert (await erase(running)).ephemeral_to == running.demo.people["minseo"].id


async def test_the_words_are_erased_once_the_word_is_typed(running: Running) -> None:
    await closed(running, say(running, CURSE))
    await closed(running, say(running, "병신아", who="jiho"))
    form = await erase_form(running)
    assert "되돌릴 수 없어요" in json.dumps(form.modal, ensure_ascii=False)
    assert "이 서버에 남은" in json.dumps(form.modal, ensure_ascii=False)
    answer = await fill(running, form, word="지우기")
    assert answer.content.startswith("지웠어요: 메시지 1건")
    assert await erased_incidents(running) == [False, True], "the other member's words stay"
    member_id = running.demo.people["minseo"].id
    (entry,) = await audited(running, AuditKind.MEMBER_ERASED)
    assert entry == (member_id, member_id, {"incidents": 1, "contests": 0, "notes": 0, "put_off": 0})
    (row,) = (await exported(running))["incidents"]
    assert (row["original"], row["masked"], row["name"]) == (None, None, None)
    assert row["labels"], "what holds no words stays"


@pytest.mark.parametrize(("word", "kind"), [("", "nothing"), ("지우지 마", "another word"), *HOSTILE[:5]])
async def test_another_word_erases_nothing(running: Running, word: str, kind: str) -> None:
    await closed(running, say(running, CURSE))
    form = await erase_form(running)
    if not word or len(word) > 20:
        with pytest.raises(Exception, match="50035"):
            submitted(running, form, word=word)
    else:
        assert (await fill(running, form, word=word)).content.startswith("아무것도 지우지 않았어요"), kind
    assert await erased_incidents(running) == [False]


async def test_the_moderators_posts_lose_the_words_too(running: Running) -> None:
    await alerts_on(running)
    repost = await repost_of(running, say(running, "시발 오늘 급식 뭐야"))
    why = await press(running, repost, "minseo", button(repost, "garim:why:"))
    await fill(running, await opened_form(running, why, "minseo", button(why, "garim:contest:")), words=WORDS)
    contest = await alert(running, 2)
    assert "급식" in shown(posts(running)[0])
    assert WORDS in shown(contest)
    assert "이의 1건" in (await erase(running)).content
    await wait_for(
        lambda: not any(words in shown(post) for post in posts(running) for words in ("급식", WORDS)),
        what="posts without the words",
    )


async def test_in_a_conversation_with_the_bot_it_is_about_every_server(running: Running) -> None:
    await closed(running, say(running, CURSE))
    place = direct(running, "minseo")
    file = await exported(running, place=place)
    assert [row["guild_id"] for row in file["incidents"]] == [str(running.demo.guild.id)]
    form = await erase_form(running, place=place)
    assert "모든 서버에 남은" in json.dumps(form.modal, ensure_ascii=False)
    assert (await fill(running, form, word="지우기")).content.startswith("지웠어요: 메시지 1건")
    assert await erased_incidents(running) == [True]
    assert len(await audited(running, AuditKind.MEMBER_ERASED)) == 1


async def test_the_buttons_and_the_form_outlive_a_restart(demo: Demo, server: Sandbox, tmp_path: Path) -> None:
    async with running_bot(demo, server, settings_for(server, tmp_path)) as running:
        await closed(running, say(running, CURSE))
        about = await ask(running, "about")
        form = await opened_form(running, about, "minseo", "garim:privacy:erase")
    async with running_bot(demo, server, settings_for(server, tmp_path)) as running:
        file = json.loads(file_bytes(running, await press(running, about, "minseo", "garim:privacy:export")))
        assert [row["original"] for row in file["incidents"]] == [CURSE]
        assert (await fill(running, form, word="지우기")).content.startswith("지웠어요: 메시지 1건")


async def test_both_are_limited_per_member(running: Running) -> None:
    await closed(running, say(running, CURSE))
    await closed(running, say(running, CURSE, who="jiho"))
    for _ in range(PER_HOUR):
        assert (await ask(running, "export")).attachments
        assert (await erase(running)).content.startswith("지웠어요")
    assert "한 시간에 3번" in (await ask(running, "export")).content
    assert "한 시간에 3번" in (await erase(running)).content
    assert (await ask(running, "export", "jiho")).attachments, "another member is not held up"


async def test_two_forms_at_once_erase_once(running: Running) -> None:
    await closed(running, say(running, CURSE))
    forms = [await erase_form(running), await erase_form(running)]
    begun = [submitted(running, form, word="지우기") for form in forms]
    answers = sorted([(await told(running, one)).content.split(",")[0] for one in begun])
    assert answers == ["지웠어요: 메시지 0건", "지웠어요: 메시지 1건"]


async def test_what_cannot_be_done_now_is_said(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    await closed(running, say(running, CURSE))

    async def refuse(*_: object) -> None:
        raise StorageUnavailable("the disk is full")

    monkeypatch.setattr(running.storage.members, "export", refuse)
    monkeypatch.setattr(running.storage.members, "erase", refuse)
    assert (await ask(running, "export")).content.startswith("지금은 기록을 볼 수 없어요")
    assert (await erase(running)).content.startswith("지금은 기록을 볼 수 없어요")
    assert await erased_incidents(running) == [False]


async def test_a_slow_database_is_waited_for(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_replies, "PATIENCE_S", 0.0)
    await closed(running, say(running, CURSE))
    assert (await ask(running, "export")).attachments
    assert (await erase(running)).content.startswith("지웠어요: 메시지 1건")


# Below: the pure parts.

_rows = st.lists(
    st.fixed_dictionaries({"guild_id": st.integers(1, 9).map(str), "original": st.none() | st.text(st.characters())}),
    max_size=5,
)


@given(rows=_rows, limit=st.integers(0, 4_000))
def test_whatever_was_written_the_file_is_json_and_holds_it(rows: list[dict[str, Any]], limit: int) -> None:
    data = MemberData(7, incidents=tuple(rows))
    name, raw = packed(data, datetime.now(UTC), limit)
    if name.endswith(".zip"):
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            raw = archive.read(name.removesuffix(".zip"))
        assert len(raw) > limit
    else:
        assert len(raw) <= limit
    file = json.loads(raw.decode("utf-8"))
    assert file["incidents"] == rows
    assert guilds_in(data) == sorted({int(row["guild_id"]) for row in rows})


@pytest.mark.parametrize(
    ("typed", "confirmed", "reason"),
    [
        ("지우기", True, "Korean"),
        ("erase", True, "English, whatever the language of who types"),
        (" ERASE ", True, "a phone's capital and space"),
        (unicodedata.normalize("NFD", "지우기"), True, "as macOS writes Hangul"),
        ("지우", False, "a part"),
        ("지우기 지우기", False, "more"),
        ("", False, "nothing"),
    ],
)
def test_the_word_confirms_in_any_language(typed: str, confirmed: bool, reason: str) -> None:
    assert confirms(typed) is confirmed, reason


def test_what_is_put_off_is_said_only_when_there_is_any() -> None:
    for locale in LOCALES:
        without = erased_words(ErasedCounts(1, 2, 3, 0), locale)
        later = erased_words(ErasedCounts(1, 2, 3, 4), locale)
        assert len(later.splitlines()) == len(without.splitlines()) + 1
        assert "4" in later


DOCUMENT = (Path(__file__).parents[2] / "docs" / "privacy.md").read_text(encoding="utf-8")


def test_the_document_names_commands_that_there_are() -> None:
    names = {locale: {words for key, words in catalogue(locale).items() if key.endswith("_name")} for locale in LOCALES}
    asked = re.findall(r"`/([^`]+)`", DOCUMENT)
    assert len(asked) > 8
    for command in asked:
        words = set(command.split())
        assert any(words <= names[locale] for locale in LOCALES), command


def test_the_document_names_settings_as_they_are() -> None:
    kept = StorageSettings()
    for key in re.findall(r"`storage\.(\w+)`", DOCUMENT):
        assert key in StorageSettings.model_fields
    assert DOCUMENT.count(f"{kept.retention_days}일") == DOCUMENT.count(f"({kept.retention_days} days by default)") == 1
    assert f"처음 값 {kept.departed_grace_days}일" in DOCUMENT


def test_the_document_is_linked_from_both_readmes() -> None:
    for name in ("README.md", "README.en.md"):
        assert "(docs/privacy.md)" in (Path(__file__).parents[2] / name).read_text(encoding="utf-8")
