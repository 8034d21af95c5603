"""REST routes of application commands, global and per guild."""

from __future__ import annotations

from aiohttp import web

from sandbox.commands import Command, command_json
from sandbox.errors import ApiError, missing_access, unknown
from sandbox.http import API, body_of, caller, no_content, path_id, query_flag, reply, world_of
from sandbox.models import Application
from sandbox.world import World

routes = web.RouteTableDef()
GLOBAL = f"{API}/applications/{{application_id}}/commands"
GUILD = f"{API}/applications/{{application_id}}/guilds/{{guild_id}}/commands"


def _scope(request: web.Request) -> tuple[World, Application, int | None]:
    """Return the world, the calling application and the guild of the path (None for global commands)."""
    world, app = world_of(request), caller(request)
    if path_id(request, "application_id") != app.id:
        raise ApiError(403, 20012, "You are not authorized to perform this action on this application")
    if "guild_id" not in request.match_info:
        return world, app, None
    guild_id = path_id(request, "guild_id")
    if app.bot_id not in world.guild(guild_id).members:
        raise missing_access()
    return world, app, guild_id


def _found(request: web.Request) -> Command:
    world, app, guild_id = _scope(request)
    return world.command(app.id, guild_id, path_id(request, "command_id"))


@routes.get(GLOBAL)
@routes.get(GUILD)
async def list_commands(request: web.Request) -> web.Response:
    """List a scope's commands."""
    world, app, guild_id = _scope(request)
    localised = query_flag(request, "with_localizations")
    return reply([command_json(c, localised=localised) for c in world.commands_of(app.id, guild_id)])


@routes.put(GLOBAL)
@routes.put(GUILD)
async def overwrite_commands(request: web.Request) -> web.Response:
    """Replace a scope's commands as a whole."""
    world, app, guild_id = _scope(request)
    body = await body_of(request)
    return reply([command_json(c) for c in world.overwrite_commands(app, guild_id, body.json)])


@routes.post(GLOBAL)
@routes.post(GUILD)
async def create_command(request: web.Request) -> web.Response:
    """Create a command: 201 for a new one, 200 when it replaced one of its name."""
    world, app, guild_id = _scope(request)
    body = await body_of(request)
    command, created = world.upsert_command(app, guild_id, body.json)
    return reply(command_json(command), 201 if created else 200)


@routes.get(f"{GUILD}/permissions")
async def list_permissions(request: web.Request) -> web.Response:
    """List the overrides that a guild's administrators have set: the sandbox's guilds set none."""
    _scope(request)
    return reply([])


@routes.get(f"{GLOBAL}/{{command_id}}")
@routes.get(f"{GUILD}/{{command_id}}")
async def get_command(request: web.Request) -> web.Response:
    """Return one command."""
    return reply(command_json(_found(request)))


@routes.patch(f"{GLOBAL}/{{command_id}}")
@routes.patch(f"{GUILD}/{{command_id}}")
async def edit_command(request: web.Request) -> web.Response:
    """Change some fields of a command."""
    command = _found(request)
    body = await body_of(request)
    return reply(command_json(world_of(request).edit_command(command, body.json)))


@routes.delete(f"{GLOBAL}/{{command_id}}")
@routes.delete(f"{GUILD}/{{command_id}}")
async def delete_command(request: web.Request) -> web.Response:
    """Remove a command."""
    world_of(request).delete_command(_found(request))
    return no_content()


@routes.get(f"{GUILD}/{{command_id}}/permissions")
async def get_permissions(request: web.Request) -> web.Response:
    """Answer 10066, as Discord does for a command without overrides."""
    world, app, guild_id = _scope(request)
    command_id = path_id(request, "command_id")
    for scope in (guild_id, None):
        if any(c.id == command_id for c in world.commands_of(app.id, scope)):
            raise ApiError(404, 10066, "Unknown application command permissions")
    raise unknown("command")
