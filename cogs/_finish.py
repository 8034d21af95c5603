"""Finishing what was begun: after a restart, and after a refusal that time mends."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from itertools import groupby

from bot.errors import StorageError
from bot.incidents import Incident, IncidentState, OutcomeKind
from bot.settings import RepostSettings
from bot.storage import IncidentStore
from cogs._enforce import Enforcer, PutOff, Settled
from cogs._permissions import place_of
from cogs._watch import KeyedLocks

logger = logging.getLogger(__name__)

FIRST_RETRY_S = 2.0
PLACES_AT_ONCE = 8
_LIVE = frozenset({IncidentState.OPEN, IncidentState.DELETED, IncidentState.REPOSTED})

Report = Callable[[Settled | PutOff], Awaitable[None]]


class Finisher:
    """Carry unfinished incidents to their end: oldest first in each channel, several channels at once.

    A message that is being handled is waited for, by the lock that handling holds; what is in a database that cannot be
    read now is found at the next try. Incidents that are STUCK are left alone: a human was told.
    """

    def __init__(
        self,
        *,
        store: IncidentStore,
        enforcer: Enforcer,
        messages: KeyedLocks[int],
        report: Report,
        settings: RepostSettings,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._enforcer = enforcer
        self._messages = messages
        self._report = report
        self._retry_max_s = float(settings.unfinished_retry_s)
        self._clock = clock
        self._recovered: set[int] = set()
        self._unread: set[int] = set()
        self._due: dict[int, float] = {}
        self._tries: dict[int, int] = {}
        self._wake = asyncio.Event()
        self._busy = asyncio.Semaphore(PLACES_AT_ONCE)

    async def fresh(self, incident: Incident) -> Settled | PutOff:
        """Carry out an incident that was just opened; the caller holds its message's lock."""
        try:
            result = await self._enforcer.apply(incident)
        except Exception:
            self._put_off(incident.id, None)
            raise
        await self._ended(result)
        return result

    def recover(self, guild_ids: Iterable[int]) -> None:
        """Take up, soon, what earlier processes left unfinished in these guilds; each guild once per process."""
        new = set(guild_ids) - self._recovered
        if new:
            self._recovered |= new
            self._unread |= new
            self._wake.set()

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            self._wake.clear()
            await self._read_recovered()
            due = [incident_id for incident_id, at in self._due.items() if at <= self._clock()]
            if due:
                await self._finish(due)
                continue
            delay = min((at - self._clock() for at in self._due.values()), default=None)
            if self._unread:
                delay = min(FIRST_RETRY_S, delay if delay is not None else FIRST_RETRY_S)
            try:
                async with asyncio.timeout(delay):
                    await self._wake.wait()
            except TimeoutError:
                continue

    def waiting(self) -> int:
        """Return how many incidents wait for another try."""
        return len(self._due)

    async def _read_recovered(self) -> None:
        if not self._unread:
            return
        try:
            found = await self._store.unfinished(self._unread)
        except StorageError as error:
            logger.error("unfinished incidents could not be read yet: %s", error)
            return
        self._unread.clear()
        for incident in found:
            self._due.setdefault(incident.id, self._clock())
        if found:
            logger.info("taking up %d unfinished incidents", len(found))

    async def _finish(self, incident_ids: list[int]) -> None:
        incidents = []
        for incident_id in sorted(incident_ids):
            try:
                incident = await self._store.by_id(incident_id)
            except StorageError as error:
                logger.error("incident %d could not be read: %s", incident_id, error)
                self._put_off(incident_id, None)
                continue
            if incident is None or incident.state not in _LIVE:
                self._settled(incident_id)
            else:
                incidents.append(incident)
        by_place = groupby(
            sorted(incidents, key=lambda one: (place_of(one.draft), one.id)), lambda one: place_of(one.draft)
        )
        await asyncio.gather(*(self._finish_place(list(group)) for _, group in by_place))

    async def _finish_place(self, incidents: list[Incident]) -> None:
        async with self._busy:
            for incident in incidents:
                try:
                    await self._finish_one(incident.id)
                except Exception:
                    # One incident that breaks must not keep the others from being finished; it is tried again later.
                    logger.exception("incident %d could not be finished", incident.id)
                    self._put_off(incident.id, None)

    async def _finish_one(self, incident_id: int) -> None:
        incident = await self._store.by_id(incident_id)
        if incident is None:
            self._settled(incident_id)
            return
        async with self._messages.holding(incident.draft.message_id):
            # Read again under the lock: the handler that held it may have finished the incident meanwhile.
            incident = await self._store.by_id(incident_id)
            if incident is None or incident.state not in _LIVE:
                self._settled(incident_id)
            elif incident.erased:
                await self._store.close(incident_id, OutcomeKind.NOT_REPOSTED, "its words were erased")
                self._settled(incident_id)
            else:
                await self._ended(await self._enforcer.apply(incident, resumed=True))

    async def _ended(self, result: Settled | PutOff) -> None:
        if isinstance(result, PutOff):
            self._put_off(result.incident.id, result.retry_after_s)
        else:
            self._settled(result.incident.id)
        await self._report(result)

    def _put_off(self, incident_id: int, retry_after_s: float | None) -> None:
        tries = self._tries.get(incident_id, 0)
        self._tries[incident_id] = tries + 1
        delay = max(min(FIRST_RETRY_S * 2 ** min(tries, 10), self._retry_max_s), retry_after_s or 0.0)
        self._due[incident_id] = self._clock() + delay
        self._wake.set()

    def _settled(self, incident_id: int) -> None:
        self._due.pop(incident_id, None)
        self._tries.pop(incident_id, None)
