"""Permissions: Discord's own algorithm, and what is missing by it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.permissions import ADMINISTRATOR, ALL_NEEDED, EVERYTHING, Need, channel_permissions, guild_permissions, missing

ME, GUILD = "9", "1"


def guild(*roles: tuple[str, int], owner: str = "5") -> dict[str, object]:
    return {"id": GUILD, "owner_id": owner, "roles": [{"id": one, "permissions": str(bits)} for one, bits in roles]}


def overwrite(target: str, *, deny: int = 0, allow: int = 0) -> dict[str, str]:
    return {"id": target, "deny": str(deny), "allow": str(allow)}


def test_roles_add_up_and_those_of_others_do_not_count() -> None:
    data = guild((GUILD, Need.VIEW_CHANNEL), ("2", Need.SEND_MESSAGES), ("3", Need.MANAGE_WEBHOOKS))
    assert guild_permissions(data, ["2"], ME) == Need.VIEW_CHANNEL | Need.SEND_MESSAGES


def test_owners_and_administrators_have_everything_everywhere() -> None:
    assert guild_permissions(guild(owner=ME), [], ME) == EVERYTHING
    assert guild_permissions(guild(("2", ADMINISTRATOR)), ["2"], ME) == EVERYTHING
    denied = [overwrite(ME, deny=ALL_NEEDED)]
    assert missing(channel_permissions(EVERYTHING, denied, [], ME, GUILD)) == []


def test_overwrites_go_from_everyone_over_roles_to_the_member() -> None:
    hidden = overwrite(GUILD, deny=Need.VIEW_CHANNEL)
    seen_by_role = overwrite("2", allow=Need.VIEW_CHANNEL)
    not_by_other_role = overwrite("3", deny=Need.VIEW_CHANNEL)
    not_by_me = overwrite(ME, deny=Need.VIEW_CHANNEL)
    rows = [
        ([hidden], False, "everyone's denial holds"),
        ([hidden, seen_by_role], True, "a role's allowance beats everyone's denial"),
        ([hidden, not_by_other_role, seen_by_role], True, "among roles an allowance beats a denial"),
        ([hidden, seen_by_role, not_by_me], False, "the member's own overwrite comes last"),
    ]
    for overwrites, visible, reason in rows:
        granted = channel_permissions(ALL_NEEDED, overwrites, ["2", "3"], ME, GUILD)
        assert (Need.VIEW_CHANNEL not in missing(granted)) is visible, reason


@given(st.integers(0, 1 << 50))
def test_what_is_missing_is_exactly_what_is_needed_and_not_granted(granted: int) -> None:
    assert sum(missing(granted)) == ALL_NEEDED & ~granted
