"""The law of an incident's states: only forward."""

from __future__ import annotations

from bot.errors import TransitionRefused
from bot.incidents import IncidentState

_S = IncidentState
_NEXT: dict[IncidentState, frozenset[IncidentState]] = {
    _S.OPEN: frozenset({_S.DELETED, _S.STUCK, _S.CLOSED}),
    _S.DELETED: frozenset({_S.REPOSTED, _S.STUCK, _S.CLOSED}),
    _S.REPOSTED: frozenset({_S.STUCK, _S.CLOSED}),
    _S.STUCK: frozenset({_S.CLOSED}),
    _S.CLOSED: frozenset(),
}
_PASSED: dict[IncidentState, frozenset[IncidentState]] = {
    _S.DELETED: frozenset({_S.OPEN}),
    _S.REPOSTED: frozenset({_S.OPEN, _S.DELETED}),
}
RANK: dict[IncidentState, int] = {
    state: rank for rank, state in enumerate((_S.OPEN, _S.DELETED, _S.REPOSTED, _S.STUCK, _S.CLOSED))
}

UNFINISHED: tuple[IncidentState, ...] = (_S.OPEN, _S.DELETED, _S.REPOSTED)
"""The states that a restart takes up again."""


def advance(current: IncidentState, target: IncidentState) -> IncidentState:
    """Return the state after asking for `target`: never of a lower rank than `current`, and the same when asked twice.

    Asking for a state already passed changes nothing, so that a step may be recorded again after a restart.
    Raises TransitionRefused when `target` cannot follow: a repost before its delete, anything but CLOSED after STUCK,
    anything at all after CLOSED.
    """
    if target is current or target in _PASSED.get(current, frozenset()):
        return current
    if target in _NEXT[current]:
        return target
    raise TransitionRefused(f"an incident that is {current} cannot become {target}")
