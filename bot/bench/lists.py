"""How long lists and reports take over many incidents, beside a bare indexed query of the same database."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

from bot.bench.filled import CHANNELS, END, GUILD, START
from bot.incidents import IncidentFilter, IncidentState, Origin, OutcomeKind
from bot.records import AuditKind
from bot.storage import Bucket, Storage
from masker.labels import LABELS

PAGE = 25
"""Rows of a page, as `/incidents` shows them."""

Ask = Callable[[Storage, random.Random], Awaitable[object]]
"""Ask one thing, each time about another member, channel, page or time."""


def _listed(**chosen: object) -> Ask:
    """Return a page of the filter; what is callable is chosen anew each time."""

    async def ask(storage: Storage, chance: random.Random) -> object:
        values = {name: value(chance) if callable(value) else value for name, value in chosen.items()}
        masked = bool(values.pop("masked", False))
        wanted = IncidentFilter(guild_id=GUILD, limit=int(values.pop("limit", PAGE)), **values)  # type: ignore[arg-type]
        return await storage.incidents.search(wanted, masked=masked)

    return ask


def _counted(**chosen: object) -> Ask:
    async def ask(storage: Storage, chance: random.Random) -> object:
        values = {name: value(chance) if callable(value) else value for name, value in chosen.items()}
        return await storage.incidents.counts(IncidentFilter(guild_id=GUILD, **values))  # type: ignore[arg-type]

    return ask


def _figure(name: str, *more: object) -> Ask:
    async def ask(storage: Storage, chance: random.Random) -> object:
        return await getattr(storage.statistics, name)(GUILD, START, END, *more)

    return ask


def _member(chance: random.Random) -> int:
    return GUILD * 1_000_000 + min(2_999, int(chance.expovariate(0.002)))


def _channel(chance: random.Random) -> int:
    return GUILD * 1_000 + chance.randrange(CHANNELS)


def _rare_channel(_: random.Random) -> int:
    return GUILD * 1_000 + CHANNELS - 2


def _label(chance: random.Random) -> str:
    return str(chance.choice(LABELS))


def _day(chance: random.Random) -> datetime:
    return START + timedelta(days=chance.randrange(80))


async def _history(storage: Storage, chance: random.Random) -> None:
    member = _member(chance)
    await storage.incidents.search(IncidentFilter(guild_id=GUILD, author_id=member, limit=PAGE))
    await storage.sanctions.points(GUILD, member, END - timedelta(days=20))
    await storage.sanctions.of_member(GUILD, member)
    await storage.cases.of_member(GUILD, member)


async def _report(storage: Storage, chance: random.Random) -> None:
    """Ask everything that a report shows."""
    await storage.statistics.figures(GUILD, START, END, Bucket.DAY)


def _before(storage_rows: int) -> Callable[[random.Random], int]:
    return lambda chance: chance.randrange(storage_rows)


def lists_of(rows: int) -> Mapping[str, Ask]:
    """Return every list by its name; `rows` is how many incidents there are."""
    newest, some_page = None, _before(rows)
    return {
        "list, newest": _listed(after_id=newest),
        "list, a page far back": _listed(after_id=some_page),
        "list, with the masked texts": _listed(after_id=some_page, masked=True),
        "list, a thousand for an export": _listed(after_id=some_page, limit=1_000),
        "list, a label": _listed(label=_label),
        "list, the rarest label": _listed(label=str(LABELS[-1])),
        "list, a label no one has": _listed(label="none"),
        "list, a member": _listed(author_id=_member),
        "list, a channel": _listed(channel_id=_channel),
        "list, the rarest channel": _listed(channel_id=_rare_channel),
        "list, an unknown channel": _listed(channel_id=5),
        "list, an outcome": _listed(outcome=OutcomeKind.NOT_DELETED),
        "list, an outcome that none has": _listed(outcome=OutcomeKind.NOT_REPOSTED),
        "list, waiting for a human": _listed(state=IncidentState.STUCK),
        "list, unfinished": _listed(state=IncidentState.OPEN),
        "list, reported by members": _listed(origin=Origin.REPORT),
        "list, false positives": _listed(right=False),
        "list, without a verdict": _listed(reviewed=False),
        "list, a day long ago": _listed(since=START, until=START + timedelta(days=1)),
        "list, up to a day": _listed(until=_day),
        "list, label, channel and month": _listed(label=_label, channel_id=_channel, since=START + timedelta(days=30)),
        "list, rare label, outcome and day": _listed(
            label=str(LABELS[-1]), outcome=OutcomeKind.ALERTED, since=START, until=START + timedelta(days=2)
        ),
        "list, false positives of a member": _listed(right=False, author_id=_member),
        "list, reports of a label": _listed(origin=Origin.REPORT, label=_label),
        "member's history": _history,
        "member's data": lambda storage, chance: storage.members.export(GUILD, _member(chance)),
        "cases, open": lambda storage, _: storage.cases.page(GUILD, open_only=True),
        "cases": lambda storage, chance: storage.cases.page(GUILD, after=chance.randrange(rows)),
        "contests waiting": lambda storage, _: storage.contests.waiting(GUILD),
        "audit": lambda storage, chance: storage.audit.history(GUILD, PAGE, chance.randrange(rows // 10 + 1)),
        "audit of a kind": lambda storage, _: storage.audit.history(GUILD, PAGE, what=AuditKind.EXPORTED),
    }


def reports_of() -> Mapping[str, Ask]:
    """Return every report by its name; all are about the whole time and the guild with nine in ten of all incidents."""
    return {
        "counts, everything": _counted(),
        "counts, a month": _counted(since=START + timedelta(days=60)),
        "counts, a label": _counted(label=_label),
        "counts, a channel": _counted(channel_id=_channel),
        "counts, a member": _counted(author_id=_member),
        "counts, false positives": _counted(right=False),
        "counts, without a verdict": _counted(reviewed=False),
        "series by day": _figure("series", Bucket.DAY),
        "series by hour": _figure("series", Bucket.HOUR),
        "by hour of the day": _figure("by_hour"),
        "by label": _figure("by_label"),
        "by channel": _figure("by_channel"),
        "by outcome": _figure("by_outcome"),
        "verdicts": _figure("verdicts"),
        "median reaction": _figure("median_reaction_s"),
        "whole report": _report,
        "precision by label and score": lambda storage, _: storage.reviews.precision(GUILD, START),
        "guilds known": lambda storage, _: storage.guilds.known(),
    }
