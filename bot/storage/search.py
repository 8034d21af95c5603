"""Lists and counts of incidents: keyset pages in order of time that read no words unless asked to.

Each filter has an index that ends in the time and the id (`tables.incidents`), so that a page is read off its end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

from sqlalchemy import Column, ColumnElement, RowMapping, Table, and_, exists, func, or_, select
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
_Condition = ColumnElement[bool]
_Name = TypeVar("_Name", bound=str)


async def page(database: Database, wanted: IncidentFilter, keyring: Keyring | None) -> list[IncidentSummary]:
    """Return one page, newest first; with a keyring, its masked texts too. Raises KeyUnusable, StorageUnavailable."""
    columns = [*_LISTED, incidents.c.payload] if keyring else _LISTED
    tables = incidents.outerjoin(reviews, reviews.c.incident_id == incidents.c.id)
    at, row_id = incidents.c.opened_at, incidents.c.id
    async with database.read() as connection:
        conditions = await _of_incidents(connection, wanted)
        if wanted.label is not None and wanted.channel_id is None and wanted.author_id is None:
            # The label's own index is the way in: only a channel's and a member's incidents are fewer.
            at, row_id = incident_labels.c.opened_at, incident_labels.c.incident_id
            tables = incident_labels.join(tables, row_id == incidents.c.id)
            conditions += [incident_labels.c.label == wanted.label, *_of_guild(incident_labels, wanted)]
            conditions += _by_id(row_id, replace(wanted, label=None))
        else:
            conditions += [*_of_guild(incidents, wanted), *_by_id(row_id, wanted)]
        conditions += _within(at, wanted)
        if wanted.after_id is not None:
            conditions.append(await _after(connection, wanted.after_id, at, row_id))
        query = select(*columns, reviews.c.right).select_from(tables).where(*conditions)
        query = query.order_by(at.desc(), row_id.desc()).limit(max(1, min(wanted.limit, PAGE_LIMIT)))
        rows = (await connection.execute(query)).mappings().all()
        labels = await _labels_of(connection, [row["id"] for row in rows])
    return [_summary(row, labels.get(row["id"], ()), keyring) for row in rows]


async def counts(database: Database, wanted: IncidentFilter) -> IncidentCounts:
    """Count what the filter chooses. Raises StorageUnavailable."""
    if wanted.reviewed is not False:
        return await _counts(database, wanted)
    # Those with a verdict are few, and soon counted: looking for one that every other lacks is not.
    every = await _counts(database, replace(wanted, reviewed=None, right=None))
    return _without(every, await _counts(database, replace(wanted, reviewed=True, right=None)))


async def _counts(database: Database, wanted: IncidentFilter) -> IncidentCounts:
    async with database.read() as connection:
        conditions = await _of_incidents(connection, wanted)
    chosen = [*conditions, *_of_guild(incidents, wanted), *_by_id(incidents.c.id, wanted, counted=True)]
    chosen += _within(incidents.c.opened_at, wanted)
    labelled = _of_guild(incident_labels, wanted)
    if conditions:
        labelled.append(incident_labels.c.incident_id.in_(select(incidents.c.id).where(*chosen)))
    else:
        labelled += _by_id(incident_labels.c.incident_id, wanted, counted=True)
        labelled += _within(incident_labels.c.opened_at, wanted)

    async def grouped(column: Column[str], asked: list[_Condition]) -> dict[str, int]:
        # Grouped by an expression, a database looks for the condition's index; by a column, for the column's own.
        by = func.coalesce(column, "") if conditions else column
        async with database.read() as connection:
            rows = await connection.execute(select(by, func.count()).where(*asked).group_by(by))
            return {name: count for name, count in rows.all() if name}

    states, outcomes, labels = await database.together(
        grouped(incidents.c.state, chosen),
        grouped(incidents.c.outcome, chosen),
        grouped(incident_labels.c.label, labelled),
    )
    return IncidentCounts(
        total=sum(states.values()),
        by_state={IncidentState(name): count for name, count in states.items()},
        by_outcome={OutcomeKind(name): count for name, count in outcomes.items()},
        by_label=_most_first(labels),
    )


def _without(every: IncidentCounts, some: IncidentCounts) -> IncidentCounts:
    return IncidentCounts(
        total=every.total - some.total,
        by_state=_rest(every.by_state, some.by_state),
        by_outcome=_rest(every.by_outcome, some.by_outcome),
        by_label=_most_first(_rest(every.by_label, some.by_label)),
    )


def _rest(every: Mapping[_Name, int], some: Mapping[_Name, int]) -> dict[_Name, int]:
    return {name: left for name, count in every.items() if (left := count - some.get(name, 0))}


def _most_first(labels: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(labels.items(), key=lambda pair: (-pair[1], pair[0])))


async def _of_incidents(connection: AsyncConnection, wanted: IncidentFilter) -> list[_Condition]:
    """Return what is asked of incidents apart from guild and time, and from what stands in other tables."""
    table = incidents.c
    asked = (
        (table.author_id, wanted.author_id),
        (table.state, wanted.state),
        (table.outcome, wanted.outcome),
        (table.origin, wanted.origin),
    )
    conditions: list[_Condition] = [column == value for column, value in asked if value is not None]
    if wanted.channel_id is not None:
        # A thread's id is no channel's: asked for first, each has an index to itself, where "or" would use neither.
        in_thread = exists().where(table.thread_id == wanted.channel_id, *_of_guild(incidents, wanted))
        is_thread = await connection.scalar(select(in_thread))
        conditions.append((table.thread_id if is_thread else table.channel_id) == wanted.channel_id)
    return conditions


def _of_guild(table: Table, wanted: IncidentFilter) -> list[_Condition]:
    return [] if wanted.guild_id is None else [table.c.guild_id == wanted.guild_id]


def _within(at: Column[Any], wanted: IncidentFilter) -> list[_Condition]:
    bounds: list[_Condition] = []
    if wanted.since is not None:
        bounds.append(at >= wanted.since)
    if wanted.until is not None:
        bounds.append(at < wanted.until)
    return bounds


def _by_id(row_id: Column[int], wanted: IncidentFilter, *, counted: bool = False) -> list[_Condition]:
    """Return what is asked of an incident's labels and its verdict, looked up by its id.

    A page looks for a verdict on one incident after another; a count starts from the verdicts, which are fewer.
    """
    conditions: list[_Condition] = []
    if wanted.label is not None:
        other = incident_labels.alias()
        conditions.append(exists().where(other.c.incident_id == row_id, other.c.label == wanted.label))
    if wanted.reviewed is not None or wanted.right is not None:
        asked = [] if wanted.right is None else [reviews.c.right.is_(wanted.right)]
        if counted:
            given = select(reviews.c.incident_id).where(*_of_guild(reviews, wanted), *asked)
            conditions.append(row_id.in_(given))
        else:
            verdict = exists().where(reviews.c.incident_id == row_id, *asked).correlate(row_id.table)
            conditions.append(~verdict if wanted.reviewed is False else verdict)
    return conditions


async def _after(connection: AsyncConnection, after_id: int, at: Column[Any], row_id: Column[int]) -> _Condition:
    """Return what comes after an incident in a list; after one that is gone it can only go by its id."""
    last = await connection.scalar(select(incidents.c.opened_at).where(incidents.c.id == after_id))
    if last is None:
        return row_id < after_id
    condition: _Condition = and_(at <= last, or_(at < last, row_id < after_id))
    return condition


async def _labels_of(connection: AsyncConnection, incident_ids: list[int]) -> dict[int, tuple[str, ...]]:
    strongest_first = (incident_labels.c.incident_id, incident_labels.c.score.desc(), incident_labels.c.label)
    found: dict[int, tuple[str, ...]] = {}
    for chunk in chunks(incident_ids):
        query = select(incident_labels.c.incident_id, incident_labels.c.label)
        query = query.where(incident_labels.c.incident_id.in_(chunk)).order_by(*strongest_first)
        for incident_id, label in (await connection.execute(query)).all():
            found[incident_id] = (*found.get(incident_id, ()), label)
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
