"""IncidentStore: the durable record of what is being done, and was done, to a message."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, Select, delete, exists, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.crypto import Keyring
from bot.errors import DuplicateIncident, StorageError
from bot.incidents import (
    Incident,
    IncidentCounts,
    IncidentDraft,
    IncidentEvent,
    IncidentFilter,
    IncidentState,
    IncidentSummary,
    Origin,
    OutcomeKind,
)
from bot.storage import retention, search
from bot.storage.database import Database, chunks
from bot.storage.finishing import finishing
from bot.storage.incident_rows import incident_of, label_rows_of, reaction_ms, reposts_of, row_of
from bot.storage.record_tables import reviews
from bot.storage.tables import incident_events, incident_labels, incidents, reposts
from bot.storage.transitions import UNFINISHED, advance

_DETAIL_LIMIT = 1_000


@finishing
class IncidentStore:
    """Keep incidents. Every method that changes one is durable when it returns, and records its event with it.

    All raise StorageUnavailable when the database cannot be reached; those that read words raise KeyUnusable too.
    """

    def __init__(self, database: Database, keyring: Keyring, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._keyring = keyring
        self._clock = clock

    async def open(self, draft: IncidentDraft) -> Incident:
        """Commit the intent before anything is destroyed. Raises DuplicateIncident when this revision has one."""
        now = self._clock()
        async with self._database.write() as connection:
            incident_id = await self._insert(connection, draft, now)
        return Incident(incident_id, draft, IncidentState.OPEN, now)

    async def record(self, draft: IncidentDraft, outcome: OutcomeKind, detail: str | None = None) -> Incident:
        """Open and close an incident at once: nothing is left to do about it. Raises DuplicateIncident."""
        now = self._clock()
        async with self._database.write() as connection:
            incident_id = await self._insert(connection, draft, now)
            closed = {"state": IncidentState.CLOSED.value, "outcome": outcome.value, "closed_at": now}
            detail = _cut(detail)
            query = update(incidents).where(incidents.c.id == incident_id)
            await connection.execute(query.values(outcome_detail=detail, **closed))
            words = f"{outcome.value}: {detail}" if detail else outcome.value
            await _record(connection, incident_id, now, "closed", words)
        return Incident(incident_id, draft, IncidentState.CLOSED, now, now, outcome, detail)

    async def reopen(self, draft: IncidentDraft) -> Incident | None:
        """Open the incident of this revision anew if it was only observed, and nobody called it wrong; else None."""
        now = self._clock()
        wrong = exists().where(reviews.c.incident_id == incidents.c.id, reviews.c.right.is_(False))
        observed = select(incidents.c.id).where(
            incidents.c.message_id == draft.message_id,
            incidents.c.revision == draft.revision,
            incidents.c.guild_id == draft.guild_id,
            incidents.c.state == IncidentState.CLOSED.value,
            incidents.c.outcome == OutcomeKind.OBSERVED.value,
            ~wrong,
        )
        async with self._database.write() as connection:
            incident_id = await connection.scalar(observed.with_for_update(of=incidents))
            if incident_id is None:
                return None
            again = {"outcome": None, "outcome_detail": None, "closed_at": None}
            values = {**row_of(draft, self._keyring, now), **again}
            await connection.execute(update(incidents).where(incidents.c.id == incident_id).values(values))
            await connection.execute(delete(incident_labels).where(incident_labels.c.incident_id == incident_id))
            if labels := label_rows_of(draft, incident_id, now):
                await connection.execute(insert(incident_labels), labels)
            await _record(connection, incident_id, now, "reopened")
        return Incident(incident_id, draft, IncidentState.OPEN, now)

    async def mark_deleted(self, incident_id: int) -> IncidentState:
        """Record that the original is gone; again is harmless. Returns the state. Raises TransitionRefused."""
        return await self._advance(incident_id, IncidentState.DELETED, "deleted", stamp="deleted_at")

    async def record_repost(self, incident_id: int, part_index: int, message_id: int) -> IncidentState:
        """Record that a part stands, and go to REPOSTED once all do; again is harmless. Returns the state.

        A part that is recorded already keeps its first message, and the other is noted as an event.
        Raises TransitionRefused when the delete is not recorded, StorageError for a part that the incident lacks.
        """
        now = self._clock()
        async with self._database.write() as connection:
            row = await _locked(connection, incident_id)
            if not 0 <= part_index < row["part_count"]:
                raise StorageError(
                    f"incident {incident_id} has {row['part_count']} part(s), none with index {part_index}"
                )
            current = IncidentState(row["state"])
            state = advance(current, IncidentState.REPOSTED)
            known = await reposts_of(connection, [incident_id])
            parts = known.get(incident_id, {})
            if part_index in parts:
                if parts[part_index] != message_id:
                    await _record(connection, incident_id, now, f"repost_doubled:{part_index}", str(message_id))
                return current
            values = {"incident_id": incident_id, "part_index": part_index, "message_id": message_id, "at": now}
            await connection.execute(insert(reposts).values(values))
            await _record(connection, incident_id, now, f"reposted:{part_index}", str(message_id))
            if len(parts) + 1 < row["part_count"]:
                return current
            await connection.execute(update(incidents).where(incidents.c.id == incident_id).values(state=state.value))
            return state

    async def add_event(self, incident_id: int, step: str, detail: str | None = None) -> None:
        """Record one thing that happened. `detail` must hold no words of a member's; it is cut at 1,000 characters."""
        async with self._database.write() as connection:
            await _record(connection, incident_id, self._clock(), step, detail)

    async def close(self, incident_id: int, outcome: OutcomeKind, detail: str | None = None) -> IncidentState:
        """Record what really happened; a second close changes nothing. Returns the state."""
        return await self._advance(incident_id, IncidentState.CLOSED, "closed", outcome, detail, stamp="closed_at")

    async def stick(self, incident_id: int, outcome: OutcomeKind, detail: str | None = None) -> IncidentState:
        """Record a refusal that needs a human. Returns the state. Raises TransitionRefused once closed."""
        return await self._advance(incident_id, IncidentState.STUCK, "stuck", outcome, detail)

    async def unfinished(self, guild_ids: Collection[int] | None = None) -> list[Incident]:
        """Return what a restart must take up, oldest first; of those guilds only when given."""
        query = select(incidents).where(incidents.c.state.in_([state.value for state in UNFINISHED]))
        if guild_ids is None:
            return await self._incidents(query)
        found: list[Incident] = []
        for chunk in chunks(guild_ids):
            found += await self._incidents(query.where(incidents.c.guild_id.in_(chunk)))
        return sorted(found, key=lambda incident: incident.id)

    async def by_key(self, key: str) -> Incident | None:
        """Return the incident whose repost carries this key."""
        return next(iter(await self._incidents(select(incidents).where(incidents.c.key == key))), None)

    async def latest(self, guild_id: int, limit: int) -> list[Incident]:
        """Return a guild's newest incidents, newest first."""
        newest = select(incidents).where(incidents.c.guild_id == guild_id)
        newest = newest.order_by(incidents.c.opened_at.desc(), incidents.c.id.desc())
        return sorted(await self._incidents(newest.limit(limit)), key=lambda incident: -incident.id)

    async def by_id(self, incident_id: int) -> Incident | None:
        """Return one incident."""
        return next(iter(await self._incidents(select(incidents).where(incidents.c.id == incident_id))), None)

    async def by_repost(self, message_id: int) -> Incident | None:
        """Return the incident of which a message is recorded as a repost."""
        owner = select(reposts.c.incident_id).where(reposts.c.message_id == message_id)
        return next(iter(await self._incidents(select(incidents).where(incidents.c.id.in_(owner)))), None)

    async def for_message(self, message_id: int) -> list[Incident]:
        """Return every revision of a message that has an incident, oldest first."""
        return await self._incidents(select(incidents).where(incidents.c.message_id == message_id))

    async def events(self, incident_id: int) -> list[IncidentEvent]:
        """Return what happened to an incident, in order."""
        query = (
            select(incident_events).where(incident_events.c.incident_id == incident_id).order_by(incident_events.c.id)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [IncidentEvent(row["step"], row["at"], row["detail"]) for row in rows]

    async def claimed(self, message_ids: Collection[int]) -> set[int]:
        """Return those of the messages that are recorded as somebody's repost."""
        found: set[int] = set()
        async with self._database.read() as connection:
            for chunk in chunks(message_ids):
                query = select(reposts.c.message_id).where(reposts.c.message_id.in_(chunk))
                found.update((await connection.execute(query)).scalars())
        return found

    async def search(self, wanted: IncidentFilter, *, masked: bool = False) -> list[IncidentSummary]:
        """Return one page, newest first; the masked text is decrypted only when asked for."""
        return await search.page(self._database, wanted, self._keyring if masked else None)

    async def counts(self, wanted: IncidentFilter) -> IncidentCounts:
        """Count what the filter chooses; its limit and page do not matter here."""
        return await search.counts(self._database, wanted)

    async def purge(self, default_days: int) -> int:
        """Erase words that their guild has kept long enough, or for so many days where it chose none; see `retention`.

        Returns how many incidents lost theirs.
        """
        return await retention.purge(self._database, self._clock(), default_days)

    async def _insert(self, connection: AsyncConnection, draft: IncidentDraft, now: datetime) -> int:
        row = row_of(draft, self._keyring, now)
        try:
            result = await connection.execute(insert(incidents).values(row).returning(incidents.c.id))
        except IntegrityError:
            raise DuplicateIncident(
                f"message {draft.message_id}, revision {draft.revision} already has an incident"
            ) from None
        incident_id: int = result.scalar_one()
        labels = label_rows_of(draft, incident_id, now)
        if labels:
            await connection.execute(insert(incident_labels), labels)
        await _record(connection, incident_id, now, "opened")
        return incident_id

    async def _advance(
        self,
        incident_id: int,
        target: IncidentState,
        step: str,
        outcome: OutcomeKind | None = None,
        detail: str | None = None,
        stamp: str | None = None,
    ) -> IncidentState:
        now = self._clock()
        async with self._database.write() as connection:
            row = await _locked(connection, incident_id)
            current = IncidentState(row["state"])
            state = advance(current, target)
            if state is current:
                return current
            values: dict[str, Any] = {"state": state.value}
            if outcome is not None:
                values |= {"outcome": outcome.value, "outcome_detail": _cut(detail)}
            if stamp is not None:
                values[stamp] = now
            if target is IncidentState.DELETED and row["origin"] != Origin.SCAN:  # nobody reacts to what is long past
                values["reaction_ms"] = reaction_ms(row["message_id"], row["revision"], now)
            if row["erase_when_closed"] and target in (IncidentState.CLOSED, IncidentState.STUCK):
                values["payload"] = None
            await connection.execute(update(incidents).where(incidents.c.id == incident_id).values(values))
            words = f"{outcome.value}: {detail}" if outcome and detail else (outcome.value if outcome else detail)
            await _record(connection, incident_id, now, step, words)
        return state

    async def _incidents(self, query: Select[Any]) -> list[Incident]:
        async with self._database.read() as connection:
            rows = (await connection.execute(query.order_by(incidents.c.id))).mappings().all()
            known = await reposts_of(connection, [row["id"] for row in rows])
        return [incident_of(row, self._keyring, known.get(row["id"], {})) for row in rows]


async def _locked(connection: AsyncConnection, incident_id: int) -> RowMapping:
    names = ("state", "part_count", "message_id", "revision", "origin", "erase_when_closed")
    columns = (incidents.c[name] for name in names)
    query = select(*columns).where(incidents.c.id == incident_id).with_for_update()
    row = (await connection.execute(query)).mappings().one_or_none()
    if row is None:
        raise StorageError(f"there is no incident {incident_id}")
    return row


async def _record(
    connection: AsyncConnection, incident_id: int, at: datetime, step: str, detail: str | None = None
) -> None:
    values = {"incident_id": incident_id, "at": at, "step": step, "detail": _cut(detail)}
    await connection.execute(insert(incident_events).values(values))


def _cut(detail: str | None) -> str | None:
    return detail[:_DETAIL_LIMIT] if detail else None
