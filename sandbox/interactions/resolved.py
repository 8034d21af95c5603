"""The `resolved` part of an interaction: the full objects behind the ids that it names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sandbox import commands_rules as rules
from sandbox.commands import CommandOps
from sandbox.errors import unknown
from sandbox.models import Channel, Message
from sandbox.permissions import Permission
from sandbox.render import attachment_json, channel_json, member_json, message_json, role_json, user_json
from sandbox.uploads import Upload, check_sizes, store_uploads

Json = dict[str, Any]


class Resolved:
    """Collect users, members, roles, channels, messages and attachments, as one person sees them from one channel."""

    def __init__(self, world: CommandOps, channel: Channel, user_id: int) -> None:
        self.world = world
        self.channel = channel
        self.user_id = user_id
        self._parts: dict[str, Json] = {}

    def _put(self, table: str, key: int, data: Json) -> None:
        self._parts.setdefault(table, {})[str(key)] = data

    def add_user(self, user_id: int) -> None:
        """Add a user and, in a guild, their member; raises 10013 for a stranger."""
        world, guild_id = self.world, self.channel.guild_id
        self._put("users", user_id, user_json(world.user(user_id)))
        member = world.guild(guild_id).members.get(user_id) if guild_id is not None else None
        if member is not None:
            bits = world.permissions_in(user_id, self.channel)
            self._put("members", user_id, member_json(world, member, with_user=False) | {"permissions": str(bits)})

    def add_role(self, role_id: int) -> None:
        """Add a role of this guild; raises 10011."""
        guild = self.world.guild(self.channel.guild_id)
        if role_id not in guild.roles:
            raise unknown("role")
        self._put("roles", role_id, role_json(guild.roles[role_id]))

    def add_channel(self, channel_id: int, types: Sequence[int] = ()) -> None:
        """Add a channel of this guild that the person sees and, with `types`, of one of these types; raises 10003."""
        channel = self.world.channel(channel_id)
        bits = self.world.permissions_in(self.user_id, channel)
        if channel.guild_id != self.channel.guild_id or not bits & Permission.VIEW_CHANNEL:
            raise unknown("channel")
        if types and channel.type not in types:
            raise unknown("channel")
        self._put("channels", channel_id, channel_json(self.world, channel) | {"permissions": str(bits)})

    def add_mentionable(self, thing_id: int) -> None:
        """Add a user or a role, whichever the id names."""
        if self.channel.guild_id is not None and thing_id in self.world.guild(self.channel.guild_id).roles:
            self.add_role(thing_id)
        else:
            self.add_user(thing_id)

    def add_message(self, message: Message) -> None:
        """Add a message (the target of a message menu)."""
        self._put("messages", message.id, message_json(self.world, message))

    def add_attachment(self, upload: Upload) -> int:
        """Store a file that an option or a modal carries and return its attachment id; raises 40005 when too large."""
        guild_id = self.channel.guild_id
        limit = self.world.guild(guild_id).filesize_limit_bytes if guild_id is not None else 10 * 1024 * 1024
        check_sizes([upload], limit)
        item = store_uploads(self.world, self.channel.id, [upload], ephemeral=True)[0]
        self._put("attachments", item.id, attachment_json(self.world, self.channel.id, item))
        return item.id

    def add_kind(self, kind: int, thing_id: int, channel_types: Sequence[int] = ()) -> None:
        """Add what an option of type user, channel, role or mentionable names."""
        if kind == rules.USER:
            self.add_user(thing_id)
        elif kind == rules.CHANNEL:
            self.add_channel(thing_id, channel_types)
        elif kind == rules.ROLE:
            self.add_role(thing_id)
        else:
            self.add_mentionable(thing_id)

    def into(self, data: Json) -> Json:
        """Return `data` with `resolved` when there is anything to resolve."""
        return {**data, "resolved": self._parts} if self._parts else data
