"""`/terms`, run by people in the sandbox, over real interactions."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from bot.records import AuditKind
from bot.term_files import FILE_LIMIT_BYTES
from bot.terms import GuildTerm, TermKind
from masker.labels import Label
from sandbox.commands_rules import check_command
from sandbox.errors import ApiError
from sandbox.models import Message
from sandbox.permissions import Permission
from sandbox.seed import Demo
from sandbox.server import Sandbox
from tests.support.calling import HOSTILE, call, file_bytes, one_id, parts, press
from tests.support.running import Running, channel_id, closed, repost_of, running_bot, say, settings_for

WORD = "꼬부기"
CSV = "kind,entry,label\nblock,꼬부기,gender\nallow,시발택시,\npattern,밤양갱[0-9]+,insult\n"


async def run(running: Running, *path: str, **more: Any) -> Message:
    """Run one of the commands, as the owner unless somebody else is named."""
    return await call(running, "terms", *path, **more)


async def add(running: Running, kind: str, entry: str, **more: Any) -> Message:
    return await run(running, "add", kind=kind, entry=entry, **more)


async def terms_of(running: Running) -> set[tuple[str, str, Label | None]]:
    return {(one.kind.value, one.entry, one.label) for one in await running.storage.terms.list(running.demo.guild.id)}


async def suggested(running: Running, typed: str, who: str = "haneul", locale: str = "ko") -> list[dict[str, str]]:
    world = running.demo.world
    (command,) = [one for one in world.commands_of(running.demo.application.id, None) if one.name == "terms"]
    asked = world.invoke_autocomplete(
        running.demo.people[who].id,
        channel_id(running),
        command.id,
        "entry",
        path=("remove",),
        options={"entry": typed},
        locale=locale,
    )
    assert await world.first_answer(asked)
    return list(asked.choices or [])


async def test_a_word_takes_effect_at_once_is_audited_and_is_taken_back_at_one_press(running: Running) -> None:
    told = await add(running, "block", f"  {WORD} ", label="gender")
    assert told.content.startswith(f"금지 단어로 더했어요: **{WORD}** (성별 혐오)")
    assert await terms_of(running) == {("block", WORD, Label.GENDER)}
    (entry,) = await running.storage.audit.history(running.demo.guild.id, what=AuditKind.TERM_ADDED)
    assert entry.actor_id == running.demo.people["haneul"].id
    assert (await repost_of(running, say(running, "저 꼬.부.기 봐"))).content.startswith("저 ●●●●● 봐")
    undone = await press(running, told, one_id(told, "garim:terms:undo:"))
    assert undone.content == f"목록에서 지웠어요: **{WORD}**"
    assert await terms_of(running) == set()
    again = await press(running, undone, one_id(undone, "garim:terms:back:"))
    assert again.content.startswith("금지 단어로 더했어요")
    assert await terms_of(running) == {("block", WORD, Label.GENDER)}, "its label too"
    assert "이미 목록에" in (await press(running, undone, one_id(undone, "garim:terms:back:"))).content


async def test_an_addition_tells_what_it_would_have_hit_lately_and_shows_it_masked(running: Running) -> None:
    for words in (f"시발 진짜 {WORD} 뭐냐", "시발 그냥", f"{WORD} 병신"):
        await closed(running, say(running, words))
    told = await add(running, "block", WORD)
    assert "최근 사건 3건 가운데 **2건**에 걸려요" in told.content
    examples = [line for line in told.content.splitlines() if line.startswith("> ")]
    assert examples == ["> ●●● ●●", "> ●● 진짜 ●●● 뭐냐"]


async def test_an_allowed_word_tells_what_it_would_have_excused(running: Running) -> None:
    for words in ("시발 진짜", "시발 병신", "병신"):
        await closed(running, say(running, words))
    told = await add(running, "allow", "시발")
    assert "최근 사건 3건 가운데 **2건**에서" in told.content
    assert "그중 1건은" in told.content
    assert "> 시발 ●●" in told.content
    assert await terms_of(running) == {("allow", "시발", None)}


async def test_a_pattern_that_hits_everyday_talk_is_added_and_the_admin_warned(running: Running) -> None:
    told = await add(running, "pattern", "[가-힣]+요", locale="en-US")
    assert "It hits everyday talk too" in told.content
    assert "no recent incidents" in told.content
    assert "It hits everyday talk" not in (await add(running, "pattern", "밤양갱[0-9]+", locale="en-US")).content


REFUSED: list[tuple[str, str, str]] = [
    ("block", "가", "두 글자 이상"),
    ("block", "18!", "패턴으로"),
    ("block", "가" * 65, "64자"),
    ("block", "   ", "빈 단어"),
    ("pattern", "(?=x)y", "앞뒤를 살피는 식"),
    ("pattern", r"(a)\1", "다시 가리키는 식"),
    ("pattern", r"\q", r"`\q`"),
    ("pattern", "(abc", "괄호가 맞지 않아요"),
    ("pattern", "[abc", "닫히지 않았어요"),
    ("pattern", "*a", "되풀이할 말이 없거나"),
    ("pattern", "a{1001}", "너무 커요"),
    ("pattern", "x*", "아무 글자도 없는 곳"),
    ("pattern", "[z-a]", "거꾸로예요"),
    ("pattern", "(?P<n", "RE2가 받지 않는"),
]


async def test_what_cannot_be_used_is_refused_with_what_to_do(running: Running) -> None:
    for kind, entry, said in REFUSED:
        assert said in (await add(running, kind, entry)).content, entry
    assert await terms_of(running) == set()


async def test_hostile_entries_do_nothing_but_stand_there(running: Running) -> None:
    for entry, kind in HOSTILE:
        if len(entry) > 200:
            with pytest.raises(ApiError):
                await add(running, "allow", entry)
            continue
        told = await add(running, "allow", entry)
        assert not told.mentions, kind
        assert not told.mention_everyone, kind
        for sign in ("\u202e", "\u0007", "\x00", "**x**", "`y`", " @everyone", "<@1>"):
            assert sign not in told.content, kind
    kept = {entry for _, entry, _ in await terms_of(running)}
    assert "'; DROP TABLE guild_settings; --" in kept
    assert not any("\x00" in entry for entry in kept), "what no database keeps is refused"
    listed = await run(running, "list")
    assert "\u202e" not in str(listed.embeds)
    assert b"'=HYPERLINK" in file_bytes(running, await run(running, "export"))
    assert await running.storage.guilds.policy(running.demo.guild.id)


async def test_the_same_entry_twice_is_told_and_keeps_its_label(running: Running) -> None:
    await add(running, "block", WORD, label="gender")
    assert "이미 목록에 있어요" in (await add(running, "block", WORD, label="age")).content
    assert await terms_of(running) == {("block", WORD, Label.GENDER)}


async def test_an_entry_is_removed_by_a_suggestion_or_by_its_own_words(running: Running) -> None:
    await add(running, "block", WORD, label="gender")
    await add(running, "allow", WORD)
    await add(running, "pattern", "밤양갱[0-9]+")
    choices = await suggested(running, "부기")
    assert [one["name"] for one in choices] == [f"금지 · {WORD} (성별 혐오)", f"허용 · {WORD}"]
    assert len(await suggested(running, "")) == 3
    assert await suggested(running, "없는말") == []
    assert "여러 종류" in (await run(running, "remove", entry=WORD)).content
    await run(running, "remove", entry=choices[0]["value"])
    assert {kind for kind, _, _ in await terms_of(running)} == {"allow", "pattern"}
    await run(running, "remove", entry="밤양갱[0-9]+")
    await run(running, "remove", entry=WORD)
    assert await terms_of(running) == set()
    assert "목록에 없는" in (await run(running, "remove", entry=WORD)).content


async def test_the_list_is_turned_page_by_page_and_by_kind(running: Running) -> None:
    assert "아직 단어가 없어요" in (await run(running, "list")).embeds[0]["description"]
    words = [GuildTerm(TermKind.BLOCK, f"{WORD}{chr(0xAC00 + 28 * at)}", Label.INSULT) for at in range(45)]
    terms = [*words, GuildTerm(TermKind.ALLOW, "시발*택시*")]
    await running.storage.terms.replace(running.demo.guild.id, terms, 1)
    shown = await run(running, "list")
    assert shown.embeds[0]["title"] == "이 서버의 단어 46개"
    assert len(shown.embeds[0]["description"].splitlines()) == 20
    assert parts(shown)["garim:terms:list:all:0"]["disabled"]
    turned = await press(running, shown, "garim:terms:list:all:1")
    last = await press(running, turned, "garim:terms:list:all:2")
    assert last.embeds[0]["description"].splitlines()[-1] == r"허용 · 시발\*택시\*"
    assert last.embeds[0]["footer"]["text"] == "3/3쪽"
    allowed = await run(running, "list", kind="allow")
    assert allowed.embeds[0]["description"].splitlines() == [r"허용 · 시발\*택시\*"]
    assert not allowed.components


async def test_what_is_exported_is_imported_again_elsewhere(running: Running) -> None:
    told = await run(running, "import", file=("file", CSV.encode()))
    assert told.content.startswith("단어를 가져왔어요: 3개를 더했고 0개를 뺐고 0개를 고쳤어요. 지금 모두 3개예요.")
    wanted = {("block", WORD, Label.GENDER), ("allow", "시발택시", None), ("pattern", "밤양갱[0-9]+", Label.INSULT)}
    assert await terms_of(running) == wanted
    for form in ("csv", "json"):
        raw = file_bytes(running, await run(running, "export", form=form))
        await running.storage.terms.replace(running.demo.guild.id, [], 1)
        await run(running, "import", file=("file", raw), mode="replace")
        assert await terms_of(running) == wanted, form
    assert "바뀐 것은 없어요" in (await run(running, "import", file=("file", CSV.encode()))).content


async def test_an_import_adds_or_replaces_and_is_taken_back_at_one_press(running: Running) -> None:
    await add(running, "block", "삼겹살")
    added = await run(running, "import", file=("file", f"{WORD}\n!시발택시".encode()), label="gender")
    assert {entry for _, entry, _ in await terms_of(running)} == {"삼겹살", WORD, "시발택시"}
    assert json.loads(file_bytes(running, added))["terms"][0]["entry"] == "삼겹살", "what was before is attached"
    replaced = await run(running, "import", file=("file", f"{WORD}\n".encode()), label="age", mode="replace")
    assert "0개를 더했고 2개를 뺐고 1개를 고쳤어요" in replaced.content
    assert await terms_of(running) == {("block", WORD, Label.AGE)}
    undone = await press(running, replaced, one_id(replaced, "garim:terms:restore:"))
    assert "지금 모두 3개예요" in undone.content
    assert ("block", WORD, Label.GENDER) in await terms_of(running)
    late = await press(running, added, one_id(added, "garim:terms:restore:"))
    assert "그 사이에 다른 사람이" in late.content
    assert len(await terms_of(running)) == 3


async def test_the_first_import_is_taken_back_to_an_empty_list(running: Running) -> None:
    told = await run(running, "import", file=("file", CSV.encode()))
    await press(running, told, one_id(told, "garim:terms:restore:"))
    assert await terms_of(running) == set()


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"kind,entry\nblock,ok word\nblok,no\n", "3번째 줄: 모르는 종류예요: blok"),
        ("좋은말\n(\n가\n".encode(), "3번째 줄: **가** 막을 단어는"),
        (b"/(?=x)/\n", "1번째 줄: **(?=x)** 이 정규식은 쓸 수 없어요: 앞뒤를"),
        (b'{"terms": [\n{"entry": 7}]}', "2번째 줄: 단어가 아니에요"),
        (b"\n".join(b"a%d" % at for at in range(30)), "그 밖에 18곳"),
        (b"x" * (FILE_LIMIT_BYTES + 1), "2048 KiB까지"),
        (b"@everyone,entry,\nallow,a,b,c,d,**e**", "칸이 너무 많아요"),
    ],
)
async def test_a_file_that_does_not_fit_changes_nothing_and_its_lines_are_named(
    running: Running, raw: bytes, said: str
) -> None:
    told = await run(running, "import", file=("file", raw))
    assert said in told.content.replace("\\", "")
    assert len(told.content) <= 2_000
    assert not told.mention_everyone
    assert await terms_of(running) == set()


async def test_two_admins_at_once_both_get_what_they_added(running: Running) -> None:
    running.demo.roles["운영진"].permissions |= Permission.MANAGE_GUILD
    await asyncio.gather(
        add(running, "block", WORD),
        run(running, "import", file=("file", "!시발택시\n".encode()), who="seoyeon"),
    )
    assert {entry for _, entry, _ in await terms_of(running)} == {WORD, "시발택시"}


async def test_two_admins_who_remove_one_term_at_once_leave_one_removal(running: Running) -> None:
    running.demo.roles["운영진"].permissions |= Permission.MANAGE_GUILD
    told = await add(running, "block", WORD)
    answers = await asyncio.gather(
        press(running, told, one_id(told, "garim:terms:undo:")),
        run(running, "remove", entry=WORD, who="seoyeon"),
    )
    assert sorted(answer.content.startswith("목록에서 지웠어요") for answer in answers) == [False, True]
    assert len(await running.storage.audit.history(running.demo.guild.id, what=AuditKind.TERM_REMOVED)) == 1
    assert await terms_of(running) == set()


async def test_more_than_fits_is_refused_with_the_limits(running: Running) -> None:
    patterns = [GuildTerm(TermKind.PATTERN, f"w{at}", Label.INSULT) for at in range(100)]
    await running.storage.terms.replace(running.demo.guild.id, patterns, 1)
    assert "100개까지" in (await add(running, "pattern", "one more")).content
    assert "100개까지" in (await run(running, "import", file=("file", b"/one more/"))).content
    assert len(await terms_of(running)) == 100


async def test_members_without_manage_server_can_do_none_of_it(running: Running) -> None:
    told = await add(running, "block", WORD)
    with pytest.raises(ApiError):
        await add(running, "block", "삼겹살", who="jiho")
    (group,) = [one for one in running.demo.world.commands_of(running.demo.application.id, None) if one.name == "terms"]
    group.body["default_member_permissions"] = None
    assert await suggested(running, "", who="jiho") == []
    for path, options in (
        ("add", {"kind": "block", "entry": "삼겹살"}),
        ("remove", {"entry": WORD}),
        ("list", {}),
        ("export", {}),
        ("import", {"file": ("file", CSV.encode()), "mode": "replace"}),
    ):
        refused = await run(running, path, who="jiho", **options)
        assert "서버 관리하기" in refused.content, path
        assert not refused.embeds, path
        assert not refused.attachments, path
    told.ephemeral_to = running.demo.people["jiho"].id
    assert "서버 관리하기" in (await press(running, told, one_id(told, "garim:terms:undo:"), who="jiho")).content
    assert await terms_of(running) == {("block", WORD, Label.PROFANITY)}


async def test_an_undo_button_works_after_a_restart(demo: Demo, server: Sandbox, tmp_path: Path) -> None:
    settings = settings_for(server, tmp_path)
    async with running_bot(demo, server, settings) as running:
        told = await add(running, "block", WORD)
    async with running_bot(demo, server, settings) as running:
        await press(running, told, one_id(told, "garim:terms:undo:"))
        assert await terms_of(running) == set()


async def test_commands_fit_discords_limits_and_are_named_in_korean(running: Running) -> None:
    (group,) = [one for one in running.demo.world.commands_of(running.demo.application.id, None) if one.name == "terms"]
    assert check_command(group.body) is None
    assert group.body["name_localizations"]["ko"] == "단어"
    assert all("ko" in option["name_localizations"] for option in group.body["options"])
