"""Taking up, once per guild and process, what an earlier process began around incidents: escalations and contests."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from datetime import timedelta

from bot.errors import GarimError
from bot.incidents import IncidentFilter, IncidentState
from cogs._escalate import COUNTING, Escalator
from cogs.review import contest_post
from cogs.review.desk import Desk

logger = logging.getLogger(__name__)

LOOK_BACK = timedelta(minutes=10)
"""How far back a start looks for incidents whose step an earlier process may not have taken."""
LOOK_BACK_LIMIT = 200
TRY_AGAIN_S = 30.0


class TakeUp:
    """Look through guilds in the background; what was done already stays as it is."""

    def __init__(self, desk: Desk, escalator: Escalator) -> None:
        self._desk = desk
        self._escalator = escalator
        self._seen: set[int] = set()
        self._queue: asyncio.Queue[int] = asyncio.Queue()

    def recover(self, guild_ids: Iterable[int]) -> None:
        """Take up these guilds, soon."""
        for guild_id in set(guild_ids) - self._seen:
            self._seen.add(guild_id)
            self._queue.put_nowait(guild_id)

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            guild_id = await self._queue.get()
            try:
                await self._escalations(guild_id)
                await self._contests(guild_id)
            except GarimError as error:
                logger.error("guild %d could not be taken up yet: %s", guild_id, error)
                asyncio.get_running_loop().call_later(TRY_AGAIN_S, self._queue.put_nowait, guild_id)

    async def _escalations(self, guild_id: int) -> None:
        storage = self._desk.storage
        if not (await storage.guilds.policy(guild_id)).escalation.steps:
            return
        since = self._desk.now() - LOOK_BACK
        wanted = IncidentFilter(guild_id=guild_id, since=since, state=IncidentState.CLOSED, limit=LOOK_BACK_LIMIT)
        for summary in reversed(await storage.incidents.search(wanted)):
            if summary.outcome in COUNTING:
                self._escalator.consider_soon(summary.id)

    async def _contests(self, guild_id: int) -> None:
        """Post the contests that wait for an answer and of which no post is on record."""
        for contest in await self._desk.storage.contests.waiting(guild_id):
            incident = await self._desk.storage.incidents.by_id(contest.incident_id)
            events = await self._desk.storage.incidents.events(contest.incident_id)
            if incident is not None and not any(event.step == contest_post.POSTED for event in events):
                contest_post.post(self._desk, incident, contest.words or "")
