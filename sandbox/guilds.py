"""What happens to guilds, members, roles, channels, threads and webhooks; each with its event.

Nothing here asks for permission: routes and member actions do so before they call.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from typing import Any

from sandbox.messages import Draft, MessageOps
from sandbox.models import (
    THREAD_TYPES,
    Application,
    Channel,
    ChannelType,
    Guild,
    Member,
    Message,
    MessageType,
    Overwrite,
    Role,
    ThreadMetadata,
    User,
    Webhook,
)
from sandbox.permissions import EVERYONE_DEFAULT
from sandbox.render import channel_json, gateway_guild_json, guild_json, member_json, role_json, user_json


class GuildOps(MessageOps):
    """The world's verbs for everything but messages."""

    def create_user(self, username: str, *, display_name: str | None = None, avatar: bool = True) -> User:
        """Add a person; their picture is drawn from the hash by the CDN."""
        user = User(self.ids.next(), username, display_name)
        user.avatar = hashlib.md5(str(user.id).encode(), usedforsecurity=False).hexdigest() if avatar else None
        self.users[user.id] = user
        return user

    def create_application(self, name: str, owner: User, *, token: str | None = None, **allowed: bool) -> Application:
        """Add an application with its bot account; `allowed` sets its privileged intents."""
        bot = User(self.ids.next(), name, bot=True, locale="en-US")
        self.users[bot.id] = bot
        made = token or f"sandbox.{secrets.token_urlsafe(18)}.{secrets.token_urlsafe(24)}"
        app = Application(bot.id, name, bot.id, owner.id, made, secrets.token_hex(32), **allowed)
        self.applications[app.id] = app
        return app

    def create_guild(self, name: str, owner: User) -> Guild:
        """Add a guild with its @everyone role and its owner as the first member."""
        guild = Guild(self.ids.next_in_new_ms(), name, owner.id)
        guild.roles[guild.id] = Role(guild.id, "@everyone", int(EVERYONE_DEFAULT), 0)
        self.guilds[guild.id] = guild
        self.add_member(guild, owner)
        return guild

    def add_member(self, guild: Guild, user: User, *, roles: Iterable[Role] = (), nick: str | None = None) -> Member:
        """Bring a user into a guild; a bot learns of the guild by GUILD_CREATE."""
        member = Member(user.id, guild.id, self.clock(), [role.id for role in roles], nick)
        guild.members[user.id] = member
        data = member_json(self, member) | {"guild_id": str(guild.id)}
        self.emit("GUILD_MEMBER_ADD", data, guild_id=guild.id)
        if user.bot:
            created = gateway_guild_json(self, guild, user.id, members=True)
            # Clients tell a guild that is new from one that is back by this key's absence.
            del created["unavailable"]
            self.emit("GUILD_CREATE", created, guild_id=guild.id, only_user=user.id)
        return member

    def remove_member(self, guild: Guild, user_id: int) -> None:
        """Take a member out of a guild; a bot learns it by GUILD_DELETE."""
        del guild.members[user_id]
        data = {"guild_id": str(guild.id), "user": user_json(self.users[user_id])}
        self.emit("GUILD_MEMBER_REMOVE", data, guild_id=guild.id)
        if self.users[user_id].bot:
            self.emit("GUILD_DELETE", {"id": str(guild.id)}, guild_id=guild.id, only_user=user_id)

    def update_member(self, member: Member) -> None:
        """Announce a member's new nickname, roles, avatar or time-out."""
        data = member_json(self, member) | {"guild_id": str(member.guild_id)}
        self.emit("GUILD_MEMBER_UPDATE", data, guild_id=member.guild_id)

    def create_role(
        self, guild: Guild, name: str, permissions: int = 0, *, color: int = 0, hoist: bool = False
    ) -> Role:
        """Add a role above the others."""
        role = Role(self.ids.next(), name, int(permissions), len(guild.roles), color, hoist)
        guild.roles[role.id] = role
        self.emit("GUILD_ROLE_CREATE", {"guild_id": str(guild.id), "role": role_json(role)}, guild_id=guild.id)
        return role

    def update_role(self, guild: Guild, role: Role) -> None:
        """Announce a role's new permissions or looks."""
        self.emit("GUILD_ROLE_UPDATE", {"guild_id": str(guild.id), "role": role_json(role)}, guild_id=guild.id)

    def delete_role(self, guild: Guild, role: Role) -> None:
        """Remove a role from the guild, its members and its channels' overwrites."""
        del guild.roles[role.id]
        for member in guild.members.values():
            if role.id in member.roles:
                member.roles.remove(role.id)
        for channel in self.guild_channels(guild.id):
            channel.overwrites.pop(role.id, None)
        self.emit("GUILD_ROLE_DELETE", {"guild_id": str(guild.id), "role_id": str(role.id)}, guild_id=guild.id)

    def update_guild(self, guild: Guild) -> None:
        """Announce a guild's new name or owner."""
        self.emit("GUILD_UPDATE", guild_json(self, guild), guild_id=guild.id)

    def create_channel(
        self,
        guild: Guild,
        name: str,
        kind: ChannelType = ChannelType.TEXT,
        *,
        parent: Channel | None = None,
        topic: str | None = None,
        overwrites: Iterable[Overwrite] = (),
    ) -> Channel:
        """Add a channel below the others."""
        channel = Channel(
            id=self.ids.next(),
            type=kind,
            name=name,
            guild_id=guild.id,
            parent_id=parent.id if parent is not None else None,
            position=len(self.guild_channels(guild.id)),
            topic=topic,
            overwrites={overwrite.id: overwrite for overwrite in overwrites},
        )
        self.channels[channel.id] = channel
        self.emit("CHANNEL_CREATE", channel_json(self, channel), channel=channel)
        return channel

    def update_channel(self, channel: Channel) -> None:
        """Announce a channel's or thread's new state; those who lose sight of it hear it too, as on Discord."""
        name = "THREAD_UPDATE" if channel.type in THREAD_TYPES else "CHANNEL_UPDATE"
        self.emit(name, channel_json(self, channel), guild_id=channel.guild_id)

    def delete_channel(self, channel: Channel) -> None:
        """Remove a channel with its threads, messages and webhooks."""
        for thread in [c for c in self.channels.values() if c.is_thread and c.parent_id == channel.id]:
            self._drop_channel(thread)
        for webhook in [w for w in self.webhooks.values() if w.channel_id == channel.id]:
            del self.webhooks[webhook.id]
        data = channel_json(self, channel)
        guild_id = channel.guild_id
        self._drop_channel(channel)
        if channel.is_thread:
            kept = ("id", "guild_id", "parent_id", "type")
            self.emit("THREAD_DELETE", {key: data[key] for key in kept}, guild_id=guild_id)
        else:
            self.emit("CHANNEL_DELETE", data, guild_id=guild_id)

    def _drop_channel(self, channel: Channel) -> None:
        for message in list(self.messages.get(channel.id, {}).values()):
            self._forget(message, None)
        self.messages.pop(channel.id, None)
        del self.channels[channel.id]

    def start_thread(
        self,
        parent: Channel,
        name: str,
        owner_id: int,
        *,
        starter: Message | None = None,
        first: Draft | None = None,
        private: bool = False,
        auto_archive_minutes: int = 4320,
        tags: Iterable[int] = (),
    ) -> Channel:
        """Open a thread: from a message (it takes the message's id), alone, or in a forum with its `first` post."""
        kind = ChannelType.PRIVATE_THREAD if private else ChannelType.PUBLIC_THREAD
        if parent.type == ChannelType.ANNOUNCEMENT:
            kind = ChannelType.ANNOUNCEMENT_THREAD
        now = self.clock()
        thread = Channel(
            id=starter.id if starter is not None else self.ids.next(),
            type=kind,
            name=name,
            guild_id=parent.guild_id,
            parent_id=parent.id,
            thread=ThreadMetadata(
                owner_id,
                now,
                archived_at_s=now,
                auto_archive_minutes=auto_archive_minutes,
                applied_tags=list(tags),
                members={owner_id: now},
            ),
        )
        self.channels[thread.id] = thread
        data = channel_json(self, thread) | {"newly_created": True}
        self.emit("THREAD_CREATE", data, channel=thread)
        if starter is not None:
            self.mark_thread(starter, thread.id)
            self.post(thread, owner_id, Draft(type=MessageType.THREAD_STARTER, points_at=starter))
        elif first is not None:
            self._post_first(thread, owner_id, first)
        elif not private:
            self.post(parent, owner_id, Draft(content=name, type=MessageType.THREAD_CREATED))
        return thread

    def _post_first(self, thread: Channel, owner_id: int, first: Draft) -> None:
        """Post a forum's opening message, whose id is the thread's own."""
        message = self.build_message(thread, owner_id, first)
        message.id = thread.id
        self.place(thread, message, actor_id=owner_id)

    def join_thread(self, thread: Channel, user_id: int) -> None:
        """Make a user a member of a thread."""
        if thread.thread is None or user_id in thread.thread.members:
            return
        thread.thread.members[user_id] = self.clock()
        self._announce_thread_members(thread, added=[user_id], removed=[])

    def leave_thread(self, thread: Channel, user_id: int) -> None:
        """Take a user out of a thread."""
        if thread.thread is not None and thread.thread.members.pop(user_id, None) is not None:
            self._announce_thread_members(thread, added=[], removed=[user_id])

    def _announce_thread_members(self, thread: Channel, *, added: list[int], removed: list[int]) -> None:
        guild = self.guild(thread.guild_id)
        members = thread.thread.members if thread.thread is not None else {}
        data: dict[str, Any] = {
            "id": str(thread.id),
            "guild_id": str(guild.id),
            "member_count": min(len(members), 50),
            "added_members": [
                {
                    "id": str(thread.id),
                    "user_id": str(user),
                    "join_timestamp": member_json(self, guild.members[user])["joined_at"],
                    "flags": 0,
                    "member": member_json(self, guild.members[user]),
                    "presence": None,
                }
                for user in added
                if user in guild.members
            ],
            "removed_member_ids": [str(user) for user in removed],
        }
        self.emit("THREAD_MEMBERS_UPDATE", data, channel=thread)

    def open_dm(self, first_id: int, second_id: int) -> Channel:
        """Return the direct conversation of two users, opening it the first time."""
        for channel in self.channels.values():
            if channel.type == ChannelType.DM and set(channel.recipients) == {first_id, second_id}:
                return channel
        channel = Channel(self.ids.next(), ChannelType.DM, "", recipients=[first_id, second_id])
        self.channels[channel.id] = channel
        return channel

    def create_webhook(
        self,
        channel: Channel,
        name: str,
        creator_id: int,
        *,
        avatar: str | None = None,
        application_id: int | None = None,
    ) -> Webhook:
        """Add a webhook to a channel."""
        token = secrets.token_urlsafe(51)
        guild_id = self.guild(channel.guild_id).id
        webhook = Webhook(self.ids.next(), guild_id, channel.id, name, token, creator_id, avatar, application_id)
        self.webhooks[webhook.id] = webhook
        self.announce_webhooks(channel)
        return webhook

    def delete_webhook(self, webhook: Webhook) -> None:
        """Remove a webhook; its posts stay."""
        del self.webhooks[webhook.id]
        self.announce_webhooks(self.channel(webhook.channel_id))

    def announce_webhooks(self, channel: Channel) -> None:
        """Say that a channel's webhooks changed; Discord does not say how."""
        data = {"guild_id": str(channel.guild_id), "channel_id": str(channel.id)}
        self.emit("WEBHOOKS_UPDATE", data, channel=channel)
