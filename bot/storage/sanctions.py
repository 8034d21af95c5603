"""SanctionStore: what was done to members, each deed once, and the points that lead to the next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import delete, func, or_, select

from bot.incidents import Origin, OutcomeKind
from bot.records import Sanction, SanctionKind
from bot.storage.database import Database, insert_new
from bot.storage.finishing import finishing
from bot.storage.record_tables import reviews, sanctions
from bot.storage.tables import incident_labels, incidents

_KEY_LIMIT = 100
_POINTS_LIMIT = 1_000
_UNCONFIRMED = (Origin.REPORT.value, Origin.SCAN.value)
"""Where incidents come from that count only once a moderator called them right."""


@finishing
class SanctionStore:
    """Keep sanctions. All methods raise StorageUnavailable."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    async def record(
        self,
        guild_id: int,
        member_id: int,
        kind: SanctionKind,
        actor_id: int,
        *,
        seconds: int | None = None,
        incident_id: int | None = None,
        key: str,
    ) -> bool:
        """Record a sanction before it is carried out; False when the guild has one under this key already.

        The key (at most 100 characters) names the deed, such as `warn:12`: whoever gets True carries it out, a repeated
        press, a second moderator and a restart get False. Raises ValueError for a longer key.
        """
        if not 0 < len(key) <= _KEY_LIMIT:
            raise ValueError(f"a sanction's key has 1 to {_KEY_LIMIT} characters, not {len(key)}")
        values = {
            "guild_id": guild_id,
            "member_id": member_id,
            "kind": kind.value,
            "actor_id": actor_id,
            "seconds": seconds,
            "incident_id": incident_id,
            "key": key,
            "at": self._clock(),
        }
        async with self._database.write() as connection:
            return await insert_new(connection, sanctions, values)

    async def withdraw(self, guild_id: int, key: str) -> bool:
        """Take back a sanction that Discord refused to carry out; False when there is none under this key."""
        query = delete(sanctions).where(sanctions.c.guild_id == guild_id, sanctions.c.key == key)
        async with self._database.write() as connection:
            return (await connection.execute(query)).rowcount > 0

    async def of_member(self, guild_id: int, member_id: int) -> list[Sanction]:
        """Return what was done to a member in a guild, oldest first."""
        query = select(sanctions).where(sanctions.c.guild_id == guild_id, sanctions.c.member_id == member_id)
        async with self._database.read() as connection:
            rows = (await connection.execute(query.order_by(sanctions.c.id))).mappings().all()
        return [
            Sanction(
                guild_id=row["guild_id"],
                member_id=row["member_id"],
                kind=SanctionKind(row["kind"]),
                actor_id=row["actor_id"],
                at=row["at"],
                seconds=row["seconds"],
                incident_id=row["incident_id"],
            )
            for row in rows
        ]

    async def points(self, guild_id: int, member_id: int, since: datetime) -> Sequence[tuple[datetime, str, float]]:
        """Return (time, strongest label, its score) of a member's incidents from `since` on, oldest first.

        Incidents that a moderator called wrong do not count, nor members' reports and a scan's finds that no moderator
        called right, nor what was only observed. At most the latest 1,000 are returned.
        """
        query = (
            select(incidents.c.id, incidents.c.opened_at, incident_labels.c.label, incident_labels.c.score)
            .join(incident_labels, incident_labels.c.incident_id == incidents.c.id)
            .outerjoin(reviews, reviews.c.incident_id == incidents.c.id)
            .where(incidents.c.guild_id == guild_id, incidents.c.author_id == member_id)
            .where(incidents.c.opened_at >= since, incidents.c.observe.is_(False))
            .where(func.coalesce(incidents.c.outcome, "") != OutcomeKind.OBSERVED.value)
            .where(or_(reviews.c.right.is_(True), reviews.c.right.is_(None) & incidents.c.origin.not_in(_UNCONFIRMED)))
            .order_by(incidents.c.id.desc(), incident_labels.c.score.desc(), incident_labels.c.label)
        )
        found: dict[int, tuple[datetime, str, float]] = {}
        async with self._database.read() as connection:
            for incident_id, at, label, score in (await connection.execute(query.limit(_POINTS_LIMIT))).all():
                found.setdefault(incident_id, (at, label, score))
        return list(reversed(found.values()))
