"""The things of a Discord world as plain data; rendering, rules and events live elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any


class ChannelType(IntEnum):
    """Discord's channel types that the sandbox has."""

    TEXT = 0
    DM = 1
    VOICE = 2
    CATEGORY = 4
    ANNOUNCEMENT = 5
    ANNOUNCEMENT_THREAD = 10
    PUBLIC_THREAD = 11
    PRIVATE_THREAD = 12
    STAGE = 13
    FORUM = 15
    MEDIA = 16


THREAD_TYPES = frozenset({ChannelType.ANNOUNCEMENT_THREAD, ChannelType.PUBLIC_THREAD, ChannelType.PRIVATE_THREAD})
MESSAGEABLE = frozenset({ChannelType.TEXT, ChannelType.DM, ChannelType.VOICE, ChannelType.ANNOUNCEMENT, *THREAD_TYPES})
"""Where messages can stand; forums and categories cannot hold any."""


class MessageType(IntEnum):
    """Discord's message types that the sandbox makes."""

    DEFAULT = 0
    PIN_ADDED = 6
    THREAD_CREATED = 18
    REPLY = 19
    CHAT_INPUT = 20
    THREAD_STARTER = 21
    CONTEXT_MENU = 23
    AUTO_MODERATION_ACTION = 24


class MessageFlag(IntEnum):
    """Bits of a message's flags."""

    SUPPRESS_EMBEDS = 1 << 2
    HAS_THREAD = 1 << 5
    EPHEMERAL = 1 << 6
    LOADING = 1 << 7
    SUPPRESS_NOTIFICATIONS = 1 << 12
    IS_COMPONENTS_V2 = 1 << 15


@dataclass(slots=True)
class User:
    """An account: a person or an application's bot. `avatar` is a hash that the CDN turns into a picture."""

    id: int
    username: str
    global_name: str | None = None
    avatar: str | None = None
    bot: bool = False
    locale: str = "ko"
    dms_open: bool = True


@dataclass(slots=True)
class Application:
    """An application, its bot and what it is allowed to ask of the gateway."""

    id: int
    name: str
    bot_id: int
    owner_id: int
    token: str
    public_key: str
    message_content: bool = True
    guild_members: bool = True
    presences: bool = False


@dataclass(slots=True)
class Role:
    """A role; the one whose id is the guild's own is @everyone."""

    id: int
    name: str
    permissions: int
    position: int
    color: int = 0
    hoist: bool = False
    mentionable: bool = False
    managed_by_bot: int | None = None


@dataclass(slots=True)
class Member:
    """A user's place in one guild."""

    user_id: int
    guild_id: int
    joined_at_s: float
    roles: list[int] = field(default_factory=list)
    nick: str | None = None
    avatar: str | None = None
    timed_out_until_s: float | None = None


@dataclass(slots=True)
class Overwrite:
    """Permission bits that a channel allows or denies one role (kind 0) or member (kind 1)."""

    id: int
    kind: int
    allow: int = 0
    deny: int = 0


@dataclass(slots=True)
class ThreadMetadata:
    """What only threads have."""

    owner_id: int
    created_at_s: float
    archived: bool = False
    locked: bool = False
    invitable: bool = True
    auto_archive_minutes: int = 4320
    archived_at_s: float = 0.0
    message_count: int = 0
    applied_tags: list[int] = field(default_factory=list)
    members: dict[int, float] = field(default_factory=dict)


@dataclass(slots=True)
class Channel:
    """Any channel: in a guild, a thread (with `thread`) or a direct conversation (with `recipients`)."""

    id: int
    type: ChannelType
    name: str
    guild_id: int | None = None
    parent_id: int | None = None
    position: int = 0
    topic: str | None = None
    nsfw: bool = False
    slowmode_s: int = 0
    overwrites: dict[int, Overwrite] = field(default_factory=dict)
    last_message_id: int | None = None
    last_pin_at_s: float | None = None
    thread: ThreadMetadata | None = None
    recipients: list[int] = field(default_factory=list)
    available_tags: list[dict[str, Any]] = field(default_factory=list)

    @property
    def is_thread(self) -> bool:
        """Tell whether this is a thread of any kind."""
        return self.type in THREAD_TYPES


@dataclass(slots=True)
class Attachment:
    """A file on a message; its bytes are with the CDN store."""

    id: int
    filename: str
    size: int
    content_type: str
    description: str | None = None
    width: int | None = None
    height: int | None = None
    ephemeral: bool = False


@dataclass(slots=True)
class Reaction:
    """One emoji on a message and who set it, in order. `emoji_id` is None for a Unicode emoji."""

    name: str
    emoji_id: int | None = None
    users: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Message:
    """A message as it stands now. `webhook_name` and `webhook_avatar` are set on webhook posts only."""

    id: int
    channel_id: int
    guild_id: int | None
    author_id: int
    content: str
    created_at_s: float
    type: int = MessageType.DEFAULT
    edited_at_s: float | None = None
    webhook_id: int | None = None
    webhook_name: str | None = None
    webhook_avatar: str | None = None
    application_id: int | None = None
    mentions: list[int] = field(default_factory=list)
    mention_roles: list[int] = field(default_factory=list)
    mention_everyone: bool = False
    pinged: list[int] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    embeds: list[dict[str, Any]] = field(default_factory=list)
    components: list[dict[str, Any]] = field(default_factory=list)
    reactions: list[Reaction] = field(default_factory=list)
    reference: dict[str, str] | None = None
    reference_type: int = 0
    snapshots: list[dict[str, Any]] = field(default_factory=list)
    sticker_items: list[dict[str, Any]] = field(default_factory=list)
    flags: int = 0
    pinned: bool = False
    pinned_at_s: float | None = None
    tts: bool = False
    nonce: str | int | None = None
    thread_id: int | None = None
    ephemeral_to: int | None = None
    interaction_metadata: dict[str, Any] | None = None


@dataclass(slots=True)
class Webhook:
    """An incoming webhook of a channel."""

    id: int
    guild_id: int
    channel_id: int
    name: str
    token: str
    creator_id: int
    avatar: str | None = None
    application_id: int | None = None


@dataclass(slots=True)
class AuditEntry:
    """One line of a guild's audit log (https://discord.com/developers/docs/resources/audit-log)."""

    id: int
    action_type: int
    user_id: int
    target_id: int | None
    reason: str | None
    options: dict[str, str] = field(default_factory=dict)
    changes: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class Guild:
    """A server with its roles and members; its channels are in the world's table."""

    id: int
    name: str
    owner_id: int
    roles: dict[int, Role] = field(default_factory=dict)
    members: dict[int, Member] = field(default_factory=dict)
    emojis: dict[int, str] = field(default_factory=dict)
    audit_log: list[AuditEntry] = field(default_factory=list)
    bans: dict[int, str | None] = field(default_factory=dict)
    automod_rules: dict[int, dict[str, Any]] = field(default_factory=dict)
    icon: str | None = None
    preferred_locale: str = "ko"
    public_updates_channel_id: int | None = None
    premium_tier: int = 0
    filesize_limit_bytes: int = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class LogEntry:
    """A fact about a message that is never changed or removed: `what` is created, edited or deleted."""

    what: str
    message_id: int
    channel_id: int
    guild_id: int | None
    author_id: int
    webhook_id: int | None
    author_name: str
    content: str
    at_s: float
    actor_id: int | None = None


@dataclass(frozen=True, slots=True)
class RequestEntry:
    """One REST request as the server answered it; never holds a body."""

    method: str
    route: str
    path: str
    status: int
    at_s: float
    bot_id: int | None = None
    params: tuple[tuple[str, str], ...] = ()
    code: int | None = None
