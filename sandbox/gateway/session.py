"""One gateway session: which events it hears, their numbers, and those kept for a resume."""

from __future__ import annotations

import json
import secrets
from collections import deque
from collections.abc import Callable
from typing import Any

from sandbox.events import Event, Intent
from sandbox.models import Application, Message
from sandbox.world import World

REPLAY_KEPT = 5_000
"""Events kept for RESUME."""

ALWAYS_VISIBLE = frozenset({"CHANNEL_CREATE", "CHANNEL_UPDATE", "CHANNEL_DELETE", "THREAD_DELETE"})
"""Sent whether or not the bot may view the channel."""

CONTENT_FIELDS: dict[str, Any] = {"content": "", "embeds": [], "attachments": [], "components": []}


def hide_content(data: dict[str, Any], message: Message, bot_id: int) -> dict[str, Any]:
    """Empty what the message content intent guards, but for what the bot wrote, was told privately or is mentioned in.

    https://discord.com/developers/docs/events/gateway#message-content-intent
    """
    own = message.author_id == bot_id or message.guild_id is None or bot_id in message.mentions
    if own:
        return data
    hidden = {**data, **CONTENT_FIELDS}
    hidden.pop("poll", None)
    referenced = hidden.get("referenced_message")
    if referenced is not None and referenced["author"]["id"] != str(bot_id):
        hidden["referenced_message"] = {**referenced, **CONTENT_FIELDS}
    return hidden


class Session:
    """A bot's place on one shard, which outlives its socket until it is dropped."""

    def __init__(self, world: World, app: Application, intents: int, shard: tuple[int, int]) -> None:
        self.world = world
        self.app = app
        self.intents = intents
        self.shard_id, self.shard_count = shard
        self.id = secrets.token_hex(16)
        self.seq = 0
        self.replay: deque[tuple[int, str]] = deque(maxlen=REPLAY_KEPT)
        self.presence: dict[str, Any] = {}
        self.deliver: Callable[[str], None] | None = None
        self.detached_at_s: float | None = None

    @property
    def connected(self) -> bool:
        """Tell whether a socket carries this session now."""
        return self.deliver is not None

    def dispatch(self, name: str, data: dict[str, Any]) -> None:
        """Number an event, keep it for a resume, and send it if there is a socket."""
        self.seq += 1
        text = json.dumps({"op": 0, "s": self.seq, "t": name, "d": data}, ensure_ascii=False, separators=(",", ":"))
        self.replay.append((self.seq, text))
        if self.deliver is not None:
            self.deliver(text)

    def missed(self, after_seq: int) -> list[str] | None:
        """Return the events after a number, or None when they are no longer all kept or the number is ahead."""
        if after_seq > self.seq:
            return None
        oldest = self.replay[0][0] if self.replay else self.seq + 1
        if after_seq + 1 < oldest:
            return None
        return [text for seq, text in self.replay if seq > after_seq]

    def on_event(self, event: Event) -> None:
        """Hear an event of the world and pass on what this session should get."""
        if not self.wants(event):
            return
        data = event.data
        if event.message is not None and not self.intents & Intent.MESSAGE_CONTENT:
            data = hide_content(data, event.message, self.app.bot_id)
        if event.name == "AUTO_MODERATION_ACTION_EXECUTION" and not self.intents & Intent.MESSAGE_CONTENT:
            data = {**data, "content": "", "matched_content": ""}
        if event.name == "GUILD_CREATE" and not self.intents & Intent.GUILD_MEMBERS:
            own = [member for member in data["members"] if member["user"]["id"] == str(self.app.bot_id)]
            data = {**data, "members": own}
        self.dispatch(event.name, data)

    def wants(self, event: Event) -> bool:
        """Tell whether an event is for this bot, this shard, these intents and these eyes."""
        bot_id = self.app.bot_id
        if event.name.startswith("SANDBOX_") or event.only_user not in (None, bot_id):
            return False
        if event.guild_id is None:
            if self.shard_id != 0 or (event.recipients and bot_id not in event.recipients):
                return False
        elif not self._has_guild(event):
            return False
        if event.intent and not event.intent & self.intents and not self._about_me(event):
            return False
        return self._sees(event)

    def _has_guild(self, event: Event) -> bool:
        guild_id = event.guild_id or 0
        if (guild_id >> 22) % self.shard_count != self.shard_id:
            return False
        guild = self.world.guilds.get(guild_id)
        is_member = guild is not None and self.app.bot_id in guild.members
        return is_member or (event.name == "GUILD_DELETE" and event.only_user == self.app.bot_id)

    def _about_me(self, event: Event) -> bool:
        """A bot hears changes of its own member without the members intent."""
        if event.name != "GUILD_MEMBER_UPDATE":
            return False
        return bool(event.data["user"]["id"] == str(self.app.bot_id))

    def _sees(self, event: Event) -> bool:
        if event.channel_id is None or event.guild_id is None or event.name in ALWAYS_VISIBLE:
            return True
        channel = self.world.channels.get(event.channel_id)
        return channel is None or self.world.can_see(self.app.bot_id, channel)
