"""Keeps the gateway's sessions, starts and resumes them, and lets a test disturb them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.errors import ApiError
from sandbox.events import ALL_INTENTS, Intent
from sandbox.gateway.session import Session
from sandbox.models import Application
from sandbox.render import application_flags, gateway_guild_json, own_user_json
from sandbox.world import World

if TYPE_CHECKING:
    from sandbox.gateway.connection import Connection

SESSION_KEPT_S = 600.0
"""How long a session without a socket can be resumed."""


class CloseCode:
    """Why the gateway hangs up (https://discord.com/developers/docs/topics/opcodes-and-status-codes#gateway)."""

    UNKNOWN_ERROR = 4000
    UNKNOWN_OPCODE = 4001
    DECODE_ERROR = 4002
    NOT_AUTHENTICATED = 4003
    AUTHENTICATION_FAILED = 4004
    ALREADY_AUTHENTICATED = 4005
    INVALID_SEQ = 4007
    RATE_LIMITED = 4008
    SESSION_TIMED_OUT = 4009
    INVALID_SHARD = 4010
    INVALID_API_VERSION = 4012
    INVALID_INTENTS = 4013
    DISALLOWED_INTENTS = 4014


class RefusedError(Exception):
    """An IDENTIFY or RESUME that ends the connection with a close code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


@dataclass(slots=True)
class GatewayOptions:
    """What a test may change: times in milliseconds; `shards` is what /gateway/bot recommends."""

    heartbeat_interval_ms: int = 41_250
    shards: int = 1
    max_concurrency: int = 16
    session_starts: int = 1000
    commands_per_minute: int = 120


class GatewayHub:
    """All sessions of all bots."""

    def __init__(self, world: World, options: GatewayOptions | None = None) -> None:
        self.world = world
        self.options = options or GatewayOptions()
        self.sessions: dict[str, Session] = {}
        self.connections: set[Connection] = set()
        self.identifies = 0
        self.resumes = 0
        self._unsubscribe: dict[str, Callable[[], None]] = {}

    def identify(self, data: dict[str, Any]) -> Session:
        """Start a session from an IDENTIFY's payload, or raise RefusedError with the close code."""
        app = self._authenticate(data.get("token"))
        intents = data.get("intents")
        if not isinstance(intents, int) or isinstance(intents, bool) or not 0 <= intents <= ALL_INTENTS:
            raise RefusedError(CloseCode.INVALID_INTENTS, "Invalid intent(s).")
        privileged = {
            Intent.MESSAGE_CONTENT: app.message_content,
            Intent.GUILD_MEMBERS: app.guild_members,
            Intent.GUILD_PRESENCES: app.presences,
        }
        if any(intents & intent and not allowed for intent, allowed in privileged.items()):
            raise RefusedError(CloseCode.DISALLOWED_INTENTS, "Disallowed intent(s).")
        session = Session(self.world, app, intents, self._shard(data.get("shard")))
        session.presence = data.get("presence") or {}
        self.sessions[session.id] = session
        self.identifies += 1
        self._unsubscribe[session.id] = self.world.bus.subscribe(session.on_event)
        return session

    def _authenticate(self, token: object) -> Application:
        found = self.world.application_by_token(token.removeprefix("Bot ")) if isinstance(token, str) else None
        if found is None:
            raise RefusedError(CloseCode.AUTHENTICATION_FAILED, "Authentication failed.")
        return found

    @staticmethod
    def _shard(value: object) -> tuple[int, int]:
        if value is None:
            return 0, 1
        if not isinstance(value, list) or len(value) != 2 or not all(isinstance(part, int) for part in value):
            raise RefusedError(CloseCode.INVALID_SHARD, "Invalid shard.")
        shard_id, count = value
        if not 0 <= shard_id < count <= 10_000:
            raise RefusedError(CloseCode.INVALID_SHARD, "Invalid shard.")
        return shard_id, count

    def greet(self, session: Session) -> None:
        """Send READY and the guilds of the session's shard."""
        world, bot_id = self.world, session.app.bot_id
        guilds = [g for g in world.guilds_of(bot_id) if (g.id >> 22) % session.shard_count == session.shard_id]
        session.dispatch(
            "READY",
            {
                "v": 10,
                "user": own_user_json(world.users[bot_id]),
                "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
                "session_id": session.id,
                "session_type": "normal",
                "resume_gateway_url": world.gateway_url,
                "shard": [session.shard_id, session.shard_count],
                "application": {"id": str(session.app.id), "flags": application_flags(session.app)},
                "user_settings": {},
                "user_settings_proto": "",
                "guild_join_requests": [],
                "presences": [],
                "private_channels": [],
                "relationships": [],
                "geo_ordered_rtc_regions": [],
                "auth": {},
                "_trace": ["sandbox"],
            },
        )
        if not session.intents & Intent.GUILDS:
            return
        members = bool(session.intents & Intent.GUILD_MEMBERS)
        for guild in guilds:
            session.dispatch("GUILD_CREATE", gateway_guild_json(world, guild, bot_id, members=members))

    def resume(self, data: dict[str, Any]) -> tuple[Session, list[str]] | None:
        """Return the session and the missed events of a RESUME, or None when it must identify anew."""
        app = self._authenticate(data.get("token"))
        self._expire()
        session = self.sessions.get(str(data.get("session_id")))
        seq = data.get("seq")
        if session is None or session.app is not app:
            return None
        if not isinstance(seq, int) or seq > session.seq:
            raise RefusedError(CloseCode.INVALID_SEQ, "Invalid seq.")
        missed = session.missed(seq)
        if missed is None:
            self.drop_session(session)
            return None
        self.resumes += 1
        return session, missed

    def _expire(self) -> None:
        now = self.world.clock()
        for session in list(self.sessions.values()):
            if session.detached_at_s is not None and now - session.detached_at_s > SESSION_KEPT_S:
                self.drop_session(session)

    def drop_session(self, session: Session) -> None:
        """Forget a session; it can no longer be resumed."""
        self.sessions.pop(session.id, None)
        stop = self._unsubscribe.pop(session.id, None)
        if stop is not None:
            stop()

    def announce(self) -> None:
        """Tell the page that a bot came or went; gateway sessions do not hear this."""
        self.world.emit("SANDBOX_SESSIONS", {"connected": [str(bot) for bot in self.connected_bots()]})

    def connected_bots(self) -> list[int]:
        """Return the bots that have a socket now."""
        return sorted({session.app.bot_id for session in self.sessions.values() if session.connected})

    def bot_session(self, bot_id: int, guild_id: int | None = None) -> Session:
        """Return the connected session that would hear of a guild; raises ApiError 503 when the bot is away."""
        for session in self.sessions.values():
            shard = ((guild_id or 0) >> 22) % session.shard_count if guild_id is not None else 0
            if session.app.bot_id == bot_id and session.connected and session.shard_id == shard:
                return session
        raise ApiError(503, 0, "The bot is not connected")

    # -- disturbances --------------------------------------------------------------------------------------------

    def cut(self) -> int:
        """Break every socket without a close frame, as a lost network does; sessions stay resumable."""
        for connection in list(self.connections):
            connection.abort()
        return len(self.connections)

    async def close_all(self, code: int, reason: str = "") -> None:
        """Close every socket with a close code; 1000 and 1001 also end the sessions, as on Discord."""
        for connection in list(self.connections):
            await connection.close(code, reason)

    def ask_reconnect(self) -> None:
        """Send opcode 7 to every socket."""
        for connection in list(self.connections):
            connection.send_op(7, None)

    def invalidate(self, *, resumable: bool = False) -> None:
        """Send opcode 9 to every socket; unless resumable the sessions are gone."""
        for connection in list(self.connections):
            connection.send_op(9, resumable)
            if not resumable and connection.session is not None:
                self.drop_session(connection.session)
