"""Messages that one person sees: kept apart from every channel's history, told to that person and to the app alone."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Final

from sandbox.commands import CommandOps
from sandbox.errors import unknown
from sandbox.events import Event
from sandbox.models import Channel, Message
from sandbox.render import message_event_json

KEPT: Final = 2_000


class EphemeralOps(CommandOps):
    """The world's verbs for ephemeral messages; the oldest leave when there are too many."""

    def __init__(self, *, clock: Callable[[], float] = time.time) -> None:
        super().__init__(clock=clock)
        self.ephemerals: OrderedDict[int, Message] = OrderedDict()

    def place_ephemeral(self, message: Message) -> Message:
        """Show a built message to its one reader."""
        self.ephemerals[message.id] = message
        while len(self.ephemerals) > KEPT:
            self.ephemerals.popitem(last=False)
        self.emit_message("MESSAGE_CREATE", message)
        self.tell_app("MESSAGE_CREATE", message)
        return message

    def ephemeral(self, message_id: int, user_id: int) -> Message:
        """Return one of a person's ephemeral messages or raise 10008."""
        found = self.ephemerals.get(message_id)
        if found is None or found.ephemeral_to != user_id:
            raise unknown("message")
        return found

    def ephemerals_of(self, user_id: int, channel: Channel) -> list[Message]:
        """Return what a person sees alone in a channel, oldest first."""
        return [m for m in self.ephemerals.values() if m.ephemeral_to == user_id and m.channel_id == channel.id]

    def drop_ephemeral(self, message: Message) -> None:
        """Remove an ephemeral message: deleted by its app, or put away by its reader."""
        self.ephemerals.pop(message.id, None)
        for item in message.attachments:
            self.blobs.drop(f"attachments/{message.channel_id}/{item.id}/{item.filename}")
        channel = self.channel(message.channel_id)
        data = {"id": str(message.id), "channel_id": str(channel.id)}
        guild = {"guild_id": str(channel.guild_id)} if channel.guild_id is not None else {}
        self.emit("MESSAGE_DELETE", {**data, **guild}, channel=channel, only_user=message.ephemeral_to)

    def tell_app(self, name: str, message: Message) -> None:
        """Send the app its own ephemeral message the way Discord does: without guild, by the direct messages intent.

        https://discord.com/developers/docs/events/gateway-events#message-create
        """
        data: dict[str, Any] = message_event_json(self, message)
        for key in ("guild_id", "member"):
            data.pop(key, None)
        self.bus.publish(Event(name, data, message=message, only_user=message.author_id))
