"""AlertPostStore: where the alert about each incident stands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select, update

from bot.records import AlertPost
from bot.storage.database import Database, insert_new
from bot.storage.finishing import finishing
from bot.storage.record_tables import alert_posts


@finishing
class AlertPostStore:
    """Remember alerts, so that they can be changed after a restart. All methods raise StorageUnavailable."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    async def record(self, incident_id: int, guild_id: int, channel_id: int, message_id: int) -> None:
        """Record the message that alerts to an incident; several incidents may share one, and a later one replaces it.

        Raises StorageUnavailable without such an incident too.
        """
        values = {"guild_id": guild_id, "channel_id": channel_id, "message_id": message_id, "at": self._clock()}
        async with self._database.write() as connection:
            if not await insert_new(connection, alert_posts, {"incident_id": incident_id, **values}):
                replaced = update(alert_posts).where(alert_posts.c.incident_id == incident_id)
                await connection.execute(replaced.values(values))

    async def of(self, incident_id: int) -> AlertPost | None:
        """Return where the alert about an incident stands."""
        query = select(alert_posts).where(alert_posts.c.incident_id == incident_id)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).mappings().one_or_none()
        if row is None:
            return None
        return AlertPost(row["incident_id"], row["guild_id"], row["channel_id"], row["message_id"])

    async def incidents_of(self, message_id: int) -> list[int]:
        """Return the ids of the incidents that one alert tells of, oldest first."""
        query = select(alert_posts.c.incident_id).where(alert_posts.c.message_id == message_id)
        async with self._database.read() as connection:
            return list((await connection.execute(query.order_by(alert_posts.c.incident_id))).scalars())
