"""Discord's refusals: what each answer means here, mapped once from what discord.py and aiohttp raise.

docs/refusals.md says for each what happens to the message; the catalogue's `refusal.*` says what an admin can do.
"""

from __future__ import annotations

from enum import StrEnum

import aiohttp
import discord

from cogs._breaker import BreakerOpen


class Refusal(StrEnum):
    """Name one way in which Discord, or our own breaker, says no."""

    NO_MANAGE_MESSAGES = "no_manage_messages"
    NO_MANAGE_WEBHOOKS = "no_manage_webhooks"
    NO_SEND_MESSAGES = "no_send_messages"
    NO_READ_HISTORY = "no_read_history"
    NO_ACCESS = "no_access"
    NEEDS_MFA = "needs_mfa"
    TOO_MANY_WEBHOOKS = "too_many_webhooks"
    WEBHOOK_GONE = "webhook_gone"
    MESSAGE_GONE = "message_gone"
    CHANNEL_GONE = "channel_gone"
    THREAD_LOCKED = "thread_locked"
    NOT_AUTHOR = "not_author"
    MEMBER_GONE = "member_gone"
    NO_MODERATE_MEMBERS = "no_moderate_members"
    FORM_REFUSED = "form_refused"
    TOO_LARGE = "too_large"
    FILES_UNREADABLE = "files_unreadable"
    BLOCKED = "blocked"
    NO_DM = "no_dm"
    HISTORY_TOO_LONG = "history_too_long"
    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "unavailable"
    TOKEN_REFUSED = "token_refused"  # noqa: S105 - a refusal's name, not a secret
    BREAKER_OPEN = "breaker_open"
    OTHER = "other"


PASSING = frozenset({Refusal.RATE_LIMITED, Refusal.UNAVAILABLE, Refusal.TOKEN_REFUSED, Refusal.BREAKER_OPEN})
"""Refusals that time mends: the work is put off and tried again."""

_BY_CODE: dict[int, Refusal] = {
    10003: Refusal.CHANNEL_GONE,
    10004: Refusal.CHANNEL_GONE,
    10007: Refusal.MEMBER_GONE,
    10008: Refusal.MESSAGE_GONE,
    10013: Refusal.MEMBER_GONE,
    10015: Refusal.WEBHOOK_GONE,
    20028: Refusal.RATE_LIMITED,
    30007: Refusal.TOO_MANY_WEBHOOKS,
    40005: Refusal.TOO_LARGE,
    50001: Refusal.NO_ACCESS,
    50005: Refusal.NOT_AUTHOR,
    50007: Refusal.NO_DM,
    50027: Refusal.WEBHOOK_GONE,
    50035: Refusal.FORM_REFUSED,
    50083: Refusal.THREAD_LOCKED,
    60003: Refusal.NEEDS_MFA,
    160005: Refusal.THREAD_LOCKED,
    200000: Refusal.BLOCKED,
    200001: Refusal.BLOCKED,
    240000: Refusal.BLOCKED,
}
"""Source: Discord's developer docs, "Opcodes and Status Codes", JSON error codes."""

_BY_STATUS: dict[int, Refusal] = {
    401: Refusal.TOKEN_REFUSED,
    413: Refusal.TOO_LARGE,
    429: Refusal.RATE_LIMITED,
}

_MISSING_PERMISSION = 50013


class Refused(Exception):  # noqa: N818 - reads as the plain fact it states
    """Discord said no; `status` and `code` are its numbers, 0 where the refusal was known without asking.

    `retry_after_s` is set where the time is known at which asking again makes sense.
    """

    def __init__(self, refusal: Refusal, status: int = 0, code: int = 0, retry_after_s: float | None = None) -> None:
        super().__init__(f"refused: {refusal} (status {status}, code {code})")
        self.refusal = refusal
        self.status = status
        self.code = code
        self.retry_after_s = retry_after_s

    @property
    def passing(self) -> bool:
        """Tell whether time mends it."""
        return self.refusal in PASSING

    def detail(self) -> str:
        """Return the refusal and Discord's numbers, for the record."""
        return f"{self.refusal} status={self.status} code={self.code}"


class InDoubt(Exception):  # noqa: N818
    """A request went out and no answer says whether it was carried out: a time-out, a dropped connection or a 5xx."""


FAULTS = (discord.HTTPException, discord.RateLimited, aiohttp.ClientError, OSError, BreakerOpen)
"""What a request through discord.py can raise; TimeoutError is an OSError."""


def refused_by(fault: Exception, denied: Refusal) -> Refused:
    """Return what a fault means; `denied` is what a missing permission means for the act that was tried."""
    if isinstance(fault, BreakerOpen):
        return Refused(Refusal.BREAKER_OPEN, retry_after_s=fault.retry_after_s)
    if isinstance(fault, discord.RateLimited):
        return Refused(Refusal.RATE_LIMITED, 429, retry_after_s=fault.retry_after)
    if not isinstance(fault, discord.HTTPException) or fault.status >= 500:
        return Refused(Refusal.UNAVAILABLE, getattr(fault, "status", 0) or 0)
    if fault.code == _MISSING_PERMISSION:
        return Refused(denied, fault.status, fault.code)
    refusal = _BY_CODE.get(fault.code) or _BY_STATUS.get(fault.status) or Refusal.OTHER
    return Refused(refusal, fault.status, fault.code)
