"""The CDN: attachments as they were uploaded, avatars and icons as pictures drawn from their hash."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from aiohttp import web

from sandbox.http import world_of
from sandbox.pictures import identicon
from sandbox.world import World

CDN = "/cdn"
routes = web.RouteTableDef()
INLINE_TYPES = ("image/png", "image/jpeg", "image/gif", "image/webp", "video/mp4", "audio/ogg", "audio/mpeg")
"""Shown in a browser; anything else is a download, so that no upload runs as a page of this origin."""


@routes.get(CDN + "/attachments/{channel_id}/{attachment_id}/{filename}")
@routes.get(CDN + "/ephemeral-attachments/{channel_id}/{attachment_id}/{filename}")
async def attachment(request: web.Request) -> web.StreamResponse:
    """Serve an uploaded file, or 404 when its message is gone."""
    parts = (request.match_info[name] for name in ("channel_id", "attachment_id", "filename"))
    blob = world_of(request).blobs.get("attachments/" + "/".join(parts))
    if blob is None:
        return web.Response(status=404, text="This content is no longer available.")
    shown = "inline" if blob.content_type.split(";")[0] in INLINE_TYPES else "attachment"
    headers = {
        "Content-Type": blob.content_type,
        "Content-Disposition": f"{shown}; filename*=UTF-8''{quote(blob.filename)}",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return web.Response(body=blob.data, headers=headers)


@routes.get(CDN + "/embed/avatars/{name}")
async def default_avatar(request: web.Request) -> web.StreamResponse:
    """Serve one of the default avatars."""
    return picture(request, "default-" + stem(request.match_info["name"]))


@routes.get(CDN + "/avatars/{user_id}/{name}")
@routes.get(CDN + "/guilds/{guild_id}/users/{user_id}/avatars/{name}")
@routes.get(CDN + "/icons/{guild_id}/{name}")
@routes.get(CDN + "/app-icons/{application_id}/{name}")
@routes.get(CDN + "/emojis/{name}")
async def hashed_picture(request: web.Request) -> web.StreamResponse:
    """Serve an uploaded picture, or draw the one that belongs to a hash."""
    return picture(request, stem(request.match_info["name"]))


def stem(name: str) -> str:
    """Return a file name without its ending."""
    return name.rsplit(".", 1)[0]


def picture(request: web.Request, key: str) -> web.Response:
    """Answer a picture by its hash."""
    blob = world_of(request).blobs.get(f"pictures/{key}")
    if blob is not None:
        return web.Response(body=blob.data, content_type=blob.content_type)
    size = request.query.get("size", "128")
    side = int(size) if size.isascii() and size.isdigit() and len(size) < 5 else 128
    return web.Response(body=identicon(key, max(16, min(side, 256))), content_type="image/png")


def hash_of_url(world: World, url: str) -> str | None:
    """Return the hash that a picture at a URL of this CDN gets when a webhook posts under it.

    Discord fetches the picture and hashes its bytes; the same picture therefore keeps its hash. The sandbox fetches
    nothing from anywhere else: other addresses give None, as a picture does that Discord could not fetch.
    """
    if not url.startswith(world.cdn_base + "/"):
        return None
    parts = urlsplit(url).path.strip("/").split("/")
    if "avatars" not in parts and "icons" not in parts:
        return None
    name = stem(parts[-1])
    return f"default-{name}" if "embed" in parts else name
