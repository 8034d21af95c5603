"""The control API that the chat page and tests in other processes speak, its live socket, and the page itself."""

from __future__ import annotations

from aiohttp import web

from sandbox.control import admin_routes, interaction_routes, live, member_routes, page

routes: list[web.AbstractRouteDef] = [
    *member_routes.routes,
    *interaction_routes.routes,
    *admin_routes.routes,
    *live.routes,
    *page.routes,
]


def setup(app: web.Application) -> None:
    """Prepare what the live sockets share and close them when the server stops."""
    app[live.SOCKETS] = set()
    app.on_shutdown.append(live.close_sockets)
