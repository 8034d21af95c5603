"""What people did about an incident, as its own events: shown in its alert, and read again after a restart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.incidents import IncidentEvent
from bot.storage import IncidentStore

_PREFIX = "deed."


class DeedKind(StrEnum):
    """Name one thing that was done."""

    REPORTED = "reported"
    VIEWED = "viewed"
    WRONG = "wrong"
    RIGHT = "right"
    RESTORED = "restored"
    REMOVED = "removed"
    WARNED = "warned"
    TIMED_OUT = "timed_out"
    TIMEOUT_LIFTED = "timeout_lifted"
    CASE = "case"
    ALLOWED = "allowed"
    CONTESTED = "contested"
    CONTEST_GRANTED = "contest_granted"
    CONTEST_REFUSED = "contest_refused"
    ESCALATED = "escalated"
    ESCALATION_REFUSED = "escalation_refused"


@dataclass(frozen=True, slots=True)
class Deed:
    """Say who did what and when; `number` is a timeout's seconds, a case's number or a step's points."""

    kind: DeedKind
    actor_id: int
    at: datetime
    number: float | None = None


async def note(
    incidents: IncidentStore, incident_id: int, kind: DeedKind, actor_id: int, number: float | None = None
) -> None:
    """Record a deed. Raises StorageUnavailable."""
    detail = str(actor_id) if number is None else f"{actor_id} {_plain(number)}"
    await incidents.add_event(incident_id, f"{_PREFIX}{kind}", detail)


def deeds_of(events: Iterable[IncidentEvent]) -> tuple[Deed, ...]:
    """Return the deeds among an incident's events, in order."""
    found = []
    for event in events:
        if event.step.startswith(_PREFIX):
            actor, _, number = (event.detail or "0").partition(" ")
            kind = DeedKind(event.step.removeprefix(_PREFIX))
            found.append(Deed(kind, int(actor), event.at, float(number) if number else None))
    return tuple(found)


def _plain(number: float) -> str:
    return str(int(number)) if float(number).is_integer() else str(number)


def latest(deeds: Iterable[Deed], *kinds: DeedKind) -> Deed | None:
    """Return the last deed of these kinds."""
    return next((deed for deed in reversed(tuple(deeds)) if deed.kind in kinds), None)
