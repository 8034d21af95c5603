"""Control routes for what a person sees and does; `?as=ID` says who."""

from __future__ import annotations

from aiohttp import web

from sandbox.commands import command_json
from sandbox.control.arguments import (
    fields_of,
    id_field,
    optional_id_field,
    parse_emoji,
    speaker,
    text_field,
)
from sandbox.control.guard import control
from sandbox.control.views import channel_view, first_person, history_json, message_view, world_json
from sandbox.errors import unknown
from sandbox.http import GATEWAY, no_content, path_id, query_id, query_int, reply, world_of

routes = web.RouteTableDef()
API = "/sandbox/api"
CHANNEL = API + "/channels/{channel_id}"
MESSAGE = CHANNEL + "/messages/{message_id}"
REACTION = MESSAGE + "/reactions/{emoji}"
MAX_TEXT = 6_000
PAGE_LIMIT = 100


@routes.get(API + "/world")
@control
async def get_world(request: web.Request) -> web.StreamResponse:
    """Return a guild as a person sees it; without parameters the first guild and an ordinary member of it."""
    world = world_of(request)
    as_id, guild_id = query_id(request, "as"), query_id(request, "guild")
    mine = world.guilds_of(as_id) if as_id is not None else list(world.guilds.values())
    guild = world.guild(guild_id) if guild_id is not None else next(iter(mine), None)
    if guild is None:
        raise unknown("guild")
    user_id = speaker(request) if as_id is not None else first_person(world, guild)
    return reply(world_json(world, request.app[GATEWAY], guild, user_id))


@routes.get(CHANNEL + "/messages")
@control
async def get_messages(request: web.Request) -> web.StreamResponse:
    """Return up to 100 messages before an id, oldest first, with the person's ephemeral ones."""
    world, user_id = world_of(request), speaker(request)
    channel = world.channel(path_id(request, "channel_id"))
    limit = query_int(request, "limit", 50, low=1, high=PAGE_LIMIT)
    return reply(history_json(world, channel, user_id, before=query_id(request, "before"), limit=limit))


@routes.get(CHANNEL + "/commands")
@control
async def get_commands(request: web.Request) -> web.StreamResponse:
    """Return the commands that the person is offered in a channel."""
    world, user_id = world_of(request), speaker(request)
    channel = world.channel(path_id(request, "channel_id"))
    world.require(user_id, channel)
    return reply([command_json(command) for command in world.usable_commands(user_id, channel)])


@routes.post(CHANNEL + "/messages")
@control
async def send(request: web.Request) -> web.StreamResponse:
    """Speak: `content`, `reply_to`, `ping_reply`, and files as multipart with `payload_json`."""
    world, user_id, channel_id = world_of(request), speaker(request), path_id(request, "channel_id")
    body, data = await fields_of(request)
    message = world.member_send(
        user_id,
        channel_id,
        text_field(data, "content", most=MAX_TEXT).strip(),
        uploads=[body.files[number] for number in sorted(body.files)],
        reply_to=optional_id_field(data, "reply_to"),
        ping_reply=data.get("ping_reply") is not False,
    )
    return reply(message_view(world, message, user_id), 201)


@routes.patch(MESSAGE)
@control
async def edit(request: web.Request) -> web.StreamResponse:
    """Edit one's own message: `content`."""
    world, user_id = world_of(request), speaker(request)
    _, data = await fields_of(request)
    content = text_field(data, "content", most=MAX_TEXT).strip()
    channel_id, message_id = path_id(request, "channel_id"), path_id(request, "message_id")
    message = world.member_edit(user_id, channel_id, message_id, content)
    return reply(message_view(world, message, user_id))


@routes.delete(MESSAGE)
@control
async def delete(request: web.Request) -> web.StreamResponse:
    """Delete a message as the person."""
    world = world_of(request)
    world.member_delete(speaker(request), path_id(request, "channel_id"), path_id(request, "message_id"))
    return no_content()


@routes.put(REACTION)
@routes.delete(REACTION)
@control
async def react(request: web.Request) -> web.StreamResponse:
    """Set (PUT) or take back (DELETE) the person's reaction."""
    world, channel_id = world_of(request), path_id(request, "channel_id")
    channel = world.channel(channel_id)
    guild = world.guild(channel.guild_id) if channel.guild_id is not None else None
    name, emoji_id = parse_emoji(world, guild, request.match_info["emoji"])
    message_id = path_id(request, "message_id")
    on = request.method == "PUT"
    world.member_react(speaker(request), channel_id, message_id, name, emoji_id=emoji_id, on=on)
    return no_content()


@routes.post(CHANNEL + "/threads")
@control
async def create_thread(request: web.Request) -> web.StreamResponse:
    """Open a thread: `name`, and `message_id` to open it on a message or `content` for a first post."""
    world, user_id = world_of(request), speaker(request)
    _, data = await fields_of(request)
    thread = world.create_thread(
        user_id,
        path_id(request, "channel_id"),
        text_field(data, "name", most=MAX_TEXT),
        message_id=optional_id_field(data, "message_id"),
        content=text_field(data, "content", most=MAX_TEXT) or None,
    )
    return reply(channel_view(world, thread, user_id), 201)


@routes.post(API + "/dms")
@control
async def open_dm(request: web.Request) -> web.StreamResponse:
    """Open the conversation with `recipient_id`."""
    world, user_id = world_of(request), speaker(request)
    _, data = await fields_of(request)
    channel = world.member_open_dm(user_id, id_field(data, "recipient_id"))
    return reply(channel_view(world, channel, user_id))


@routes.delete(API + "/ephemeral/{message_id}")
@control
async def dismiss(request: web.Request) -> web.StreamResponse:
    """Put away a message that only the person sees."""
    world = world_of(request)
    world.drop_ephemeral(world.ephemeral(path_id(request, "message_id"), speaker(request)))
    return no_content()
