"""Guild members: look up, search, rename, time out, give roles, kick."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from aiohttp import web

from sandbox.errors import ApiError, invalid_field, missing_permissions, unknown
from sandbox.http import API, body_of, caller, no_content, path_id, query_id, query_int, reason_of, reply, world_of
from sandbox.ids import parse_snowflake
from sandbox.models import Guild, Member
from sandbox.permissions import Permission
from sandbox.render import member_json
from sandbox.routes.guilds import open_guild
from sandbox.world import World

routes = web.RouteTableDef()
MEMBERS = API + "/guilds/{guild_id}/members"
MEMBER = MEMBERS + "/{user_id}"
KICKED, UPDATED, ROLES_UPDATED = 20, 24, 25
MAX_TIME_OUT_S = 28 * 24 * 3600


@routes.get(MEMBERS)
async def list_members(request: web.Request) -> web.StreamResponse:
    """Return members by id; takes the members intent."""
    world, _, guild = open_guild(request)
    if not caller(request).guild_members:
        raise ApiError(403, 50001, "Missing Access")
    limit = query_int(request, "limit", 1, low=1, high=1000)
    after = query_id(request, "after") or 0
    found = sorted((m for m in guild.members.values() if m.user_id > after), key=lambda m: m.user_id)
    return reply([member_json(world, member) for member in found[:limit]])


@routes.get(MEMBERS + "/search")
async def search_members(request: web.Request) -> web.StreamResponse:
    """Return members whose name or nickname starts with a query."""
    world, _, guild = open_guild(request)
    query = request.query.get("query", "").lower()
    if not query:
        raise invalid_field("query", code="BASE_TYPE_REQUIRED", message="This field is required")
    limit = query_int(request, "limit", 1, low=1, high=1000)
    found = [m for m in guild.members.values() if any(n.lower().startswith(query) for n in names(world, m))]
    return reply([member_json(world, member) for member in found[:limit]])


def names(world: World, member: Member) -> tuple[str, str, str]:
    """Return what a member may be searched by."""
    user = world.users[member.user_id]
    return user.username, user.global_name or "", member.nick or ""


@routes.patch(MEMBERS + "/@me")
async def modify_me(request: web.Request) -> web.StreamResponse:
    """Change the bot's own nickname, with CHANGE_NICKNAME."""
    world, bot_id, guild = open_guild(request)
    data = (await body_of(request)).data
    member = guild.members[bot_id]
    if "nick" in data:
        world.require_guild(bot_id, guild, Permission.CHANGE_NICKNAME)
        member.nick = read_nick(data["nick"])
        world.update_member(member)
        world.audit(guild, UPDATED, bot_id, bot_id, reason_of(request))
    return reply(member_json(world, member))


@routes.get(MEMBER)
async def get_member(request: web.Request) -> web.StreamResponse:
    """Return one member."""
    world, _, guild = open_guild(request)
    return reply(member_json(world, world.member(guild.id, path_id(request, "user_id"))))


@routes.get(API + "/users/@me/guilds/{guild_id}/member")
async def get_own_member(request: web.Request) -> web.StreamResponse:
    """Return the bot's own member."""
    world, app = world_of(request), caller(request)
    guild = world.guild(path_id(request, "guild_id"))
    return reply(member_json(world, world.member(guild.id, app.bot_id)))


@routes.patch(MEMBER)
async def modify_member(request: web.Request) -> web.StreamResponse:
    """Rename, time out or re-role a member whom the bot outranks."""
    world, bot_id, guild = open_guild(request)
    member = world.member(guild.id, path_id(request, "user_id"))
    data = (await body_of(request)).data
    if not data:
        raise ApiError(400, 50035, "Invalid Form Body")
    if "nick" in data:
        need(world, bot_id, guild, member, Permission.MANAGE_NICKNAMES)
        member.nick = read_nick(data["nick"])
    if "communication_disabled_until" in data:
        need(world, bot_id, guild, member, Permission.MODERATE_MEMBERS)
        refuse_administrator(world, guild, member)
        member.timed_out_until_s = read_until(world, data["communication_disabled_until"])
    if "roles" in data:
        need(world, bot_id, guild, member, Permission.MANAGE_ROLES)
        member.roles = read_roles(world, bot_id, guild, member, data["roles"])
        world.audit(guild, ROLES_UPDATED, bot_id, member.user_id, reason_of(request))
    world.update_member(member)
    if set(data) - {"roles"}:
        world.audit(guild, UPDATED, bot_id, member.user_id, reason_of(request))
    return reply(member_json(world, member))


def need(world: World, bot_id: int, guild: Guild, member: Member, permission: Permission) -> None:
    """Raise 50013 unless the bot has a permission and stands above the member."""
    world.require_guild(bot_id, guild, permission)
    if member.user_id != bot_id and not world.outranks(guild, bot_id, member.user_id):
        raise missing_permissions()


def refuse_administrator(world: World, guild: Guild, member: Member) -> None:
    """Raise 50013 for an administrator: they cannot be timed out."""
    if world.guild_permissions(member.user_id, guild) & Permission.ADMINISTRATOR:
        raise missing_permissions()


def read_nick(value: Any) -> str | None:
    """Return a nickname, None for none; raises 50035 above 32 characters."""
    nick = str(value or "").strip()
    if len(nick) > 32:
        raise invalid_field("nick", code="BASE_TYPE_MAX_LENGTH", message="Must be 32 or fewer in length.")
    return nick or None


def read_until(world: World, value: Any) -> float | None:
    """Return the end of a time-out in seconds since 1970, None to lift it; raises 50035 beyond 28 days."""
    if value is None:
        return None
    try:
        until = datetime.fromisoformat(str(value)).timestamp()
    except ValueError:
        raise invalid_field(
            "communication_disabled_until", code="DATE_TIME_TYPE_PARSE", message="Could not parse date time."
        ) from None
    if until - world.clock() > MAX_TIME_OUT_S:
        message = "Time-out must end within 28 days."
        raise invalid_field("communication_disabled_until", code="NUMBER_TYPE_MAX", message=message)
    return until


def read_roles(world: World, bot_id: int, guild: Guild, member: Member, value: Any) -> list[int]:
    """Return the roles of a body; every role that comes or goes must stand below the bot's."""
    wanted = [parse_snowflake(item) or 0 for item in value or ()]
    for role_id in set(wanted) ^ set(member.roles):
        if role_id not in guild.roles:
            raise unknown("role")
        if not world.role_below(guild, bot_id, guild.roles[role_id]):
            raise missing_permissions()
    return list(dict.fromkeys(wanted))


@routes.put(MEMBER + "/roles/{role_id}")
async def add_role(request: web.Request) -> web.StreamResponse:
    """Give a member a role."""
    return set_role(request, on=True)


@routes.delete(MEMBER + "/roles/{role_id}")
async def remove_role(request: web.Request) -> web.StreamResponse:
    """Take a role from a member."""
    return set_role(request, on=False)


def set_role(request: web.Request, *, on: bool) -> web.StreamResponse:
    """Give or take a role below the bot's own, with MANAGE_ROLES."""
    world, bot_id, guild = open_guild(request, Permission.MANAGE_ROLES)
    member = world.member(guild.id, path_id(request, "user_id"))
    role = guild.roles.get(path_id(request, "role_id"))
    if role is None:
        raise unknown("role")
    if not world.role_below(guild, bot_id, role):
        raise missing_permissions()
    if on and role.id not in member.roles:
        member.roles.append(role.id)
    elif not on and role.id in member.roles:
        member.roles.remove(role.id)
    world.update_member(member)
    world.audit(guild, ROLES_UPDATED, bot_id, member.user_id, reason_of(request))
    return no_content()


@routes.delete(MEMBER)
async def kick(request: web.Request) -> web.StreamResponse:
    """Kick a member, with KICK_MEMBERS."""
    world, bot_id, guild = open_guild(request)
    member = world.member(guild.id, path_id(request, "user_id"))
    need(world, bot_id, guild, member, Permission.KICK_MEMBERS)
    world.remove_member(guild, member.user_id)
    world.audit(guild, KICKED, bot_id, member.user_id, reason_of(request))
    return no_content()
