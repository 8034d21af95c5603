"""Users, the bot itself, its application and its conversations."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from sandbox.errors import ApiError, invalid_field
from sandbox.http import API, body_of, caller, no_content, path_id, query_flag, query_int, reply, world_of
from sandbox.ids import parse_snowflake
from sandbox.render import application_json, channel_json, own_user_json, user_json
from sandbox.routes.webhooks import store_avatar

routes = web.RouteTableDef()


@routes.get(API + "/users/@me")
async def get_me(request: web.Request) -> web.StreamResponse:
    """Return the bot's own user."""
    return reply(own_user_json(world_of(request).users[caller(request).bot_id]))


@routes.patch(API + "/users/@me")
async def modify_me(request: web.Request) -> web.StreamResponse:
    """Rename or repaint the bot."""
    world, app = world_of(request), caller(request)
    user = world.users[app.bot_id]
    data = (await body_of(request)).data
    if "username" in data:
        name = str(data["username"] or "").strip()
        if not 2 <= len(name) <= 32:
            raise invalid_field("username", code="BASE_TYPE_BAD_LENGTH", message="Must be between 2 and 32 in length.")
        user.username = name
    if "avatar" in data:
        user.avatar = store_avatar(world, data["avatar"])
    world.emit("USER_UPDATE", own_user_json(user), only_user=user.id)
    return reply(own_user_json(user))


@routes.get(API + "/users/@me/guilds")
async def list_my_guilds(request: web.Request) -> web.StreamResponse:
    """Return the guilds that the bot is in, by id."""
    world, app = world_of(request), caller(request)
    limit = query_int(request, "limit", 200, low=1, high=200)
    after = query_int(request, "after", 0, low=0, high=(1 << 63) - 1)
    counts = query_flag(request, "with_counts")
    guilds = sorted((g for g in world.guilds_of(app.bot_id) if g.id > after), key=lambda g: g.id)[:limit]
    found = []
    for guild in guilds:
        item: dict[str, Any] = {
            "id": str(guild.id),
            "name": guild.name,
            "icon": guild.icon,
            "banner": None,
            "owner": guild.owner_id == app.bot_id,
            "permissions": str(int(world.guild_permissions(app.bot_id, guild))),
            "features": ["COMMUNITY"],
        }
        if counts:
            item |= {"approximate_member_count": len(guild.members), "approximate_presence_count": len(guild.members)}
        found.append(item)
    return reply(found)


@routes.delete(API + "/users/@me/guilds/{guild_id}")
async def leave_guild(request: web.Request) -> web.StreamResponse:
    """Take the bot out of a guild."""
    world, app = world_of(request), caller(request)
    guild = world.guild(path_id(request, "guild_id"))
    world.require_guild(app.bot_id, guild)
    world.remove_member(guild, app.bot_id)
    return no_content()


@routes.post(API + "/users/@me/channels")
async def open_conversation(request: web.Request) -> web.StreamResponse:
    """Open a direct conversation; 50033 for oneself or another bot."""
    world, app = world_of(request), caller(request)
    recipient = parse_snowflake((await body_of(request)).data.get("recipient_id"))
    found = world.users.get(recipient or 0)
    if found is None or found.id == app.bot_id:
        raise ApiError(400, 50033, "Invalid Recipient(s)")
    if found.bot:
        raise ApiError(400, 50007, "Cannot send messages to this user")
    channel = world.open_dm(app.bot_id, found.id)
    return reply(channel_json(world, channel, viewer_id=app.bot_id))


@routes.get(API + "/users/{user_id}")
async def get_user(request: web.Request) -> web.StreamResponse:
    """Return any user."""
    caller(request)
    world = world_of(request)
    return reply(user_json(world.user(path_id(request, "user_id"))))


@routes.get(API + "/applications/@me")
@routes.get(API + "/oauth2/applications/@me")
async def get_application(request: web.Request) -> web.StreamResponse:
    """Return the bot's own application."""
    return reply(application_json(world_of(request), caller(request)))


@routes.patch(API + "/applications/@me")
async def modify_application(request: web.Request) -> web.StreamResponse:
    """Switch the limited privileged-intent flags, the only part that the sandbox keeps; the rest is 50035."""
    world, app = world_of(request), caller(request)
    data = (await body_of(request)).data
    for name in data:
        if name != "flags":
            raise invalid_field(
                name, code="SANDBOX_UNSUPPORTED", message="The sandbox keeps only an application's flags."
            )
    flags = data.get("flags")
    if isinstance(flags, int):
        app.message_content, app.guild_members = bool(flags & (1 << 19)), bool(flags & (1 << 15))
        app.presences = bool(flags & (1 << 13))
    return reply(application_json(world, app))
