"""AutoMod in the sandbox: its rules within Discord's limits, what they stop, and who hears of it."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.automod import MAX_KEYWORD_RULES, matched
from sandbox.errors import ApiError
from sandbox.models import MessageType
from sandbox.permissions import Permission
from sandbox.seed import Demo

from .conftest import Caller


@pytest.fixture
def heard(demo: Demo) -> list[tuple[str, dict[str, Any]]]:
    """Return what the bus carries to the bot alone."""
    events: list[tuple[str, dict[str, Any]]] = []
    own = demo.application.bot_id
    demo.world.bus.subscribe(lambda event: events.append((event.name, event.data)) if event.only_user == own else None)
    return events


def rule(*keywords: str, **more: Any) -> dict[str, Any]:
    metadata = {"keyword_filter": list(keywords), "regex_patterns": [], "allow_list": more.pop("allow", [])}
    actions = [{"type": 1, "metadata": {"custom_message": "안 돼요"}}]
    base = {"name": "규칙", "event_type": 1, "trigger_type": 1, "enabled": True, "actions": actions}
    return {**base, "trigger_metadata": metadata, **more}


def path(demo: Demo, rule_id: str = "") -> str:
    return f"/guilds/{demo.guild.id}/auto-moderation/rules" + (f"/{rule_id}" if rule_id else "")


@pytest.fixture(autouse=True)
def manager(demo: Demo) -> None:
    """Let the bot manage the guild."""
    role = demo.roles["bot"]
    demo.world.set_bot_permissions(
        demo.guild.id, demo.application.bot_id, role.permissions | int(Permission.MANAGE_GUILD)
    )


async def test_a_rule_is_made_changed_listed_and_removed(call: Caller, demo: Demo) -> None:
    made = await call("POST", path(demo), rule("나쁜말"))
    assert made.status == 200
    assert made.data["creator_id"] == str(demo.application.bot_id)
    changed = await call("PATCH", path(demo, made.data["id"]), {"name": "새 이름"})
    assert (changed.data["name"], changed.data["trigger_metadata"]) == ("새 이름", made.data["trigger_metadata"])
    assert (await call("GET", path(demo))).data == [changed.data]
    assert (await call("GET", path(demo, made.data["id"]))).data == changed.data
    assert (await call("DELETE", path(demo, made.data["id"]))).status == 204
    assert (await call("GET", path(demo, made.data["id"]))).status == 404
    assert [entry.action_type for entry in demo.guild.audit_log] == [140, 141, 142]


async def test_rules_take_manage_server(call: Caller, demo: Demo) -> None:
    demo.world.set_bot_permissions(demo.guild.id, demo.application.bot_id, int(Permission.MANAGE_MESSAGES))
    for method, body in (("GET", None), ("POST", rule("나쁜말"))):
        assert (await call(method, path(demo), body)).code == 50013


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (rule(*[f"말{number}" for number in range(1_001)]), "1,001 keywords"),
        (rule("가" * 61), "a keyword of 61 characters"),
        (rule("말", allow=[f"말{number}" for number in range(101)]), "101 allowed words"),
        (rule("말", name="가" * 101), "a name of 101 characters"),
        (rule("말", actions=[]), "no action"),
        (rule("말", exempt_roles=[str(number) for number in range(21)]), "21 exempt roles"),
        (rule(), "no keyword"),
        (rule("말", actions=[{"type": 1, "metadata": {"custom_message": "가" * 301}}]), "a message of 301 characters"),
    ],
)
async def test_what_goes_beyond_discords_limits_is_refused(
    call: Caller, demo: Demo, body: dict[str, Any], why: str
) -> None:
    answer = await call("POST", path(demo), body)
    assert (answer.status, answer.code) == (400, 50035), why
    assert not demo.guild.automod_rules, why


async def test_a_guild_holds_six_keyword_rules(call: Caller, demo: Demo) -> None:
    for number in range(MAX_KEYWORD_RULES):
        assert (await call("POST", path(demo), rule(f"말{number}"))).status == 200
    assert (await call("POST", path(demo), rule("하나 더"))).code == 50035


@pytest.mark.parametrize(
    ("keyword", "words", "stopped", "why"),
    [
        ("cat", "a cat!", True, "a whole word"),
        ("cat", "concat", False, "the end of another word"),
        ("cat*", "cats", True, "a word's beginning"),
        ("cat*", "concats", False, "not a word's beginning"),
        ("*cat", "concat", True, "a word's end"),
        ("*cat*", "concats", True, "anywhere"),
        ("CAT", "cat", True, "letters of either case"),
        ("나쁜", "나쁜말", False, "Hangul letters are letters"),
        ("a.c", "abc", False, "a keyword is no pattern"),
    ],
)
def test_keywords_match_as_discord_says(keyword: str, words: str, stopped: bool, why: str) -> None:
    assert (matched(rule(keyword), words) is not None) is stopped, why


def test_what_an_allowed_word_covers_is_let_through_and_the_rest_is_not() -> None:
    allowing = rule("cat*", allow=["catalogue"])
    assert matched(allowing, "a catalogue") is None
    assert matched(allowing, "a catalogue of cats") == ("cat*", "cat")


async def test_a_stopped_message_never_stands_and_is_told_to_who_manages(
    call: Caller, demo: Demo, heard: list[tuple[str, dict[str, Any]]]
) -> None:
    place, alerts = demo.channels["자유-대화"], demo.channels["관리자-알림"]
    actions = [{"type": 1}, {"type": 2, "metadata": {"channel_id": str(alerts.id)}}]
    await call("POST", path(demo), rule("나쁜말", actions=actions))
    with pytest.raises(ApiError) as refused:
        demo.world.member_send(demo.people["jiho"].id, place.id, "이 나쁜말 좀")
    assert (refused.value.status, refused.value.code) == (400, 200000)
    assert list(demo.world.history(place.id)) == []
    (notice,) = demo.world.history(alerts.id)
    assert (notice.type, notice.author_id) == (MessageType.AUTO_MODERATION_ACTION, demo.people["jiho"].id)
    told = [data for name, data in heard if name == "AUTO_MODERATION_ACTION_EXECUTION"]
    assert [(data["action"]["type"], data["matched_content"]) for data in told] == [(1, "나쁜말"), (2, "나쁜말")]
    assert told[1]["alert_system_message_id"] == str(notice.id)
    assert all("message_id" not in data for data in told)


async def test_an_edit_is_stopped_too_and_the_message_stays_as_it_was(call: Caller, demo: Demo) -> None:
    place, jiho = demo.channels["자유-대화"], demo.people["jiho"].id
    sent = demo.world.member_send(jiho, place.id, "안녕")
    await call("POST", path(demo), rule("나쁜말"))
    with pytest.raises(ApiError):
        demo.world.member_edit(jiho, place.id, sent.id, "나쁜말")
    assert sent.content == "안녕"


async def test_managers_exempt_roles_and_exempt_channels_are_let_through(call: Caller, demo: Demo) -> None:
    exempt = {"exempt_roles": [str(demo.roles["운영진"].id)], "exempt_channels": [str(demo.channels["개발"].id)]}
    await call("POST", path(demo), rule("나쁜말", **exempt))
    for who, place in (("haneul", "자유-대화"), ("seoyeon", "자유-대화"), ("jiho", "개발")):
        demo.world.member_send(demo.people[who].id, demo.channels[place].id, "나쁜말")
    with pytest.raises(ApiError):
        demo.world.member_send(demo.people["jiho"].id, demo.channels["자유-대화"].id, "나쁜말")


async def test_a_rule_that_is_off_stops_nothing(call: Caller, demo: Demo) -> None:
    await call("POST", path(demo), rule("나쁜말", enabled=False))
    demo.world.member_send(demo.people["jiho"].id, demo.channels["자유-대화"].id, "나쁜말")
