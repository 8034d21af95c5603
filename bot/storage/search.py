"""Lists and counts of incidents: keyset pages that read no words unless asked to."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.crypto import Keyring
from bot.incidents import IncidentCounts, IncidentFilter, IncidentState, IncidentSummary, Origin, OutcomeKind
from bot.storage.database import Database, chunks
from bot.storage.payload import unseal
from bot.storage.record_tables import reviews
from bot.storage.tables import incident_labels, incidents

PAGE_LIMIT = 1_000
"""The most rows of one page; ask for the next with `after_id`."""

_LISTED = [column for column in incidents.columns if column.name not in ("payload", "verdict")]


async def page(database: Database, wanted: IncidentFilter, keyring: Keyring | None) -> list[IncidentSummary]:
    """Return one page, newest first; with a keyring, its masked texts too. Raises KeyUnusable, StorageUnavailable."""
    columns = [*_LISTED, incidents.c.payload] if keyring else _LISTED
    verdicts = incidents.outerjoin(reviews, reviews.c.incident_id == incidents.c.id)
    query = _chosen(select(*columns, reviews.c.right).select_from(verdicts), wanted).order_by(incidents.c.id.desc())
    if wanted.after_id is not None:
        query = query.where(incidents.c.id < wanted.after_id)
    async with database.read() as connection:
        rows = (await connection.execute(query.limit(max(1, min(wanted.limit, PAGE_LIMIT))))).mappings().all()
        labels = await _labels_of(connection, [row["id"] for row in rows])
    return [_summary(row, labels.get(row["id"], ()), keyring) for row in rows]


async def counts(database: Database, wanted: IncidentFilter) -> IncidentCounts:
    """Count what the filter chooses. Raises StorageUnavailable."""
    number = func.count()
    by_state = _chosen(select(incidents.c.state, number), wanted).group_by(incidents.c.state)
    by_outcome = _chosen(select(incidents.c.outcome, number), wanted).group_by(incidents.c.outcome)
    joined = select(incident_labels.c.label, number).join(incidents, incidents.c.id == incident_labels.c.incident_id)
    by_label = _chosen(joined, wanted).group_by(incident_labels.c.label)
    async with database.read() as connection:
        states = {IncidentState(name): count for name, count in (await connection.execute(by_state)).all()}
        outcomes = (await connection.execute(by_outcome)).all()
        labels = (await connection.execute(by_label)).all()
    return IncidentCounts(
        total=sum(states.values()),
        by_state=states,
        by_outcome={OutcomeKind(name): count for name, count in outcomes if name is not None},
        by_label=dict(sorted(labels, key=lambda pair: (-pair[1], pair[0]))),
    )


def _chosen(query: Select[Any], wanted: IncidentFilter) -> Select[Any]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.guild_id is not None:
        conditions.append(incidents.c.guild_id == wanted.guild_id)
    if wanted.author_id is not None:
        conditions.append(incidents.c.author_id == wanted.author_id)
    if wanted.channel_id is not None:
        channel_id = wanted.channel_id
        conditions.append(or_(incidents.c.channel_id == channel_id, incidents.c.thread_id == channel_id))
    if wanted.outcome is not None:
        conditions.append(incidents.c.outcome == wanted.outcome.value)
    if wanted.origin is not None:
        conditions.append(incidents.c.origin == wanted.origin.value)
    if wanted.reviewed is not None or wanted.right is not None:
        conditions.append(_reviewed(wanted))
    if wanted.state is not None:
        conditions.append(incidents.c.state == wanted.state.value)
    if wanted.since is not None:
        conditions.append(incidents.c.opened_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(incidents.c.opened_at < wanted.until)
    if wanted.label is not None:
        labelled = select(incident_labels.c.incident_id).where(incident_labels.c.label == wanted.label)
        conditions.append(incidents.c.id.in_(labelled))
    return query.where(*conditions)


def _reviewed(wanted: IncidentFilter) -> ColumnElement[bool]:
    verdict = select(reviews.c.incident_id).where(reviews.c.incident_id == incidents.c.id).correlate(incidents)
    if wanted.right is not None:
        verdict = verdict.where(reviews.c.right.is_(wanted.right))
    return ~verdict.exists() if wanted.reviewed is False else verdict.exists()


async def _labels_of(connection: AsyncConnection, incident_ids: list[int]) -> dict[int, tuple[str, ...]]:
    strongest_first = (incident_labels.c.incident_id, incident_labels.c.score.desc(), incident_labels.c.label)
    found: dict[int, tuple[str, ...]] = {}
    for chunk in chunks(incident_ids):
        query = select(incident_labels).where(incident_labels.c.incident_id.in_(chunk)).order_by(*strongest_first)
        for row in (await connection.execute(query)).mappings():
            found[row["incident_id"]] = (*found.get(row["incident_id"], ()), row["label"])
    return found


def _summary(row: RowMapping, labels: tuple[str, ...], keyring: Keyring | None) -> IncidentSummary:
    masked = None
    if keyring is not None and row["payload"] is not None:
        masked = unseal(row["payload"], keyring).masked or None
    return IncidentSummary(
        id=row["id"],
        guild_id=row["guild_id"],
        channel_id=row["channel_id"],
        thread_id=row["thread_id"],
        message_id=row["message_id"],
        author_id=row["author_id"],
        labels=labels,
        score=row["score"],
        action=row["action"],
        state=IncidentState(row["state"]),
        outcome=OutcomeKind(row["outcome"]) if row["outcome"] else None,
        opened_at=row["opened_at"],
        closed_at=row["closed_at"],
        masked=masked,
        origin=Origin(row["origin"]),
        right=row["right"],
    )
