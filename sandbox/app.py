"""Put the server together: middlewares, the routes of every resource, the control API and the page."""

from __future__ import annotations

from types import ModuleType

from aiohttp import web

from sandbox import cdn, commands_routes, control, interactions
from sandbox.faults import Faults
from sandbox.gateway import routes as gateway_routes
from sandbox.gateway.hub import GatewayHub, GatewayOptions
from sandbox.http import FAULTS, GATEWAY, LIMITS, VALIDATOR, WORLD
from sandbox.middleware import STACK
from sandbox.openapi import Validator
from sandbox.ratelimit import RateLimits
from sandbox.routes import (
    automod,
    channels,
    guilds,
    members,
    messages,
    reactions,
    threads,
    users,
    webhook_messages,
    webhooks,
)
from sandbox.uploads import MAX_REQUEST_BYTES
from sandbox.world import World

CORE: tuple[ModuleType, ...] = (
    gateway_routes,
    messages,
    reactions,
    webhooks,
    webhook_messages,
    users,
    channels,
    threads,
    guilds,
    members,
    automod,
    cdn,
)
JOINING: tuple[ModuleType, ...] = (commands_routes, interactions, control)
"""Parts that are more than a resource: each has a `routes` table, or a `setup(app)` that is called once, or both."""


def build_app(
    world: World,
    *,
    gateway: GatewayOptions | None = None,
    limits: RateLimits | None = None,
    faults: Faults | None = None,
    validator: Validator | None = None,
) -> web.Application:
    """Return the whole server as an aiohttp application over one world."""
    app = web.Application(middlewares=STACK, client_max_size=MAX_REQUEST_BYTES)
    app[WORLD] = world
    app[GATEWAY] = GatewayHub(world, gateway)
    app[LIMITS] = limits or RateLimits()
    app[FAULTS] = faults or Faults()
    app[VALIDATOR] = validator
    for part in JOINING:  # first: an interaction's token is told from a webhook's by its beginning
        app.add_routes(getattr(part, "routes", ()))
        setup = getattr(part, "setup", None)
        if setup is not None:
            setup(app)
    for module in CORE:
        app.add_routes(module.routes)
    return app
