"""Interactions: `actions` starts them for people, `answers` takes what apps say, `rest` is the REST around it."""

from __future__ import annotations

from aiohttp import web


def setup(app: web.Application) -> None:
    """Add the REST routes; imported here because the world, which they import, is built on `actions`."""
    from sandbox.interactions.rest import routes

    app.add_routes(routes)
