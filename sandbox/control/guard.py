"""Keep other web pages out of the control API: it acts for people, and a browser is where people browse."""

from __future__ import annotations

import functools
import ipaddress
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web

from sandbox.errors import ApiError
from sandbox.http import refuse

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def is_own_host(host: str) -> bool:
    """Tell whether a Host header names this machine by address or as localhost.

    Any other name could be somebody's domain that was pointed here (DNS rebinding).
    """
    name = urlsplit(f"//{host}").hostname or ""
    if name == "localhost":
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def check_origin(request: web.Request) -> None:
    """Raise 403 for a request that a page of another origin made; programs without those headers pass."""
    if not is_own_host(request.host):
        raise ApiError(403, 0, f"Open the sandbox by its address, not as {request.host!r}.")
    origin = request.headers.get("Origin")
    if origin is not None and origin != f"{request.scheme}://{request.host}":
        raise ApiError(403, 0, "Requests from other web pages are refused.")
    if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
        raise ApiError(403, 0, "Requests from other web pages are refused.")


def control(handler: Handler) -> Handler:
    """Guard a control route and answer refusals as the REST API words them."""

    @functools.wraps(handler)
    async def guarded(request: web.Request) -> web.StreamResponse:
        try:
            check_origin(request)
            return await handler(request)
        except ApiError as error:
            return refuse(error)

    return guarded
