"""Write guilds, roles, channels and threads."""

from __future__ import annotations

from sandbox.ids import iso
from sandbox.models import (
    Channel,
    ChannelType,
    Guild,
    Role,
)
from sandbox.render.people import Json, member_json, optional_id, user_json
from sandbox.state import WorldState


def role_json(role: Role) -> Json:
    """Write a role."""
    data: Json = {
        "id": str(role.id),
        "name": role.name,
        "description": None,
        "color": role.color,
        "colors": {"primary_color": role.color, "secondary_color": None, "tertiary_color": None},
        "hoist": role.hoist,
        "icon": None,
        "unicode_emoji": None,
        "position": role.position,
        "permissions": str(int(role.permissions)),
        "managed": role.managed_by_bot is not None,
        "mentionable": role.mentionable,
        "flags": 0,
    }
    if role.managed_by_bot is not None:
        data["tags"] = {"bot_id": str(role.managed_by_bot)}
    return data


def channel_json(world: WorldState, channel: Channel, *, viewer_id: int | None = None) -> Json:
    """Write any channel; `viewer_id` adds a thread's own-membership or drops oneself from a DM's recipients."""
    if channel.type == ChannelType.DM:
        others = [world.users[user] for user in channel.recipients if user != viewer_id]
        return {
            "id": str(channel.id),
            "type": int(channel.type),
            "last_message_id": optional_id(channel.last_message_id),
            "flags": 0,
            "recipients": [user_json(user) for user in others],
        }
    data: Json = {
        "id": str(channel.id),
        "type": int(channel.type),
        "guild_id": str(channel.guild_id),
        "name": channel.name,
        "parent_id": optional_id(channel.parent_id),
        "last_message_id": optional_id(channel.last_message_id),
        "flags": 0,
        "rate_limit_per_user": channel.slowmode_s,
    }
    if channel.thread is not None:
        return data | _thread_fields(channel, viewer_id)
    data |= {
        "position": channel.position,
        "permission_overwrites": [
            {"id": str(o.id), "type": o.kind, "allow": str(int(o.allow)), "deny": str(int(o.deny))}
            for o in channel.overwrites.values()
        ],
        "nsfw": channel.nsfw,
        "topic": channel.topic,
        "last_pin_timestamp": iso(channel.last_pin_at_s) if channel.last_pin_at_s else None,
    }
    if channel.type in (ChannelType.VOICE, ChannelType.STAGE):
        data |= {"bitrate": 64_000, "user_limit": 0, "rtc_region": None}
    if channel.type in (ChannelType.FORUM, ChannelType.MEDIA):
        data |= {
            "available_tags": channel.available_tags,
            "default_reaction_emoji": None,
            "default_sort_order": None,
            "default_forum_layout": 0,
        }
    return data


def _thread_fields(channel: Channel, viewer_id: int | None) -> Json:
    thread = channel.thread
    assert thread is not None  # noqa: S101  (the caller has looked)
    data: Json = {
        "owner_id": str(thread.owner_id),
        "message_count": thread.message_count,
        "total_message_sent": thread.message_count,
        "member_count": min(len(thread.members), 50),
        "thread_metadata": {
            "archived": thread.archived,
            "archive_timestamp": iso(thread.archived_at_s or thread.created_at_s),
            "auto_archive_duration": thread.auto_archive_minutes,
            "locked": thread.locked,
            "create_timestamp": iso(thread.created_at_s),
        },
        "applied_tags": [str(tag) for tag in thread.applied_tags],
    }
    if channel.type == ChannelType.PRIVATE_THREAD:
        data["thread_metadata"]["invitable"] = thread.invitable
    if viewer_id is not None and viewer_id in thread.members:
        data["member"] = thread_member_json(channel, viewer_id)
    return data


def thread_member_json(channel: Channel, user_id: int) -> Json:
    """Write one member of a thread."""
    joined = channel.thread.members.get(user_id, 0.0) if channel.thread is not None else 0.0
    return {"id": str(channel.id), "user_id": str(user_id), "join_timestamp": iso(joined), "flags": 0}


def guild_json(world: WorldState, guild: Guild) -> Json:
    """Write a guild as REST answers it, without channels and members."""
    return {
        "id": str(guild.id),
        "name": guild.name,
        "icon": guild.icon,
        "description": None,
        "home_header": None,
        "splash": None,
        "discovery_splash": None,
        "features": ["COMMUNITY"],
        "banner": None,
        "owner_id": str(guild.owner_id),
        "application_id": None,
        "region": "deprecated",
        "afk_channel_id": None,
        "afk_timeout": 300,
        "system_channel_id": None,
        "system_channel_flags": 0,
        "widget_enabled": False,
        "widget_channel_id": None,
        "verification_level": 1,
        "roles": [role_json(role) for role in sorted(guild.roles.values(), key=lambda r: (r.position, r.id))],
        "default_message_notifications": 1,
        "mfa_level": 0,
        "explicit_content_filter": 2,
        "max_presences": None,
        "max_members": 500_000,
        "max_stage_video_channel_users": 50,
        "max_video_channel_users": 25,
        "vanity_url_code": None,
        "premium_tier": guild.premium_tier,
        "premium_subscription_count": 0,
        "preferred_locale": guild.preferred_locale,
        "rules_channel_id": None,
        "safety_alerts_channel_id": None,
        "public_updates_channel_id": optional_id(guild.public_updates_channel_id),
        "hub_type": None,
        "premium_progress_bar_enabled": False,
        "nsfw": False,
        "nsfw_level": 0,
        "emojis": [emoji_json(emoji_id, name) for emoji_id, name in guild.emojis.items()],
        "stickers": [],
        "incidents_data": None,
        "inventory_settings": None,
        "embed_enabled": False,
        "embed_channel_id": None,
    }


def gateway_guild_json(world: WorldState, guild: Guild, viewer_id: int, *, members: bool) -> Json:
    """Write a guild as GUILD_CREATE carries it: channels, live threads the viewer sees, and its members.

    Without the members intent only the viewer's own member is sent, as Discord does for a session that did not ask
    for presences.
    """
    shown = list(guild.members.values()) if members else [guild.members[viewer_id]]
    me = world.guilds[guild.id].members[viewer_id]
    return guild_json(world, guild) | {
        "joined_at": iso(me.joined_at_s),
        "large": len(guild.members) > 250,
        "unavailable": False,
        "member_count": len(guild.members),
        "voice_states": [],
        "members": [member_json(world, member) for member in shown],
        "channels": [channel_json(world, c) for c in world.guild_channels(guild.id)],
        "threads": [
            channel_json(world, c, viewer_id=viewer_id)
            for c in world.threads(guild.id, archived=False)
            if world.can_see(viewer_id, c)
        ],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def emoji_json(emoji_id: int, name: str) -> Json:
    """Write a guild's own emoji."""
    return {
        "id": str(emoji_id),
        "name": name,
        "roles": [],
        "require_colons": True,
        "managed": False,
        "animated": False,
        "available": True,
    }
