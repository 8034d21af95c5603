"""What happens to messages: posted, edited, deleted, reacted to, pinned; each with its event and its record.

Nothing here asks for permission: routes and member actions do so before they call.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.ids import iso
from sandbox.mentions import find_mentions
from sandbox.models import Attachment, Channel, Message, MessageFlag, MessageType, Reaction
from sandbox.permissions import Permission
from sandbox.render import channel_json, member_json, message_event_json, reaction_emoji_json
from sandbox.state import MESSAGES_KEPT_PER_CHANNEL, WorldState
from sandbox.uploads import Upload, store_uploads

MAX_PINS = 250


@dataclass(slots=True)
class Draft:
    """Everything that a new message may carry."""

    content: str = ""
    uploads: Sequence[Upload] = ()
    embeds: list[dict[str, Any]] = field(default_factory=list)
    components: list[dict[str, Any]] = field(default_factory=list)
    sticker_items: list[dict[str, Any]] = field(default_factory=list)
    allowed_mentions: Mapping[str, Any] | None = None
    reply_to: Message | None = None
    forward_of: Message | None = None
    points_at: Message | None = None
    flags: int = 0
    tts: bool = False
    nonce: str | int | None = None
    type: int = MessageType.DEFAULT
    webhook_id: int | None = None
    webhook_name: str | None = None
    webhook_avatar: str | None = None
    application_id: int | None = None
    interaction_metadata: dict[str, Any] | None = None
    ephemeral_to: int | None = None


class MessageOps(WorldState):
    """The world's verbs for messages."""

    def build_message(self, channel: Channel, author_id: int, draft: Draft) -> Message:
        """Make a message without placing it anywhere; its files are stored and its mentions found."""
        replied = draft.reply_to.author_id if draft.reply_to is not None and not draft.reply_to.webhook_id else None
        bits = self.permissions_in(author_id, channel)
        if draft.webhook_id is not None:
            bits |= Permission.MENTION_EVERYONE
        mentions = find_mentions(
            self,
            channel,
            draft.content,
            author_bits=bits,
            author_id=author_id,
            replied_user_id=replied,
            allowed=draft.allowed_mentions,
        )
        message = Message(
            id=self.ids.next(),
            channel_id=channel.id,
            guild_id=channel.guild_id,
            author_id=author_id,
            content=draft.content,
            created_at_s=self.clock(),
            type=MessageType.REPLY if draft.reply_to is not None else draft.type,
            webhook_id=draft.webhook_id,
            webhook_name=draft.webhook_name,
            webhook_avatar=draft.webhook_avatar,
            application_id=draft.application_id,
            mentions=mentions.users,
            mention_roles=mentions.roles,
            mention_everyone=mentions.everyone,
            pinged=[] if draft.ephemeral_to is not None else mentions.pinged,
            embeds=draft.embeds,
            components=draft.components,
            sticker_items=draft.sticker_items,
            flags=draft.flags,
            tts=draft.tts,
            nonce=draft.nonce,
            interaction_metadata=draft.interaction_metadata,
            ephemeral_to=draft.ephemeral_to,
        )
        ephemeral = draft.ephemeral_to is not None
        message.attachments = store_uploads(self, channel.id, list(draft.uploads), ephemeral=ephemeral)
        self._set_reference(message, draft)
        return message

    def _set_reference(self, message: Message, draft: Draft) -> None:
        target = draft.reply_to or draft.forward_of or draft.points_at
        if target is None:
            return
        message.reference = {"channel_id": str(target.channel_id), "message_id": str(target.id)}
        if target.guild_id is not None:
            message.reference["guild_id"] = str(target.guild_id)
        if draft.forward_of is not None:
            message.reference_type = 1
            full = message_event_json(self, draft.forward_of)
            kept = ("type", "content", "embeds", "attachments", "timestamp", "edited_timestamp", "flags", "components")
            empty: dict[str, Any] = {"mentions": [], "mention_roles": []}
            message.snapshots = [{"message": {key: full[key] for key in kept} | empty}]

    def post(self, channel: Channel, author_id: int, draft: Draft) -> Message:
        """Place a new message in a channel, waking an archived thread, and tell everybody who may know."""
        return self.place(channel, self.build_message(channel, author_id, draft), actor_id=author_id)

    def place(self, channel: Channel, message: Message, *, actor_id: int) -> Message:
        """Put a built message at the end of its channel."""
        table = self.messages.setdefault(channel.id, {})
        table[message.id] = message
        if len(table) > MESSAGES_KEPT_PER_CHANNEL:
            table.pop(next(iter(table)))
        channel.last_message_id = message.id
        if channel.thread is not None:
            self._touch_thread(channel, actor_id if message.webhook_id is None else None)
        self.record("created", message, actor_id=actor_id)
        self.emit("MESSAGE_CREATE", message_event_json(self, message), channel=channel, message=message)
        return message

    def _touch_thread(self, channel: Channel, author_id: int | None) -> None:
        thread = channel.thread
        if thread is None:
            return
        thread.message_count += 1
        if author_id is not None and author_id not in thread.members:
            thread.members[author_id] = self.clock()
        if thread.archived and not thread.locked:
            thread.archived = False
            thread.archived_at_s = self.clock()
            self.emit("THREAD_UPDATE", channel_json(self, channel), channel=channel)

    def edit(
        self,
        message: Message,
        *,
        content: str | None = None,
        embeds: list[dict[str, Any]] | None = None,
        components: list[dict[str, Any]] | None = None,
        attachments: list[Attachment] | None = None,
        flags: int | None = None,
        allowed_mentions: Mapping[str, Any] | None = None,
        actor_id: int | None = None,
        stamp: bool = True,
    ) -> Message:
        """Change a message in place; None leaves a part as it is. `stamp=False` keeps `edited_timestamp` unset."""
        channel = self.channel(message.channel_id)
        if content is not None:
            message.content = content
            self._renew_mentions(message, channel, allowed_mentions)
        message.embeds = message.embeds if embeds is None else embeds
        message.components = message.components if components is None else components
        message.attachments = message.attachments if attachments is None else attachments
        message.flags = message.flags if flags is None else flags
        if stamp:
            message.edited_at_s = self.clock()
        if message.ephemeral_to is None:
            self.record("edited", message, actor_id=actor_id)
        self.emit_message("MESSAGE_UPDATE", message)
        return message

    def _renew_mentions(self, message: Message, channel: Channel, allowed: Mapping[str, Any] | None) -> None:
        bits = self.permissions_in(message.author_id, channel)
        if message.webhook_id is not None:
            bits |= Permission.MENTION_EVERYONE
        found = find_mentions(
            self, channel, message.content, author_bits=bits, author_id=message.author_id, allowed=allowed
        )
        message.mentions, message.mention_roles, message.mention_everyone = found.users, found.roles, found.everyone

    def emit_message(self, name: str, message: Message) -> None:
        """Publish a message's present state under an event name; an ephemeral one reaches its one reader only."""
        channel = self.channel(message.channel_id)
        data = message_event_json(self, message)
        self.emit(name, data, channel=channel, message=message, only_user=message.ephemeral_to)

    def unfurl(self, message: Message, embed: dict[str, Any]) -> None:
        """Add the preview of a link as Discord does a moment after posting: an update that is no edit."""
        self.edit(message, embeds=[*message.embeds, embed], stamp=False)

    def delete(self, message: Message, *, actor_id: int | None = None) -> None:
        """Remove a message and its files."""
        channel = self.channel(message.channel_id)
        self._forget(message, actor_id)
        data = {"id": str(message.id), "channel_id": str(channel.id)}
        if channel.guild_id is not None:
            data["guild_id"] = str(channel.guild_id)
        self.emit("MESSAGE_DELETE", data, channel=channel)

    def _forget(self, message: Message, actor_id: int | None) -> None:
        del self.messages[message.channel_id][message.id]
        channel = self.channels[message.channel_id]
        if channel.thread is not None:
            channel.thread.message_count = max(0, channel.thread.message_count - 1)
        for item in message.attachments:
            self.blobs.drop(f"attachments/{message.channel_id}/{item.id}/{item.filename}")
        self.record("deleted", message, actor_id=actor_id)

    def delete_bulk(self, channel: Channel, message_ids: Sequence[int], *, actor_id: int | None = None) -> list[int]:
        """Remove those of the messages that exist; one event names them all."""
        table = self.messages.get(channel.id, {})
        gone = [message_id for message_id in dict.fromkeys(message_ids) if message_id in table]
        for message_id in gone:
            self._forget(table[message_id], actor_id)
        if gone:
            data = {"ids": [str(i) for i in gone], "channel_id": str(channel.id), "guild_id": str(channel.guild_id)}
            self.emit("MESSAGE_DELETE_BULK", data, channel=channel)
        return gone

    def add_reaction(self, message: Message, user_id: int, name: str, emoji_id: int | None = None) -> None:
        """Set a user's reaction; doing so twice changes nothing."""
        found = self.find_reaction(message, name, emoji_id)
        if found is None:
            found = Reaction(name, emoji_id)
            message.reactions.append(found)
        if user_id not in found.users:
            found.users.append(user_id)
            self._emit_reaction("MESSAGE_REACTION_ADD", message, found, user_id)

    def remove_reaction(self, message: Message, user_id: int, name: str, emoji_id: int | None = None) -> None:
        """Take a user's reaction back, if it stands."""
        found = self.find_reaction(message, name, emoji_id)
        if found is None or user_id not in found.users:
            return
        found.users.remove(user_id)
        if not found.users:
            message.reactions.remove(found)
        self._emit_reaction("MESSAGE_REACTION_REMOVE", message, found, user_id)

    def clear_reactions(self, message: Message, only: Reaction | None = None) -> None:
        """Remove all reactions, or all of one emoji."""
        channel = self.channel(message.channel_id)
        data: dict[str, Any] = {"channel_id": str(channel.id), "message_id": str(message.id)}
        if channel.guild_id is not None:
            data["guild_id"] = str(channel.guild_id)
        if only is None:
            message.reactions.clear()
            self.emit("MESSAGE_REACTION_REMOVE_ALL", data, channel=channel)
        else:
            message.reactions.remove(only)
            data["emoji"] = reaction_emoji_json(only)
            self.emit("MESSAGE_REACTION_REMOVE_EMOJI", data, channel=channel)

    def find_reaction(self, message: Message, name: str, emoji_id: int | None = None) -> Reaction | None:
        """Return the reaction with an emoji: by id for a guild's own, by name for Unicode."""
        for item in message.reactions:
            if item.emoji_id == emoji_id and (emoji_id is not None or item.name == name):
                return item
        return None

    def _emit_reaction(self, event: str, message: Message, reaction: Reaction, user_id: int) -> None:
        channel = self.channel(message.channel_id)
        data: dict[str, Any] = {
            "user_id": str(user_id),
            "channel_id": str(channel.id),
            "message_id": str(message.id),
            "emoji": reaction_emoji_json(reaction),
            "burst": False,
            "type": 0,
        }
        if event.endswith("_ADD"):
            data["message_author_id"] = str(message.author_id)
        if channel.guild_id is not None:
            data["guild_id"] = str(channel.guild_id)
            member = self.guilds[channel.guild_id].members.get(user_id)
            if member is not None and event.endswith("_ADD"):
                data["member"] = member_json(self, member)
        self.emit(event, data, channel=channel)

    def set_pinned(self, message: Message, pinned: bool, actor_id: int) -> None:
        """Pin or unpin a message; pinning posts the system message that says so."""
        channel = self.channel(message.channel_id)
        if message.pinned == pinned:
            return
        message.pinned = pinned
        message.pinned_at_s = self.clock() if pinned else None
        channel.last_pin_at_s = self.clock() if pinned else channel.last_pin_at_s
        self.emit_message("MESSAGE_UPDATE", message)
        stamp = iso(channel.last_pin_at_s) if channel.last_pin_at_s is not None else None
        data: dict[str, Any] = {"channel_id": str(channel.id), "last_pin_timestamp": stamp}
        if channel.guild_id is not None:
            data["guild_id"] = str(channel.guild_id)
        self.emit("CHANNEL_PINS_UPDATE", data, channel=channel)
        if pinned:
            self.post(channel, actor_id, Draft(type=MessageType.PIN_ADDED))

    def mark_thread(self, message: Message, thread_id: int) -> None:
        """Note that a message has a thread of its own."""
        message.thread_id = thread_id
        message.flags |= MessageFlag.HAS_THREAD
        self.emit_message("MESSAGE_UPDATE", message)

    def start_typing(self, channel: Channel, user_id: int) -> None:
        """Tell a channel that somebody is typing."""
        data: dict[str, Any] = {"channel_id": str(channel.id), "user_id": str(user_id), "timestamp": int(self.clock())}
        if channel.guild_id is not None:
            data["guild_id"] = str(channel.guild_id)
            data["member"] = member_json(self, self.guilds[channel.guild_id].members[user_id])
        self.emit("TYPING_START", data, channel=channel)
