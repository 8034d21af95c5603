"""The tables of a world, its look-ups and its records; what changes them stands in the modules that build on it."""

from __future__ import annotations

import secrets
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from typing import Any

from sandbox.blobs import BlobStore
from sandbox.errors import missing_access, missing_permissions, unknown
from sandbox.events import Event, EventBus
from sandbox.ids import Snowflakes
from sandbox.models import (
    Application,
    AuditEntry,
    Channel,
    ChannelType,
    Guild,
    LogEntry,
    Member,
    Message,
    RequestEntry,
    Role,
    User,
    Webhook,
)
from sandbox.permissions import Permission, base_permissions, channel_permissions

REQUESTS_KEPT = 20_000
MESSAGES_KEPT_PER_CHANNEL = 20_000
AUDIT_KEPT = 5_000

DM_PERMISSIONS = int(
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.ADD_REACTIONS
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.PIN_MESSAGES
)


class WorldState:
    """Everything that exists, by id. Not safe for threads: one event loop owns a world."""

    def __init__(self, *, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self.ids = Snowflakes(clock)
        self.bus = EventBus()
        self.blobs = BlobStore()
        self.api_base = "http://127.0.0.1/api/v10"
        self.gateway_url = "ws://127.0.0.1"
        self.cdn_base = "http://127.0.0.1/cdn"
        self.applications: dict[int, Application] = {}
        self.users: dict[int, User] = {}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.messages: dict[int, dict[int, Message]] = {}
        self.webhooks: dict[int, Webhook] = {}
        self.log: list[LogEntry] = []
        self.requests: deque[RequestEntry] = deque(maxlen=REQUESTS_KEPT)
        self.violations: deque[dict[str, Any]] = deque(maxlen=1_000)
        self.unknown_routes: Counter[str] = Counter()

    # -- look-ups ------------------------------------------------------------------------------------------------

    def guild(self, guild_id: int | None) -> Guild:
        """Return a guild or raise 10004."""
        found = self.guilds.get(guild_id) if guild_id is not None else None
        if found is None:
            raise unknown("guild")
        return found

    def channel(self, channel_id: int | None) -> Channel:
        """Return a channel or thread or raise 10003."""
        found = self.channels.get(channel_id) if channel_id is not None else None
        if found is None:
            raise unknown("channel")
        return found

    def user(self, user_id: int | None) -> User:
        """Return a user or raise 10013."""
        found = self.users.get(user_id) if user_id is not None else None
        if found is None:
            raise unknown("user")
        return found

    def member(self, guild_id: int, user_id: int | None) -> Member:
        """Return a guild's member or raise 10007."""
        found = self.guild(guild_id).members.get(user_id) if user_id is not None else None
        if found is None:
            raise unknown("member")
        return found

    def message(self, channel_id: int, message_id: int | None) -> Message:
        """Return a message of that channel or raise 10008."""
        found = self.messages.get(channel_id, {}).get(message_id) if message_id is not None else None
        if found is None:
            raise unknown("message")
        return found

    def find_message(self, message_id: int) -> Message | None:
        """Return a message wherever it stands."""
        return next((table[message_id] for table in self.messages.values() if message_id in table), None)

    def bot_application(self, bot_id: int) -> Application | None:
        """Return the application whose bot a user is."""
        return next((app for app in self.applications.values() if app.bot_id == bot_id), None)

    def application_by_token(self, token: str) -> Application | None:
        """Return the application that a bot token belongs to, comparing in constant time."""
        matches = (app for app in self.applications.values() if secrets.compare_digest(app.token, token))
        return next(matches, None)

    def guild_channels(self, guild_id: int) -> list[Channel]:
        """Return a guild's channels without threads, by position then id."""
        found = [c for c in self.channels.values() if c.guild_id == guild_id and not c.is_thread]
        return sorted(found, key=lambda c: (c.position, c.id))

    def threads(self, guild_id: int, *, parent_id: int | None = None, archived: bool | None = None) -> list[Channel]:
        """Return a guild's threads, newest first, optionally of one parent or one archive state."""
        found = [
            c
            for c in self.channels.values()
            if c.guild_id == guild_id
            and c.thread is not None
            and (parent_id is None or c.parent_id == parent_id)
            and (archived is None or c.thread.archived is archived)
        ]
        return sorted(found, key=lambda c: c.id, reverse=True)

    def guilds_of(self, user_id: int) -> list[Guild]:
        """Return the guilds that a user is a member of."""
        return [guild for guild in self.guilds.values() if user_id in guild.members]

    def history(self, channel_id: int) -> Iterator[Message]:
        """Yield a channel's messages, oldest first."""
        yield from list(self.messages.get(channel_id, {}).values())

    # -- permissions ---------------------------------------------------------------------------------------------

    def permissions_in(self, user_id: int, channel: Channel) -> int:
        """Return a user's bits in any channel; 0 for one who cannot see it."""
        if channel.guild_id is None:
            return DM_PERMISSIONS if user_id in channel.recipients else 0
        guild = self.guilds.get(channel.guild_id)
        member = guild.members.get(user_id) if guild is not None else None
        if guild is None or member is None:
            return 0
        home = channel
        if channel.is_thread and channel.parent_id is not None and channel.parent_id in self.channels:
            home = self.channels[channel.parent_id]
        bits = channel_permissions(guild, member, home, self.clock())
        hidden = channel.type == ChannelType.PRIVATE_THREAD and channel.thread is not None
        if hidden and not bits & Permission.MANAGE_THREADS and channel.thread is not None:
            return bits if user_id in channel.thread.members else 0
        return bits

    def guild_permissions(self, user_id: int, guild: Guild) -> int:
        """Return a member's guild-wide bits; 0 for strangers."""
        member = guild.members.get(user_id)
        return base_permissions(guild, member) if member is not None else 0

    def can_see(self, user_id: int, channel: Channel) -> bool:
        """Tell whether a user sees a channel."""
        return bool(self.permissions_in(user_id, channel) & Permission.VIEW_CHANNEL)

    def require(self, user_id: int, channel: Channel, *needed: Permission) -> int:
        """Return a user's bits in a channel, or raise 50001 when unseen and 50013 when one of `needed` is missing."""
        bits = self.permissions_in(user_id, channel)
        if not bits & Permission.VIEW_CHANNEL:
            raise missing_access()
        if any(not bits & bit for bit in needed):
            raise missing_permissions()
        return bits

    def require_guild(self, user_id: int, guild: Guild, *needed: Permission) -> int:
        """Do the same for guild-wide permissions; strangers get 50001."""
        if user_id not in guild.members:
            raise missing_access()
        bits = base_permissions(guild, guild.members[user_id])
        if any(not bits & bit for bit in needed):
            raise missing_permissions()
        return bits

    def send_permission(self, channel: Channel) -> Permission:
        """Return the permission that speaking in a channel takes: threads have one of their own."""
        return Permission.SEND_MESSAGES_IN_THREADS if channel.is_thread else Permission.SEND_MESSAGES

    def outranks(self, guild: Guild, actor_id: int, target_id: int) -> bool:
        """Tell whether one member stands above another: the owner above all, else the highest role decides."""
        if guild.owner_id in (actor_id, target_id):
            return guild.owner_id == actor_id and actor_id != target_id
        return self._top_position(guild, actor_id) > self._top_position(guild, target_id)

    def role_below(self, guild: Guild, user_id: int, role: Role) -> bool:
        """Tell whether a role stands below a member's highest, so that they may manage it."""
        return guild.owner_id == user_id or role.position < self._top_position(guild, user_id)

    def _top_position(self, guild: Guild, user_id: int) -> int:
        roles = guild.members[user_id].roles if user_id in guild.members else []
        return max((guild.roles[role].position for role in roles if role in guild.roles), default=0)

    # -- records -------------------------------------------------------------------------------------------------

    def emit(
        self,
        name: str,
        data: dict[str, Any],
        *,
        guild_id: int | None = None,
        channel: Channel | None = None,
        message: Message | None = None,
        only_user: int | None = None,
    ) -> None:
        """Publish an event; `channel` limits it to those who see that channel."""
        self.bus.publish(
            Event(
                name,
                data,
                guild_id=channel.guild_id if channel is not None else guild_id,
                channel_id=channel.id if channel is not None else None,
                message=message,
                only_user=only_user,
                recipients=tuple(channel.recipients) if channel is not None and channel.guild_id is None else (),
            )
        )

    def record(self, what: str, message: Message, *, actor_id: int | None = None) -> None:
        """Append a fact about a message to the log that nothing removes from."""
        name = message.webhook_name or self.display_name(message.author_id, message.guild_id)
        self.log.append(
            LogEntry(
                what=what,
                message_id=message.id,
                channel_id=message.channel_id,
                guild_id=message.guild_id,
                author_id=message.author_id,
                webhook_id=message.webhook_id,
                author_name=name,
                content=message.content,
                at_s=self.clock(),
                actor_id=actor_id,
            )
        )

    def display_name(self, user_id: int, guild_id: int | None) -> str:
        """Return the name that a person is seen under: guild nickname, global name, then username."""
        guild = self.guilds.get(guild_id) if guild_id is not None else None
        member = guild.members.get(user_id) if guild is not None else None
        user = self.users.get(user_id)
        if member is not None and member.nick:
            return member.nick
        return (user.global_name or user.username) if user is not None else ""

    def audit(
        self,
        guild: Guild,
        action_type: int,
        actor_id: int,
        target_id: int | None,
        reason: str | None,
        **options: str,
    ) -> AuditEntry:
        """Write a line of the audit log and tell who may read it."""
        entry = AuditEntry(self.ids.next(), action_type, actor_id, target_id, reason, dict(options))
        guild.audit_log.append(entry)
        del guild.audit_log[:-AUDIT_KEPT]
        for bot_id in [app.bot_id for app in self.applications.values() if app.bot_id in guild.members]:
            if self.guild_permissions(bot_id, guild) & Permission.VIEW_AUDIT_LOG:
                data = {**audit_json(entry), "guild_id": str(guild.id)}
                self.emit("GUILD_AUDIT_LOG_ENTRY_CREATE", data, guild_id=guild.id, only_user=bot_id)
        return entry


def audit_json(entry: AuditEntry) -> dict[str, Any]:
    """Write an audit log entry as Discord does."""
    data: dict[str, Any] = {
        "id": str(entry.id),
        "action_type": entry.action_type,
        "user_id": str(entry.user_id),
        "target_id": str(entry.target_id) if entry.target_id is not None else None,
        "changes": entry.changes,
    }
    if entry.options:
        data["options"] = entry.options
    if entry.reason:
        data["reason"] = entry.reason
    return data
