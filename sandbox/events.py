"""The world's events: who may hear of what, and the bus that carries them to gateway sessions and the page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntFlag
from typing import Any

from sandbox.models import Message


class Intent(IntFlag):
    """Gateway intents (https://discord.com/developers/docs/events/gateway#gateway-intents)."""

    GUILDS = 1 << 0
    GUILD_MEMBERS = 1 << 1
    GUILD_MODERATION = 1 << 2
    GUILD_EXPRESSIONS = 1 << 3
    GUILD_WEBHOOKS = 1 << 5
    GUILD_PRESENCES = 1 << 8
    GUILD_MESSAGES = 1 << 9
    GUILD_MESSAGE_REACTIONS = 1 << 10
    GUILD_MESSAGE_TYPING = 1 << 11
    DIRECT_MESSAGES = 1 << 12
    DIRECT_MESSAGE_REACTIONS = 1 << 13
    DIRECT_MESSAGE_TYPING = 1 << 14
    MESSAGE_CONTENT = 1 << 15
    AUTO_MODERATION_CONFIGURATION = 1 << 20
    AUTO_MODERATION_EXECUTION = 1 << 21


ALL_INTENTS = (1 << 26) - 1

_GUILD_INTENTS = {
    "AUTO_MODERATION_RULE": Intent.AUTO_MODERATION_CONFIGURATION,
    "AUTO_MODERATION_ACTION": Intent.AUTO_MODERATION_EXECUTION,
    "GUILD_MEMBER": Intent.GUILD_MEMBERS,
    "THREAD_MEMBERS_UPDATE": Intent.GUILDS,
    "GUILD_AUDIT_LOG": Intent.GUILD_MODERATION,
    "GUILD_BAN": Intent.GUILD_MODERATION,
    "GUILD_": Intent.GUILDS,
    "CHANNEL_": Intent.GUILDS,
    "THREAD_": Intent.GUILDS,
    "WEBHOOKS_UPDATE": Intent.GUILD_WEBHOOKS,
    "MESSAGE_REACTION": Intent.GUILD_MESSAGE_REACTIONS,
    "MESSAGE_": Intent.GUILD_MESSAGES,
    "TYPING_START": Intent.GUILD_MESSAGE_TYPING,
}
_DIRECT_INTENTS = {
    "CHANNEL_PINS": Intent.DIRECT_MESSAGES,
    "MESSAGE_REACTION": Intent.DIRECT_MESSAGE_REACTIONS,
    "MESSAGE_": Intent.DIRECT_MESSAGES,
    "TYPING_START": Intent.DIRECT_MESSAGE_TYPING,
}


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened.

    `data` is Discord's payload, never changed after publishing. `message` is set on message events so that a session
    without the content intent can be given less. `channel_id` limits it to those who see that channel, `only_user` to
    one user (an interaction's bot, a member of an ephemeral answer), `recipients` to the people of a conversation.
    """

    name: str
    data: dict[str, Any]
    guild_id: int | None = None
    channel_id: int | None = None
    message: Message | None = None
    only_user: int | None = None
    recipients: tuple[int, ...] = ()

    @property
    def intent(self) -> int:
        """Return the intent that a session needs, or 0 for what is always sent."""
        table = _DIRECT_INTENTS if self.guild_id is None else _GUILD_INTENTS
        for prefix, intent in table.items():
            if self.name.startswith(prefix):
                return intent
        return 0


Listener = Callable[[Event], None]


class EventBus:
    """Hand each event to every listener, at once and in order of publishing; a listener must not block."""

    def __init__(self) -> None:
        self._listeners: dict[int, Listener] = {}
        self._next = 0

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Add a listener and return the function that removes it."""
        key = self._next
        self._next += 1
        self._listeners[key] = listener

        def unsubscribe() -> None:
            self._listeners.pop(key, None)

        return unsubscribe

    def publish(self, event: Event) -> None:
        """Call the listeners that stand now; one added or removed meanwhile does not disturb the round."""
        for listener in list(self._listeners.values()):
            listener(event)
