"""The live socket: what one person's client hears, in order; one that reads too slowly is told to load anew."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from aiohttp import WSCloseCode, web

from sandbox.control.arguments import speaker
from sandbox.control.guard import control
from sandbox.control.views import bots_json, event_json, hears
from sandbox.events import Event
from sandbox.http import GATEWAY, world_of

routes = web.RouteTableDef()
SOCKETS = web.AppKey("LIVE_SOCKETS", set[web.WebSocketResponse])
QUEUE_LIMIT = 1_000
HEARTBEAT_S = 25.0
MAX_INCOMING_BYTES = 1_024
RESYNC: dict[str, Any] = {"t": "RESYNC", "d": None}


class Feed:
    """A bounded queue of what one socket has yet to send; overflowing replaces all of it by one RESYNC."""

    def __init__(self, limit: int = QUEUE_LIMIT) -> None:
        self._queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue(limit)

    def put(self, item: dict[str, Any]) -> None:
        """Add an item, or start over with RESYNC when the reader is too slow."""
        if self._queue.full():
            while not self._queue.empty():
                self._queue.get_nowait()
            item = RESYNC
        self._queue.put_nowait(item)

    async def get(self) -> dict[str, Any]:
        """Wait for the next item."""
        return await self._queue.get()


@routes.get("/sandbox/live")
@control
async def live(request: web.Request) -> web.StreamResponse:
    """Stream events to the person named by `as` until the socket closes."""
    world, hub, user_id = world_of(request), request.app[GATEWAY], speaker(request)
    socket = web.WebSocketResponse(heartbeat=HEARTBEAT_S, max_msg_size=MAX_INCOMING_BYTES)
    await socket.prepare(request)
    feed = Feed()

    def hear(event: Event) -> None:
        if event.name == "SANDBOX_SESSIONS":
            feed.put({"t": "BOTS", "d": bots_json(world, hub)})
        elif event.name == "SANDBOX_COMMANDS":
            feed.put({"t": "COMMANDS", "d": event.data})
        elif not event.name.startswith("SANDBOX_") and hears(world, event, user_id):
            feed.put({"t": event.name, "d": event_json(world, event, user_id)})

    stop = world.bus.subscribe(hear)
    feed.put({"t": "BOTS", "d": bots_json(world, hub)})
    request.app[SOCKETS].add(socket)
    sender = asyncio.create_task(_send(socket, feed))
    try:
        async for _ in socket:  # the page says nothing; this waits for its close
            pass
    finally:
        stop()
        request.app[SOCKETS].discard(socket)
        sender.cancel()
        await asyncio.gather(sender, return_exceptions=True)
    return socket


async def _send(socket: web.WebSocketResponse, feed: Feed) -> None:
    while True:
        text = json.dumps(await feed.get(), ensure_ascii=False, separators=(",", ":"))
        try:
            await socket.send_str(text)
        except ConnectionError:
            return  # the reader has gone; the receiving side ends the request


async def close_sockets(app: web.Application) -> None:
    """Close every live socket, so that stopping the server does not wait for them."""
    sockets = app[SOCKETS]
    for socket in list(sockets):
        await socket.close(code=WSCloseCode.GOING_AWAY, message=b"The sandbox is going down.")
