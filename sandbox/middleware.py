"""What every REST request passes, outside in: the record, faults, the token, rate limits, Discord's API description."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Awaitable, Callable

from aiohttp import web

from sandbox.errors import ApiError, unauthorized
from sandbox.faults import Fault
from sandbox.http import (
    API,
    CALLER,
    CODE,
    FAULTS,
    LIMITS,
    VALIDATOR,
    WORLD,
    body_of,
    identify_caller,
    refuse,
    reply,
    template,
)
from sandbox.ids import created_ms, parse_snowflake
from sandbox.models import RequestEntry
from sandbox.ratelimit import OLD_MESSAGE_MS

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

NO_TOKEN_NEEDED = (
    "/webhooks/{webhook_id}/{webhook_token}",
    "/interactions/{interaction_id}/{interaction_token}/callback",
)
"""Templates, and all below them, that are opened by the token in their path."""


def is_api(request: web.Request) -> bool:
    """Tell whether a request is for Discord's REST API, and not for the page, the CDN or the control API."""
    return request.path.startswith("/api/")


def needs_token(route: str) -> bool:
    """Tell whether a route takes a bot token."""
    return route != "/gateway" and not route.startswith(NO_TOKEN_NEEDED)


@web.middleware
async def record(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Log the request, turn refusals into JSON, and count routes that Discord has and we do not."""
    if not is_api(request):
        return await handler(request)
    world = request.app[WORLD]
    route = template(request)
    if route is None:
        world.unknown_routes[f"{request.method} {request.path.removeprefix(API)}"] += 1
    try:
        response = await handler(request)
    except ApiError as error:
        request[CODE] = error.code
        response = refuse(error)
    except web.HTTPException as error:
        response = reply({"message": f"{error.status}: {error.reason}", "code": 0}, error.status)
    caller = request.get(CALLER)
    request.app[LIMITS].note_status(response.status, response.headers.get("X-RateLimit-Scope"))
    entry = RequestEntry(
        method=request.method,
        route=route or request.path.removeprefix(API),
        path=request.path.removeprefix(API),
        status=response.status,
        at_s=world.clock(),
        bot_id=caller.bot_id if caller is not None else None,
        params=tuple(request.match_info.items()),
        code=request.get(CODE),
    )
    world.requests.append(entry)
    return response


@web.middleware
async def disturb(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Apply the fault that a rule asks for; the CDN can be disturbed too."""
    if not is_api(request) and not request.path.startswith("/cdn/"):
        return await handler(request)
    route = template(request) or request.path.removeprefix(API)
    fault = request.app[FAULTS].pick(request.method, route, request.match_info)
    if fault is None:
        return await handler(request)
    if fault.kind in ("refuse", "drop"):
        if fault.kind == "drop":
            return break_connection(request)
        return spoiled(fault)
    if fault.kind == "delay":
        await asyncio.sleep(fault.delay_ms / 1000)
    elif fault.kind == "hold":
        await held(fault)
    response = await answered(request, handler)
    if fault.kind == "lose":
        return break_connection(request)
    if fault.kind == "spoil":
        return spoiled(fault)
    if fault.kind == "halve":
        return await halved(request, response)
    if fault.kind == "hold_after":
        await held(fault)
    return response


async def answered(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Do the work even if it is refused, so that what follows disturbs the answer and not the work."""
    try:
        return await handler(request)
    except ApiError as error:
        request[CODE] = error.code
        return refuse(error)


async def held(fault: Fault) -> None:
    """Wait for the rule's release."""
    fault.waiting += 1
    fault.reached.set()
    try:
        await fault.released.wait()
    finally:
        fault.waiting -= 1


def spoiled(fault: Fault) -> web.Response:
    """Answer the fault's status; a text body is HTML, as a proxy in front of Discord sends, anything else JSON."""
    if isinstance(fault.body, str):
        return web.Response(
            status=fault.status, text=fault.body, content_type="text/html", charset="utf-8", headers=fault.headers
        )
    body = fault.body if fault.body is not None else {"message": f"{fault.status}: Sandbox fault", "code": 0}
    return reply(body, fault.status, fault.headers)


def break_connection(request: web.Request) -> web.Response:
    """Break the socket; what is returned can no longer be sent."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=599, reason="connection broken on purpose")


async def halved(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    """Send the head and half of the answer's body, then break the socket."""
    body = response.body if isinstance(response, web.Response) and isinstance(response.body, bytes) else b"{}"
    partial = web.StreamResponse(status=response.status, headers={"Content-Length": str(max(2, len(body)))})
    partial.headers["Content-Type"] = "application/json"
    await partial.prepare(request)
    await partial.write(body[: max(1, len(body) // 2)])
    break_connection(request)
    return partial


@web.middleware
async def authenticate(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse a wrong or absent bot token, also on routes that do not exist."""
    if not is_api(request):
        return await handler(request)
    app = identify_caller(request)
    route = template(request)
    if app is None and needs_token(route if route is not None else request.path):
        raise unauthorized()
    return await handler(request)


@web.middleware
async def limit(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Count the request against its bucket; answer 429 when it is full, and send the headers always."""
    route = template(request)
    if not is_api(request) or route is None:
        return await handler(request)
    limits = request.app[LIMITS]
    if limits.banned:
        headers = {"Retry-After": str(int(limits.invalid_limit.per_s))}
        return web.Response(status=429, text="error code: 1015", content_type="text/html", headers=headers)
    caller = request.get(CALLER)
    by_token = not needs_token(route)
    taken = limits.take(
        request.method,
        route,
        request.match_info,
        caller.bot_id if caller is not None and not by_token else None,
        old=deletes_old_message(request, limits.wall()),
    )
    if taken.retry_after_s is not None:
        body = {
            "message": "You are being rate limited.",
            "retry_after": round(taken.retry_after_s + random.uniform(0, 0.005), 3),
            "global": taken.scope == "global",
        }
        return reply(body, 429, dict(taken.headers))
    try:
        response = await handler(request)
    except ApiError as error:
        request[CODE] = error.code
        response = refuse(error)
    if not response.prepared:
        response.headers.update(taken.headers)
    return response


def deletes_old_message(request: web.Request, now_s: float) -> bool:
    """Tell whether the request names a message over two weeks old."""
    message_id = parse_snowflake(request.match_info.get("message_id", ""))
    return message_id is not None and now_s * 1000 - created_ms(message_id) > OLD_MESSAGE_MS


@web.middleware
async def validate(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Check body and query against Discord's API description, when it was given."""
    validator = request.app[VALIDATOR]
    route = template(request)
    if validator is None or not is_api(request) or route is None:
        return await handler(request)
    body = await body_of(request)
    problem = validator.check_request(request.method, route, body, request.query)
    if problem is not None:
        request.app[WORLD].violations.append(
            {"method": request.method, "route": route, "errors": json.loads(json.dumps(problem.errors or {}))}
        )
        raise problem
    return await handler(request)


STACK = (record, disturb, authenticate, limit, validate)
"""Outermost first."""
