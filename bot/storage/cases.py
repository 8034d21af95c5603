"""CaseStore: moderators' numbered records about members, with numbered notes whose words are encrypted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, Select, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.crypto import Keyring
from bot.errors import StorageError
from bot.records import AuditKind, Case, CaseNote
from bot.storage.audit import note as audited
from bot.storage.database import Database, chunks
from bot.storage.finishing import finishing
from bot.storage.payload import seal_words, unseal_words
from bot.storage.record_tables import case_notes, cases

PAGE_LIMIT = 100
_ATTEMPTS = 20


@finishing
class CaseStore:
    """Keep cases; opening, noting and closing are audited.

    All methods raise StorageUnavailable; those that return words raise KeyUnusable too.
    """

    def __init__(self, database: Database, keyring: Keyring, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._keyring = keyring
        self._clock = clock

    async def open(self, guild_id: int, member_id: int, moderator_id: int, incident_id: int | None = None) -> Case:
        """Open a case under the guild's next number, or return the member's open one; `fresh` tells which."""
        for _ in range(_ATTEMPTS):
            standing = await self._cases(_of_member(guild_id, member_id).where(cases.c.closed_at.is_(None)))
            if standing:
                return standing[0]
            now = self._clock()
            values = {
                "guild_id": guild_id,
                "member_id": member_id,
                "incident_id": incident_id,
                "opened_by": moderator_id,
                "opened_at": now,
            }
            try:
                async with self._database.write() as connection:
                    last = await connection.scalar(select(func.max(cases.c.number)).where(cases.c.guild_id == guild_id))
                    number = (last or 0) + 1
                    try:
                        await connection.execute(insert(cases).values(number=number, **values))
                    except IntegrityError:
                        raise _Met from None
                    await audited(
                        connection,
                        now,
                        guild_id,
                        moderator_id,
                        AuditKind.CASE_OPENED,
                        incident_id=incident_id,
                        member_id=member_id,
                        detail={"case": number},
                    )
            except _Met:
                continue  # another process took the number, or opened this member's case: look again
            return Case(guild_id, number, member_id, moderator_id, now, incident_id, fresh=True)
        raise StorageError(f"guild {guild_id}: no case could be opened, {_ATTEMPTS} others were opened meanwhile")

    async def note(
        self, guild_id: int, number: int, author_id: int, words: str, incident_id: int | None = None
    ) -> CaseNote:
        """Add a note, open case or closed, under the case's next number. Raises StorageError without such a case."""
        now = self._clock()
        async with self._database.write() as connection:
            case_id, member_id, *_ = await _locked(connection, guild_id, number)
            last = await connection.scalar(select(func.max(case_notes.c.number)).where(case_notes.c.case_id == case_id))
            given = CaseNote((last or 0) + 1, author_id, words, now, incident_id)
            values = {"author_id": author_id, "incident_id": incident_id, "at": now}
            sealed = seal_words(words, self._keyring)
            await connection.execute(
                insert(case_notes).values(case_id=case_id, number=given.number, words=sealed, **values)
            )
            await audited(
                connection,
                now,
                guild_id,
                author_id,
                AuditKind.NOTE_ADDED,
                incident_id=incident_id,
                member_id=member_id,
                detail={"case": number, "note": given.number},
            )
        return given

    async def close(self, guild_id: int, number: int, moderator_id: int) -> Case:
        """Close a case; one that is closed stays as it is. Raises StorageError without such a case."""
        now = self._clock()
        async with self._database.write() as connection:
            case_id, member_id, closed_at, erase = await _locked(connection, guild_id, number)
            if closed_at is None:
                closing = {"closed_by": moderator_id, "closed_at": now}
                await connection.execute(update(cases).where(cases.c.id == case_id).values(closing))
                if erase:
                    await connection.execute(
                        update(case_notes).where(case_notes.c.case_id == case_id).values(words=None)
                    )
                what, detail = AuditKind.CASE_CLOSED, {"case": number}
                await audited(connection, now, guild_id, moderator_id, what, member_id=member_id, detail=detail)
        closed = await self._cases(_one(guild_id, number))
        return closed[0]

    async def of(self, guild_id: int, number: int) -> Case | None:
        """Return a case with its notes."""
        return next(iter(await self._cases(_one(guild_id, number))), None)

    async def of_member(self, guild_id: int, member_id: int) -> list[Case]:
        """Return a member's cases with their notes, newest first; at most 100."""
        return await self._cases(_of_member(guild_id, member_id))

    async def page(
        self, guild_id: int, open_only: bool = False, after: int | None = None, limit: int = 25
    ) -> list[Case]:
        """Return cases without their notes, newest first; `after` is the last number of the page before."""
        query = select(cases).where(cases.c.guild_id == guild_id).order_by(cases.c.number.desc())
        if open_only:
            query = query.where(cases.c.closed_at.is_(None))
        if after is not None:
            query = query.where(cases.c.number < after)
        async with self._database.read() as connection:
            rows = (await connection.execute(query.limit(max(1, min(limit, PAGE_LIMIT))))).mappings().all()
        return [_case(row, ()) for row in rows]

    async def _cases(self, query: Select[Any]) -> list[Case]:
        found: dict[int, list[CaseNote]] = {}
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).mappings().all()
            for chunk in chunks(row["id"] for row in rows):
                notes = select(case_notes).where(case_notes.c.case_id.in_(chunk)).order_by(case_notes.c.number)
                for row in (await connection.execute(notes)).mappings():
                    words = unseal_words(row["words"], self._keyring)
                    given = CaseNote(row["number"], row["author_id"], words, row["at"], row["incident_id"])
                    found.setdefault(row["case_id"], []).append(given)
        return [_case(row, tuple(found.get(row["id"], ()))) for row in rows]


class _Met(Exception):  # noqa: N818
    """Somebody else's row stands where ours was to go."""


def _one(guild_id: int, number: int) -> Select[Any]:
    return select(cases).where(cases.c.guild_id == guild_id, cases.c.number == number)


def _of_member(guild_id: int, member_id: int) -> Select[Any]:
    query = select(cases).where(cases.c.guild_id == guild_id, cases.c.member_id == member_id)
    return query.order_by(cases.c.number.desc()).limit(PAGE_LIMIT)


async def _locked(connection: AsyncConnection, guild_id: int, number: int) -> tuple[int, int, datetime | None, bool]:
    query = select(cases.c.id, cases.c.member_id, cases.c.closed_at, cases.c.erase_when_closed)
    query = query.where(cases.c.guild_id == guild_id, cases.c.number == number).with_for_update()
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        raise StorageError(f"guild {guild_id} has no case {number}")
    return row[0], row[1], row[2], row[3]


def _case(row: RowMapping, notes: tuple[CaseNote, ...]) -> Case:
    return Case(
        guild_id=row["guild_id"],
        number=row["number"],
        member_id=row["member_id"],
        opened_by=row["opened_by"],
        opened_at=row["opened_at"],
        incident_id=row["incident_id"],
        closed_by=row["closed_by"],
        closed_at=row["closed_at"],
        notes=notes,
    )
