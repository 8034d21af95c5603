"""Admission: which messages are read, and why the others are not. `admit` is pure; `facts_of` reads a message."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import discord

from bot.policy import Policy


class SkipReason(StrEnum):
    """Name why a message is not inspected."""

    OWN = "own"
    BOT = "bot"
    WEBHOOK = "webhook"
    SYSTEM = "system"
    DIRECT = "direct"
    EMPTY = "empty"
    EXEMPT_ROLE = "exempt_role"
    EXEMPT_CHANNEL = "exempt_channel"
    EXEMPT_MEMBER = "exempt_member"
    UNCHANGED = "unchanged"
    SUPERSEDED = "superseded"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Facts:
    """Hold what admission needs to know of a message.

    `place_ids` are the channel's own id, and a thread's parent's and its category's; `place_known` is False when the
    channel is not in the cache, so that only its own id is there and the exemption must be asked again later.
    """

    guild_id: int | None
    place_ids: frozenset[int]
    place_known: bool
    author_id: int
    author_is_bot: bool
    webhook_id: int | None
    application_id: int | None
    is_system: bool
    role_ids: frozenset[int]
    has_text: bool


@dataclass(frozen=True, slots=True)
class Admitted:
    """Say that the message is inspected, in which guild, and whether its place must be looked up before acting."""

    guild_id: int
    place_known: bool


@dataclass(frozen=True, slots=True)
class Skipped:
    """Say that the message is left alone, and why."""

    reason: SkipReason


def admit(facts: Facts, policy: Policy, *, own_user_id: int, own_application_id: int) -> Admitted | Skipped:
    """Decide whether a message is inspected.

    Webhook posts and bots are never inspected, our own first of all: that keeps a repost from being masked again.
    """
    reason = _own_or_machine(facts, own_user_id, own_application_id) or _exempt(facts, policy)
    if reason is None and not facts.has_text:
        reason = SkipReason.EMPTY
    if reason is not None or facts.guild_id is None:
        return Skipped(reason or SkipReason.DIRECT)
    return Admitted(facts.guild_id, facts.place_known)


def _own_or_machine(facts: Facts, own_user_id: int, own_application_id: int) -> SkipReason | None:
    if facts.guild_id is None:
        return SkipReason.DIRECT
    if facts.author_id == own_user_id or (facts.webhook_id and facts.application_id == own_application_id):
        return SkipReason.OWN
    if facts.webhook_id is not None:
        return SkipReason.WEBHOOK
    if facts.author_is_bot:
        return SkipReason.BOT
    return SkipReason.SYSTEM if facts.is_system else None


def _exempt(facts: Facts, policy: Policy) -> SkipReason | None:
    if facts.author_id in policy.exempt_member_ids:
        return SkipReason.EXEMPT_MEMBER
    if facts.role_ids & policy.exempt_role_ids:
        return SkipReason.EXEMPT_ROLE
    if facts.place_ids & policy.exempt_channel_ids:
        return SkipReason.EXEMPT_CHANNEL
    return None


def facts_of(message: discord.Message) -> Facts:
    """Read the facts of admission off a message; no request is made."""
    roles = message.author.roles if isinstance(message.author, discord.Member) else []
    place_ids, place_known = place_of(message.channel)
    return Facts(
        guild_id=message.guild.id if message.guild else None,
        place_ids=frozenset(place_ids),
        place_known=place_known,
        author_id=message.author.id,
        author_is_bot=message.author.bot,
        webhook_id=message.webhook_id,
        application_id=message.application_id,
        is_system=message.is_system(),
        role_ids=frozenset(role.id for role in roles),
        has_text=bool(message.content.strip()),
    )


def place_of(channel: object) -> tuple[tuple[int, ...], bool]:
    """Return the ids by which a place has rules (category, channel, thread, in this order), and if all are known."""
    channel_id = getattr(channel, "id", None)
    own = (channel_id,) if isinstance(channel_id, int) else ()
    if isinstance(channel, discord.Thread):
        parent = channel.parent
        above = () if parent is None or parent.category_id is None else (parent.category_id,)
        return (*above, channel.parent_id, *own), parent is not None
    if isinstance(channel, discord.abc.GuildChannel):
        return (own if channel.category_id is None else (channel.category_id, *own)), True
    return own, False
