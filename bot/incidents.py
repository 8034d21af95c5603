"""Incidents: the durable record of one flagged revision of a message, as plain values."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class IncidentState(StrEnum):
    """Name how far an incident has come; every state but the last two is finished after a restart."""

    OPEN = "open"
    """Committed; nothing destroyed yet, as far as the record knows."""
    DELETED = "deleted"
    """The original is gone and the reposts are not all known to stand."""
    REPOSTED = "reposted"
    """Every repost is known to stand; notices and alerts may be outstanding."""
    CLOSED = "closed"
    """Nothing is left to do; `outcome` says what really happened."""
    STUCK = "stuck"
    """A refusal that needs a human; `outcome` says which, and the moderators were told."""


class OutcomeKind(StrEnum):
    """Name what really happened to the message."""

    MASKED = "masked"
    DELETED_ONLY = "deleted_only"
    ALERTED = "alerted"
    OBSERVED = "observed"
    REMOVED_BY_OTHERS = "removed_by_others"
    NOT_DELETED = "not_deleted"
    NOT_REPOSTED = "not_reposted"
    REPORTED = "reported"
    BLOCKED = "blocked"


class Origin(StrEnum):
    """Name how an incident came about: a message read as it came, a member's report, a scan, or Discord's AutoMod."""

    MESSAGE = "message"
    REPORT = "report"
    SCAN = "scan"
    AUTOMOD = "automod"


@dataclass(frozen=True, slots=True)
class SpooledFile:
    """Point at one attachment in the encrypted spool; the other fields are what Discord knew of it."""

    spool_key: str
    filename: str = field(repr=False)
    size_bytes: int
    content_type: str | None = None
    description: str | None = field(default=None, repr=False)
    spoiler: bool = False


@dataclass(frozen=True, slots=True)
class RepostPart:
    """Hold one message of a repost, already masked; `message_id` is set once it is known to stand."""

    index: int
    content: str = field(repr=False)
    files: tuple[SpooledFile, ...] = ()
    message_id: int | None = None


@dataclass(frozen=True, slots=True)
class IncidentDraft:
    """Carry everything that a restart needs to finish the work; encrypted at rest where it holds members' words.

    `channel_id` is where webhooks live; `thread_id` is set when the message stands in a thread of it.
    `other_message_ids`, oldest first, are the author's messages that spell the word only together with this one;
    `original` then holds all of them in order, a line each, and one repost stands for all.
    `revision` is 0 for a new message and the edit's time in Unix milliseconds for an edited one.
    `key` is random and goes into the repost's button, so that a repost that was accepted but not recorded is found.
    `verdict` holds labels, scores, spans and detectors, never text: JSON values only. Its `labels` maps
    every flagged label, and no other, to its highest score: what lists and reports filter by.
    """

    guild_id: int
    channel_id: int
    thread_id: int | None
    message_id: int
    revision: int
    author_id: int
    author_name: str = field(repr=False)
    avatar_url: str | None
    original: str = field(repr=False)
    parts: tuple[RepostPart, ...]
    action: str
    notice: str
    locale: str
    verdict: Mapping[str, Any]
    reply_to_message_id: int | None = None
    other_message_ids: tuple[int, ...] = ()
    observe: bool = False
    origin: str = Origin.MESSAGE
    key: str = field(default_factory=lambda: secrets.token_urlsafe(16))


@dataclass(frozen=True, slots=True)
class Incident:
    """Give an incident as stored. Times are UTC.

    `erased` is True once retention or its author had the words removed: texts, name and parts are then empty.
    """

    id: int
    draft: IncidentDraft
    state: IncidentState
    opened_at: datetime
    closed_at: datetime | None = None
    outcome: OutcomeKind | None = None
    outcome_detail: str | None = None
    deleted_at: datetime | None = None
    erased: bool = False


@dataclass(frozen=True, slots=True)
class IncidentSummary:
    """Give a row of a list or report: no member's words in it. `right` is the moderators' verdict, None without one."""

    id: int
    guild_id: int
    channel_id: int
    thread_id: int | None
    message_id: int
    author_id: int
    labels: tuple[str, ...]
    score: float
    action: str
    state: IncidentState
    outcome: OutcomeKind | None
    opened_at: datetime
    closed_at: datetime | None
    masked: str | None = field(default=None, repr=False)
    origin: Origin = Origin.MESSAGE
    right: bool | None = None


@dataclass(frozen=True, slots=True)
class IncidentEvent:
    """Record one thing that happened to an incident: a step's name and a detail without text."""

    step: str
    at: datetime
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class IncidentFilter:
    """Choose incidents; None means any. `since` is inclusive, `until` exclusive, both UTC.

    `channel_id` is a channel's or a thread's. `reviewed` asks whether a moderator gave a verdict, `right` for which.
    Lists are newest first; `after_id` is the last id of the page before.
    """

    guild_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    label: str | None = None
    state: IncidentState | None = None
    author_id: int | None = None
    channel_id: int | None = None
    outcome: OutcomeKind | None = None
    origin: Origin | None = None
    reviewed: bool | None = None
    right: bool | None = None
    limit: int = 50
    after_id: int | None = None


@dataclass(frozen=True, slots=True)
class IncidentCounts:
    """Count incidents; one with two labels counts under both."""

    total: int
    by_state: Mapping[IncidentState, int]
    by_outcome: Mapping[OutcomeKind, int]
    by_label: Mapping[str, int]
