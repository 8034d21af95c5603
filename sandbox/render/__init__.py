"""Write the world's things as the JSON that Discord's API v10 answers."""

from __future__ import annotations

from sandbox.render.guilds import (
    channel_json,
    emoji_json,
    gateway_guild_json,
    guild_json,
    role_json,
    thread_member_json,
)
from sandbox.render.messages import (
    attachment_json,
    author_json,
    message_event_json,
    message_json,
    reaction_emoji_json,
    reaction_json,
    webhook_json,
)
from sandbox.render.people import (
    Json,
    application_flags,
    application_json,
    member_json,
    optional_id,
    own_user_json,
    user_json,
)

__all__ = [
    "Json",
    "application_flags",
    "application_json",
    "attachment_json",
    "author_json",
    "channel_json",
    "emoji_json",
    "gateway_guild_json",
    "guild_json",
    "member_json",
    "message_event_json",
    "message_json",
    "optional_id",
    "own_user_json",
    "reaction_emoji_json",
    "reaction_json",
    "role_json",
    "thread_member_json",
    "user_json",
    "webhook_json",
]
