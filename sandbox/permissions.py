"""Permission bits and how they add up (https://discord.com/developers/docs/topics/permissions)."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntFlag

from sandbox.models import Channel, Guild, Member


class Permission(IntFlag):
    """The bits that the sandbox knows by name; others pass through untouched as plain bits."""

    CREATE_INSTANT_INVITE = 1 << 0
    KICK_MEMBERS = 1 << 1
    BAN_MEMBERS = 1 << 2
    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_AUDIT_LOG = 1 << 7
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    SEND_TTS_MESSAGES = 1 << 12
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_EXTERNAL_EMOJIS = 1 << 18
    CONNECT = 1 << 20
    SPEAK = 1 << 21
    CHANGE_NICKNAME = 1 << 26
    MANAGE_NICKNAMES = 1 << 27
    MANAGE_ROLES = 1 << 28
    MANAGE_WEBHOOKS = 1 << 29
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    SEND_MESSAGES_IN_THREADS = 1 << 38
    MODERATE_MEMBERS = 1 << 40
    PIN_MESSAGES = 1 << 51
    BYPASS_SLOWMODE = 1 << 52


ALL = (1 << 53) - 1
"""Every bit that Discord defines today."""

NONE = Permission(0)

EVERYONE_DEFAULT = (
    Permission.CREATE_INSTANT_INVITE
    | Permission.ADD_REACTIONS
    | Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.USE_EXTERNAL_EMOJIS
    | Permission.CONNECT
    | Permission.SPEAK
    | Permission.CHANGE_NICKNAME
    | Permission.USE_APPLICATION_COMMANDS
    | Permission.CREATE_PUBLIC_THREADS
    | Permission.SEND_MESSAGES_IN_THREADS
)
"""What @everyone may do in the demo guild."""

TIMED_OUT_MAY = Permission.VIEW_CHANNEL | Permission.READ_MESSAGE_HISTORY
"""All that a timed-out member keeps, unless an administrator."""

NEEDS_SEND = (
    Permission.SEND_TTS_MESSAGES | Permission.MENTION_EVERYONE | Permission.EMBED_LINKS | Permission.ATTACH_FILES
)
"""Implicitly denied where the member cannot send at all."""


def base_permissions(guild: Guild, member: Member) -> int:
    """Return the guild-wide permission bits of a member: the owner and administrators have all."""
    if member.user_id == guild.owner_id:
        return ALL
    bits = guild.roles[guild.id].permissions
    for role_id in member.roles:
        bits |= guild.roles[role_id].permissions if role_id in guild.roles else 0
    return ALL if bits & Permission.ADMINISTRATOR else bits


def apply_overwrites(bits: int, channel: Channel, guild_id: int, member: Member) -> int:
    """Apply @everyone's overwrite, then the roles' together, then the member's own, in Discord's order."""
    everyone = channel.overwrites.get(guild_id)
    if everyone is not None:
        bits = (bits & ~everyone.deny) | everyone.allow
    allow = deny = 0
    for overwrite in _role_overwrites(channel, member.roles):
        allow |= overwrite[0]
        deny |= overwrite[1]
    bits = (bits & ~deny) | allow
    own = channel.overwrites.get(member.user_id)
    return bits if own is None else (bits & ~own.deny) | own.allow


def _role_overwrites(channel: Channel, roles: Iterable[int]) -> Iterable[tuple[int, int]]:
    for role_id in roles:
        overwrite = channel.overwrites.get(role_id)
        if overwrite is not None:
            yield overwrite.allow, overwrite.deny


def channel_permissions(guild: Guild, member: Member, channel: Channel, now_s: float) -> int:
    """Return a member's bits in a guild channel; for a thread pass its parent.

    Applies the implicit rules: no VIEW_CHANNEL means nothing, no SEND_MESSAGES removes what needs sending, and a
    time-out leaves only seeing and reading.
    """
    base = base_permissions(guild, member)
    if base & Permission.ADMINISTRATOR:
        return ALL
    bits = apply_overwrites(base, channel, guild.id, member)
    if not bits & Permission.VIEW_CHANNEL:
        return 0
    if not bits & Permission.SEND_MESSAGES and not bits & Permission.SEND_MESSAGES_IN_THREADS:
        bits &= ~NEEDS_SEND
    if member.timed_out_until_s is not None and member.timed_out_until_s > now_s:
        bits &= TIMED_OUT_MAY
    return bits
