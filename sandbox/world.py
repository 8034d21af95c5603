"""The world: all that the sandbox holds, and everything that can happen in it.

`World` is layers of one object, each in its module: `state` (tables, look-ups, permissions, records), `messages` and
`guilds` (what happens, with events), `members` (what people do, with permissions asked), `commands` and `interactions`
(what apps register and answer). This module adds what belongs to none of them.
"""

from __future__ import annotations

from sandbox.interactions.actions import InteractionOps
from sandbox.models import LogEntry, Member, Overwrite
from sandbox.permissions import Permission

__all__ = ["World"]


class World(InteractionOps):
    """A Discord of one's own. Pass a `clock` (seconds since 1970) to hold time in a test."""

    def set_bot_permissions(self, guild_id: int, bot_id: int, permissions: int) -> None:
        """Give a bot exactly these guild-wide permissions through its managed role; @everyone's still add to them."""
        guild = self.guild(guild_id)
        role = next(role for role in guild.roles.values() if role.managed_by_bot == bot_id)
        role.permissions = int(permissions)
        self.update_role(guild, role)

    def deny_in_channel(self, channel_id: int, user_id: int, *denied: Permission) -> None:
        """Deny a member these permissions in one channel, whatever the roles say."""
        channel = self.channel(channel_id)
        overwrite = channel.overwrites.setdefault(user_id, Overwrite(user_id, 1))
        for bit in denied:
            overwrite.deny |= bit
            overwrite.allow &= ~bit
        self.update_channel(channel)

    def time_out(self, member: Member, until_s: float | None) -> None:
        """Silence a member until a time (seconds since 1970), or lift it with None."""
        member.timed_out_until_s = until_s
        self.update_member(member)

    def facts(self, what: str | None = None, *, channel_id: int | None = None) -> list[LogEntry]:
        """Return the log's entries, optionally of one kind or one channel."""
        return [
            entry
            for entry in self.log
            if (what is None or entry.what == what) and (channel_id is None or entry.channel_id == channel_id)
        ]
