"""ContestStore: what authors said against incidents, and the moderators' answers; both encrypted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import RowMapping, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.crypto import Keyring
from bot.errors import AlreadyAnswered, AlreadyContested, StorageError
from bot.records import AuditKind, Contest
from bot.storage.audit import note
from bot.storage.database import Database, insert_new
from bot.storage.finishing import finishing
from bot.storage.payload import seal_words, unseal_words
from bot.storage.record_tables import contests

_WAITING_LIMIT = 100


@finishing
class ContestStore:
    """Keep one contest per incident and one answer per contest, the first of each; both are audited.

    All methods raise StorageUnavailable; those that return words raise KeyUnusable too.
    """

    def __init__(self, database: Database, keyring: Keyring, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._keyring = keyring
        self._clock = clock

    async def open(self, incident_id: int, guild_id: int, author_id: int, words: str) -> Contest:
        """Record a contest. Raises AlreadyContested with the one that stands."""
        contest = Contest(incident_id, guild_id, author_id, words, self._clock())
        values = {
            "incident_id": incident_id,
            "guild_id": guild_id,
            "author_id": author_id,
            "words": seal_words(words, self._keyring),
            "at": contest.at,
        }
        async with self._database.write() as connection:
            if not await insert_new(connection, contests, values):
                raise AlreadyContested(await self._contest(connection, incident_id))
            what = AuditKind.CONTESTED
            await note(connection, contest.at, guild_id, author_id, what, incident_id=incident_id, member_id=author_id)
        return contest

    async def answer(self, incident_id: int, moderator_id: int, granted: bool, words: str) -> Contest:
        """Record the answer. Raises AlreadyAnswered with the one that stands, StorageError without a contest."""
        now = self._clock()
        answer = {
            "answered_by": moderator_id,
            "granted": granted,
            "answer": seal_words(words, self._keyring),
            "answered_at": now,
        }
        waiting = (contests.c.incident_id == incident_id) & contests.c.answered_at.is_(None)
        async with self._database.write() as connection:
            answered = (await connection.execute(update(contests).where(waiting).values(answer))).rowcount == 1
            contest = await self._contest(connection, incident_id)
            if not answered:
                raise AlreadyAnswered(contest)
            await note(
                connection,
                now,
                contest.guild_id,
                moderator_id,
                AuditKind.CONTEST_ANSWERED,
                incident_id=incident_id,
                member_id=contest.author_id,
                detail={"granted": granted},
            )
        return contest

    async def of(self, incident_id: int) -> Contest | None:
        """Return the contest of an incident."""
        query = select(contests).where(contests.c.incident_id == incident_id)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).mappings().one_or_none()
        return None if row is None else contest_of(row, self._keyring)

    async def opened_since(self, author_id: int, since: datetime) -> int:
        """Count a member's contests in all guilds from `since` on."""
        query = select(func.count()).where(contests.c.author_id == author_id, contests.c.at >= since)
        async with self._database.read() as connection:
            return int(await connection.scalar(query) or 0)

    async def waiting(self, guild_id: int) -> list[Contest]:
        """Return the contests without an answer, oldest first; at most 100."""
        query = (
            select(contests)
            .where(contests.c.guild_id == guild_id, contests.c.answered_at.is_(None))
            .order_by(contests.c.incident_id)
            .limit(_WAITING_LIMIT)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [contest_of(row, self._keyring) for row in rows]

    async def _contest(self, connection: AsyncConnection, incident_id: int) -> Contest:
        query = select(contests).where(contests.c.incident_id == incident_id)
        row = (await connection.execute(query)).mappings().one_or_none()
        if row is None:
            raise StorageError(f"incident {incident_id} was not contested")
        return contest_of(row, self._keyring)


def contest_of(row: RowMapping, keyring: Keyring) -> Contest:
    """Return a row as a value, its words decrypted. Raises KeyUnusable."""
    return Contest(
        incident_id=row["incident_id"],
        guild_id=row["guild_id"],
        author_id=row["author_id"],
        words=unseal_words(row["words"], keyring),
        at=row["at"],
        answered_by=row["answered_by"],
        granted=row["granted"],
        answer=unseal_words(row["answer"], keyring),
        answered_at=row["answered_at"],
    )
