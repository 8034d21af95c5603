"""`/incidents` and `/member`, run by people in the sandbox, over real interactions."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.incidents import Origin, OutcomeKind, RepostPart
from bot.records import SanctionKind
from cogs.incidents._lookup import Lookup, Verdict, named_in, plain
from masker.labels import LABELS
from sandbox.models import Message, Overwrite
from sandbox.permissions import Permission
from sandbox.seed import Demo
from sandbox.server import Sandbox
from tests.support.calling import HOSTILE, call, fields, one_id, parts, press
from tests.support.recording import recorded
from tests.support.running import CURSE, Running, channel_id, closed, repost_of, running_bot, say, settings_for

MOD = "seoyeon"
ids = st.none() | st.integers(0, (1 << 63) - 1)
times = st.none() | st.integers(0, 2_000_000_000).map(lambda minute: datetime.fromtimestamp(minute // 60 * 60, UTC))
lookups = st.builds(
    Lookup,
    ids,
    ids,
    st.none() | st.sampled_from([str(label) for label in LABELS]),
    st.none() | st.sampled_from([str(one) for one in OutcomeKind]),
    st.none() | st.sampled_from([str(one) for one in Origin]),
    st.none() | st.sampled_from([str(one) for one in Verdict]),
    times,
    times,
)


@given(lookups)
def test_a_lookup_stands_in_an_id_and_is_read_from_it(lookup: Lookup) -> None:
    assert Lookup.read(lookup.code()) == lookup
    assert len(f"garim:incidents:find:{10**18 - 1}:{lookup.code()}") <= 100


@given(st.from_regex(r"[0-9a-z]{0,20}(:[0-9a-z]{0,20}){7}", fullmatch=True))
def test_any_code_is_a_lookup_or_none(code: str) -> None:
    found = Lookup.read(code)
    assert found is None or Lookup.read(found.code()) == found


@given(st.text())
def test_words_to_look_for_are_read_back_as_they_were_shown(words: str) -> None:
    assert plain(plain(words)) == plain(words)
    assert plain(words).isprintable()


async def run(running: Running, *path: str, who: str = MOD, **more: Any) -> Message:
    return await call(running, "incidents", *path, who=who, **more)


def listed(message: Message) -> str:
    (embed,) = message.embeds
    return str(embed["description"])


async def test_the_newest_incidents_are_listed_without_anybodys_words(running: Running) -> None:
    first = await recorded(running)
    second = await recorded(running, "jiho", {"gender": 0.91, "insult": 0.8}, OutcomeKind.ALERTED)
    await running.storage.reviews.decide(first.id, 1, False)
    lines = listed(await run(running, "list")).splitlines()
    assert lines[0].startswith(f"**#{second.id}**")
    assert "성별 혐오, 모욕·악플 0.91 · 알림만" in lines[0]
    assert "욕설 0.98 · 가림 · 오탐" in lines[1]
    assert "진짜" not in "".join(lines)


async def test_every_filter_chooses(running: Running) -> None:
    plain_one = await recorded(running)
    place = channel_id(running, "개발")
    other = await recorded(
        running, "jiho", {"threat": 0.9}, OutcomeKind.REPORTED, channel_id=place, origin=str(Origin.REPORT)
    )
    await running.storage.reviews.decide(other.id, 1, True)
    member = str(running.demo.people["jiho"].id)
    for options in (
        {"member": member},
        {"channel": str(place)},
        {"label": "threat"},
        {"outcome": "reported"},
        {"origin": "report"},
        {"verdict": "right"},
        {"member": member, "channel": str(place), "label": "threat", "since": "1h"},
    ):
        assert listed(await run(running, "list", **options)).startswith(f"**#{other.id}**"), options
        assert "\n" not in listed(await run(running, "list", **options)), options
    assert listed(await run(running, "list", verdict="none")).startswith(f"**#{plain_one.id}**")
    for options in ({"verdict": "wrong"}, {"until": "2020-01-01"}, {"label": "age"}):
        assert listed(await run(running, "list", **options)) == "조건에 맞는 사건이 없어요.", options


async def test_pages_are_turned_back_and_forth_with_their_filter(running: Running) -> None:
    made = [await recorded(running, "jiho" if number % 2 else "minseo") for number in range(30)]
    wanted = [one.id for one in reversed(made) if one.draft.author_id == running.demo.people["jiho"].id]
    message = await run(running, "list", member=str(running.demo.people["jiho"].id))
    assert numbers(message) == wanted[:10]
    older = [one for one in parts(message) if one.startswith("garim:incidents:page:") and ":page:0:" not in one]
    message = await press(running, message, older[0], who=MOD)
    assert numbers(message) == wanted[10:]
    newest = one_id(message, "garim:incidents:page:0:")
    assert numbers(await press(running, message, newest, who=MOD)) == wanted[:10]


def numbers(message: Message) -> list[int]:
    return [int(line.split("**")[1].removeprefix("#")) for line in listed(message).splitlines()]


async def test_a_button_of_before_a_restart_still_turns_the_page(demo: Demo, server: Sandbox, tmp_path: Path) -> None:
    settings = settings_for(server, tmp_path)
    async with running_bot(demo, server, settings) as running:
        made = [await recorded(running) for _ in range(12)]
        message = await run(running, "list")
    async with running_bot(demo, server, settings) as running:
        older = next(one for one in parts(message) if f":page:{made[2].id}:" in one)
        assert numbers(await press(running, message, older, who=MOD)) == [made[1].id, made[0].id]


async def test_one_incident_is_shown_whole_with_what_can_be_done(running: Running) -> None:
    message = say(running, CURSE)
    incident = await closed(running, message)
    repost = await repost_of(running, message)
    shown = await run(running, "show", number=incident.id)
    assert "●● 진짜" in str(shown.embeds[0]["description"])
    assert "시발" not in str(shown.embeds)
    assert "원래 메시지를 지웠어요" in fields(shown)["일어난 일"]
    assert str(repost.id) in str(shown.embeds), "the repost can be jumped to"
    assert f"garim:review:wrong:{incident.id}" in parts(shown)
    chosen = await press(running, await run(running, "list"), "garim:incidents:open", str(incident.id), who=MOD)
    assert fields(chosen)["일어난 일"] == fields(shown)["일어난 일"]


async def test_an_incident_is_found_by_number_link_or_the_masked_text(running: Running) -> None:
    message = say(running, CURSE)
    incident = await closed(running, message)
    repost = await repost_of(running, message)
    other = await recorded(running, parts=(RepostPart(0, "●● 배고파"),))
    for words in (f"#{incident.id}", str(incident.id)):
        assert "일어난 일" in fields(await run(running, "search", words=words)), words
    for one in (message, repost):
        link = f"https://discord.com/channels/{running.demo.guild.id}/{one.channel_id}/{one.id}"
        for words in (link, str(one.id)):
            found = await run(running, "search", words=words)
            assert "사건이 1건 있어요" in found.content
            assert "garim:incidents:open" in parts(found)
    assert numbers(await run(running, "search", words="배고파")) == [other.id]
    assert listed(await run(running, "search", words="없는 말")) == "조건에 맞는 사건이 없어요."
    assert "사건이 없어요" in (await run(running, "search", words="1" * 18)).content


async def test_a_search_goes_on_where_a_page_ended(running: Running) -> None:
    made = [await recorded(running, parts=(RepostPart(0, f"●● 사과{'!' * (number % 3)}"),)) for number in range(14)]
    message = await run(running, "search", words="사과")
    assert message.embeds[0]["footer"]["text"] == "🔎 사과"
    assert numbers(message) == [one.id for one in reversed(made)][:10]
    older = next(one for one in parts(message) if f":find:{made[4].id}:" in one)
    message = await press(running, message, older, who=MOD)
    assert numbers(message) == [one.id for one in reversed(made)][10:]
    assert message.embeds[0]["footer"]["text"] == "🔎 사과"


async def test_only_who_manages_messages_in_the_whole_server_may_look(running: Running) -> None:
    incident = await recorded(running)
    message = await run(running, "list")
    channel = running.demo.channels["자유-대화"]
    user = running.demo.people["minseo"]
    channel.overwrites[user.id] = Overwrite(user.id, 1, allow=int(Permission.MANAGE_MESSAGES))
    running.demo.world.update_channel(channel)
    for path, options in (
        (("list",), {}),
        (("search",), {"words": "진짜"}),
        (("search",), {"words": str(incident.draft.message_id)}),
    ):
        told = await run(running, *path, who="minseo", **options)
        assert "메시지 관리" in told.content, path
        assert not told.embeds
    history = await call(running, "member", "history", who="minseo", member=str(user.id))
    assert "메시지 관리" in history.content
    running.demo.roles["운영진"].permissions &= ~Permission.MANAGE_MESSAGES
    running.demo.world.update_role(running.demo.guild, running.demo.roles["운영진"])
    await asyncio.sleep(0.1)
    told = await press(running, message, "garim:incidents:open", str(incident.id), who=MOD)
    assert "메시지 관리" in told.content, "who no longer may is told so, whatever stands on an old message"


async def test_another_servers_incident_is_not_shown(running: Running) -> None:
    other = await recorded(running, guild_id=5)
    assert (await run(running, "show", number=other.id)).content == "이 서버의 기록에 없는 사건이에요."
    assert "사건이 없어요" in (await run(running, "search", words=str(other.draft.message_id))).content
    assert listed(await run(running, "list")) == "조건에 맞는 사건이 없어요."


@pytest.mark.parametrize(("words", "kind"), HOSTILE)
async def test_hostile_words_are_looked_for_and_do_nothing(running: Running, words: str, kind: str) -> None:
    await recorded(running)
    told = await run(running, "search", words=words[:100])
    assert told.embeds or told.content, kind
    assert "@everyone" not in told.content
    assert "때를 읽지 못했어요" in (await run(running, "list", since=words[:40])).content


async def test_a_members_history_holds_all_there_is(running: Running) -> None:
    guild, member = running.demo.guild.id, running.demo.people["minseo"].id
    incident = await recorded(running)
    await recorded(running, "minseo", {"insult": 0.9})
    await recorded(running, "jiho")
    await running.storage.sanctions.record(guild, member, SanctionKind.WARN, 1, incident_id=incident.id, key="w")
    await running.storage.sanctions.record(guild, member, SanctionKind.TIMEOUT, 1, seconds=600, key="t")
    await running.storage.cases.open(guild, member, 1)
    shown = await call(running, "member", "history", who=MOD, member=str(member))
    said = fields(shown)
    assert said["사건"] == "2건"
    assert said["갈래"] == "모욕·악플 1, 욕설 1"
    assert float(said["지금 점수"]) > 0
    assert "경고 · <@1> · " in said["경고와 타임아웃"]
    assert "타임아웃 · 10분" in said["경고와 타임아웃"]
    assert said["사건철"].startswith("#1 · 열림")
    assert len(said["최근 사건"].splitlines()) == 2
    assert len(numbers(await press(running, shown, one_id(shown, "garim:incidents:page:0:"), who=MOD))) == 2


async def test_a_member_without_a_record_has_an_empty_history(running: Running) -> None:
    shown = await call(
        running, "member", "history", who=MOD, locale="en-US", member=str(running.demo.people["doyun"].id)
    )
    assert fields(shown)["Incidents"] == "0"
    assert not shown.components


def test_what_names_one_incident_or_message_is_told_apart() -> None:
    for words, found in (("#12", (12, None)), ("12", (12, None)), ("1" * 18, (None, int("1" * 18)))):
        named = named_in(words)
        assert named is not None
        assert (named.incident_id, named.message_id) == found
    assert named_in("9" * 20) is None, "no id is that great"
    assert named_in("사과 12") is None
