"""MarkStore: up to when the process has dealt with everything, so that the next one knows what it may have missed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from bot.storage.database import Database
from bot.storage.finishing import finishing
from bot.storage.tables import marks


@finishing
class MarkStore:
    """Keep one time per name; it only moves forward. All methods raise StorageUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, name: str) -> datetime | None:
        """Return the time that a mark stands at, or None when it was never set."""
        async with self._database.read() as connection:
            found: datetime | None = await connection.scalar(select(marks.c.at).where(marks.c.name == name))
        return found

    async def advance(self, name: str, at: datetime) -> None:
        """Move a mark to a time, durably; an earlier time than it stands at changes nothing."""
        async with self._database.write() as connection:
            mark = marks.c.name == name
            if await connection.scalar(select(marks.c.name).where(mark)) is None:
                try:
                    async with connection.begin_nested():
                        await connection.execute(insert(marks).values(name=name, at=at))
                    return
                except IntegrityError:
                    pass  # another process has just set it: then it is moved like any other
            await connection.execute(update(marks).where(mark, marks.c.at < at).values(at=at))
