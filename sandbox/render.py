"""Write the world's things as the JSON that Discord's API v10 answers."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from sandbox.ids import iso
from sandbox.models import (
    Application,
    Attachment,
    Channel,
    ChannelType,
    Guild,
    Member,
    Message,
    MessageType,
    Reaction,
    Role,
    User,
    Webhook,
)
from sandbox.state import WorldState

Json = dict[str, Any]

APPLICATION_FLAG_MESSAGE_CONTENT = 1 << 18
APPLICATION_FLAG_GUILD_MEMBERS = 1 << 14
APPLICATION_FLAG_PRESENCE = 1 << 12
"""The approved flags; the "limited" ones (15, 19, 13) are for bots in under 100 guilds, and are what we answer."""


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
        "public_updates_channel_id": None,
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


def attachment_json(world: WorldState, channel_id: int, attachment: Attachment) -> Json:
    """Write an attachment with its CDN address."""
    name = quote(attachment.filename)
    url = f"{world.cdn_base}/attachments/{channel_id}/{attachment.id}/{name}"
    data: Json = {
        "id": str(attachment.id),
        "filename": attachment.filename,
        "size": attachment.size,
        "url": url,
        "proxy_url": url,
        "content_type": attachment.content_type,
    }
    for key in ("description", "width", "height"):
        if getattr(attachment, key) is not None:
            data[key] = getattr(attachment, key)
    if attachment.ephemeral:
        data["ephemeral"] = True
    return data


def author_json(world: WorldState, message: Message) -> Json:
    """Write a message's author; a webhook is its own author, under the name of that one post."""
    if message.webhook_id is not None and message.webhook_name is not None:
        return {
            "id": str(message.webhook_id),
            "username": message.webhook_name,
            "avatar": message.webhook_avatar,
            "discriminator": "0000",
            "public_flags": 0,
            "flags": 0,
            "bot": True,
            "global_name": None,
            "clan": None,
            "primary_guild": None,
        }
    return user_json(world.users[message.author_id])


def message_json(
    world: WorldState, message: Message, *, viewer_id: int | None = None, with_reference: bool = True
) -> Json:
    """Write a message; `viewer_id` decides the reactions' `me`."""
    data: Json = {
        "id": str(message.id),
        "type": int(message.type),
        "channel_id": str(message.channel_id),
        "content": message.content,
        "author": author_json(world, message),
        "timestamp": iso(message.created_at_s),
        "edited_timestamp": iso(message.edited_at_s) if message.edited_at_s is not None else None,
        "tts": message.tts,
        "mention_everyone": message.mention_everyone,
        "mentions": [_mention_json(world, message, user_id) for user_id in message.mentions if user_id in world.users],
        "mention_roles": [str(role) for role in message.mention_roles],
        "attachments": [attachment_json(world, message.channel_id, item) for item in message.attachments],
        "embeds": message.embeds,
        "components": message.components,
        "pinned": message.pinned,
        "flags": int(message.flags),
    }
    if message.reactions:
        data["reactions"] = [reaction_json(item, viewer_id) for item in message.reactions]
    for key in ("webhook_id", "application_id"):
        if getattr(message, key) is not None:
            data[key] = str(getattr(message, key))
    if message.nonce is not None:
        data["nonce"] = message.nonce
    if message.sticker_items:
        data["sticker_items"] = message.sticker_items
    if message.interaction_metadata is not None:
        data["interaction_metadata"] = message.interaction_metadata
    if message.snapshots:
        data["message_snapshots"] = message.snapshots
    if message.reference is not None:
        data["message_reference"] = {"type": message.reference_type, **message.reference}
        if with_reference and message.type in (MessageType.REPLY, MessageType.THREAD_STARTER):
            data["referenced_message"] = _referenced(world, message, viewer_id)
    if message.thread_id is not None and message.thread_id in world.channels:
        data["thread"] = channel_json(world, world.channels[message.thread_id])
    return data


def _referenced(world: WorldState, message: Message, viewer_id: int | None) -> Json | None:
    reference = message.reference or {}
    channel_id = int(reference.get("channel_id", message.channel_id))
    target = world.messages.get(channel_id, {}).get(int(reference.get("message_id", 0)))
    return message_json(world, target, viewer_id=viewer_id, with_reference=False) if target is not None else None


def _mention_json(world: WorldState, message: Message, user_id: int) -> Json:
    data = user_json(world.users[user_id])
    guild = world.guilds.get(message.guild_id) if message.guild_id is not None else None
    if guild is not None and user_id in guild.members:
        data["member"] = member_json(world, guild.members[user_id], with_user=False)
    return data


def message_event_json(world: WorldState, message: Message) -> Json:
    """Write a message as MESSAGE_CREATE and MESSAGE_UPDATE carry it: with guild and member."""
    data = message_json(world, message)
    if message.guild_id is not None:
        data["guild_id"] = str(message.guild_id)
        member = world.guilds[message.guild_id].members.get(message.author_id)
        if member is not None and message.webhook_id is None:
            data["member"] = member_json(world, member, with_user=False)
    return data


def reaction_json(reaction: Reaction, viewer_id: int | None) -> Json:
    """Write a reaction's count and whether the viewer is among them."""
    count = len(reaction.users)
    return {
        "emoji": reaction_emoji_json(reaction),
        "count": count,
        "count_details": {"burst": 0, "normal": count},
        "burst_colors": [],
        "me_burst": False,
        "burst_me": False,
        "me": viewer_id in reaction.users,
        "burst_count": 0,
    }


def reaction_emoji_json(reaction: Reaction) -> Json:
    """Write the emoji of a reaction."""
    return {"id": optional_id(reaction.emoji_id), "name": reaction.name}


def webhook_json(world: WorldState, webhook: Webhook, *, with_user: bool, with_token: bool = True) -> Json:
    """Write a webhook; looked up by its token it comes without its creator, as Discord does."""
    data: Json = {
        "id": str(webhook.id),
        "type": 1,
        "application_id": optional_id(webhook.application_id),
        "avatar": webhook.avatar,
        "channel_id": str(webhook.channel_id),
        "guild_id": str(webhook.guild_id),
        "name": webhook.name,
    }
    if with_token:
        data["token"] = webhook.token
        data["url"] = f"{world.api_base}/webhooks/{webhook.id}/{webhook.token}"
    if with_user:
        data["user"] = user_json(world.users[webhook.creator_id])
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
