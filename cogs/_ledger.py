"""Writing down what happened to one incident, in order, while the database may be away."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from bot.errors import StorageError
from bot.incidents import Incident, OutcomeKind
from bot.storage import IncidentStore

logger = logging.getLogger(__name__)

Write = Callable[[], Awaitable[object]]


class Ledger:
    """Keep one incident's writes in order.

    A write that fails does not stop the work: once the original is deleted, the repost matters more than its record,
    and a repost without a record is found again by its key. What was not written is tried again before the next write.
    """

    def __init__(self, store: IncidentStore, incident: Incident) -> None:
        self._store = store
        self._incident_id = incident.id
        self._pending: list[Write] = []

    @property
    def behind(self) -> bool:
        """Tell whether something that happened is not in the database."""
        return bool(self._pending)

    async def deleted(self) -> None:
        """Record that the original is gone."""
        await self._write(lambda: self._store.mark_deleted(self._incident_id))

    async def reposted(self, part_index: int, message_id: int) -> None:
        """Record that a part stands."""
        await self._write(lambda: self._store.record_repost(self._incident_id, part_index, message_id))

    async def event(self, step: str, detail: str | None = None) -> None:
        """Record something else that happened."""
        await self._write(lambda: self._store.add_event(self._incident_id, step, detail))

    async def closed(self, outcome: OutcomeKind, detail: str | None) -> None:
        """Record the end."""
        await self._write(lambda: self._store.close(self._incident_id, outcome, detail))

    async def stuck(self, outcome: OutcomeKind, detail: str | None) -> None:
        """Record that a human is needed."""
        await self._write(lambda: self._store.stick(self._incident_id, outcome, detail))

    async def _write(self, write: Write) -> None:
        self._pending.append(write)
        try:
            while self._pending:
                await self._pending[0]()
                self._pending.pop(0)
        except StorageError as error:
            logger.error("incident %d: a step could not be recorded yet: %s", self._incident_id, error)
