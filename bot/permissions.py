"""Discord's permissions, as far as Garim needs them: which it needs, what each is for, and what somebody has where.

Bits and algorithm: https://docs.discord.com/developers/topics/permissions ("Permission Hierarchy" and "Overwrites").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntFlag
from typing import Any


class Need(IntFlag):
    """Name the permissions that Garim uses; each has the texts `permission.<name>` and `permission.why_<name>`."""

    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MANAGE_WEBHOOKS = 1 << 29
    SEND_MESSAGES_IN_THREADS = 1 << 38
    MODERATE_MEMBERS = 1 << 40


ADMINISTRATOR = 1 << 3
ALL_NEEDED = sum(Need)
EVERYTHING = (1 << 64) - 1


def invitation(application_id: int | str) -> str:
    """Return the address that invites the bot with the permissions it needs, and no others."""
    scope = "bot%20applications.commands"
    return f"https://discord.com/oauth2/authorize?client_id={application_id}&scope={scope}&permissions={ALL_NEEDED}"


def guild_permissions(guild: Mapping[str, Any], role_ids: Sequence[str], member_id: str) -> int:
    """Return what a member may do in a guild (Discord's JSON object, with `roles`) before any channel's overwrites."""
    if str(guild.get("owner_id")) == member_id:
        return EVERYTHING
    granted = 0
    for role in guild["roles"]:
        if role["id"] in role_ids or role["id"] == guild["id"]:
            granted |= int(role["permissions"])
    return EVERYTHING if granted & ADMINISTRATOR else granted


def channel_permissions(
    base: int, overwrites: Sequence[Mapping[str, Any]], role_ids: Sequence[str], member_id: str, guild_id: str
) -> int:
    """Return what `base` becomes in a channel: the overwrite for everyone, then all roles' at once, then the member's.

    Whoever has everything keeps it: overwrites do not bind administrators and owners.
    """
    if base == EVERYTHING:
        return EVERYTHING
    by_id = {str(one["id"]): (int(one["deny"]), int(one["allow"])) for one in overwrites}
    deny, allow = by_id.get(guild_id, (0, 0))
    granted = (base & ~deny) | allow
    of_roles = [by_id[role_id] for role_id in role_ids if role_id in by_id and role_id != guild_id]
    deny = allow = 0
    for role_deny, role_allow in of_roles:
        deny, allow = deny | role_deny, allow | role_allow
    granted = (granted & ~deny) | allow
    deny, allow = by_id.get(member_id, (0, 0))
    return (granted & ~deny) | allow


def missing(granted: int) -> list[Need]:
    """Return the needed permissions that are not granted, in a fixed order."""
    return [need for need in Need if not granted & need]
