"""Webhooks themselves: create, list, look up, modify, delete, by bot or by token."""

from __future__ import annotations

import secrets
from typing import Any

from aiohttp import web

from sandbox.errors import ApiError, invalid_field, unknown
from sandbox.http import API, body_of, caller, no_content, path_id, reason_of, reply, world_of
from sandbox.ids import parse_snowflake
from sandbox.models import Channel, ChannelType, Webhook
from sandbox.permissions import Permission
from sandbox.pictures import read_data_uri
from sandbox.render import webhook_json
from sandbox.routes.messages import open_channel
from sandbox.world import World

routes = web.RouteTableDef()
BY_ID = API + "/webhooks/{webhook_id}"
BY_TOKEN = BY_ID + "/{webhook_token}"
MAX_PER_CHANNEL = 15
CREATED, UPDATED, DELETED = 50, 51, 52
FORBIDDEN_NAMES = ("clyde", "discord")
HOLDS_WEBHOOKS = frozenset(
    {ChannelType.TEXT, ChannelType.VOICE, ChannelType.ANNOUNCEMENT, ChannelType.FORUM, ChannelType.STAGE}
)


def check_name(value: Any, field: str = "name") -> str:
    """Return a webhook's or post's name, trimmed; raises 50035: 1 to 80 characters, neither "clyde" nor "discord"."""
    if not isinstance(value, str):
        raise invalid_field(field, code="BASE_TYPE_REQUIRED", message="This field is required")
    name = " ".join(value.split())
    if not 1 <= len(name) <= 80:
        raise invalid_field(field, code="BASE_TYPE_BAD_LENGTH", message="Must be between 1 and 80 in length.")
    for word in FORBIDDEN_NAMES:
        if word in name.lower():
            message = f'{field.capitalize()} cannot contain "{word}"'
            raise invalid_field(field, code="USERNAME_INVALID_CONTAINS", message=message)
    return name


def store_avatar(world: World, value: Any) -> str | None:
    """Keep the picture of a data URI and return its hash."""
    read = read_data_uri(value)
    if read is None:
        return None
    name, blob = read
    world.blobs.put(f"pictures/{name}", blob)
    return name


def find_webhook(request: web.Request, *, by_token: bool) -> Webhook:
    """Return the webhook in the path: 10015 for an unknown id, 50027 for a wrong token."""
    world = world_of(request)
    found = world.webhooks.get(path_id(request, "webhook_id"))
    if found is None:
        raise unknown("webhook")
    if by_token and not secrets.compare_digest(found.token, request.match_info["webhook_token"]):
        raise ApiError(401, 50027, "Invalid Webhook Token")
    return found


def managed_webhook(request: web.Request) -> tuple[World, int, Webhook, Channel]:
    """Return a webhook that the calling bot may manage."""
    world, app = world_of(request), caller(request)
    webhook = find_webhook(request, by_token=False)
    channel = world.channel(webhook.channel_id)
    world.require(app.bot_id, channel, Permission.MANAGE_WEBHOOKS)
    return world, app.bot_id, webhook, channel


@routes.post(API + "/channels/{channel_id}/webhooks")
async def create_webhook(request: web.Request) -> web.StreamResponse:
    """Create a webhook; 30007 at fifteen in the channel."""
    world, app, channel = open_channel(request, Permission.MANAGE_WEBHOOKS)
    if channel.type not in HOLDS_WEBHOOKS:
        raise ApiError(400, 50024, "Cannot execute action on this channel type")
    data = (await body_of(request)).data
    name = check_name(data.get("name"))
    if sum(webhook.channel_id == channel.id for webhook in world.webhooks.values()) >= MAX_PER_CHANNEL:
        raise ApiError(400, 30007, f"Maximum number of webhooks reached ({MAX_PER_CHANNEL})")
    avatar = store_avatar(world, data.get("avatar"))
    webhook = world.create_webhook(channel, name, app.bot_id, avatar=avatar, application_id=app.id)
    options = {"channel_id": str(channel.id)}
    world.audit(world.guild(channel.guild_id), CREATED, app.bot_id, webhook.id, reason_of(request), **options)
    return reply(webhook_json(world, webhook, with_user=True))


@routes.get(API + "/channels/{channel_id}/webhooks")
async def list_channel_webhooks(request: web.Request) -> web.StreamResponse:
    """Return a channel's webhooks."""
    world, app, channel = open_channel(request, Permission.MANAGE_WEBHOOKS)
    found = [webhook for webhook in world.webhooks.values() if webhook.channel_id == channel.id]
    return reply([listed(world, app.id, webhook) for webhook in found])


@routes.get(API + "/guilds/{guild_id}/webhooks")
async def list_guild_webhooks(request: web.Request) -> web.StreamResponse:
    """Return a guild's webhooks."""
    world, app = world_of(request), caller(request)
    guild = world.guild(path_id(request, "guild_id"))
    world.require_guild(app.bot_id, guild, Permission.MANAGE_WEBHOOKS)
    found = [webhook for webhook in world.webhooks.values() if webhook.guild_id == guild.id]
    return reply([listed(world, app.id, webhook) for webhook in found])


def listed(world: World, app_id: int, webhook: Webhook) -> dict[str, Any]:
    """Write a webhook in a list: another application's comes without its token."""
    own = webhook.application_id in (None, app_id)
    return webhook_json(world, webhook, with_user=True, with_token=own)


@routes.get(BY_ID)
async def get_webhook(request: web.Request) -> web.StreamResponse:
    """Return a webhook to a bot that manages webhooks there."""
    world, _, webhook, _ = managed_webhook(request)
    return reply(listed(world, caller(request).id, webhook))


@routes.patch(BY_ID)
async def modify_webhook(request: web.Request) -> web.StreamResponse:
    """Rename, repaint or move a webhook."""
    world, bot_id, webhook, channel = managed_webhook(request)
    data = (await body_of(request)).data
    if "channel_id" in data:
        target = world.channel(parse_snowflake(data["channel_id"]))
        if target.guild_id != webhook.guild_id:
            raise unknown("channel")
        world.require(bot_id, target, Permission.MANAGE_WEBHOOKS)
        webhook.channel_id = target.id
        world.announce_webhooks(target)
    change(world, webhook, data)
    world.announce_webhooks(channel)
    world.audit(world.guild(webhook.guild_id), UPDATED, bot_id, webhook.id, reason_of(request))
    return reply(webhook_json(world, webhook, with_user=True))


def change(world: World, webhook: Webhook, data: dict[str, Any]) -> None:
    """Apply a new name and avatar."""
    if "name" in data:
        webhook.name = check_name(data["name"])
    if "avatar" in data:
        webhook.avatar = store_avatar(world, data["avatar"])


@routes.delete(BY_ID)
async def delete_webhook(request: web.Request) -> web.StreamResponse:
    """Delete a webhook."""
    world, bot_id, webhook, _ = managed_webhook(request)
    world.delete_webhook(webhook)
    world.audit(world.guild(webhook.guild_id), DELETED, bot_id, webhook.id, reason_of(request))
    return no_content()


@routes.get(BY_TOKEN)
async def get_webhook_by_token(request: web.Request) -> web.StreamResponse:
    """Return a webhook to whoever has its token."""
    return reply(webhook_json(world_of(request), find_webhook(request, by_token=True), with_user=False))


@routes.patch(BY_TOKEN)
async def modify_webhook_by_token(request: web.Request) -> web.StreamResponse:
    """Rename or repaint a webhook by its token; it cannot be moved that way."""
    world, webhook = world_of(request), find_webhook(request, by_token=True)
    change(world, webhook, (await body_of(request)).data)
    world.announce_webhooks(world.channel(webhook.channel_id))
    return reply(webhook_json(world, webhook, with_user=False))


@routes.delete(BY_TOKEN)
async def delete_webhook_by_token(request: web.Request) -> web.StreamResponse:
    """Delete a webhook by its token."""
    world, webhook = world_of(request), find_webhook(request, by_token=True)
    guild = world.guild(webhook.guild_id)
    world.delete_webhook(webhook)
    world.audit(guild, DELETED, webhook.creator_id, webhook.id, reason_of(request))
    return no_content()
