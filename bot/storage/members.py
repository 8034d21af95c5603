"""MemberStore: everything that is stored of one member, to be handed over or to lose its words."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, Table, and_, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.crypto import Keyring
from bot.incidents import IncidentState
from bot.members import ErasedCounts, MemberData, Rows
from bot.records import AuditKind
from bot.storage.audit import note
from bot.storage.database import Database
from bot.storage.finishing import finishing
from bot.storage.payload import unseal, unseal_words
from bot.storage.record_tables import audit, case_notes, cases, contests, reviews, sanctions
from bot.storage.tables import guild_settings, incidents, settings_audit
from bot.storage.transitions import UNFINISHED

_BATCH = 500
_UNFINISHED = [state.value for state in UNFINISHED]


@finishing
class MemberStore:
    """Give and erase what is stored of members, in one guild or, with None, in all.

    All methods raise StorageUnavailable, those that read words KeyUnusable.
    """

    def __init__(self, database: Database, keyring: Keyring, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._keyring = keyring
        self._clock = clock

    async def export(self, guild_id: int | None, member_id: int) -> MemberData:
        """Return everything; the caller records that it was handed over."""
        own = audit.c.actor_id == member_id
        return MemberData(
            member_id,
            incidents=await self._all(incidents, incidents.c.author_id == member_id, guild_id, self._incident),
            contests=await self._all(contests, contests.c.author_id == member_id, guild_id, self._contest),
            reviews=await self._all(reviews, reviews.c.incident_id.in_(_written_by(member_id)), guild_id, _review),
            cases=await self._cases(guild_id, member_id),
            sanctions=await self._all(sanctions, sanctions.c.member_id == member_id, guild_id, _sanction),
            about_them=await self._all(audit, and_(audit.c.member_id == member_id, ~own), guild_id, _audited),
            by_them=await self._all(audit, own, guild_id, _audited),
            settings_changed=await self._all(
                settings_audit, settings_audit.c.actor_id == member_id, guild_id, _setting
            ),
            exempt_in=await self._exempt_in(guild_id, member_id),
        )

    async def erase(self, guild_id: int | None, member_id: int, actor_id: int) -> ErasedCounts:
        """Take the words out of everything about a member, all or nothing; numbers, labels and times stay.

        Those of incidents and of cases that are not finished go when these are closed. Audited in every guild in which
        something was stored.
        """
        now = self._clock()
        async with self._database.write() as connection:
            counts = await self._erase_words(connection, guild_id, member_id)
            for place in await _guilds_of(connection, guild_id, member_id):
                detail = _counted(counts) if guild_id is not None else None
                what = AuditKind.MEMBER_ERASED
                await note(connection, now, place, actor_id, what, member_id=member_id, detail=detail)
        return counts

    async def _erase_words(self, connection: AsyncConnection, guild_id: int | None, member_id: int) -> ErasedCounts:
        written = and_(incidents.c.author_id == member_id, _in(incidents, guild_id), incidents.c.payload.is_not(None))
        going_on = incidents.c.state.in_(_UNFINISHED)
        about = and_(cases.c.member_id == member_id, _in(cases, guild_id))
        closed = select(cases.c.id).where(about, cases.c.closed_at.is_not(None))
        said = or_(contests.c.words.is_not(None), contests.c.answer.is_not(None))
        contested = and_(contests.c.author_id == member_id, _in(contests, guild_id), said)
        noted = and_(case_notes.c.words.is_not(None), case_notes.c.case_id.in_(closed))
        # Of the others the files are gone already, or go when the message is dealt with.
        stuck = select(incidents.c.payload).where(written, incidents.c.state == IncidentState.STUCK.value)
        payloads = [unseal(token, self._keyring) for token in (await connection.execute(stuck)).scalars()]
        spool_keys = (file.spool_key for words in payloads for part in words.parts for file in part.files)
        changes = [
            update(incidents).where(written, ~going_on).values(payload=None),
            update(contests).where(contested).values(words=None, answer=None),
            update(case_notes).where(noted).values(words=None),
            update(incidents).where(written, going_on).values(erase_when_closed=True),
            update(cases).where(about, cases.c.closed_at.is_(None)).values(erase_when_closed=True),
        ]
        found = [(await connection.execute(change)).rowcount for change in changes]
        return ErasedCounts(found[0], found[1], found[2], found[3] + found[4], tuple(spool_keys))

    async def _all(
        self,
        table: Table,
        wanted: ColumnElement[bool],
        guild_id: int | None,
        as_json: Callable[[RowMapping], dict[str, Any]],
    ) -> Rows:
        key = table.c.incident_id if table in (contests, reviews) else table.c.id
        found: list[dict[str, Any]] = []
        last = 0
        while True:
            query = select(table).where(wanted, _in(table, guild_id), key > last).order_by(key).limit(_BATCH)
            async with self._database.read() as connection:
                rows = (await connection.execute(query)).mappings().all()
            if not rows:
                return tuple(found)
            # Decrypting hundreds takes tens of milliseconds, which the event loop must not wait for.
            found += await asyncio.to_thread(lambda batch: [as_json(row) for row in batch], rows)
            last = rows[-1][key]

    async def _cases(self, guild_id: int | None, member_id: int) -> Rows:
        found: dict[int, dict[str, Any]] = {}
        about = and_(cases.c.member_id == member_id, _in(cases, guild_id))
        query = (
            select(cases, case_notes.c.number.label("note"), case_notes.c.words, case_notes.c.at)
            .outerjoin(case_notes, case_notes.c.case_id == cases.c.id)
            .where(about)
            .order_by(cases.c.id, case_notes.c.number)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).mappings().all()
        for row in rows:
            case = found.setdefault(row["id"], {**_shared(row, "number", "opened_at", "closed_at"), "notes": []})
            if row["note"] is not None:
                words = unseal_words(row["words"], self._keyring)
                case["notes"].append({"number": row["note"], "at": row["at"].isoformat(), "words": words})
        return tuple(found.values())

    async def _exempt_in(self, guild_id: int | None, member_id: int) -> tuple[str, ...]:
        query = select(guild_settings.c.guild_id, guild_settings.c.chosen).where(_in(guild_settings, guild_id))
        async with self._database.read() as connection:
            rows = (await connection.execute(query.order_by(guild_settings.c.guild_id))).all()
        return tuple(str(guild) for guild, chosen in rows if member_id in (chosen.get("exempt_member_ids") or ()))

    def _incident(self, row: RowMapping) -> dict[str, Any]:
        words = unseal(row["payload"], self._keyring)
        erased = row["payload"] is None
        names = ("id", "channel_id", "thread_id", "message_id", "action", "origin", "state", "outcome")
        return {
            **_shared(row, *names, "opened_at", "deleted_at", "closed_at"),
            "labels": dict(row["verdict"].get("labels", {})),
            "spans": list(row["verdict"].get("spans", ())),
            "original": None if erased else words.original,
            "masked": None if erased else words.masked,
            "name": None if erased else words.author_name,
            "files": [file.filename for part in words.parts for file in part.files],
        }

    def _contest(self, row: RowMapping) -> dict[str, Any]:
        return {
            **_shared(row, "incident_id", "at", "granted", "answered_at"),
            "words": unseal_words(row["words"], self._keyring),
            "answer": unseal_words(row["answer"], self._keyring),
        }


async def _guilds_of(connection: AsyncConnection, guild_id: int | None, member_id: int) -> Sequence[int]:
    if guild_id is not None:
        return [guild_id]
    owned = ((incidents, incidents.c.author_id), (contests, contests.c.author_id), (cases, cases.c.member_id))
    found: set[int] = set()
    for table, column in owned:
        query = select(table.c.guild_id).where(column == member_id).distinct()
        found.update((await connection.execute(query)).scalars())
    return sorted(found)


def _counted(counts: ErasedCounts) -> dict[str, int]:
    return {name: getattr(counts, name) for name in ("incidents", "contests", "notes", "put_off")}


def _in(table: Table, guild_id: int | None) -> ColumnElement[bool]:
    return true() if guild_id is None else table.c.guild_id == guild_id


def _shared(row: RowMapping, *names: str) -> dict[str, Any]:
    return {name: _json(name, row[name]) for name in ("guild_id", *names)}


def _json(name: str, value: Any) -> Any:
    """Return a column's value as JSON: snowflakes as strings, for they are too long for a JSON number elsewhere."""
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, int) and name.endswith("_id") and name != "incident_id" else value


def _written_by(member_id: int) -> Select[int]:
    return select(incidents.c.id).where(incidents.c.author_id == member_id)


def _review(row: RowMapping) -> dict[str, Any]:
    return _shared(row, "incident_id", "right", "at")


def _sanction(row: RowMapping) -> dict[str, Any]:
    return _shared(row, "kind", "seconds", "incident_id", "at")


def _audited(row: RowMapping) -> dict[str, Any]:
    return _shared(row, "what", "at", "incident_id", "detail")


def _setting(row: RowMapping) -> dict[str, Any]:
    return _shared(row, "key", "at", "old", "new")
