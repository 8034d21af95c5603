"""Sanctions: each once per key. Claimed in the record first, then carried out, and given back when Discord refuses."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from bot.incidents import Incident
from bot.records import AuditKind, SanctionKind
from cogs._refusals import Refused
from cogs.review.deeds import Deed, DeedKind, deeds_of, latest, note
from cogs.review.desk import Desk

T = TypeVar("T")

_DEEDS = {SanctionKind.WARN: DeedKind.WARNED, SanctionKind.TIMEOUT: DeedKind.TIMED_OUT}
_AUDITED = {SanctionKind.WARN: AuditKind.WARNED, SanctionKind.TIMEOUT: AuditKind.TIMED_OUT}


@dataclass(frozen=True, slots=True)
class Order:
    """Say what is to be done to an incident's author, by whom, and under which key it is done once."""

    kind: SanctionKind
    actor_id: int
    key: str
    seconds: int | None = None


async def carried_out(desk: Desk, incident: Incident, order: Order, act: Callable[[], Awaitable[T]]) -> T | Deed:
    """Carry out a sanction and return what `act` does, or the deed by which it was done before.

    The caller holds the incident's lock. A claim without a deed is one whose process ended in between: it is carried
    out now, so doing `act` again must be harmless. Raises Refused, and then nothing is on record.
    """
    draft = incident.draft
    done = latest(deeds_of(await desk.storage.incidents.events(incident.id)), _DEEDS[order.kind])
    if done is not None:
        return done
    await desk.storage.sanctions.record(
        draft.guild_id,
        draft.author_id,
        order.kind,
        order.actor_id,
        seconds=order.seconds,
        incident_id=incident.id,
        key=order.key,
    )
    try:
        result = await act()
    except Refused:
        await desk.storage.sanctions.withdraw(draft.guild_id, order.key)
        raise
    await note(desk.storage.incidents, incident.id, _DEEDS[order.kind], order.actor_id, order.seconds)
    await desk.storage.audit.record(
        draft.guild_id,
        order.actor_id,
        _AUDITED[order.kind],
        incident_id=incident.id,
        member_id=draft.author_id,
        detail={"seconds": order.seconds} if order.seconds else None,
    )
    return result
