"""One gateway socket from HELLO to its close (https://discord.com/developers/docs/events/gateway)."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import deque
from typing import Any

from aiohttp import WSMsgType, web

from sandbox.gateway.hub import CloseCode, GatewayHub, RefusedError
from sandbox.gateway.members import answer_members_request
from sandbox.gateway.session import Session
from sandbox.gateway.transport import Encoder
from sandbox.ids import parse_snowflake

MAX_QUEUED = 50_000
MAX_COMMAND_BYTES = 4096
ZOMBIE_FACTOR = 1.5
"""A client that has not beaten for this many intervals is taken for dead."""


class Connection:
    """A socket and, once it has identified or resumed, its session."""

    def __init__(self, hub: GatewayHub, socket: web.WebSocketResponse, request: web.Request, encoder: Encoder) -> None:
        self.hub = hub
        self.socket = socket
        self.request = request
        self.encoder = encoder
        self.session: Session | None = None
        self._outgoing: asyncio.Queue[str | None] = asyncio.Queue()
        self._commands: deque[float] = deque()
        self._closing: asyncio.Future[None] | None = None
        self._last_beat = asyncio.get_running_loop().time()

    async def run(self) -> None:
        """Serve the socket until either side leaves."""
        self.hub.connections.add(self)
        tasks = [asyncio.create_task(self._write()), asyncio.create_task(self._watch_heartbeat())]
        try:
            self.send_op(10, {"heartbeat_interval": self.hub.options.heartbeat_interval_ms, "_trace": ["sandbox"]})
            await self._read()
        except RefusedError as refused:
            await self.close(refused.code, refused.reason)
        finally:
            self.hub.connections.discard(self)
            if self._closing is not None:
                await self._closing
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._detach()

    def send_op(self, op: int, data: Any) -> None:
        """Queue a payload that is no event."""
        self._queue(json.dumps({"op": op, "d": data, "s": None, "t": None}))

    def _queue(self, text: str) -> None:
        if self._outgoing.qsize() >= MAX_QUEUED:
            self.abort()
            return
        self._outgoing.put_nowait(text)

    async def _write(self) -> None:
        with contextlib.suppress(ConnectionError):
            while (text := await self._outgoing.get()) is not None:
                frame = self.encoder.encode(text)
                if isinstance(frame, bytes):
                    await self.socket.send_bytes(frame)
                else:
                    await self.socket.send_str(frame)

    async def _read(self) -> None:
        async for message in self.socket:
            if message.type is WSMsgType.ERROR:
                return
            if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                continue
            if len(message.data) > MAX_COMMAND_BYTES:
                raise RefusedError(CloseCode.DECODE_ERROR, "Payload too large.")
            try:
                payload = json.loads(message.data)
                op, data = payload["op"], payload.get("d")
            except (ValueError, KeyError, TypeError, RecursionError):
                raise RefusedError(CloseCode.DECODE_ERROR, "Error while decoding payload.") from None
            await self._handle(op, data)

    async def _handle(self, op: object, data: Any) -> None:
        self._count_command(op)
        if op == 1:
            self._last_beat = asyncio.get_running_loop().time()
            self.send_op(11, None)
        elif op in (2, 6):
            if self.session is not None:
                raise RefusedError(CloseCode.ALREADY_AUTHENTICATED, "Already authenticated.")
            if not isinstance(data, dict):
                raise RefusedError(CloseCode.DECODE_ERROR, "Error while decoding payload.")
            if op == 2:
                self._identify(data)
            else:
                self._resume(data)
        elif op in (3, 4, 8):
            if self.session is None:
                raise RefusedError(CloseCode.NOT_AUTHENTICATED, "Not authenticated.")
            self._command(self.session, op, data if isinstance(data, dict) else {})
        else:
            raise RefusedError(CloseCode.UNKNOWN_OPCODE, "Unknown opcode.")

    def _count_command(self, op: object) -> None:
        now = asyncio.get_running_loop().time()
        while self._commands and now - self._commands[0] > 60:
            self._commands.popleft()
        if op != 1:
            self._commands.append(now)
        if len(self._commands) > self.hub.options.commands_per_minute:
            raise RefusedError(CloseCode.RATE_LIMITED, "Rate limited.")

    def _identify(self, data: dict[str, Any]) -> None:
        self._attach(self.hub.identify(data))
        if self.session is not None:
            self.hub.greet(self.session)
        self.hub.announce()

    def _resume(self, data: dict[str, Any]) -> None:
        found = self.hub.resume(data)
        if found is None:
            self.send_op(9, False)
            return
        session, missed = found
        for other in list(self.hub.connections):
            if other.session is session:
                other.session = None
                other.abort()
        for text in missed:
            self._queue(text)
        self._attach(session)
        session.dispatch("RESUMED", {"_trace": ["sandbox"]})
        self.hub.announce()

    def _attach(self, session: Session) -> None:
        self.session = session
        session.deliver = self._queue
        session.detached_at_s = None

    def _detach(self) -> None:
        session, self.session = self.session, None
        if session is None:
            return
        session.deliver = None
        session.detached_at_s = self.hub.world.clock()
        if self._closing is None and self.socket.close_code in (1000, 1001):
            self.hub.drop_session(session)
        self.hub.announce()

    def _command(self, session: Session, op: object, data: dict[str, Any]) -> None:
        if op == 3:
            session.presence = data
        elif op == 8:
            answer_members_request(self.hub.world, session, data)
        else:
            self._move_voice(session, data)

    def _move_voice(self, session: Session, data: dict[str, Any]) -> None:
        """Tell the guild where the bot says that its voice is; the sandbox has no voice servers."""
        guild_id, channel_id = parse_snowflake(data.get("guild_id")), parse_snowflake(data.get("channel_id"))
        world, bot_id = self.hub.world, session.app.bot_id
        if guild_id is None or guild_id not in world.guilds or bot_id not in world.guilds[guild_id].members:
            return
        state = {
            "guild_id": str(guild_id),
            "channel_id": str(channel_id) if channel_id is not None else None,
            "user_id": str(bot_id),
            "session_id": session.id,
            "deaf": False,
            "mute": False,
            "self_deaf": bool(data.get("self_deaf")),
            "self_mute": bool(data.get("self_mute")),
            "self_video": False,
            "suppress": False,
            "request_to_speak_timestamp": None,
        }
        world.emit("VOICE_STATE_UPDATE", state, guild_id=guild_id)

    async def _watch_heartbeat(self) -> None:
        interval = self.hub.options.heartbeat_interval_ms / 1000
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(interval / 4)
            if loop.time() - self._last_beat > interval * ZOMBIE_FACTOR:
                await self.close(CloseCode.SESSION_TIMED_OUT, "Session timed out.")
                return

    async def close(self, code: int, reason: str = "") -> None:
        """Send a close frame; sessions closed with 1000 or 1001 cannot be resumed."""
        if code in (1000, 1001, CloseCode.SESSION_TIMED_OUT) and self.session is not None:
            self.hub.drop_session(self.session)
        if self._closing is not None:
            return
        # The handler must outlive the closing handshake: aiohttp reads the client's answer only while it runs.
        self._closing = asyncio.get_running_loop().create_future()
        try:
            await self.socket.close(code=code, message=reason.encode()[:120])
        finally:
            self._closing.set_result(None)

    def abort(self) -> None:
        """Break the socket without a word."""
        if self.request.transport is not None:
            self.request.transport.abort()
