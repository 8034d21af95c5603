"""`/setup automod`: Discord blocks the worst terms by our rules, others' rules stay, and a block is one incident."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.incidents import IncidentFilter, IncidentSummary, Origin, OutcomeKind
from bot.records import AuditKind
from bot.terms import TermKind
from bot.texts import text
from cogs.automod_shown import REMOVE_ID, SET_ID
from cogs.automod_words import (
    ALLOWED_MAX,
    KEYWORD_LIMIT,
    KEYWORDS_MAX,
    RULES_MAX,
    Filling,
    derived,
    fillings,
    matches,
)
from cogs.terms._preview import EVERYDAY
from masker import Masker
from masker.labels import Label
from sandbox.automod import matched
from sandbox.errors import ApiError
from sandbox.models import Message
from sandbox.permissions import Permission
from tests.support.calling import HOSTILE, call, parts, press
from tests.support.pressing import alerts_on, posts, shown
from tests.support.running import Running, channel_id, say, wait_for

CURSE = "씨발"


@pytest.fixture(scope="module", autouse=True)
def keywords() -> None:
    """Derive the keywords once: it takes seconds."""
    derived()


def allow(running: Running) -> None:
    """Let the bot manage the server."""
    role = running.demo.roles["bot"]
    bits = role.permissions | int(Permission.MANAGE_GUILD)
    running.demo.world.set_bot_permissions(running.demo.guild.id, running.demo.application.bot_id, bits)


async def allowed(running: Running) -> None:
    """Let the bot manage the server, and wait until it knows."""
    allow(running)
    guild = running.bot.get_guild(running.demo.guild.id)
    assert guild is not None
    await wait_for(lambda: guild.me.guild_permissions.manage_guild)


async def turned_on(running: Running) -> Message:
    """Set the rules, and return the panel."""
    await allowed(running)
    panel = await call(running, "setup", "automod")
    return await press(running, panel, SET_ID)


def rules(running: Running) -> list[dict[str, Any]]:
    """Return the guild's rules."""
    return list(running.demo.guild.automod_rules.values())


def add_rule(running: Running, *words: str, name: str = "남의 규칙", alert: int | None = None) -> dict[str, Any]:
    """Let the owner have made a rule."""
    rule_id = running.demo.world.ids.next()
    actions: list[dict[str, Any]] = [{"type": 1, "metadata": {}}]
    if alert is not None:
        actions.append({"type": 2, "metadata": {"channel_id": str(alert)}})
    rule: dict[str, Any] = {
        "id": str(rule_id),
        "guild_id": str(running.demo.guild.id),
        "creator_id": str(running.demo.people["haneul"].id),
        "name": name,
        "event_type": 1,
        "trigger_type": 1,
        "trigger_metadata": {"keyword_filter": list(words), "regex_patterns": [], "allow_list": []},
        "actions": actions,
        "enabled": True,
        "exempt_roles": [],
        "exempt_channels": [],
    }
    running.demo.guild.automod_rules[rule_id] = rule
    return rule


def blocked(running: Running, words: str, who: str = "minseo") -> None:
    """Let a member say what AutoMod blocks."""
    with pytest.raises(ApiError) as refused:
        say(running, words, who)
    assert refused.value.code == 200_000


async def recorded(running: Running, count: int) -> list[IncidentSummary]:
    """Wait until so many blocks are recorded, and a while longer for one too many."""
    wanted = IncidentFilter(guild_id=running.demo.guild.id, origin=Origin.AUTOMOD)
    async with asyncio.timeout(10):
        found = await running.storage.incidents.search(wanted, masked=True)
        while len(found) < count:
            await asyncio.sleep(0.02)
            found = await running.storage.incidents.search(wanted, masked=True)
    await asyncio.sleep(0.2)
    assert len(await running.storage.incidents.search(wanted)) == count
    return found


async def test_the_panel_tells_what_would_be_set_and_sets_nothing(running: Running) -> None:
    await allowed(running)
    panel = await call(running, "setup", "automod")
    assert "낱말" in shown(panel)
    assert list(parts(panel)) == [SET_ID]
    assert rules(running) == []


async def test_a_press_sets_the_rules_and_discord_blocks_the_worst_from_then_on(running: Running) -> None:
    panel = await turned_on(running)
    assert set(parts(panel)) == {SET_ID, REMOVE_ID}
    assert 1 <= len(rules(running)) <= RULES_MAX
    blocked(running, CURSE)
    say(running, "안녕하세요")
    (found,) = await recorded(running, 1)
    assert (found.outcome, found.origin, found.labels) == (OutcomeKind.BLOCKED, Origin.AUTOMOD, ("profanity",))
    assert found.masked == "●●"
    (entry,) = await running.storage.audit.history(running.demo.guild.id, what=AuditKind.AUTOMOD_SET)
    assert entry.actor_id == running.demo.people["haneul"].id


async def test_pressing_again_brings_the_same_rules_up_to_date(running: Running) -> None:
    panel = await turned_on(running)
    before = [rule["id"] for rule in rules(running)]
    rules(running)[0]["enabled"] = False
    await press(running, panel, SET_ID)
    assert [rule["id"] for rule in rules(running)] == before
    assert rules(running)[0]["enabled"]


async def test_turning_off_removes_our_rules_and_no_others(running: Running) -> None:
    theirs = add_rule(running, "남의말")
    panel = await turned_on(running)
    assert len(rules(running)) == RULES_MAX, "theirs leaves room for five"
    after = await press(running, panel, REMOVE_ID)
    assert rules(running) == [theirs]
    assert list(parts(after)) == [SET_ID]
    assert "지웠어요" in shown(after)


async def test_two_who_press_at_once_make_the_rules_once(running: Running) -> None:
    await allowed(running)
    panels = [await call(running, "setup", "automod") for _ in range(2)]
    await asyncio.gather(*(press(running, panel, SET_ID) for panel in panels))
    assert len(rules(running)) == len({rule["name"] for rule in rules(running)})


async def test_what_the_guild_exempts_is_exempt_there_too(running: Running) -> None:
    role, category = running.demo.roles["운영진"].id, running.demo.channels["개발"].parent_id
    changes = {"exempt_role_ids": [role], "exempt_channel_ids": [category], "actions": {"politics": "alert"}}
    await running.storage.guilds.update(running.demo.guild.id, changes, running.demo.people["haneul"].id)
    await running.storage.terms.add(
        running.demo.guild.id, TermKind.ALLOW, "지랄", None, running.demo.people["haneul"].id
    )
    await turned_on(running)
    for rule in rules(running):
        assert rule["exempt_roles"] == [str(role)]
        assert str(channel_id(running)) in rule["exempt_channels"], "its category is exempt"
        assert str(channel_id(running, "관리자-알림")) not in rule["exempt_channels"]
    held = {word for rule in rules(running) for word in rule["trigger_metadata"]["keyword_filter"]}
    assert "지랄" not in held, "the server allows it"
    assert not held & {keyword.written for keyword in derived() if keyword.label is Label.POLITICS}


@pytest.mark.parametrize(
    ("changes", "theirs", "key"),
    [({"observe": True}, 0, "automod.observing"), ({}, RULES_MAX, "automod.no_room")],
)
async def test_what_stands_in_the_way_is_told(running: Running, changes: dict[str, Any], theirs: int, key: str) -> None:
    await allowed(running)
    panel = await call(running, "setup", "automod")
    await running.storage.guilds.update(running.demo.guild.id, changes, running.demo.people["haneul"].id)
    for number in range(theirs):
        add_rule(running, f"말{number}")
    assert (await press(running, panel, SET_ID)).content == text(key, "ko")
    assert len(rules(running)) == theirs


async def test_without_manage_server_the_bot_names_it_and_what_to_do(running: Running) -> None:
    answer = await call(running, "setup", "automod")
    assert answer.content == text("automod.no_permission", "ko")
    assert rules(running) == []


async def test_members_without_manage_server_can_neither_see_set_nor_remove(running: Running) -> None:
    (group,) = [one for one in running.demo.world.commands_of(running.demo.application.id, None) if one.name == "setup"]
    group.body["default_member_permissions"] = None
    refused = text("panel.not_allowed", "ko")
    assert (await call(running, "setup", "automod", who="jiho")).content == refused
    await allowed(running)
    running.demo.roles["운영진"].permissions |= Permission.MANAGE_GUILD
    panel = await call(running, "setup", "automod", who="seoyeon")
    running.demo.roles["운영진"].permissions &= ~Permission.MANAGE_GUILD
    assert (await press(running, panel, SET_ID, who="seoyeon")).content == refused
    assert rules(running) == []


async def test_event_and_message_of_one_block_are_one_incident_and_nothing_is_done_again(running: Running) -> None:
    await allowed(running)
    await alerts_on(running)
    add_rule(running, "바나나", alert=channel_id(running, "개발"))
    blocked(running, "나는 바나나 좋아")
    (found,) = await recorded(running, 1)
    assert found.masked == "나는 ●●● 좋아", "what a rule of theirs found is masked too"
    assert found.author_id == running.demo.people["minseo"].id
    assert not [one for one in running.requests() if one.method == "DELETE"]
    await wait_for(lambda: posts(running), what="the alert")
    await running.engine.alerts.drain()
    assert len(posts(running)) == 1
    blocked(running, "나는 바나나 좋아")
    await recorded(running, 2)


async def test_a_bot_that_hears_no_event_goes_by_the_message(running: Running) -> None:
    add_rule(running, "바나나", alert=channel_id(running, "개발"))
    blocked(running, "바나나")
    (found,) = await recorded(running, 1)
    assert (found.channel_id, found.outcome) == (channel_id(running), OutcomeKind.BLOCKED)


@pytest.mark.parametrize(("words", "kind"), [(words[:1_900], kind) for words, kind in HOSTILE if words.strip("\x00")])
async def test_hostile_words_that_are_blocked_are_recorded_and_do_nothing(
    running: Running, words: str, kind: str
) -> None:
    await allowed(running)
    add_rule(running, "바나나")
    blocked(running, f"바나나 {words}")
    (found,) = await recorded(running, 1)
    assert found.masked is not None, kind
    assert found.masked.startswith("●●●"), kind


def test_the_keywords_keep_discords_limits_and_are_of_every_label() -> None:
    filled = fillings(derived(), list(Label), lambda _: False, RULES_MAX)
    assert len(filled) <= RULES_MAX
    for filling in filled:
        written = [keyword.written for keyword in filling.keywords]
        assert 0 < len(written) <= KEYWORDS_MAX
        assert len(filling.allowed) <= ALLOWED_MAX
        assert all(1 <= len(word) <= KEYWORD_LIMIT for word in (*written, *filling.allowed))
    every = [keyword for filling in filled for keyword in filling.keywords]
    assert len({keyword.written for keyword in every}) == len(every)
    assert {keyword.label for keyword in every} == set(Label)


def test_the_worst_come_first_and_their_disguises_are_there() -> None:
    held = {keyword.written for keyword in derived()}
    assert {"씨발", "씨 발", "씨.발", "씨1발"} <= held
    assert {"씨발", "cunt"} <= {keyword.written for keyword in derived()[: 3 * KEYWORDS_MAX]}


@pytest.mark.parametrize(
    "words",
    [
        *EVERYDAY,
        "시발 시각이 언제예요?",
        "우리 새끼 고양이",
        "you should go diet",
        "불 꺼져 있어요",
        "전염병 예방 접종",
    ],
)
def test_what_people_say_every_day_is_not_blocked(words: str) -> None:
    assert not any(matches(keyword.written, words) for keyword in derived() if not keyword.spared), words
    filled = fillings(derived(), list(Label), lambda _: False, RULES_MAX)
    assert not any(matched(_as_rule(one), words) for one in filled), words


def test_every_keyword_is_one_that_the_masker_flags_by_itself() -> None:
    masker = Masker()
    some = derived()[::50]
    assert [one.written for one in some if not masker.inspect(one.bare).findings] == []


def _as_rule(filling: Filling) -> dict[str, Any]:
    words = [keyword.written for keyword in filling.keywords]
    return {"trigger_metadata": {"keyword_filter": words, "allow_list": list(filling.allowed)}}
