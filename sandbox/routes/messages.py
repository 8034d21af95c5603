"""Channel messages: read, write, edit, delete, in bulk, typing and pins."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from sandbox.drafts import apply_edit, read_draft, read_reference
from sandbox.errors import ApiError, invalid_field, missing_permissions
from sandbox.gateway.session import hide_content
from sandbox.http import (
    API,
    Body,
    body_of,
    caller,
    no_content,
    path_id,
    query_id,
    query_int,
    reason_of,
    reply,
    world_of,
)
from sandbox.ids import created_ms, iso, parse_snowflake
from sandbox.messages import MAX_PINS
from sandbox.models import MESSAGEABLE, Application, Channel, Message, MessageFlag
from sandbox.permissions import Permission
from sandbox.ratelimit import OLD_MESSAGE_MS
from sandbox.render import message_json
from sandbox.world import World

routes = web.RouteTableDef()
MESSAGES = API + "/channels/{channel_id}/messages"
MESSAGE = MESSAGES + "/{message_id}"
PINS = API + "/channels/{channel_id}/pins"
NEW_PINS = MESSAGES + "/pins"
MESSAGE_DELETE, BULK_DELETE, PIN, UNPIN = 72, 73, 74, 75


def shown(world: World, app: Application, message: Message) -> dict[str, Any]:
    """Write a message for a bot: without the content intent it sees content no better here than at the gateway."""
    data = message_json(world, message, viewer_id=app.bot_id)
    return data if app.message_content else hide_content(data, message, app.bot_id)


def open_channel(request: web.Request, *needed: Permission) -> tuple[World, Application, Channel]:
    """Return who asks and the channel they ask about, or refuse."""
    world, app = world_of(request), caller(request)
    channel = world.channel(path_id(request, "channel_id"))
    world.require(app.bot_id, channel, *needed)
    return world, app, channel


@routes.get(MESSAGES)
async def list_messages(request: web.Request) -> web.StreamResponse:
    """Return up to 100 messages, newest first, around, before or after an id."""
    world, app, channel = open_channel(request)
    if channel.type not in MESSAGEABLE:
        raise ApiError(400, 50008, "Cannot send messages in a non-text channel")
    limit = query_int(request, "limit", 50, low=1, high=100)
    around, before, after = (query_id(request, name) for name in ("around", "before", "after"))
    if not world.permissions_in(app.bot_id, channel) & Permission.READ_MESSAGE_HISTORY:
        return reply([])
    found = list(world.history(channel.id))
    if around is not None:
        half = limit // 2
        older = [m for m in found if m.id <= around][-(half + 1) :]
        found = older + [m for m in found if m.id > around][: limit - len(older)]
    elif after is not None:
        found = [m for m in found if m.id > after][:limit]
    else:
        found = [m for m in found if before is None or m.id < before][-limit:]
    return reply([shown(world, app, message) for message in reversed(found)])


@routes.get(NEW_PINS)
async def list_pins(request: web.Request) -> web.StreamResponse:
    """Return a page of pins with the time each was set."""
    world, app, channel = open_channel(request)
    limit = query_int(request, "limit", 50, low=1, high=50)
    before = request.query.get("before")
    items = [
        {"pinned_at": iso(message.pinned_at_s or 0.0), "message": shown(world, app, message)}
        for message in pinned(world, app, channel)
    ]
    if before is not None:
        items = [item for item in items if str(item["pinned_at"]) < before]
    return reply({"items": items[:limit], "has_more": len(items) > limit})


@routes.get(MESSAGE)
async def get_message(request: web.Request) -> web.StreamResponse:
    """Return one message."""
    world, app, channel = open_channel(request, Permission.READ_MESSAGE_HISTORY)
    return reply(shown(world, app, world.message(channel.id, path_id(request, "message_id"))))


@routes.post(MESSAGES)
async def create_message(request: web.Request) -> web.StreamResponse:
    """Post as the bot; with `enforce_nonce` a repeated nonce answers the message that stands already."""
    world, app, channel = open_channel(request)
    check_may_send(world, app.bot_id, channel)
    body = await body_of(request)
    bits = world.permissions_in(app.bot_id, channel)
    if body.files and not bits & Permission.ATTACH_FILES:
        raise missing_permissions()
    draft = read_reference(world, channel, app.bot_id, body.data, read_draft(world, channel, body))
    if draft.embeds and not bits & Permission.EMBED_LINKS:
        raise missing_permissions()
    if body.data.get("enforce_nonce") and draft.nonce is not None:
        same = [m for m in world.history(channel.id) if m.author_id == app.bot_id and m.nonce == draft.nonce]
        if same:
            return reply(shown(world, app, same[-1]))
    draft.application_id = app.id if draft.components else None
    return reply(message_json(world, world.post(channel, app.bot_id, draft), viewer_id=app.bot_id))


def check_may_send(world: World, bot_id: int, channel: Channel) -> None:
    """Refuse where the bot cannot speak: kind of channel, permission, locked thread, closed conversation."""
    if channel.type not in MESSAGEABLE:
        raise ApiError(400, 50008, "Cannot send messages in a non-text channel")
    bits = world.require(bot_id, channel, world.send_permission(channel))
    if channel.thread is not None and channel.thread.locked and not bits & Permission.MANAGE_THREADS:
        raise ApiError(403, 160005, "Thread is locked")
    if channel.guild_id is None:
        others = [world.users[other] for other in channel.recipients if other != bot_id]
        shared = {guild.id for other in others for guild in world.guilds_of(other.id)}
        if any(not other.dms_open for other in others) or not shared & {g.id for g in world.guilds_of(bot_id)}:
            raise ApiError(403, 50007, "Cannot send messages to this user")


@routes.patch(MESSAGE)
async def edit_message(request: web.Request) -> web.StreamResponse:
    """Edit the bot's own message; of others' only the embeds may be suppressed, with MANAGE_MESSAGES."""
    world, app, channel = open_channel(request)
    message = world.message(channel.id, path_id(request, "message_id"))
    body = await body_of(request)
    if channel.thread is not None and channel.thread.archived:
        raise ApiError(400, 50083, "Tried to perform an operation on an archived thread, such as editing a message")
    own = message.author_id == app.bot_id and message.webhook_id is None
    if not own:
        return reply(message_json(world, suppress(world, app, channel, message, body), viewer_id=app.bot_id))
    return reply(message_json(world, apply_edit(world, message, body, actor_id=app.bot_id), viewer_id=app.bot_id))


def suppress(world: World, app: Application, channel: Channel, message: Message, body: Body) -> Message:
    """Hide or show the embeds of another's message."""
    if set(body.data) - {"flags"} or not isinstance(body.data.get("flags"), int):
        raise ApiError(403, 50005, "Cannot edit a message authored by another user")
    world.require(app.bot_id, channel, Permission.MANAGE_MESSAGES)
    hidden = body.data["flags"] & MessageFlag.SUPPRESS_EMBEDS
    return world.edit(message, flags=(message.flags & ~MessageFlag.SUPPRESS_EMBEDS) | hidden, stamp=False)


@routes.delete(MESSAGE)
async def delete_message(request: web.Request) -> web.StreamResponse:
    """Delete a message: one's own, or with MANAGE_MESSAGES any."""
    world, app, channel = open_channel(request)
    message = world.message(channel.id, path_id(request, "message_id"))
    if channel.thread is not None and channel.thread.archived and channel.thread.locked:
        raise ApiError(400, 50083, "Tried to perform an operation on an archived thread, such as editing a message")
    own = message.author_id == app.bot_id and message.webhook_id is None
    if not own:
        world.require(app.bot_id, channel, Permission.MANAGE_MESSAGES)
        if channel.guild_id is None:
            raise ApiError(403, 50003, "Cannot execute action on a DM channel")
    world.delete(message, actor_id=app.bot_id)
    if not own and channel.guild_id is not None:
        options = {"channel_id": str(channel.id), "count": "1"}
        guild = world.guild(channel.guild_id)
        world.audit(guild, MESSAGE_DELETE, app.bot_id, message.author_id, reason_of(request), **options)
    return no_content()


@routes.post(MESSAGES + "/bulk-delete")
async def bulk_delete(request: web.Request) -> web.StreamResponse:
    """Delete 2 to 100 messages under two weeks old with one event."""
    world, app, channel = open_channel(request, Permission.MANAGE_MESSAGES)
    if channel.guild_id is None:
        raise ApiError(403, 50003, "Cannot execute action on a DM channel")
    listed = (await body_of(request)).data.get("messages")
    if not isinstance(listed, list) or not 2 <= len(listed) <= 100:
        raise ApiError(
            400,
            50016,
            "Provided too few or too many messages to delete. Must provide at least 2 and at most 100 messages",
        )
    ids = [parse_snowflake(item) for item in listed]
    if any(item is None for item in ids):
        raise invalid_field("messages", code="NUMBER_TYPE_COERCE", message="Not all values are snowflakes.")
    wanted = [item for item in ids if item is not None]
    if any(world.clock() * 1000 - created_ms(item) > OLD_MESSAGE_MS for item in wanted):
        raise ApiError(400, 50034, "A message provided was too old to bulk delete")
    gone = world.delete_bulk(channel, wanted, actor_id=app.bot_id)
    guild = world.guild(channel.guild_id)
    world.audit(guild, BULK_DELETE, app.bot_id, channel.id, reason_of(request), count=str(len(gone)))
    return no_content()


@routes.post(API + "/channels/{channel_id}/typing")
async def typing(request: web.Request) -> web.StreamResponse:
    """Show the bot typing."""
    world, app, channel = open_channel(request)
    world.require(app.bot_id, channel, world.send_permission(channel))
    world.start_typing(channel, app.bot_id)
    return no_content()


@routes.get(PINS)
async def list_pins_old(request: web.Request) -> web.StreamResponse:
    """Return the pinned messages, newest pin first (the older route)."""
    world, app, channel = open_channel(request)
    return reply([shown(world, app, message) for message in pinned(world, app, channel)])


def pinned(world: World, app: Application, channel: Channel) -> list[Message]:
    """Return a channel's pinned messages, newest pin first; none without READ_MESSAGE_HISTORY."""
    if not world.permissions_in(app.bot_id, channel) & Permission.READ_MESSAGE_HISTORY:
        return []
    found = [message for message in world.history(channel.id) if message.pinned]
    return sorted(found, key=lambda message: message.pinned_at_s or 0.0, reverse=True)


@routes.put(PINS + "/{message_id}")
@routes.put(NEW_PINS + "/{message_id}")
async def pin(request: web.Request) -> web.StreamResponse:
    """Pin a message."""
    return set_pin(request, True)


@routes.delete(PINS + "/{message_id}")
@routes.delete(NEW_PINS + "/{message_id}")
async def unpin(request: web.Request) -> web.StreamResponse:
    """Unpin a message."""
    return set_pin(request, False)


def set_pin(request: web.Request, on: bool) -> web.StreamResponse:
    """Pin or unpin with PIN_MESSAGES, which Discord split off MANAGE_MESSAGES in 2026."""
    world, app, channel = open_channel(request, Permission.PIN_MESSAGES)
    message = world.message(channel.id, path_id(request, "message_id"))
    if on and len(pinned(world, app, channel)) >= MAX_PINS:
        raise ApiError(400, 30003, f"Maximum number of pins reached ({MAX_PINS})")
    if message.pinned != on:
        world.set_pinned(message, on, app.bot_id)
        if channel.guild_id is not None:
            options = {"channel_id": str(channel.id), "message_id": str(message.id)}
            guild = world.guild(channel.guild_id)
            world.audit(guild, PIN if on else UNPIN, app.bot_id, message.author_id, reason_of(request), **options)
    return no_content()
