"""What one interaction is, from a person's click to the app's last follow-up."""

from __future__ import annotations

import asyncio
import base64
import secrets
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Final

from sandbox.commands import Command
from sandbox.errors import ApiError
from sandbox.models import Message

FIRST_ANSWER_S: Final = 3.0
"""How long an app has for its first answer."""
TOKEN_S: Final = 15 * 60.0
"""How long the token then serves for edits and follow-ups (both:
https://discord.com/developers/docs/interactions/receiving-and-responding)."""

TOKEN_PREFIX: Final = base64.urlsafe_b64encode(b"interaction:").decode()
"""Every interaction token begins so, as Discord's do; routes tell them from webhook tokens by it."""


class InteractionType(IntEnum):
    """Discord's interaction types that reach a gateway bot."""

    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL = 5


class CallbackType(IntEnum):
    """What an app may answer first."""

    PONG = 1
    MESSAGE = 4
    DEFERRED_MESSAGE = 5
    DEFERRED_UPDATE = 6
    UPDATE = 7
    AUTOCOMPLETE = 8
    MODAL = 9


def make_token(interaction_id: int) -> str:
    """Make an unguessable token that names its interaction, in the shape of Discord's."""
    raw = f"interaction:{interaction_id}:{secrets.token_hex(48)}".encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@dataclass(slots=True)
class Interaction:
    """One interaction. `data` is what the payload carries; the fields below `data` fill in as the app answers.

    `source` is the message whose component was used (also for a modal that such a component opened); `original` the id
    of the message that `@original` means; `done` is set at the first answer.
    """

    id: int
    token: str
    type: InteractionType
    application_id: int
    user_id: int
    channel_id: int
    guild_id: int | None
    locale: str
    created_at_s: float
    data: dict[str, Any]
    command: Command | None = None
    source: Message | None = None
    opened_by: Interaction | None = None
    callback: CallbackType | None = None
    original_id: int | None = None
    modal: dict[str, Any] | None = None
    modal_used: bool = False
    choices: list[dict[str, Any]] | None = None
    messages: list[int] = field(default_factory=list)
    done: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def answered(self) -> bool:
        """Tell whether the first answer has come."""
        return self.callback is not None

    def __repr__(self) -> str:
        """Name the interaction without its token or content."""
        return f"<Interaction {self.id} type={self.type.name} callback={self.callback}>"


def unknown_interaction() -> ApiError:
    """Say that an interaction does not exist or came to its deadline unanswered (10062)."""
    return ApiError(404, 10062, "Unknown interaction")


def already_answered() -> ApiError:
    """Say that an interaction has had its first answer (40060)."""
    return ApiError(400, 40060, "Interaction has already been acknowledged.")


def unknown_token() -> ApiError:
    """Say that a token opens nothing: wrong, past its fifteen minutes, or not answered yet (10015)."""
    return ApiError(404, 10015, "Unknown Webhook")
