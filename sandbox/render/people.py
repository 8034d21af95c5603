"""Write users, members and applications."""

from __future__ import annotations

from typing import Any

from sandbox.ids import iso
from sandbox.models import (
    Application,
    Member,
    User,
)
from sandbox.state import WorldState

Json = dict[str, Any]

APPLICATION_FLAG_MESSAGE_CONTENT = 1 << 18
APPLICATION_FLAG_GUILD_MEMBERS = 1 << 14
APPLICATION_FLAG_PRESENCE = 1 << 12
"""The approved flags; each has a "limited" twin one bit up, for bots in under 100 guilds: those are answered."""


def optional_id(value: int | None) -> str | None:
    """Write an id as a string, or None."""
    return str(value) if value is not None else None


def user_json(user: User) -> Json:
    """Write a user."""
    data: Json = {
        "id": str(user.id),
        "username": user.username,
        "discriminator": "0000" if user.bot else "0",
        "global_name": user.global_name,
        "avatar": user.avatar,
        "avatar_decoration_data": None,
        "collectibles": None,
        "banner": None,
        "accent_color": None,
        "public_flags": 0,
        "flags": 0,
        "clan": None,
        "primary_guild": None,
    }
    if user.bot:
        data["bot"] = True
    return data


def own_user_json(user: User) -> Json:
    """Write the bot's own user, with what only it may see."""
    return {**user_json(user), "mfa_enabled": True, "verified": True, "email": None, "locale": "en-US", "bio": ""}


def member_json(world: WorldState, member: Member, *, with_user: bool = True) -> Json:
    """Write a guild member; inside a message the user is left out."""
    data: Json = {
        "roles": [str(role) for role in member.roles],
        "nick": member.nick,
        "avatar": member.avatar,
        "banner": None,
        "joined_at": iso(member.joined_at_s),
        "premium_since": None,
        "deaf": False,
        "mute": False,
        "flags": 0,
        "pending": False,
        "communication_disabled_until": iso(member.timed_out_until_s) if member.timed_out_until_s else None,
    }
    if with_user:
        data["user"] = user_json(world.users[member.user_id])
    return data


def application_json(world: WorldState, app: Application) -> Json:
    """Write the bot's own application, its flags telling which privileged intents are on."""
    owner = world.users[app.owner_id]
    return {
        "id": str(app.id),
        "name": app.name,
        "icon": None,
        "description": "",
        "type": None,
        "bot": user_json(world.users[app.bot_id]),
        "summary": "",
        "is_monetized": False,
        "is_verified": False,
        "is_discoverable": False,
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": app.public_key,
        "flags": application_flags(app),
        "flags_new": str(application_flags(app)),
        "eligible_oauth2_scopes": [],
        "hook": True,
        "storefront_available": False,
        "integration_types_config": {"0": {}},
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "event_webhooks_url": None,
        "event_webhooks_status": 1,
        "event_webhooks_types": [],
        "explicit_content_filter": 0,
        "rpc_origins": [],
        "redirect_uris": [],
        "owner": user_json(owner),
        "team": None,
        "approximate_guild_count": len(world.guilds_of(app.bot_id)),
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
    }


def application_flags(app: Application) -> int:
    """Return the flags of an application in under 100 guilds: the "limited" bits beside the approved ones."""
    flags = APPLICATION_FLAG_MESSAGE_CONTENT << 1 if app.message_content else 0
    flags |= APPLICATION_FLAG_GUILD_MEMBERS << 1 if app.guild_members else 0
    return flags | (APPLICATION_FLAG_PRESENCE << 1 if app.presences else 0)
