"""What moderators and members leave on record about incidents and people, as plain values. Times are UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


@dataclass(frozen=True, slots=True)
class Review:
    """Say what a moderator found an incident to be; `right` is False for a false positive."""

    incident_id: int
    guild_id: int
    moderator_id: int
    right: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class LabelPrecision:
    """Count a label's verdicts by score: `buckets` are (lowest score of the bucket, right, wrong), ascending."""

    label: str
    buckets: tuple[tuple[float, int, int], ...]


@dataclass(frozen=True, slots=True)
class AlertPost:
    """Say where the alert about an incident stands; incidents folded into one alert share its message."""

    incident_id: int
    guild_id: int
    channel_id: int
    message_id: int


class AuditKind(StrEnum):
    """Name what somebody did that others must be able to look up. Setting changes are audited by GuildStore."""

    ORIGINAL_VIEWED = "original_viewed"
    RESTORED = "restored"
    REPOST_DELETED = "repost_deleted"
    WARNED = "warned"
    TIMED_OUT = "timed_out"
    REVIEWED = "reviewed"
    CASE_OPENED = "case_opened"
    NOTE_ADDED = "note_added"
    CASE_CLOSED = "case_closed"
    CONTESTED = "contested"
    CONTEST_ANSWERED = "contest_answered"
    TERM_ADDED = "term_added"
    TERM_REMOVED = "term_removed"
    TERMS_IMPORTED = "terms_imported"
    SETTINGS_IMPORTED = "settings_imported"
    EXPORTED = "exported"
    MEMBER_EXPORTED = "member_exported"
    MEMBER_ERASED = "member_erased"
    SCAN_RUN = "scan_run"
    AUTOMOD_SET = "automod_set"
    GUILD_REMOVED = "guild_removed"
    KEY_ROTATED = "key_rotated"


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Record who did what, about which incident or member; `detail` holds JSON values and no words of a member's."""

    id: int
    guild_id: int
    at: datetime
    actor_id: int
    what: AuditKind
    incident_id: int | None = None
    member_id: int | None = None
    detail: Mapping[str, Any] | None = None


class SanctionKind(StrEnum):
    """Name what was done to a member."""

    WARN = "warn"
    TIMEOUT = "timeout"


@dataclass(frozen=True, slots=True)
class Sanction:
    """Record what was done to a member; `seconds` is how long a timeout lasts."""

    guild_id: int
    member_id: int
    kind: SanctionKind
    actor_id: int
    at: datetime
    seconds: int | None = None
    incident_id: int | None = None


@dataclass(frozen=True, slots=True)
class CaseNote:
    """Give one numbered note of a case; `words` is None once they were erased."""

    number: int
    author_id: int
    words: str | None = field(repr=False)
    at: datetime
    incident_id: int | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """Give a moderators' record about a member. `fresh` is True only in the answer to the call that opened it."""

    guild_id: int
    number: int
    member_id: int
    opened_by: int
    opened_at: datetime
    incident_id: int | None = None
    closed_by: int | None = None
    closed_at: datetime | None = None
    notes: tuple[CaseNote, ...] = ()
    fresh: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Contest:
    """Give what an author said against an incident, and the answer once there is one; words are None once erased."""

    incident_id: int
    guild_id: int
    author_id: int
    words: str | None = field(repr=False)
    at: datetime
    answered_by: int | None = None
    granted: bool | None = None
    answer: str | None = field(default=None, repr=False)
    answered_at: datetime | None = None


class Every(StrEnum):
    """Name how often something is due."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Schedule:
    """Say what is posted where, how often, and when next; `kind` is the poster's own word, such as `report`."""

    guild_id: int
    kind: str
    channel_id: int
    every: Every
    next_at: datetime
