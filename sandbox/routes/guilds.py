"""Guilds, their audit log, roles and bans."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from sandbox.errors import invalid_field, missing_permissions, unknown
from sandbox.http import (
    API,
    body_of,
    caller,
    no_content,
    path_id,
    query_flag,
    query_id,
    query_int,
    reason_of,
    reply,
    world_of,
)
from sandbox.models import Guild, Role
from sandbox.permissions import Permission
from sandbox.render import guild_json, role_json, user_json
from sandbox.routes.channels import read_bits
from sandbox.state import audit_json
from sandbox.world import World

routes = web.RouteTableDef()
GUILD = API + "/guilds/{guild_id}"
ROLES = GUILD + "/roles"
BANS = GUILD + "/bans"
ROLE_CREATED, ROLE_UPDATED, ROLE_DELETED, BAN_ADDED, BAN_REMOVED, GUILD_UPDATED = 30, 31, 32, 22, 23, 1


def open_guild(request: web.Request, *needed: Permission) -> tuple[World, int, Guild]:
    """Return the guild in the path for a bot in it, with the permissions named."""
    world, app = world_of(request), caller(request)
    guild = world.guild(path_id(request, "guild_id"))
    world.require_guild(app.bot_id, guild, *needed)
    return world, app.bot_id, guild


@routes.get(GUILD)
async def get_guild(request: web.Request) -> web.StreamResponse:
    """Return a guild."""
    world, _, guild = open_guild(request)
    data = guild_json(world, guild)
    if query_flag(request, "with_counts"):
        data |= {"approximate_member_count": len(guild.members), "approximate_presence_count": len(guild.members)}
    return reply(data)


@routes.patch(GUILD)
async def modify_guild(request: web.Request) -> web.StreamResponse:
    """Rename a guild or change its language, with MANAGE_GUILD; other fields are refused by name."""
    world, bot_id, guild = open_guild(request, Permission.MANAGE_GUILD)
    data = (await body_of(request)).data
    for field in data:
        if field not in ("name", "preferred_locale"):
            raise invalid_field(field, code="SANDBOX_UNSUPPORTED", message="The sandbox does not keep this field.")
    if "name" in data:
        name = str(data["name"] or "").strip()
        if not 2 <= len(name) <= 100:
            raise invalid_field("name", code="BASE_TYPE_BAD_LENGTH", message="Must be between 2 and 100 in length.")
        guild.name = name
    guild.preferred_locale = str(data.get("preferred_locale") or guild.preferred_locale)
    world.update_guild(guild)
    world.audit(guild, GUILD_UPDATED, bot_id, guild.id, reason_of(request))
    return reply(guild_json(world, guild))


@routes.get(GUILD + "/audit-logs")
async def audit_log(request: web.Request) -> web.StreamResponse:
    """Return the audit log, newest first, with VIEW_AUDIT_LOG."""
    world, _, guild = open_guild(request, Permission.VIEW_AUDIT_LOG)
    limit = query_int(request, "limit", 50, low=1, high=1000)
    user, before, after = (query_id(request, name) for name in ("user_id", "before", "after"))
    kind = query_int(request, "action_type", 0, low=0, high=10_000)
    found = [
        entry
        for entry in guild.audit_log
        if (user is None or entry.user_id == user)
        and (kind == 0 or entry.action_type == kind)
        and (before is None or entry.id < before)
        and (after is None or entry.id > after)
    ]
    shown = found[:limit] if after is not None else found[::-1][:limit]
    people = {entry.user_id for entry in shown} | {entry.target_id for entry in shown}
    return reply(
        {
            "audit_log_entries": [audit_json(entry) for entry in shown],
            "users": [user_json(world.users[person]) for person in people if person in world.users],
            "webhooks": [],
            "threads": [],
            "integrations": [],
            "application_commands": [],
            "auto_moderation_rules": [],
            "guild_scheduled_events": [],
        }
    )


@routes.get(ROLES)
async def list_roles(request: web.Request) -> web.StreamResponse:
    """Return a guild's roles."""
    _, _, guild = open_guild(request)
    return reply([role_json(role) for role in guild.roles.values()])


@routes.get(ROLES + "/member-counts")
async def count_members(request: web.Request) -> web.StreamResponse:
    """Return how many members have each role."""
    _, _, guild = open_guild(request)
    counts = {
        str(role): sum(role in m.roles for m in guild.members.values()) for role in guild.roles if role != guild.id
    }
    return reply(counts)


@routes.get(ROLES + "/{role_id}")
async def get_role(request: web.Request) -> web.StreamResponse:
    """Return one role."""
    _, _, guild = open_guild(request)
    return reply(role_json(find_role(request, guild)))


def find_role(request: web.Request, guild: Guild) -> Role:
    """Return the role in the path or raise 10011."""
    found = guild.roles.get(path_id(request, "role_id"))
    if found is None:
        raise unknown("role")
    return found


@routes.post(ROLES)
async def create_role(request: web.Request) -> web.StreamResponse:
    """Make a role, with MANAGE_ROLES; it can grant no more than the bot has."""
    world, bot_id, guild = open_guild(request, Permission.MANAGE_ROLES)
    data = (await body_of(request)).data
    everyone = guild.roles[guild.id].permissions
    wanted = read_bits(data["permissions"]) if data.get("permissions") is not None else everyone
    if wanted & ~world.guild_permissions(bot_id, guild):
        raise missing_permissions()
    role = world.create_role(guild, read_role_name(data, "new role"), wanted)
    role.position = 1
    paint(role, data)
    world.update_role(guild, role)
    world.audit(guild, ROLE_CREATED, bot_id, role.id, reason_of(request))
    return reply(role_json(role))


def read_role_name(data: dict[str, Any], default: str) -> str:
    """Return a role's name; raises 50035 above 100 characters."""
    name = str(data.get("name") or default)
    if len(name) > 100:
        raise invalid_field("name", code="BASE_TYPE_MAX_LENGTH", message="Must be 100 or fewer in length.")
    return name


def paint(role: Role, data: dict[str, Any]) -> None:
    """Apply a role's looks."""
    if isinstance(data.get("color"), int):
        role.color = data["color"] & 0xFFFFFF
    role.hoist = bool(data.get("hoist", role.hoist))
    role.mentionable = bool(data.get("mentionable", role.mentionable))


@routes.patch(ROLES + "/{role_id}")
async def modify_role(request: web.Request) -> web.StreamResponse:
    """Change a role below the bot's own."""
    world, bot_id, guild, role = manageable(request)
    data = (await body_of(request)).data
    if data.get("permissions") is not None:
        wanted = read_bits(data["permissions"])
        if (wanted ^ role.permissions) & ~world.guild_permissions(bot_id, guild):
            raise missing_permissions()
        role.permissions = wanted
    role.name = read_role_name(data, role.name)
    paint(role, data)
    world.update_role(guild, role)
    world.audit(guild, ROLE_UPDATED, bot_id, role.id, reason_of(request))
    return reply(role_json(role))


@routes.delete(ROLES + "/{role_id}")
async def delete_role(request: web.Request) -> web.StreamResponse:
    """Delete a role below the bot's own; managed ones stay."""
    world, bot_id, guild, role = manageable(request)
    if role.id == guild.id or role.managed_by_bot is not None:
        raise missing_permissions()
    world.delete_role(guild, role)
    world.audit(guild, ROLE_DELETED, bot_id, role.id, reason_of(request))
    return no_content()


def manageable(request: web.Request) -> tuple[World, int, Guild, Role]:
    """Return the role in the path if the bot's highest role stands above it."""
    world, bot_id, guild = open_guild(request, Permission.MANAGE_ROLES)
    role = find_role(request, guild)
    if not world.role_below(guild, bot_id, role):
        raise missing_permissions()
    return world, bot_id, guild, role


@routes.get(BANS)
async def list_bans(request: web.Request) -> web.StreamResponse:
    """Return who is banned, with BAN_MEMBERS."""
    world, _, guild = open_guild(request, Permission.BAN_MEMBERS)
    return reply([ban_json(world, guild, user) for user in sorted(guild.bans)])


@routes.get(BANS + "/{user_id}")
async def get_ban(request: web.Request) -> web.StreamResponse:
    """Return one ban."""
    world, _, guild = open_guild(request, Permission.BAN_MEMBERS)
    user_id = path_id(request, "user_id")
    if user_id not in guild.bans:
        raise unknown("ban")
    return reply(ban_json(world, guild, user_id))


def ban_json(world: World, guild: Guild, user_id: int) -> dict[str, Any]:
    """Write a ban."""
    return {"reason": guild.bans[user_id], "user": user_json(world.users[user_id])}


@routes.put(BANS + "/{user_id}")
async def ban(request: web.Request) -> web.StreamResponse:
    """Ban a user whom the bot outranks; what they said stays, as with a zero `delete_message_seconds`."""
    world, bot_id, guild = open_guild(request, Permission.BAN_MEMBERS)
    user = world.user(path_id(request, "user_id"))
    if user.id in guild.members:
        if not world.outranks(guild, bot_id, user.id):
            raise missing_permissions()
        world.remove_member(guild, user.id)
    guild.bans[user.id] = reason_of(request)
    world.emit("GUILD_BAN_ADD", {"guild_id": str(guild.id), "user": user_json(user)}, guild_id=guild.id)
    world.audit(guild, BAN_ADDED, bot_id, user.id, reason_of(request))
    return no_content()


@routes.delete(BANS + "/{user_id}")
async def unban(request: web.Request) -> web.StreamResponse:
    """Lift a ban."""
    world, bot_id, guild = open_guild(request, Permission.BAN_MEMBERS)
    user_id = path_id(request, "user_id")
    if user_id not in guild.bans:
        raise unknown("ban")
    del guild.bans[user_id]
    data = {"guild_id": str(guild.id), "user": user_json(world.users[user_id])}
    world.emit("GUILD_BAN_REMOVE", data, guild_id=guild.id)
    world.audit(guild, BAN_REMOVED, bot_id, user_id, reason_of(request))
    return no_content()
