"""Serve the chat page's files, with headers that keep every other origin out of it."""

from __future__ import annotations

import hashlib
import mimetypes
from pathlib import Path
from typing import Final

from aiohttp import web

from sandbox.control.guard import control
from sandbox.errors import ApiError

routes = web.RouteTableDef()
FOLDER: Final = Path(__file__).resolve().parent.parent / "static"
TYPES: Final = {".js": "text/javascript", ".css": "text/css", ".html": "text/html", ".svg": "image/svg+xml"}
HEADERS: Final = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-cache",
}


def names() -> frozenset[str]:
    """Return the files that there are, so that no other path can be asked for."""
    found = (path for path in FOLDER.rglob("*") if path.suffix in TYPES)
    return frozenset(path.relative_to(FOLDER).as_posix() for path in found)


NAMES: Final = names()


def serve(request: web.Request, name: str) -> web.Response:
    """Answer one file, or 304 when the browser has it."""
    if name not in NAMES:
        raise ApiError(404, 0, "404: Not Found")
    data = (FOLDER / name).read_bytes()
    tag = hashlib.sha256(data).hexdigest()[:24]
    if f'"{tag}"' in request.headers.get("If-None-Match", ""):
        return web.Response(status=304, headers={**HEADERS, "ETag": f'"{tag}"'})
    kind = TYPES.get(Path(name).suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    headers = {**HEADERS, "ETag": f'"{tag}"', "Content-Type": f"{kind}; charset=utf-8"}
    return web.Response(body=data, headers=headers)


@routes.get("/")
@control
async def index(request: web.Request) -> web.StreamResponse:
    """Serve the page."""
    return serve(request, "index.html")


@routes.get("/static/{name:.+}")
@control
async def asset(request: web.Request) -> web.StreamResponse:
    """Serve one of the page's scripts, styles or pictures."""
    return serve(request, request.match_info["name"])


@routes.get("/favicon.ico")
@control
async def favicon(request: web.Request) -> web.StreamResponse:
    """Serve the icon to browsers that ask for it unasked."""
    return serve(request, "icon.svg")
