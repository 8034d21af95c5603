"""Acting on what a scan only observed: each message through the ordinary path, one by one, at a pace."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from datetime import timedelta

import discord

from bot.incidents import Incident, IncidentFilter, OutcomeKind
from bot.storage import IncidentStore
from cogs._breaker import Breaker
from cogs._enforce import PutOff, Settled
from cogs._handle import Handler
from cogs._refusals import FAULTS, Refusal, refused_by
from cogs.scan_read import MESSAGES_MAX, Readable, member_of

logger = logging.getLogger(__name__)

PACE_S = 1.0
OLD_PACE_S = 3.0
"""Pause between messages, and between those that Discord deletes more slowly."""
OLD = timedelta(days=14)
"""Discord limits the deletion of older messages more strictly, and takes them one by one only.

Source: Discord's developer docs, "Bulk Delete Messages", and discord.py's buckets of the route."""
PAGE = 500

_DONE = frozenset({OutcomeKind.MASKED, OutcomeKind.DELETED_ONLY, OutcomeKind.ALERTED})


@dataclass(slots=True)
class Done:
    """Count what became of the messages: acted on, no longer there, put off by us, let pass, or refused by Discord."""

    acted: int = 0
    gone: int = 0
    put_off: int = 0
    passed: int = 0
    refused: int = 0

    def all(self) -> int:
        """Return how many were taken up."""
        return self.acted + self.gone + self.put_off + self.passed + self.refused


class Acting:
    """Act once on what stands observed in a channel from a message on. `run` does the work, `stop` ends it early."""

    def __init__(
        self,
        handler: Handler,
        incidents: IncidentStore,
        breaker: Breaker,
        channel: Readable,
        since_id: int,
        *,
        until: float,
    ) -> None:
        self.channel = channel
        self.since_id = since_id
        self.done = Done()
        self.total = 0
        self.cut_short = False
        self._handler = handler
        self._incidents = incidents
        self._breaker = breaker
        self._until = until
        self._stopped = asyncio.Event()

    def stop(self) -> None:
        """End at the next message."""
        self._stopped.set()

    @property
    def stopped(self) -> bool:
        """Tell whether somebody ended it early."""
        return self._stopped.is_set()

    def share(self) -> float:
        """Return how much is done, from 0 to 1."""
        return self.done.all() / self.total if self.total else 0.0

    async def run(self) -> None:
        """Take up the messages from the oldest on. Raises StorageError."""
        ids = await observed(self._incidents, self.channel, self.since_id)
        self.total = len(ids)
        with self._breaker.of_guild(self.channel.guild.id):
            for incident_id in ids:
                if self._ended():
                    return
                incident = await self._incidents.by_id(incident_id)
                if incident is not None and incident.outcome is OutcomeKind.OBSERVED:
                    await self._act(incident)
                    await self._pause(incident)

    def _ended(self) -> bool:
        if asyncio.get_running_loop().time() >= self._until:
            self.cut_short = True
        return self.stopped or self.cut_short

    async def _pause(self, incident: Incident) -> None:
        written_at = discord.utils.snowflake_time(incident.draft.message_id)
        pause_s = OLD_PACE_S if discord.utils.utcnow() - written_at > OLD else PACE_S
        try:
            async with asyncio.timeout(pause_s):
                await self._stopped.wait()
        except TimeoutError:
            return

    async def _act(self, incident: Incident) -> None:
        """Hand a message, after those that spell the word with it, to the path that every message takes."""
        draft, result = incident.draft, None
        try:
            for message_id in (*draft.other_message_ids, draft.message_id):
                message = await self.channel.fetch_message(message_id)
                author = await member_of(self.channel.guild, message.author)
                if author is None:
                    self.done.refused += 1
                    return
                message.author = author
                result = await self._handler.handle(message, scanned=True)
        except discord.NotFound:
            self.done.gone += 1
            return
        except FAULTS as fault:
            refused = refused_by(fault, Refusal.NO_READ_HISTORY)
            logger.warning("incident %d: its message could not be read again: %s", incident.id, refused.detail())
            self.done.refused += 1
            return
        if isinstance(result, PutOff):
            self.done.put_off += 1
        elif isinstance(result, Settled):
            self.done.acted += result.outcome in _DONE
            self.done.gone += result.outcome is OutcomeKind.REMOVED_BY_OTHERS
            self.done.refused += result.outcome in (OutcomeKind.NOT_DELETED, OutcomeKind.NOT_REPOSTED)
            self.done.passed += result.outcome is OutcomeKind.OBSERVED
        else:
            self.done.passed += 1


async def observed(incidents: IncidentStore, channel: Readable, since_id: int) -> list[int]:
    """Return the incidents that were only observed in a channel from a message on, oldest message first.

    Those that a moderator called wrong are left out. Raises StorageError.
    """
    found: list[tuple[int, int]] = []
    page = IncidentFilter(channel.guild.id, channel_id=channel.id, outcome=OutcomeKind.OBSERVED, limit=PAGE)
    while len(found) < MESSAGES_MAX:
        rows = await incidents.search(page)
        found += [
            (row.message_id, row.id)
            for row in rows
            if row.message_id >= since_id and (row.thread_id or row.channel_id) == channel.id and row.right is not False
        ]
        if len(rows) < PAGE:
            break
        page = replace(page, after_id=rows[-1].id)
    return [incident_id for _, incident_id in sorted(found)]
