"""AuditLog: who did what; rows are only ever added."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.records import AuditEntry, AuditKind
from bot.storage.database import Database
from bot.storage.finishing import finishing
from bot.storage.record_tables import audit

PAGE_LIMIT = 1_000


@finishing
class AuditLog:
    """Record and list what people did. All methods raise StorageUnavailable."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    async def record(
        self,
        guild_id: int,
        actor_id: int,
        what: AuditKind,
        *,
        incident_id: int | None = None,
        member_id: int | None = None,
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        """Record one thing, durably. `detail` holds JSON values and no words of a member's."""
        async with self._database.write() as connection:
            await note(
                connection,
                self._clock(),
                guild_id,
                actor_id,
                what,
                incident_id=incident_id,
                member_id=member_id,
                detail=detail,
            )

    async def history(
        self, guild_id: int, limit: int = 50, after_id: int | None = None, what: AuditKind | None = None
    ) -> list[AuditEntry]:
        """Return one page, newest first; `after_id` is the last id of the page before."""
        query = select(audit).where(audit.c.guild_id == guild_id).order_by(audit.c.id.desc())
        if what is not None:
            query = query.where(audit.c.what == what.value)
        if after_id is not None:
            query = query.where(audit.c.id < after_id)
        async with self._database.read() as connection:
            rows = (await connection.execute(query.limit(max(1, min(limit, PAGE_LIMIT))))).mappings().all()
        return [entry_of(row) for row in rows]


async def note(
    connection: AsyncConnection,
    at: datetime,
    guild_id: int,
    actor_id: int,
    what: AuditKind,
    *,
    incident_id: int | None = None,
    member_id: int | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Add the row within a transaction of another store, so that the deed and its record stand or fall together."""
    values = {
        "guild_id": guild_id,
        "at": at,
        "actor_id": actor_id,
        "what": what.value,
        "incident_id": incident_id,
        "member_id": member_id,
        "detail": dict(detail) if detail is not None else None,
    }
    await connection.execute(insert(audit).values(values))


def entry_of(row: RowMapping) -> AuditEntry:
    """Return a row as a value."""
    return AuditEntry(
        id=row["id"],
        guild_id=row["guild_id"],
        at=row["at"],
        actor_id=row["actor_id"],
        what=AuditKind(row["what"]),
        incident_id=row["incident_id"],
        member_id=row["member_id"],
        detail=row["detail"],
    )
