"""Where the gateway is, and the address that opens a socket to it."""

from __future__ import annotations

from aiohttp import web

from sandbox.gateway.connection import Connection
from sandbox.gateway.hub import CloseCode
from sandbox.gateway.transport import UnsupportedTransportError, encoder_for
from sandbox.http import API, GATEWAY, caller, reply, world_of

routes = web.RouteTableDef()
CLOSE_TIMEOUT_S = 2.0


@routes.get(API + "/gateway")
async def get_gateway(request: web.Request) -> web.StreamResponse:
    """Say where the gateway is."""
    return reply({"url": world_of(request).gateway_url})


@routes.get(API + "/gateway/bot")
async def get_bot_gateway(request: web.Request) -> web.StreamResponse:
    """Say where the gateway is, and how many shards to open."""
    caller(request)
    hub = request.app[GATEWAY]
    total = hub.options.session_starts
    limit = {
        "total": total,
        "remaining": max(0, total - hub.identifies),
        "reset_after": 86_400_000,
        "max_concurrency": hub.options.max_concurrency,
    }
    answer = {"url": world_of(request).gateway_url, "shards": hub.options.shards, "session_start_limit": limit}
    return reply(answer)


@routes.get("/gateway")
@routes.get("/gateway/")
async def open_socket(request: web.Request) -> web.StreamResponse:
    """Serve a gateway socket; a plain GET is answered 400 by the handshake."""
    try:
        encoder = encoder_for(request.query.get("compress"))
    except UnsupportedTransportError as error:
        return web.Response(status=400, text=str(error))
    if request.query.get("encoding", "json") != "json":
        return web.Response(status=400, text="only encoding=json is served")
    socket = web.WebSocketResponse(timeout=CLOSE_TIMEOUT_S, compress=False, max_msg_size=1 << 20)
    await socket.prepare(request)
    if request.query.get("v", "10") not in ("9", "10"):
        await socket.close(code=CloseCode.INVALID_API_VERSION, message=b"Invalid API version.")
        return socket
    await Connection(request.app[GATEWAY], socket, request, encoder).run()
    return socket
