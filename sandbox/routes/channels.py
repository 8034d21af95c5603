"""Channels: read, make, change, delete, and their permission overwrites."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from sandbox.errors import ApiError, invalid_field, missing_access, missing_permissions, unknown
from sandbox.http import API, body_of, caller, no_content, path_id, reason_of, reply, world_of
from sandbox.ids import parse_snowflake
from sandbox.models import Channel, ChannelType, Guild, Overwrite
from sandbox.permissions import ALL, Permission
from sandbox.render import channel_json
from sandbox.routes.messages import open_channel
from sandbox.world import World

routes = web.RouteTableDef()
CHANNEL = API + "/channels/{channel_id}"
GUILD_CHANNELS = API + "/guilds/{guild_id}/channels"
CREATED, UPDATED, DELETED, THREAD_UPDATED, THREAD_DELETED = 10, 11, 12, 111, 112
OVERWRITE_SET, OVERWRITE_DELETED = 14, 15
MAX_SLOWMODE_S = 21_600
MAKES = frozenset(
    {
        ChannelType.TEXT,
        ChannelType.VOICE,
        ChannelType.CATEGORY,
        ChannelType.ANNOUNCEMENT,
        ChannelType.STAGE,
        ChannelType.FORUM,
    }
)


@routes.get(CHANNEL)
async def get_channel(request: web.Request) -> web.StreamResponse:
    """Return a channel or thread."""
    world, app, channel = open_channel(request)
    return reply(channel_json(world, channel, viewer_id=app.bot_id))


@routes.get(GUILD_CHANNELS)
async def list_channels(request: web.Request) -> web.StreamResponse:
    """Return a guild's channels without its threads."""
    world, app = world_of(request), caller(request)
    guild = world.guild(path_id(request, "guild_id"))
    world.require_guild(app.bot_id, guild)
    return reply([channel_json(world, channel) for channel in world.guild_channels(guild.id)])


@routes.post(GUILD_CHANNELS)
async def create_channel(request: web.Request) -> web.StreamResponse:
    """Make a channel, with MANAGE_CHANNELS."""
    world, app = world_of(request), caller(request)
    guild = world.guild(path_id(request, "guild_id"))
    bits = world.require_guild(app.bot_id, guild, Permission.MANAGE_CHANNELS)
    data = (await body_of(request)).data
    kind = data.get("type") or 0
    if kind not in MAKES:
        raise invalid_field("type", code="BASE_TYPE_CHOICES", message=f"Value must be one of {sorted(MAKES)}.")
    parent = read_parent(world, guild, data)
    channel = world.create_channel(
        guild,
        read_name(data),
        ChannelType(kind),
        parent=parent,
        topic=data.get("topic"),
        overwrites=[read_overwrite(guild, item, bits) for item in data.get("permission_overwrites") or ()],
    )
    channel.nsfw = bool(data.get("nsfw"))
    channel.slowmode_s = read_slowmode(data)
    world.audit(guild, CREATED, app.bot_id, channel.id, reason_of(request))
    return reply(channel_json(world, channel), 201)


def read_name(data: dict[str, Any]) -> str:
    """Return a channel's name; raises 50035 unless it has 1 to 100 characters."""
    name = str(data.get("name") or "").strip()
    if not 1 <= len(name) <= 100:
        raise invalid_field("name", code="BASE_TYPE_BAD_LENGTH", message="Must be between 1 and 100 in length.")
    return name


def read_slowmode(data: dict[str, Any]) -> int:
    """Return the seconds between two messages of a member; raises 50035 above six hours."""
    seconds = data.get("rate_limit_per_user") or 0
    if not isinstance(seconds, int) or not 0 <= seconds <= MAX_SLOWMODE_S:
        message = f"int value should be less than or equal to {MAX_SLOWMODE_S}."
        raise invalid_field("rate_limit_per_user", code="NUMBER_TYPE_MAX", message=message)
    return seconds


def read_parent(world: World, guild: Guild, data: dict[str, Any]) -> Channel | None:
    """Return the category that a body names; raises 50035 when it is none of this guild."""
    if data.get("parent_id") is None:
        return None
    parent = world.channels.get(parse_snowflake(data["parent_id"]) or 0)
    if parent is None or parent.guild_id != guild.id or parent.type != ChannelType.CATEGORY:
        raise invalid_field("parent_id", code="CHANNEL_PARENT_INVALID", message="Category does not exist")
    return parent


def read_overwrite(guild: Guild, item: Any, actor_bits: int) -> Overwrite:
    """Return a permission overwrite; nobody may hand out what they do not have."""
    data = item if isinstance(item, dict) else {}
    target = parse_snowflake(data.get("id"))
    kind = data.get("type", 0)
    if target is None or (kind == 0 and target not in guild.roles) or kind not in (0, 1):
        raise unknown("role" if kind == 0 else "member")
    allow, deny = read_bits(data.get("allow")), read_bits(data.get("deny"))
    if (allow | deny) & ~actor_bits:
        raise missing_permissions()
    return Overwrite(target, kind, allow, deny)


def read_bits(value: Any) -> int:
    """Return permission bits that are written as digits."""
    if value is None:
        return 0
    text = str(value)
    if not (text.isascii() and text.isdigit() and len(text) <= 20):
        raise invalid_field("permissions", code="NUMBER_TYPE_COERCE", message="Value is not int.")
    return int(text) & ALL


@routes.patch(CHANNEL)
async def modify_channel(request: web.Request) -> web.StreamResponse:
    """Change a channel with MANAGE_CHANNELS, a thread with MANAGE_THREADS or as its owner."""
    world, app, channel = open_channel(request)
    data = (await body_of(request)).data
    guild = world.guild(channel.guild_id)
    if channel.thread is not None:
        change_thread(world, app.bot_id, channel, data)
        world.audit(guild, THREAD_UPDATED, app.bot_id, channel.id, reason_of(request))
    else:
        bits = world.require(app.bot_id, channel, Permission.MANAGE_CHANNELS)
        change_channel(world, guild, channel, data, bits)
        world.audit(guild, UPDATED, app.bot_id, channel.id, reason_of(request))
    world.update_channel(channel)
    return reply(channel_json(world, channel, viewer_id=app.bot_id))


def change_channel(world: World, guild: Guild, channel: Channel, data: dict[str, Any], bits: int) -> None:
    """Apply a channel's new state."""
    if "name" in data:
        channel.name = read_name(data)
    if "topic" in data:
        topic = data["topic"]
        if topic is not None and len(str(topic)) > 1024:
            raise invalid_field("topic", code="BASE_TYPE_MAX_LENGTH", message="Must be 1024 or fewer in length.")
        channel.topic = topic
    if "rate_limit_per_user" in data:
        channel.slowmode_s = read_slowmode(data)
    if "nsfw" in data:
        channel.nsfw = bool(data["nsfw"])
    if isinstance(data.get("position"), int):
        channel.position = data["position"]
    if "parent_id" in data:
        parent = read_parent(world, guild, data)
        channel.parent_id = parent.id if parent is not None else None
    if "permission_overwrites" in data:
        if not bits & Permission.MANAGE_ROLES:
            raise missing_permissions()
        read = [read_overwrite(guild, item, bits) for item in data["permission_overwrites"] or ()]
        channel.overwrites = {overwrite.id: overwrite for overwrite in read}


def change_thread(world: World, bot_id: int, channel: Channel, data: dict[str, Any]) -> None:
    """Apply a thread's new state; reopening an unlocked one takes no more than speaking there."""
    thread = channel.thread
    if thread is None:
        raise unknown("channel")
    bits = world.permissions_in(bot_id, channel)
    manages = bool(bits & Permission.MANAGE_THREADS)
    only_reopens = set(data) <= {"archived"} and data.get("archived") is False
    if not manages and thread.owner_id != bot_id and not only_reopens:
        raise missing_permissions()
    if not manages and (thread.locked or data.get("locked") or "rate_limit_per_user" in data):
        raise missing_permissions()
    if thread.archived and data.get("archived") is not False:
        raise ApiError(400, 50083, "Tried to perform an operation on an archived thread, such as editing a message")
    if "name" in data:
        channel.name = read_name(data)
    if "rate_limit_per_user" in data:
        channel.slowmode_s = read_slowmode(data)
    if "locked" in data:
        thread.locked = bool(data["locked"])
    if "archived" in data and bool(data["archived"]) != thread.archived:
        thread.archived, thread.archived_at_s = bool(data["archived"]), world.clock()


@routes.delete(CHANNEL)
async def delete_channel(request: web.Request) -> web.StreamResponse:
    """Delete a channel or thread; a direct conversation is only closed, and stands again when next opened."""
    world, app, channel = open_channel(request)
    data = channel_json(world, channel, viewer_id=app.bot_id)
    if channel.guild_id is None:
        return reply(data)
    needed = Permission.MANAGE_THREADS if channel.is_thread else Permission.MANAGE_CHANNELS
    world.require(app.bot_id, channel, needed)
    world.delete_channel(channel)
    kind = THREAD_DELETED if channel.is_thread else DELETED
    world.audit(world.guild(channel.guild_id), kind, app.bot_id, channel.id, reason_of(request))
    return reply(data)


@routes.put(CHANNEL + "/permissions/{overwrite_id}")
async def set_overwrite(request: web.Request) -> web.StreamResponse:
    """Set what a role or member may do in a channel, with MANAGE_ROLES."""
    world, app, channel, guild, bits = overwritable(request)
    data = (await body_of(request)).data | {"id": path_id(request, "overwrite_id")}
    overwrite = read_overwrite(guild, data, bits)
    channel.overwrites[overwrite.id] = overwrite
    world.update_channel(channel)
    world.audit(guild, OVERWRITE_SET, app, channel.id, reason_of(request), id=str(overwrite.id))
    return no_content()


@routes.delete(CHANNEL + "/permissions/{overwrite_id}")
async def delete_overwrite(request: web.Request) -> web.StreamResponse:
    """Remove an overwrite, with MANAGE_ROLES."""
    world, app, channel, guild, _ = overwritable(request)
    if channel.overwrites.pop(path_id(request, "overwrite_id"), None) is None:
        raise unknown("overwrite")
    world.update_channel(channel)
    world.audit(guild, OVERWRITE_DELETED, app, channel.id, reason_of(request))
    return no_content()


def overwritable(request: web.Request) -> tuple[World, int, Channel, Guild, int]:
    """Return the channel in the path for a bot that may set its permissions."""
    world, app, channel = open_channel(request)
    if channel.guild_id is None or channel.is_thread:
        raise missing_access()
    bits = world.require(app.bot_id, channel, Permission.MANAGE_ROLES)
    return world, app.bot_id, channel, world.guild(channel.guild_id), bits
