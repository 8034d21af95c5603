"""A database as a busy bot leaves it after some months: incidents, labels, verdicts, contests, cases and audit."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from bot.bench.corpus import offending_lines
from bot.crypto import Keyring
from bot.incidents import IncidentDraft, IncidentState, Origin, OutcomeKind, RepostPart
from bot.records import AuditKind
from bot.storage.database import Database
from bot.storage.incident_rows import row_of
from bot.storage.payload import seal_words
from bot.storage.record_tables import audit, case_notes, cases, contests, reviews, sanctions
from bot.storage.tables import incident_events, incident_labels, incidents
from masker.labels import LABELS

GUILD = 1
"""The guild that has nine in ten of all incidents, and that every list and report is asked for."""
MEMBERS = 3_000
CHANNELS = 40
DAYS = 90
END = datetime(2026, 3, 1, tzinfo=UTC)
START = END - timedelta(days=DAYS)
_DISCORD_EPOCH_MS = 1_420_070_400_000
_BATCH = 2_000
_SEALED = 50
"""Different originals; encrypting a hundred thousand would take longer than everything else."""

_OUTCOMES = (
    *[OutcomeKind.MASKED] * 80,
    *[OutcomeKind.DELETED_ONLY] * 10,
    *[OutcomeKind.ALERTED] * 6,
    *[OutcomeKind.OBSERVED] * 3,
    OutcomeKind.NOT_DELETED,
)
_ORIGINS = (*[Origin.MESSAGE] * 97, Origin.REPORT, Origin.SCAN, Origin.AUTOMOD)
_LABEL_WEIGHTS = [2.0**-place for place in range(len(LABELS))]
Progress = Callable[[int, int], None]
Rows = dict[Any, list[dict[str, Any]]]


async def fill(database: Database, keyring: Keyring, count: int, progress: Progress) -> None:
    """Write `count` incidents of the last 90 days and what hangs on them; the same every time."""
    rows = _rows(count, keyring)
    for done in range(0, count, _BATCH):
        progress(done, count)
        batch: Rows = {}
        for one in islice(rows, min(_BATCH, count - done)):
            for table, values in one.items():
                batch.setdefault(table, []).extend(values)
        async with database.write() as connection:
            for table, values in batch.items():
                await connection.execute(table.insert(), values)


def _rows(count: int, keyring: Keyring) -> Iterator[Rows]:
    """Give the rows of one incident after another, parents first."""
    source = random.Random(1)
    lines = list(islice(offending_lines(), _SEALED))
    drafts = [_draft(line) for line in lines]
    tokens = [row_of(draft, keyring, START)["payload"] for draft in drafts]
    note = seal_words("메모 " * 20, keyring)
    for number in range(1, count + 1):
        at = START + (END - START) * (number / (count + 1))
        kind = source.randrange(len(drafts))
        row = _incident(number, at, source) | {"payload": tokens[kind]}
        verdict = {"labels": _labels(source), "spans": [{"start": 0, "end": 2, "label": "profanity", "score": 0.95}]}
        row |= {"verdict": verdict, "score": max(verdict["labels"].values())}  # type: ignore[attr-defined]
        guild_id = row["guild_id"]
        labels = [
            {"incident_id": number, "guild_id": guild_id, "opened_at": at, "label": label, "score": score}
            for label, score in verdict["labels"].items()  # type: ignore[attr-defined]
        ]
        yield {
            incidents: [row],
            incident_labels: labels,
            incident_events: [
                {"incident_id": number, "at": at, "step": step} for step in ("opened", "deleted", "closed")
            ],
            **_records(number, row, at, note, source),
        }


def _draft(line: str) -> IncidentDraft:
    return IncidentDraft(
        guild_id=GUILD,
        channel_id=0,
        thread_id=None,
        message_id=0,
        revision=0,
        author_id=0,
        author_name="이웃",
        avatar_url="https://cdn.discordapp.com/avatars/1/2.png",
        original=line,
        parts=(RepostPart(0, "●" * len(line)),),
        action="mask",
        notice="button",
        locale="ko",
        verdict={},
    )


def _incident(number: int, at: datetime, source: random.Random) -> dict[str, Any]:
    said_ms = round(at.timestamp() * 1_000)
    reaction_ms = round(source.lognormvariate(6.5, 1.0))
    outcome = source.choice(_OUTCOMES)
    stuck = outcome is OutcomeKind.NOT_DELETED
    guild_id = GUILD if source.random() < 0.9 else source.randint(2, 30)
    return {
        "id": number,
        "key": f"bench-{number}",
        "guild_id": guild_id,
        "channel_id": guild_id * 1_000 + min(CHANNELS - 1, int(source.expovariate(0.2))),
        "thread_id": guild_id * 100_000 + source.randrange(50) if source.random() < 0.1 else None,
        "message_id": ((said_ms - _DISCORD_EPOCH_MS) << 22) + number % (1 << 22),
        "revision": 0,
        "author_id": guild_id * 1_000_000 + min(MEMBERS - 1, int(source.expovariate(0.002))),
        "action": "mask",
        "notice": "button",
        "locale": "ko",
        "observe": outcome is OutcomeKind.OBSERVED,
        "origin": source.choice(_ORIGINS),
        "part_count": 1,
        "state": (IncidentState.STUCK if stuck else IncidentState.CLOSED).value,
        "outcome": outcome.value,
        "opened_at": at,
        "opened_hour": int(at.timestamp()) // 3_600,
        "deleted_at": None if stuck else at + timedelta(milliseconds=reaction_ms),
        "closed_at": None if stuck else at + timedelta(seconds=2),
        "reaction_ms": None if stuck else reaction_ms,
    }


def _labels(source: random.Random) -> dict[str, float]:
    count = 1 if source.random() < 0.7 else 2
    chosen = source.choices(LABELS, _LABEL_WEIGHTS, k=count)
    return {str(label): round(source.uniform(0.7, 1.0), 4) for label in chosen}


def _records(number: int, row: dict[str, Any], at: datetime, note: bytes, source: random.Random) -> Rows:
    """Return what moderators left about one incident in ten, and about fewer."""
    guild_id, member_id, later = row["guild_id"], row["author_id"], at + timedelta(minutes=5)
    rows: Rows = {}
    shared = {"guild_id": guild_id, "at": later, "incident_id": number}
    if number % 10 == 0:
        right = source.random() < 0.95
        rows[reviews] = [{**shared, "moderator_id": 5, "right": right, "opened_at": at}]
        rows[audit] = [{**shared, "actor_id": 5, "what": AuditKind.ORIGINAL_VIEWED.value, "member_id": member_id}]
    if number % 50 == 0:
        rows[contests] = [{**shared, "author_id": member_id, "words": note}]
        done = {"kind": "warn", "actor_id": 5, "key": f"warn:{number}", "member_id": member_id}
        rows[sanctions] = [{**shared, **done}]
    if number % 100 == 0:
        case = {"id": number, "guild_id": guild_id, "number": number, "member_id": member_id, "opened_by": 5}
        rows[cases] = [{**case, "opened_at": later, "closed_by": 5, "closed_at": later + timedelta(days=1)}]
        written = {"case_id": number, "number": 1, "author_id": 5, "words": note, "at": later}
        rows[case_notes] = [written]
    return rows
