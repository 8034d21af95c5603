"""Control routes for tests and the curious: what was asked of the server, faults, the gateway, permissions."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from aiohttp import web

from sandbox.control.arguments import dict_field, fields_of, id_field, list_field, text_field
from sandbox.control.guard import control
from sandbox.errors import ApiError, invalid_field, unknown
from sandbox.http import FAULTS, GATEWAY, LIMITS, no_content, path_id, query_int, reply, world_of
from sandbox.ids import parse_snowflake
from sandbox.models import Overwrite
from sandbox.render import member_json, role_json

routes = web.RouteTableDef()
API = "/sandbox/api/admin"
MOST = 5_000
FAULT_OPTIONS = ("status", "body", "headers", "delay_ms", "nth", "count", "probability", "params")
MAX_TIME_OUT_S = 28 * 24 * 3600


@routes.get(API + "/requests")
@control
async def requests(request: web.Request) -> web.StreamResponse:
    """Return the newest REST requests, oldest first, and how many have been kept in all."""
    kept = list(world_of(request).requests)
    limit = query_int(request, "limit", 500, low=1, high=MOST)
    return reply({"total": len(kept), "requests": [asdict(entry) for entry in kept[-limit:]]})


@routes.delete(API + "/requests")
@control
async def forget_requests(request: web.Request) -> web.StreamResponse:
    """Forget the requests, violations and unknown routes so far."""
    world = world_of(request)
    world.requests.clear()
    world.violations.clear()
    world.unknown_routes.clear()
    return no_content()


@routes.get(API + "/violations")
@control
async def violations(request: web.Request) -> web.StreamResponse:
    """Return what broke Discord's API description, and the routes that do not exist with their counts."""
    world = world_of(request)
    return reply({"violations": list(world.violations), "unknown_routes": dict(world.unknown_routes)})


@routes.get(API + "/log")
@control
async def log(request: web.Request) -> web.StreamResponse:
    """Return facts about messages from index `after` on; `next` is the index to ask from next."""
    entries = world_of(request).log
    start = query_int(request, "after", 0, low=0, high=2**31)
    limit = query_int(request, "limit", 1000, low=1, high=MOST)
    shown = entries[start : start + limit]
    return reply({"next": start + len(shown), "total": len(entries), "entries": [_texts(asdict(e)) for e in shown]})


def _texts(entry: dict[str, Any]) -> dict[str, Any]:
    """Write ids as strings: they do not fit a JavaScript number."""
    return {key: str(value) if key.endswith("_id") and value is not None else value for key, value in entry.items()}


@routes.get(API + "/faults")
@control
async def list_faults(request: web.Request) -> web.StreamResponse:
    """Return the fault rules with how often they matched and struck."""
    return reply([rule.describe() for rule in request.app[FAULTS].rules])


@routes.post(API + "/faults")
@control
async def add_fault(request: web.Request) -> web.StreamResponse:
    """Add a rule: `kind`, `method`, `route` and the options of `sandbox.faults`."""
    _, data = await fields_of(request)
    options = {name: data[name] for name in FAULT_OPTIONS if name in data}
    try:
        rule = request.app[FAULTS].add(
            text_field(data, "kind", most=32),
            text_field(data, "method", most=10, default="*"),
            text_field(data, "route", most=300, default="*"),
            **options,
        )
    except (ValueError, TypeError) as error:
        raise invalid_field("kind", code="FAULT_INVALID", message=str(error)) from error
    return reply(rule.describe(), 201)


@routes.delete(API + "/faults")
@control
async def clear_faults(request: web.Request) -> web.StreamResponse:
    """Remove every rule, letting go what they hold."""
    request.app[FAULTS].clear()
    return no_content()


@routes.delete(API + "/faults/{fault_id}")
@control
async def remove_fault(request: web.Request) -> web.StreamResponse:
    """Remove one rule."""
    if not request.app[FAULTS].remove(path_id(request, "fault_id")):
        raise ApiError(404, 0, "There is no such rule.")
    return no_content()


@routes.post(API + "/faults/{fault_id}/release")
@control
async def release_fault(request: web.Request) -> web.StreamResponse:
    """Let go the requests that a rule holds."""
    request.app[FAULTS].release(path_id(request, "fault_id"))
    return no_content()


@routes.post(API + "/rate-limits")
@control
async def rate_limits(request: web.Request) -> web.StreamResponse:
    """Switch rate limits on or off: `enabled`."""
    _, data = await fields_of(request)
    if not isinstance(data.get("enabled"), bool):
        raise invalid_field("enabled", code="BASE_TYPE_REQUIRED", message="Must be either true or false.")
    request.app[LIMITS].enabled = data["enabled"]
    return no_content()


@routes.post(API + "/gateway/{action}")
@control
async def disturb_gateway(request: web.Request) -> web.StreamResponse:
    """Disturb all sessions: `cut` the sockets, `close` with a `code`, ask to `reconnect`, or `invalidate`."""
    hub, action = request.app[GATEWAY], request.match_info["action"]
    _, data = await fields_of(request)
    if action == "cut":
        return reply({"cut": hub.cut()})
    if action == "close":
        code = data.get("code", 4000)
        if not isinstance(code, int) or not 1000 <= code <= 4999:
            raise invalid_field("code", code="NUMBER_TYPE_COERCE", message="Must be a close code.")
        await hub.close_all(code, text_field(data, "reason", most=100))
    elif action == "reconnect":
        hub.ask_reconnect()
    elif action == "invalidate":
        hub.invalidate(resumable=bool(data.get("resumable")))
    else:
        raise ApiError(404, 0, "The actions are cut, close, reconnect and invalidate.")
    return no_content()


@routes.patch(API + "/guilds/{guild_id}/roles/{role_id}")
@control
async def change_role(request: web.Request) -> web.StreamResponse:
    """Set a role's `permissions` (decimal bits); the bot's own role is the one it manages."""
    world = world_of(request)
    guild = world.guild(path_id(request, "guild_id"))
    _, data = await fields_of(request)
    role = guild.roles.get(path_id(request, "role_id"))
    if role is None:
        raise unknown("role")
    role.permissions = id_field(data, "permissions")
    world.update_role(guild, role)
    return reply(role_json(role))


@routes.patch(API + "/guilds/{guild_id}/members/{user_id}")
@control
async def change_member(request: web.Request) -> web.StreamResponse:
    """Set a member's `roles`, `nick` or `time_out_s` (0 lifts it)."""
    world = world_of(request)
    guild = world.guild(path_id(request, "guild_id"))
    member = world.member(guild.id, path_id(request, "user_id"))
    _, data = await fields_of(request)
    if "roles" in data:
        roles = [parse_snowflake(one) for one in list_field(data, "roles")]
        if any(one not in guild.roles for one in roles):
            raise unknown("role")
        member.roles = [one for one in roles if one is not None]
    if "nick" in data:
        member.nick = text_field(data, "nick", most=32) or None
    if "time_out_s" in data:
        seconds = data["time_out_s"]
        if not isinstance(seconds, int | float) or not 0 <= seconds <= MAX_TIME_OUT_S:
            raise invalid_field("time_out_s", code="NUMBER_TYPE_MAX", message=f"Must be 0 to {MAX_TIME_OUT_S}.")
        member.timed_out_until_s = world.clock() + seconds if seconds else None
    world.update_member(member)
    return reply(member_json(world, member))


@routes.put(API + "/channels/{channel_id}/overwrites/{target_id}")
@control
async def set_overwrite(request: web.Request) -> web.StreamResponse:
    """Set what a channel allows and denies a role (`type` 0) or member (`type` 1): `allow`, `deny`."""
    world = world_of(request)
    channel = world.channel(path_id(request, "channel_id"))
    _, data = await fields_of(request)
    kind = 1 if data.get("type") == 1 else 0
    allow, deny = (id_field({name: data.get(name, 0)}, name) for name in ("allow", "deny"))
    target_id = path_id(request, "target_id")
    channel.overwrites[target_id] = Overwrite(target_id, kind, allow, deny)
    world.update_channel(channel)
    return no_content()


@routes.patch(API + "/users/{user_id}")
@control
async def change_user(request: web.Request) -> web.StreamResponse:
    """Set whether a person takes direct messages: `dms_open`."""
    user = world_of(request).user(path_id(request, "user_id"))
    _, data = await fields_of(request)
    if not isinstance(data.get("dms_open"), bool):
        raise invalid_field("dms_open", code="BASE_TYPE_REQUIRED", message="Must be either true or false.")
    user.dms_open = data["dms_open"]
    return no_content()


@routes.patch(API + "/applications/{application_id}")
@control
async def change_application(request: web.Request) -> web.StreamResponse:
    """Switch an application's privileged intents: `message_content`, `guild_members`, `presences`."""
    app = world_of(request).applications.get(path_id(request, "application_id"))
    if app is None:
        raise unknown("application")
    _, data = await fields_of(request)
    for name, value in dict_field({"intents": data}, "intents").items():
        if name in ("message_content", "guild_members", "presences") and isinstance(value, bool):
            setattr(app, name, value)
    return no_content()
