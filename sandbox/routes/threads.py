"""Threads: opening them, who is in them, and the lists of live and archived ones."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from sandbox.drafts import read_draft
from sandbox.errors import ApiError, invalid_field, unknown
from sandbox.http import API, Body, body_of, caller, no_content, path_id, query_flag, query_int, reply, world_of
from sandbox.ids import iso, parse_snowflake
from sandbox.models import Channel, ChannelType, ThreadMetadata
from sandbox.permissions import Permission
from sandbox.render import channel_json, member_json, message_json, thread_member_json
from sandbox.routes.messages import check_may_send, open_channel
from sandbox.world import World

routes = web.RouteTableDef()
CHANNEL = API + "/channels/{channel_id}"
MEMBERS = CHANNEL + "/thread-members"
ARCHIVE_MINUTES = (60, 1440, 4320, 10080)


def read_name(data: dict[str, Any]) -> str:
    """Return a thread's name; raises 50035 unless it has 1 to 100 characters."""
    name = str(data.get("name") or "").strip()
    if not 1 <= len(name) <= 100:
        raise invalid_field("name", code="BASE_TYPE_BAD_LENGTH", message="Must be between 1 and 100 in length.")
    return name


def read_archive_minutes(data: dict[str, Any]) -> int:
    """Return after how many quiet minutes a thread closes; raises 50035 for another figure than Discord's four."""
    minutes = data.get("auto_archive_duration")
    if minutes is None:
        return 4320
    if minutes not in ARCHIVE_MINUTES:
        message = f"Value must be one of {ARCHIVE_MINUTES}."
        raise invalid_field("auto_archive_duration", code="BASE_TYPE_CHOICES", message=message)
    return int(minutes)


@routes.post(CHANNEL + "/messages/{message_id}/threads")
async def start_from_message(request: web.Request) -> web.StreamResponse:
    """Open a thread on a message."""
    world, app, channel = open_channel(request, Permission.CREATE_PUBLIC_THREADS)
    if channel.type not in (ChannelType.TEXT, ChannelType.ANNOUNCEMENT):
        raise ApiError(400, 50024, "Cannot execute action on this channel type")
    message = world.message(channel.id, path_id(request, "message_id"))
    if message.thread_id is not None:
        raise ApiError(400, 160004, "A thread has already been created for this message")
    data = (await body_of(request)).data
    minutes = read_archive_minutes(data)
    thread = world.start_thread(channel, read_name(data), app.bot_id, starter=message, auto_archive_minutes=minutes)
    return reply(channel_json(world, thread, viewer_id=app.bot_id), 201)


@routes.post(CHANNEL + "/threads")
async def start_alone(request: web.Request) -> web.StreamResponse:
    """Open a thread without a message, or in a forum with its first post."""
    world, app, channel = open_channel(request)
    body = await body_of(request)
    if channel.type in (ChannelType.FORUM, ChannelType.MEDIA):
        return start_post(world, app.bot_id, channel, body)
    if channel.type not in (ChannelType.TEXT, ChannelType.ANNOUNCEMENT):
        raise ApiError(400, 50024, "Cannot execute action on this channel type")
    private = body.data.get("type", ChannelType.PRIVATE_THREAD) == ChannelType.PRIVATE_THREAD
    wanted = Permission.CREATE_PRIVATE_THREADS if private else Permission.CREATE_PUBLIC_THREADS
    world.require(app.bot_id, channel, wanted)
    minutes = read_archive_minutes(body.data)
    thread = world.start_thread(
        channel, read_name(body.data), app.bot_id, private=private, auto_archive_minutes=minutes
    )
    return reply(channel_json(world, thread, viewer_id=app.bot_id), 201)


def start_post(world: World, bot_id: int, channel: Channel, body: Body) -> web.StreamResponse:
    """Open a forum thread with its first message."""
    world.require(bot_id, channel, Permission.SEND_MESSAGES)
    name = read_name(body.data)
    first = body.data.get("message")
    draft = read_draft(world, channel, body, data=first if isinstance(first, dict) else {})
    tags = [parse_snowflake(tag) or 0 for tag in body.data.get("applied_tags") or ()]
    minutes = read_archive_minutes(body.data)
    thread = world.start_thread(channel, name, bot_id, first=draft, tags=tags, auto_archive_minutes=minutes)
    message = world.message(thread.id, thread.id)
    answer = channel_json(world, thread, viewer_id=bot_id) | {"message": message_json(world, message)}
    return reply(answer, 201)


def open_thread(request: web.Request) -> tuple[World, int, Channel, ThreadMetadata]:
    """Return the thread in the path for a bot that sees it; 50024 for a channel that is none."""
    world, app, channel = open_channel(request)
    if channel.thread is None:
        raise ApiError(400, 50024, "Cannot execute action on this channel type")
    return world, app.bot_id, channel, channel.thread


def refuse_archived(thread: ThreadMetadata) -> None:
    """Raise 50083 for an archived thread."""
    if thread.archived:
        raise ApiError(400, 50083, "Tried to perform an operation on an archived thread, such as editing a message")


@routes.put(MEMBERS + "/@me")
async def join(request: web.Request) -> web.StreamResponse:
    """Join a thread."""
    world, bot_id, channel, thread = open_thread(request)
    refuse_archived(thread)
    world.join_thread(channel, bot_id)
    return no_content()


@routes.delete(MEMBERS + "/@me")
async def leave(request: web.Request) -> web.StreamResponse:
    """Leave a thread."""
    world, bot_id, channel, thread = open_thread(request)
    refuse_archived(thread)
    world.leave_thread(channel, bot_id)
    return no_content()


@routes.put(MEMBERS + "/{user_id}")
async def add_member(request: web.Request) -> web.StreamResponse:
    """Add somebody to a thread; whoever may speak there may do so."""
    world, bot_id, channel, thread = open_thread(request)
    check_may_send(world, bot_id, channel)
    refuse_archived(thread)
    user_id = path_id(request, "user_id")
    world.member(channel.guild_id or 0, user_id)
    world.join_thread(channel, user_id)
    return no_content()


@routes.delete(MEMBERS + "/{user_id}")
async def remove_member(request: web.Request) -> web.StreamResponse:
    """Take somebody out of a thread, with MANAGE_THREADS or as the owner of a private one."""
    world, bot_id, channel, thread = open_thread(request)
    refuse_archived(thread)
    owns = channel.type == ChannelType.PRIVATE_THREAD and thread.owner_id == bot_id
    if not owns:
        world.require(bot_id, channel, Permission.MANAGE_THREADS)
    world.leave_thread(channel, path_id(request, "user_id"))
    return no_content()


@routes.get(MEMBERS + "/{user_id}")
async def get_member(request: web.Request) -> web.StreamResponse:
    """Return a thread member."""
    world, bot_id, channel, thread = open_thread(request)
    text = request.match_info["user_id"]
    user_id = bot_id if text == "@me" else path_id(request, "user_id")
    if user_id not in thread.members:
        raise unknown("member")
    return reply(thread_member(world, channel, user_id, full=query_flag(request, "with_member")))


@routes.get(MEMBERS)
async def list_members(request: web.Request) -> web.StreamResponse:
    """Return a thread's members; the whole list takes the members intent."""
    world, _, channel, thread = open_thread(request)
    if not caller(request).guild_members:
        raise ApiError(403, 50001, "Missing Access")
    full = query_flag(request, "with_member")
    return reply([thread_member(world, channel, user_id, full=full) for user_id in sorted(thread.members)])


def thread_member(world: World, channel: Channel, user_id: int, *, full: bool) -> dict[str, Any]:
    """Write a thread member, with the guild member when asked for."""
    data = thread_member_json(channel, user_id)
    if full:
        data["member"] = member_json(world, world.member(channel.guild_id or 0, user_id))
    return data


@routes.get(API + "/guilds/{guild_id}/threads/active")
async def list_active(request: web.Request) -> web.StreamResponse:
    """Return a guild's live threads that the bot sees."""
    world, app = world_of(request), caller(request)
    guild = world.guild(path_id(request, "guild_id"))
    world.require_guild(app.bot_id, guild)
    found = [t for t in world.threads(guild.id, archived=False) if world.can_see(app.bot_id, t)]
    return reply(page(world, found, app.bot_id, has_more=False))


@routes.get(CHANNEL + "/threads/archived/public")
async def list_archived_public(request: web.Request) -> web.StreamResponse:
    """Return a channel's archived public threads, latest archived first."""
    return archived(request, private=False, own=False)


@routes.get(CHANNEL + "/threads/archived/private")
async def list_archived_private(request: web.Request) -> web.StreamResponse:
    """Return a channel's archived private threads, with MANAGE_THREADS."""
    return archived(request, private=True, own=False)


@routes.get(CHANNEL + "/users/@me/threads/archived/private")
async def list_archived_private_own(request: web.Request) -> web.StreamResponse:
    """Return the archived private threads that the bot has joined."""
    return archived(request, private=True, own=True)


def archived(request: web.Request, *, private: bool, own: bool) -> web.StreamResponse:
    """Answer a page of archived threads."""
    world, app, channel = open_channel(request, Permission.READ_MESSAGE_HISTORY)
    if private and not own:
        world.require(app.bot_id, channel, Permission.MANAGE_THREADS)
    limit = query_int(request, "limit", 50, low=2, high=100)
    before = request.query.get("before")
    found = []
    for thread in world.threads(channel.guild_id or 0, parent_id=channel.id, archived=True):
        meta = thread.thread
        is_private = thread.type == ChannelType.PRIVATE_THREAD
        if meta is None or is_private is not private or (own and app.bot_id not in meta.members):
            continue
        if before is None or iso(meta.archived_at_s) < before or str(thread.id) < before.zfill(19):
            found.append((meta.archived_at_s, thread))
    found.sort(key=lambda item: item[0], reverse=True)
    shown = [thread for _, thread in found[:limit]]
    return reply(page(world, shown, app.bot_id, has_more=len(found) > limit))


def page(world: World, threads: list[Channel], bot_id: int, *, has_more: bool) -> dict[str, Any]:
    """Write a list of threads with the bot's own memberships."""
    mine = [t for t in threads if t.thread is not None and bot_id in t.thread.members]
    return {
        "threads": [channel_json(world, thread, viewer_id=bot_id) for thread in threads],
        "members": [thread_member_json(thread, bot_id) for thread in mine],
        "has_more": has_more,
    }
