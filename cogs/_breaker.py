"""The breaker: stop calling Discord before refused calls add up to a ban.

Discord bans an address for 10,000 responses of 401, 403 or 429 (not of shared scope) in ten minutes (developer docs,
"Invalid Request Limit aka Cloudflare Bans"); 404 is counted here too, because a bot that keeps asking for what is gone
is treated alike. Counting stands in aiohttp's trace, so that requests which discord.py repeats by itself count as well.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import SimpleNamespace

import aiohttp

WINDOW_S = 600.0
INVALID_STATUSES = frozenset({401, 403, 404, 429})
REOPEN_SHARE = 0.5
"""An open breaker closes again when this share of its limit is left in the window."""

Clock = Callable[[], float]
_guild: ContextVar[int | None] = ContextVar("garim_breaker_guild", default=None)


class BreakerOpen(Exception):  # noqa: N818 - reads as the plain fact it states
    """A request was refused here, before it was sent; `guild_id` is None when the whole bot is stopped."""

    def __init__(self, guild_id: int | None, retry_after_s: float) -> None:
        whose = "every guild" if guild_id is None else f"guild {guild_id}"
        super().__init__(
            f"too many refused requests for {whose}; the next is let through in {retry_after_s:.0f} s at the latest"
        )
        self.guild_id = guild_id
        self.retry_after_s = retry_after_s


class InvalidWindow:
    """Count invalid responses over a sliding window of `window_s` seconds.

    Law: however requests and answers interleave, no window holds more than `limit` invalid responses, because a request
    under way is reckoned as invalid until it is answered.
    """

    def __init__(self, limit: int, clock: Clock, window_s: float = WINDOW_S) -> None:
        self._limit = limit
        self._clock = clock
        self._window_s = window_s
        self._times: deque[float] = deque()
        self._under_way = 0
        self._open = False

    def invalid_count(self) -> int:
        """Return how many invalid responses the window holds now."""
        horizon = self._clock() - self._window_s
        while self._times and self._times[0] <= horizon:
            self._times.popleft()
        return len(self._times)

    def is_open(self) -> bool:
        """Tell whether requests are refused now."""
        count = self.invalid_count()
        if self._open and count <= self._limit * REOPEN_SHARE:
            self._open = False
        if count >= self._limit:
            self._open = True
        return self._open

    def has_room(self) -> bool:
        """Tell whether one more request may be under way."""
        return not self.is_open() and len(self._times) + self._under_way < self._limit

    def retry_after_s(self) -> float:
        """Return in how many seconds an open window closes by itself; 1 where only requests under way block."""
        if not self.is_open():
            return 1.0
        keep = int(self._limit * REOPEN_SHARE)
        return max(0.0, self._times[len(self._times) - keep - 1] + self._window_s - self._clock())

    def start(self) -> None:
        """Note that a request goes out."""
        self._under_way += 1

    def finish(self, *, invalid: bool) -> None:
        """Note that a request that went out is answered, or will never be."""
        self._under_way -= 1
        if invalid:
            self._times.append(self._clock())

    def idle(self) -> bool:
        """Tell whether nothing is counted and nothing under way."""
        return not self._under_way and not self.invalid_count()


class Breaker:
    """Refuse requests for a guild, or for all, whose window of invalid responses is full.

    Requests are attributed by `of_guild`, which holds for the tasks started inside as well; those of no guild count
    towards the whole only. `on_open` is called once each time that a guild (None: everything) is stopped.
    """

    def __init__(
        self,
        *,
        guild_limit: int,
        global_limit: int,
        clock: Clock = time.monotonic,
        on_open: Callable[[int | None], None] | None = None,
    ) -> None:
        self._guild_limit = guild_limit
        self._clock = clock
        self._all = InvalidWindow(global_limit, clock)
        self._guilds: dict[int, InvalidWindow] = {}
        self._announced: set[int | None] = set()
        self.on_open = on_open

    @contextmanager
    def of_guild(self, guild_id: int) -> Iterator[None]:
        """Attribute the requests made inside the block to a guild."""
        token = _guild.set(guild_id)
        try:
            yield
        finally:
            _guild.reset(token)

    def before(self) -> int | None:
        """Let a request out or raise BreakerOpen; returns the guild to hand to `after`."""
        guild_id = _guild.get()
        window = self._window(guild_id)
        for whose, held in ((None, self._all), (guild_id, window)):
            if held is not None and not held.has_room():
                self._announce(whose, held)
                raise BreakerOpen(whose, held.retry_after_s())
            self._announced.discard(whose)
        self._all.start()
        if window is not None:
            window.start()
        return guild_id

    def after(self, guild_id: int | None, status: int | None, scope: str | None = None) -> None:
        """Count a request's answer; `status` is None when there was none, `scope` the header X-RateLimit-Scope."""
        invalid = status in INVALID_STATUSES and not (status == 429 and scope == "shared")
        self._all.finish(invalid=invalid)
        if guild_id is None:
            return
        window = self._guilds[guild_id]
        window.finish(invalid=invalid)
        if window.idle():
            del self._guilds[guild_id]

    def trace_config(self, api_base: str) -> aiohttp.TraceConfig:
        """Return the trace that watches every request under `api_base`; others (gateway, CDN) pass uncounted."""
        trace = aiohttp.TraceConfig()

        async def on_start(_: object, context: SimpleNamespace, params: aiohttp.TraceRequestStartParams) -> None:
            context.counted = str(params.url).startswith(api_base)
            if context.counted:
                context.guild_id = self.before()

        async def on_end(_: object, context: SimpleNamespace, params: aiohttp.TraceRequestEndParams) -> None:
            if context.counted:
                self.after(context.guild_id, params.response.status, params.response.headers.get("X-RateLimit-Scope"))

        async def on_exception(_: object, context: SimpleNamespace, __: aiohttp.TraceRequestExceptionParams) -> None:
            if context.counted:
                self.after(context.guild_id, None)

        trace.on_request_start.append(on_start)
        trace.on_request_end.append(on_end)
        trace.on_request_exception.append(on_exception)
        return trace

    def _window(self, guild_id: int | None) -> InvalidWindow | None:
        if guild_id is None:
            return None
        return self._guilds.setdefault(guild_id, InvalidWindow(self._guild_limit, self._clock))

    def _announce(self, whose: int | None, window: InvalidWindow) -> None:
        if window.is_open() and whose not in self._announced:
            self._announced.add(whose)
            if self.on_open is not None:
                self.on_open(whose)
