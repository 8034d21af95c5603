"""Rate limits as Discord sets them: buckets per route and major parameter, a global limit, and the count of invalid
requests (https://discord.com/developers/docs/topics/rate-limits).

The figures are those observed on Discord; it publishes none but the global one and the invalid-request limit.
"""

from __future__ import annotations

import hashlib
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

MAJOR = ("channel_id", "guild_id", "webhook_id", "webhook_token")
OLD_MESSAGE_MS = 14 * 24 * 3600 * 1000
INVALID_STATUSES = frozenset({401, 403, 429})
BUCKETS_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `requests` in a window of `per_s` seconds that starts with the first of them."""

    requests: int
    per_s: float


DEFAULT_LIMIT = Limit(50, 10.0)
ROUTE_LIMITS: dict[tuple[str, str], Limit] = {
    ("POST", "/channels/{channel_id}/messages"): Limit(5, 5.0),
    ("PATCH", "/channels/{channel_id}/messages/{message_id}"): Limit(5, 5.0),
    ("DELETE", "/channels/{channel_id}/messages/{message_id}"): Limit(5, 1.0),
    ("DELETE", "/channels/{channel_id}/messages/{message_id}#old"): Limit(30, 120.0),
    ("POST", "/channels/{channel_id}/messages/bulk-delete"): Limit(1, 1.0),
    ("PUT", "/channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}/@me"): Limit(1, 0.25),
    ("POST", "/webhooks/{webhook_id}/{webhook_token}"): Limit(5, 2.0),
    ("PATCH", "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}"): Limit(5, 2.0),
    ("DELETE", "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}"): Limit(5, 2.0),
}
UNLIMITED = frozenset({"/interactions/{interaction_id}/{interaction_token}/callback", "/gateway", "/gateway/bot"})
"""Routes outside the buckets."""


@dataclass(slots=True)
class _Window:
    limit: Limit
    used: int = 0
    ends_at_s: float = 0.0

    def take(self, now_s: float) -> bool:
        """Count one request; False when the window is full."""
        if now_s >= self.ends_at_s:
            self.used, self.ends_at_s = 0, now_s + self.limit.per_s
        if self.used >= self.limit.requests:
            return False
        self.used += 1
        return True


@dataclass(frozen=True, slots=True)
class Taken:
    """The answer for one request: the headers to send, and when refused how long to wait (seconds) and why."""

    headers: Mapping[str, str]
    retry_after_s: float | None = None
    scope: str | None = None


@dataclass(slots=True)
class RateLimits:
    """Count requests and refuse what goes over. `enabled=False` refuses nothing and sends no headers.

    `clock` is monotonic seconds, `wall` seconds since 1970 for X-RateLimit-Reset.
    """

    enabled: bool = True
    routes: dict[tuple[str, str], Limit] = field(default_factory=lambda: dict(ROUTE_LIMITS))
    default: Limit = DEFAULT_LIMIT
    global_limit: Limit = Limit(50, 1.0)
    invalid_limit: Limit = Limit(10_000, 600.0)
    clock: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    _windows: dict[tuple[str, ...], _Window] = field(default_factory=dict)
    _globals: dict[int, _Window] = field(default_factory=dict)
    _invalid: deque[float] = field(default_factory=deque)

    def take(self, method: str, template: str, params: Mapping[str, str], bot_id: int | None, *, old: bool) -> Taken:
        """Count a request against its bucket and, for a bot token, the global limit.

        `old` marks the deletion of a message over two weeks old, which has a bucket of its own.
        """
        if not self.enabled or template in UNLIMITED:
            return Taken({})
        now = self.clock()
        name = f"{template}#old" if old and method == "DELETE" else template
        limit = self.routes.get((method, name), self.default)
        key = (method, name, *(params.get(part, "") for part in MAJOR), str(bot_id or ""))
        window = self._windows.get(key)
        if window is None or window.limit != limit:
            self._prune(now)
            window = self._windows[key] = _Window(limit)
        spare = self._globals.setdefault(bot_id or 0, _Window(self.global_limit))
        spare.limit = self.global_limit
        if bot_id is not None and not spare.take(now):
            wait = spare.ends_at_s - now
            return Taken(self._refusal(wait, "global") | {"X-RateLimit-Global": "true"}, wait, "global")
        allowed = window.take(now)
        headers = self._headers(window, now, f"{method} {name}")
        if allowed:
            return Taken(headers)
        wait = window.ends_at_s - now
        return Taken(headers | self._refusal(wait, "user"), wait, "user")

    def _headers(self, window: _Window, now: float, name: str) -> dict[str, str]:
        left = max(0.0, window.ends_at_s - now)
        return {
            "X-RateLimit-Limit": str(window.limit.requests),
            "X-RateLimit-Remaining": str(window.limit.requests - window.used),
            "X-RateLimit-Reset": f"{self.wall() + left:.3f}",
            "X-RateLimit-Reset-After": f"{left:.3f}",
            "X-RateLimit-Bucket": hashlib.md5(name.encode(), usedforsecurity=False).hexdigest(),
        }

    @staticmethod
    def _refusal(wait_s: float, scope: str) -> dict[str, str]:
        """Return the headers of a 429; without Via a client takes it for a ban by Cloudflare."""
        return {"Retry-After": str(int(wait_s) + 1), "X-RateLimit-Scope": scope, "Via": "1.1 google"}

    def _prune(self, now: float) -> None:
        if len(self._windows) >= BUCKETS_KEPT:
            for key in [key for key, window in self._windows.items() if window.ends_at_s < now]:
                del self._windows[key]

    def note_status(self, status: int, scope: str | None) -> None:
        """Count an invalid request: 401, 403, and 429 unless its scope is shared."""
        if status in INVALID_STATUSES and scope != "shared":
            self._invalid.append(self.clock())

    @property
    def invalid_requests(self) -> int:
        """Return how many invalid requests fall into the last ten minutes."""
        now = self.clock()
        while self._invalid and now - self._invalid[0] > self.invalid_limit.per_s:
            self._invalid.popleft()
        return len(self._invalid)

    @property
    def banned(self) -> bool:
        """Tell whether the invalid requests have reached the limit: Cloudflare then answers everything with 429."""
        return self.enabled and self.invalid_requests >= self.invalid_limit.requests
