"""What a person does with their client: every action asks for the permission that Discord would ask for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sandbox.automod import AutoMod
from sandbox.errors import ApiError, invalid_field, missing_access, missing_permissions, unknown
from sandbox.messages import Draft
from sandbox.models import MESSAGEABLE, Channel, ChannelType, Message
from sandbox.permissions import Permission
from sandbox.uploads import Upload, check_sizes

MAX_CONTENT = 2000
MAX_THREAD_NAME = 100


class MemberActions(AutoMod):
    """The world's verbs for people; ids come in, errors are the ApiError that a client would see."""

    def member_send(
        self,
        user_id: int,
        channel_id: int,
        content: str = "",
        *,
        uploads: Sequence[Upload] = (),
        reply_to: int | None = None,
        ping_reply: bool = True,
    ) -> Message:
        """Speak as a member, with files and as a reply if wanted; blanks at either end go, as on Discord."""
        channel, content = self.channel(channel_id), content.strip()
        self._check_speaking(user_id, channel, content, uploads)
        target = None
        if reply_to is not None:
            self.require(user_id, channel, Permission.READ_MESSAGE_HISTORY)
            target = self.message(channel_id, reply_to)
        allowed = {"parse": ["users", "roles", "everyone"], "replied_user": ping_reply}
        draft = Draft(content=content, uploads=uploads, reply_to=target, allowed_mentions=allowed)
        return self.post(channel, user_id, draft)

    def member_reply(
        self, user_id: int, channel_id: int, message_id: int, content: str, *, ping: bool = True
    ) -> Message:
        """Reply to a message as a member."""
        return self.member_send(user_id, channel_id, content, reply_to=message_id, ping_reply=ping)

    def _check_speaking(self, user_id: int, channel: Channel, content: str, uploads: Sequence[Upload]) -> None:
        if channel.type not in MESSAGEABLE:
            raise ApiError(400, 50008, "Cannot send messages in a non-text channel")
        bits = self.require(user_id, channel, self.send_permission(channel))
        if uploads and not bits & Permission.ATTACH_FILES:
            raise missing_permissions()
        if channel.thread is not None and channel.thread.locked and not bits & Permission.MANAGE_THREADS:
            raise ApiError(403, 160005, "Thread is locked")
        if channel.guild_id is None:
            self._check_dm(user_id, channel)
        if channel.slowmode_s and not bits & (Permission.BYPASS_SLOWMODE | Permission.MANAGE_MESSAGES):
            self._check_slowmode(user_id, channel)
        self._check_content(content, bool(uploads))
        self.automod_check(user_id, channel, content)
        limit = self.guild(channel.guild_id).filesize_limit_bytes if channel.guild_id else 10 * 1024 * 1024
        check_sizes(list(uploads), limit)

    def _check_slowmode(self, user_id: int, channel: Channel) -> None:
        latest = max((m.created_at_s for m in self.history(channel.id) if m.author_id == user_id), default=0.0)
        if self.clock() - latest < channel.slowmode_s:
            raise ApiError(429, 20016, "This action cannot be performed due to slowmode rate limit")

    def _check_dm(self, user_id: int, channel: Channel) -> None:
        others = [self.users[other] for other in channel.recipients if other != user_id]
        if any(not other.dms_open for other in others):
            raise ApiError(403, 50007, "Cannot send messages to this user")

    @staticmethod
    def _check_content(content: str, has_more: bool) -> None:
        if not content.strip() and not has_more:
            raise ApiError(400, 50006, "Cannot send an empty message")
        if len(content) > MAX_CONTENT:
            raise invalid_field(
                "content", code="BASE_TYPE_MAX_LENGTH", message=f"Must be {MAX_CONTENT} or fewer in length."
            )

    def member_edit(self, user_id: int, channel_id: int, message_id: int, content: str) -> Message:
        """Edit one's own message."""
        channel = self.channel(channel_id)
        self.require(user_id, channel)
        message = self.message(channel_id, message_id)
        if message.author_id != user_id or message.webhook_id is not None:
            raise ApiError(403, 50005, "Cannot edit a message authored by another user")
        self._check_content(content, bool(message.attachments))
        self.automod_check(user_id, channel, content.strip())
        return self.edit(message, content=content.strip(), actor_id=user_id)

    def member_delete(self, user_id: int, channel_id: int, message_id: int) -> None:
        """Delete one's own message, or another's with MANAGE_MESSAGES."""
        channel = self.channel(channel_id)
        self.require(user_id, channel)
        message = self.message(channel_id, message_id)
        if message.author_id != user_id or message.webhook_id is not None:
            self.require(user_id, channel, Permission.MANAGE_MESSAGES)
        self.delete(message, actor_id=user_id)

    def member_react(
        self,
        user_id: int,
        channel_id: int,
        message_id: int,
        emoji: str,
        *,
        emoji_id: int | None = None,
        on: bool = True,
    ) -> None:
        """Add or take back a reaction; a new emoji needs ADD_REACTIONS, joining one does not."""
        channel = self.channel(channel_id)
        self.require(user_id, channel, Permission.READ_MESSAGE_HISTORY)
        message = self.message(channel_id, message_id)
        if not on:
            self.remove_reaction(message, user_id, emoji, emoji_id)
            return
        if self.find_reaction(message, emoji, emoji_id) is None:
            self.require(user_id, channel, Permission.ADD_REACTIONS)
        self.add_reaction(message, user_id, emoji, emoji_id)

    def create_thread(
        self,
        user_id: int,
        channel_id: int,
        name: str,
        *,
        message_id: int | None = None,
        content: str | None = None,
        uploads: Sequence[Upload] = (),
        private: bool = False,
        tags: Iterable[int] = (),
    ) -> Channel:
        """Open a thread as a member; in a forum `content` is its first post."""
        parent = self.channel(channel_id)
        if not 1 <= len(name.strip()) <= MAX_THREAD_NAME:
            raise invalid_field("name", code="BASE_TYPE_BAD_LENGTH", message="Must be between 1 and 100 in length.")
        if parent.type in (ChannelType.FORUM, ChannelType.MEDIA):
            self.require(user_id, parent, Permission.SEND_MESSAGES)
            self._check_content(content or "", bool(uploads))
            first = Draft(content=content or "", uploads=uploads)
            return self.start_thread(parent, name, user_id, first=first, tags=tags)
        if parent.type not in (ChannelType.TEXT, ChannelType.ANNOUNCEMENT):
            raise ApiError(400, 50024, "Cannot execute action on this channel type")
        wanted = Permission.CREATE_PRIVATE_THREADS if private else Permission.CREATE_PUBLIC_THREADS
        self.require(user_id, parent, wanted)
        starter = self.message(channel_id, message_id) if message_id is not None else None
        if starter is not None and starter.thread_id is not None:
            raise ApiError(400, 160004, "A thread has already been created for this message")
        thread = self.start_thread(parent, name, user_id, starter=starter, private=private)
        if content:
            self.member_send(user_id, thread.id, content, uploads=uploads)
        return thread

    def member_open_dm(self, user_id: int, other_id: int) -> Channel:
        """Open a conversation with somebody one shares a guild with."""
        self.user(other_id)
        shared = any(other_id in guild.members for guild in self.guilds_of(user_id))
        if not shared or user_id == other_id:
            raise ApiError(400, 50033, "Invalid Recipient(s)")
        return self.open_dm(user_id, other_id)

    def member_type(self, user_id: int, channel_id: int) -> None:
        """Show that a member is typing."""
        channel = self.channel(channel_id)
        self.require(user_id, channel, self.send_permission(channel))
        self.start_typing(channel, user_id)

    def visible_history(self, user_id: int, channel_id: int, *, limit: int = 100) -> list[Message]:
        """Return the newest messages that a user may read, oldest first."""
        channel = self.channel(channel_id)
        bits = self.permissions_in(user_id, channel)
        if not bits & Permission.VIEW_CHANNEL:
            raise missing_access() if channel.guild_id is not None else unknown("channel")
        if not bits & Permission.READ_MESSAGE_HISTORY:
            return []
        return list(self.history(channel_id))[-limit:]
