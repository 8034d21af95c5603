"""Find the mentions of a message and whom they may ping (allowed mentions, mention permissions)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.ids import parse_snowflake
from sandbox.models import Channel, Guild
from sandbox.permissions import Permission
from sandbox.state import WorldState

_USER = re.compile(r"<@!?(\d{1,19})>")
_ROLE = re.compile(r"<@&(\d{1,19})>")
_EVERYONE = re.compile(r"@(everyone|here)\b")
MAX_MENTIONS = 100


@dataclass(slots=True)
class Mentions:
    """The users and roles that a message mentions after its allowed mentions, and everybody it pings."""

    users: list[int] = field(default_factory=list)
    roles: list[int] = field(default_factory=list)
    everyone: bool = False
    pinged: list[int] = field(default_factory=list)


def find_mentions(
    world: WorldState,
    channel: Channel,
    content: str,
    *,
    author_bits: int,
    author_id: int,
    replied_user_id: int | None = None,
    allowed: Mapping[str, Any] | None = None,
) -> Mentions:
    """Return what a message mentions.

    `author_bits` are the author's permissions there: mentioning everybody, or a role that is not mentionable, takes
    MENTION_EVERYONE. `allowed` is Discord's allowed_mentions object; None allows all. A person absent from the channel
    is mentioned but not pinged.
    """
    found = Mentions()
    users = [int(digits) for digits in _USER.findall(content)]
    roles = [int(digits) for digits in _ROLE.findall(content)]
    found.users = [user for user in _limited(users, allowed, "users") if user in world.users]
    guild = world.guilds.get(channel.guild_id) if channel.guild_id is not None else None
    replies = replied_user_id is not None and (allowed is None or bool(allowed.get("replied_user", False)))
    if replies and replied_user_id is not None and replied_user_id not in found.users:
        found.users.append(replied_user_id)
    if guild is not None:
        found.roles = [role for role in _limited(roles, allowed, "roles") if role in guild.roles]
        may_everyone = allowed is None or "everyone" in (allowed.get("parse") or ())
        mentions_all = _EVERYONE.search(content) is not None
        found.everyone = mentions_all and may_everyone and bool(author_bits & Permission.MENTION_EVERYONE)
    found.pinged = _pinged(world, guild, channel, found, author_bits, author_id)
    return found


def _limited(ids: list[int], allowed: Mapping[str, Any] | None, kind: str) -> list[int]:
    unique = list(dict.fromkeys(ids))[:MAX_MENTIONS]
    if allowed is None or kind in (allowed.get("parse") or ()):
        return unique
    listed = {parse_snowflake(item) for item in allowed.get(kind) or ()}
    return [item for item in unique if item in listed]


def _pinged(
    world: WorldState, guild: Guild | None, channel: Channel, found: Mentions, author_bits: int, author_id: int
) -> list[int]:
    pinged = dict.fromkeys(found.users)
    if guild is not None:
        for role_id in found.roles:
            role = guild.roles[role_id]
            if role.mentionable or author_bits & Permission.MENTION_EVERYONE:
                pinged |= dict.fromkeys(m.user_id for m in guild.members.values() if role_id in m.roles)
        if found.everyone:
            pinged |= dict.fromkeys(guild.members)
    return [user for user in pinged if user != author_id and world.can_see(user, channel)]
