"""Write messages with what hangs on them, and webhooks."""

from __future__ import annotations

from urllib.parse import quote

from sandbox.ids import iso
from sandbox.models import (
    Attachment,
    Message,
    MessageType,
    Reaction,
    Webhook,
)
from sandbox.render.guilds import channel_json
from sandbox.render.people import Json, member_json, optional_id, user_json
from sandbox.state import WorldState


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
