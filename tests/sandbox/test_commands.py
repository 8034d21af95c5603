"""Registering application commands: the rules, the limits and the routes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from sandbox.commands_rules import check_command, total_characters
from sandbox.errors import ApiError
from sandbox.seed import demo_world
from tests.sandbox.conftest import Caller

Json = dict[str, Any]


def slash(**changes: Any) -> Json:
    """Return a good slash command with changes laid over it."""
    return {"name": "good", "description": "A good command", **changes}


def option(**changes: Any) -> Json:
    """Return a good option with changes laid over it."""
    return {"type": 3, "name": "text", "description": "Some text", **changes}


GOOD = [
    (slash(), "the least there can be"),
    (slash(name="한글-명령"), "letters of any script"),
    (slash(name_localizations={"ko": "좋은-것"}, description_localizations={"ko": "좋아요"}), "localised"),
    (slash(default_member_permissions="32"), "bits as a string"),
    (slash(contexts=[0, 1], integration_types=[0]), "contexts and integration types"),
    ({"type": 2, "name": "About Them"}, "user menus may have capitals and blanks"),
    ({"type": 3, "name": "글자 세기"}, "message menus as well"),
    (slash(options=[option(required=True), option(name="more")]), "required before optional"),
    (slash(options=[option(type=1, name="sub", options=[option()])]), "a sub-command"),
    (slash(options=[option(type=2, name="group", options=[option(type=1, name="sub")])]), "a group"),
    (slash(options=[option(type=4, choices=[{"name": "one", "value": 1}])]), "choices"),
]

BAD = [
    (slash(name="Good"), ["name"], "capitals in a slash command"),
    (slash(name="two words"), ["name"], "a blank in a slash command"),
    (slash(name=""), ["name"], "an empty name"),
    (slash(name="a" * 33), ["name"], "33 characters"),
    ({"description": "No name"}, ["name"], "no name"),
    (slash(description=""), ["description"], "no description"),
    (slash(description="a" * 101), ["description"], "101 characters"),
    (slash(type=9), ["type"], "an unknown type"),
    ({"type": 2, "name": "menu", "description": "no"}, ["description"], "a menu with a description"),
    ({"type": 3, "name": "menu", "options": [option()]}, ["options"], "a menu with options"),
    (slash(name_localizations={"kr": "x"}), ["name_localizations", "kr"], "no such locale"),
    (slash(name_localizations={"ko": "두 말"}), ["name_localizations", "ko"], "a bad localised name"),
    (slash(options=[option(), option()]), ["options", "1", "name"], "two options of one name"),
    (slash(options=[option(), option(name="late", required=True)]), ["options", "1"], "required after optional"),
    (slash(options=[option(name=f"o{n}") for n in range(26)]), ["options"], "26 options"),
    (slash(options=[option(type=12)]), ["options", "0", "type"], "an unknown option type"),
    (slash(options=[option(description="")]), ["options", "0", "description"], "an option without description"),
    (slash(options=[option(), option(type=1, name="sub")]), ["options", "0"], "sub-command beside an option"),
    (
        slash(options=[option(type=2, name="a", options=[option(type=2, name="b")])]),
        ["options", "0", "options", "0", "type"],
        "a group within a group",
    ),
    (
        slash(options=[option(choices=[{"name": "x", "value": 1}])]),
        ["options", "0", "choices", "0"],
        "a number as text",
    ),
    (
        slash(options=[option(choices=[{"name": "x", "value": "y"}], autocomplete=True)]),
        ["options", "0", "choices"],
        "choices and autocomplete",
    ),
    (slash(options=[option(type=5, autocomplete=True)]), ["options", "0", "autocomplete"], "autocomplete of a boolean"),
    (slash(options=[option(max_length=6001)]), ["options", "0", "max_length"], "6001 characters"),
    (slash(default_member_permissions="many"), ["default_member_permissions"], "bits that are no number"),
    (slash(contexts=[]), ["contexts"], "no context at all"),
    (slash(contexts=[7]), ["contexts"], "an unknown context"),
]


@pytest.mark.parametrize(("body", "why"), GOOD, ids=[row[1] for row in GOOD])
def test_a_good_command_is_taken(body: Json, why: str) -> None:
    assert check_command(body) is None, why


@pytest.mark.parametrize(("body", "path", "why"), BAD, ids=[row[2] for row in BAD])
def test_a_bad_command_is_refused_at_the_right_place(body: Json, path: list[str], why: str) -> None:
    tree: Any = check_command(body)
    for step in path:
        assert step in tree, why
        tree = tree[step]
    assert tree, why


def test_a_command_may_hold_8000_characters_and_no_more() -> None:
    big = slash(options=[option(name=f"o{n}", description="d" * 100) for n in range(25)])
    for one in big["options"]:
        one["choices"] = [{"name": f"c{n}", "value": "v" * 4} for n in range(25)]
    assert total_characters(big) < 8000
    assert check_command(big) is None
    for one in big["options"]:
        one["choices"] = [{"name": f"c{n}", "value": "v" * 40} for n in range(25)]
    assert total_characters(big) > 8000
    assert check_command(big) is not None


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)


@given(ANYTHING)
def test_no_body_whatever_breaks_the_check(body: Any) -> None:
    check_command(body)
    check_command({"name": "x", "description": "y", "options": [body], "name_localizations": body})
    check_command({"name": "x", "description": "y", "options": [{"type": 3, "name": "n", "choices": body}]})
    check_command({"name": "x", "description": "y", "options": [{"type": 1, "name": "n", "options": body}]})


@pytest.mark.parametrize(("kind", "limit"), [(1, 100), (2, 5), (3, 5)])
def test_each_type_has_its_limit(kind: int, limit: int) -> None:
    demo = demo_world()

    def body(number: int) -> Json:
        return {"type": kind, "name": f"c{number}"} | ({"description": "d"} if kind == 1 else {})

    for number in range(limit):
        demo.world.upsert_command(demo.application, None, body(number))
    with pytest.raises(ApiError) as caught:
        demo.world.upsert_command(demo.application, None, body(limit))
    assert caught.value.code == 30032
    demo.world.upsert_command(demo.application, None, body(0))
    with pytest.raises(ApiError):
        demo.world.overwrite_commands(demo.application, None, [body(n) for n in range(limit + 1)])


@pytest_asyncio.fixture
async def base(call: Caller) -> AsyncIterator[tuple[Caller, str]]:
    """A raw caller and the path of its application."""
    me = await call("GET", "/applications/@me")
    yield call, f"/applications/{me.data['id']}"


async def test_commands_are_created_read_changed_and_removed(base: tuple[Caller, str]) -> None:
    call, app = base
    made = await call("POST", f"{app}/commands", slash(name_localizations={"ko": "좋아"}))
    assert made.status == 201
    again = await call("POST", f"{app}/commands", slash(description="Better"))
    assert (again.status, again.data["id"]) == (200, made.data["id"])
    assert again.data["version"] != made.data["version"]
    one = f"{app}/commands/{made.data['id']}"
    changed = await call("PATCH", one, {"name": "better", "default_member_permissions": "0"})
    assert changed.data["name"] == "better"
    assert changed.data["default_member_permissions"] == "0"
    assert (await call("PATCH", one, {"name": "Not Good"})).code == 50035
    assert (await call("GET", one)).data["name"] == "better"
    assert (await call("DELETE", one)).status == 204
    assert (await call("GET", one)).code == 10063


async def test_bulk_overwrite_keeps_ids_by_name_and_drops_the_rest(base: tuple[Caller, str], demo: Any) -> None:
    call, app = base
    guild = f"{app}/guilds/{demo.guild.id}/commands"
    first = await call("PUT", guild, [slash(), slash(name="other"), {"type": 2, "name": "good"}])
    assert [command["guild_id"] for command in first.data] == [str(demo.guild.id)] * 3
    second = await call("PUT", guild, [slash(description="New"), slash(name="third")])
    assert second.data[0]["id"] == first.data[0]["id"]
    assert [command["name"] for command in (await call("GET", guild)).data] == ["good", "third"]
    assert (await call("GET", f"{app}/commands")).data == []
    refused = await call("PUT", guild, [slash(), slash(), slash(name="BAD")])
    assert refused.code == 50035
    assert set(refused.data["errors"]) == {"1", "2"}
    assert len((await call("GET", guild)).data) == 2


async def test_lists_leave_localisations_out_unless_asked(base: tuple[Caller, str]) -> None:
    call, app = base
    await call("POST", f"{app}/commands", slash(name_localizations={"ko": "좋아"}))
    assert "name_localizations" not in (await call("GET", f"{app}/commands")).data[0]
    full = await call("GET", f"{app}/commands?with_localizations=true")
    assert full.data[0]["name_localizations"] == {"ko": "좋아"}


async def test_another_applications_commands_are_out_of_reach(base: tuple[Caller, str], demo: Any) -> None:
    call, app = base
    stranger = demo.world.create_application("남의 봇", demo.people["haneul"])
    assert (await call("GET", f"/applications/{stranger.id}/commands")).code == 20012
    assert (await call("GET", f"{app}/commands", token=stranger.token)).code == 20012
    assert (await call("GET", f"{app}/commands", token=None)).status == 401
