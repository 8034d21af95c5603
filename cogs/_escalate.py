"""Escalation: what an author's incidents add up to, and the step that is due, taken once, off the author's path."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

from bot.errors import GarimError
from bot.escalation import EscalationAction, EscalationStep, due, points
from bot.incidents import Incident, OutcomeKind
from bot.policy import Policy
from bot.records import SanctionKind
from cogs._enforce import PutOff, Settled
from cogs._refusals import Refused
from cogs.review.deeds import DeedKind, deeds_of, latest, note
from cogs.review.desk import Desk
from cogs.review.letters import send_warning
from cogs.review.sanction import Order, carried_out
from cogs.review.timeout import find_member, silence

logger = logging.getLogger(__name__)

QUEUE_LIMIT = 500
TRY_AGAIN_S = 30.0
"""How long after a refusal that time mends a step is tried again."""
_O = OutcomeKind
COUNTING = frozenset({_O.MASKED, _O.DELETED_ONLY, _O.NOT_DELETED, _O.NOT_REPOSTED, _O.BLOCKED})
"""Outcomes that may lead to a sanction. ALERTED is not among them: there the guild asked to be told, and to decide."""
_TAKEN = (DeedKind.ESCALATED, DeedKind.ESCALATION_REFUSED)


class Escalator:
    """Take the steps that a guild's policy sets. An incident takes at most one, however often it is considered."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._queue: asyncio.Queue[int] = asyncio.Queue(QUEUE_LIMIT)

    def ended(self, result: Settled | PutOff) -> None:
        """Consider an incident that has ended, soon."""
        if isinstance(result, Settled) and result.outcome in COUNTING:
            self.consider_soon(result.incident.id)

    def consider_soon(self, incident_id: int) -> None:
        """Put an incident in the queue."""
        try:
            self._queue.put_nowait(incident_id)
        except asyncio.QueueFull:
            logger.error("incident %d was not considered for escalation: too many wait", incident_id)

    async def run(self) -> None:
        """Consider what is queued until cancelled."""
        while True:
            incident_id = await self._queue.get()
            try:
                await self.consider(incident_id)
            except GarimError as error:
                logger.error("incident %d could not be considered for escalation: %s", incident_id, error)
            except Exception:  # one incident that breaks must not keep the others from being considered
                logger.exception("incident %d broke the escalation", incident_id)
            finally:
                self._queue.task_done()

    async def drain(self) -> None:
        """Wait until everything queued was considered."""
        await self._queue.join()

    async def consider(self, incident_id: int) -> EscalationStep | None:
        """Take the step that an incident has reached, if any; return it. Raises StorageError, KeyUnusable."""
        desk = self._desk
        async with desk.locks.holding(incident_id):
            incident = await desk.storage.incidents.by_id(incident_id)
            if incident is None or incident.draft.observe:
                return None
            policy = await desk.storage.guilds.policy(incident.draft.guild_id)
            if not policy.escalation.steps:
                return None
            if latest(deeds_of(await desk.storage.incidents.events(incident_id)), *_TAKEN) is not None:
                return None
            step = await self._due(incident, policy)
            if step is None:
                return None
            with desk.breaker.of_guild(incident.draft.guild_id):
                await self._take(incident, step)
        await desk.alerts.refresh(incident_id)
        return step

    async def _due(self, incident: Incident, policy: Policy) -> EscalationStep | None:
        """Return the step that this incident reached when it was opened: what came later is another's."""
        at, escalation = incident.opened_at, policy.escalation
        since = at - timedelta(hours=escalation.window_h)
        events = await self._desk.storage.sanctions.points(incident.draft.guild_id, incident.draft.author_id, since)
        before = points([event for event in events if event[0] < at], at, escalation)
        after = points([event for event in events if event[0] <= at], at, escalation)
        return due(before, after, escalation)

    async def _take(self, incident: Incident, step: EscalationStep) -> None:
        desk = self._desk
        kind = DeedKind.ESCALATED
        try:
            if step.action is EscalationAction.WARN:
                await self._warn(incident)
            elif step.action is EscalationAction.TIMEOUT:
                await self._time_out(incident, step.seconds or 0)
        except Refused as refused:
            logger.warning("incident %d: its escalation was refused: %s", incident.id, refused.detail())
            if refused.passing:
                delay_s = max(refused.retry_after_s or 0.0, TRY_AGAIN_S)
                asyncio.get_running_loop().call_later(delay_s, self.consider_soon, incident.id)
                return
            kind = DeedKind.ESCALATION_REFUSED
        await note(desk.storage.incidents, incident.id, kind, desk.bot_id, step.points)

    async def _warn(self, incident: Incident) -> None:
        order = Order(SanctionKind.WARN, self._desk.bot_id, f"escalation:{incident.id}")
        await carried_out(self._desk, incident, order, lambda: send_warning(self._desk, incident))

    async def _time_out(self, incident: Incident, seconds: int) -> None:
        desk = self._desk
        member = await find_member(desk, incident)
        # Counted from the incident, so that a start that does it again does not make it longer.
        until = (incident.closed_at or desk.now()) + timedelta(seconds=seconds)
        order = Order(SanctionKind.TIMEOUT, desk.bot_id, f"escalation:{incident.id}", seconds)
        await carried_out(desk, incident, order, lambda: silence(member, until, incident, desk.bot_id))
