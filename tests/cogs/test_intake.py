"""Admission, decided on facts alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.policy import Policy
from cogs._intake import Admitted, Facts, Skipped, SkipReason, admit

ME, MY_APP = 10, 11
PERSON = Facts(
    guild_id=1,
    place_ids=frozenset({100, 101, 102}),
    place_known=True,
    author_id=20,
    author_is_bot=False,
    webhook_id=None,
    application_id=None,
    is_system=False,
    role_ids=frozenset({1, 30}),
    has_text=True,
)


def decide(facts: Facts, policy: Policy | None = None) -> Admitted | Skipped:
    return admit(facts, policy or Policy(), own_user_id=ME, own_application_id=MY_APP)


def test_a_members_message_is_admitted() -> None:
    assert decide(PERSON) == Admitted(1, place_known=True)


@pytest.mark.parametrize(
    ("change", "policy", "reason", "why"),
    [
        ({"author_id": ME, "author_is_bot": True}, Policy(), SkipReason.OWN, "our own posts would be masked for ever"),
        (
            {"webhook_id": 5, "application_id": MY_APP},
            Policy(),
            SkipReason.OWN,
            "a repost is ours though a webhook wrote it",
        ),
        (
            {"webhook_id": 5, "application_id": 99},
            Policy(),
            SkipReason.WEBHOOK,
            "another bot's webhook is not a member",
        ),
        ({"webhook_id": 5}, Policy(), SkipReason.WEBHOOK, "a webhook that a person made has no application"),
        ({"author_is_bot": True}, Policy(), SkipReason.BOT, "bots answer to their own masters"),
        ({"is_system": True}, Policy(), SkipReason.SYSTEM, "joins and pins hold no words of a member"),
        ({"guild_id": None}, Policy(), SkipReason.DIRECT, "direct messages are nobody else's business"),
        ({"has_text": False}, Policy(), SkipReason.EMPTY, "pictures alone are not read"),
        ({}, Policy(exempt_member_ids=frozenset({20})), SkipReason.EXEMPT_MEMBER, "the guild trusts this person"),
        ({}, Policy(exempt_role_ids=frozenset({30})), SkipReason.EXEMPT_ROLE, "the guild trusts this role"),
        ({}, Policy(exempt_channel_ids=frozenset({100})), SkipReason.EXEMPT_CHANNEL, "the channel itself"),
        ({}, Policy(exempt_channel_ids=frozenset({101})), SkipReason.EXEMPT_CHANNEL, "a thread's parent"),
        ({}, Policy(exempt_channel_ids=frozenset({102})), SkipReason.EXEMPT_CHANNEL, "the category above"),
    ],
)
def test_what_is_not_inspected_says_why(
    change: dict[str, object], policy: Policy, reason: SkipReason, why: str
) -> None:
    assert decide(replace(PERSON, **change), policy) == Skipped(reason), why


def test_a_place_that_is_not_known_is_admitted_and_says_so() -> None:
    assert decide(replace(PERSON, place_known=False)) == Admitted(1, place_known=False)


def test_other_roles_and_channels_exempt_nobody() -> None:
    policy = Policy(exempt_role_ids=frozenset({31}), exempt_channel_ids=frozenset({103}))
    assert isinstance(decide(PERSON, policy), Admitted)
