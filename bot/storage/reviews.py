"""ReviewStore: what moderators found incidents to be, and how often each label was right at which score."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Integer, RowMapping, case, cast, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import AlreadyReviewed, StorageError
from bot.records import LabelPrecision, Review
from bot.storage.database import Database, insert_new
from bot.storage.finishing import finishing
from bot.storage.record_tables import reviews
from bot.storage.tables import incident_labels, incidents

BUCKETS = 50
"""Buckets of the scores from 0 to 1: as fine as a threshold is set by hand."""
_ROUNDING = 1e-9
"""Added before a score's bucket is cut off: 0.58 * 50 is a little less than 29 in binary."""


@finishing
class ReviewStore:
    """Keep one verdict per incident, the first. All methods raise StorageUnavailable."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    async def decide(self, incident_id: int, moderator_id: int, right: bool) -> Review:
        """Record a verdict; `right=False` says false positive.

        Raises AlreadyReviewed with the verdict that stands, StorageError without such an incident.
        """
        async with self._database.write() as connection:
            query = select(incidents.c.guild_id, incidents.c.opened_at).where(incidents.c.id == incident_id)
            row = (await connection.execute(query)).one_or_none()
            if row is None:
                raise StorageError(f"there is no incident {incident_id}")
            review = Review(incident_id, row.guild_id, moderator_id, right, self._clock())
            values = {"guild_id": row.guild_id, "moderator_id": moderator_id, "right": right, "at": review.at}
            if not await insert_new(
                connection, reviews, {"incident_id": incident_id, "opened_at": row.opened_at, **values}
            ):
                standing = await _review(connection, incident_id)
                assert standing is not None  # noqa: S101 - the insert met it
                raise AlreadyReviewed(standing)
        return review

    async def of(self, incident_id: int) -> Review | None:
        """Return the verdict on an incident."""
        async with self._database.read() as connection:
            return await _review(connection, incident_id)

    async def precision(self, guild_id: int, since: datetime) -> Sequence[LabelPrecision]:
        """Count the verdicts given from `since` on, per label and score; labels in alphabetical order.

        A bucket counts the scores from its own lowest up to the next; 50 of them make 0 to 1. Empty ones are left out.
        """
        scaled = incident_labels.c.score * BUCKETS + _ROUNDING
        # SQLite's cast cuts off, PostgreSQL's rounds; and SQLite need not have floor().
        place = cast(scaled if self._database.is_sqlite else func.floor(scaled), Integer)
        bucket = case((place >= BUCKETS, BUCKETS - 1), else_=place).label("bucket")
        query = (
            select(
                incident_labels.c.label,
                bucket,
                func.sum(case((reviews.c.right, 1), else_=0)),
                func.sum(case((reviews.c.right, 0), else_=1)),
            )
            .join(reviews, reviews.c.incident_id == incident_labels.c.incident_id)
            .where(reviews.c.guild_id == guild_id, reviews.c.at >= since)
            .group_by(incident_labels.c.label, bucket)
            .order_by(incident_labels.c.label, bucket)
        )
        found: dict[str, list[tuple[float, int, int]]] = {}
        async with self._database.read() as connection:
            for label, number, right, wrong in (await connection.execute(query)).all():
                found.setdefault(label, []).append((number / BUCKETS, int(right), int(wrong)))
        return [LabelPrecision(label, tuple(buckets)) for label, buckets in found.items()]


async def _review(connection: AsyncConnection, incident_id: int) -> Review | None:
    query = select(reviews).where(reviews.c.incident_id == incident_id)
    row: RowMapping | None = (await connection.execute(query)).mappings().one_or_none()
    if row is None:
        return None
    return Review(row["incident_id"], row["guild_id"], row["moderator_id"], row["right"], row["at"])
