"""Escalation: what repeated offences add up to, and the step that is due. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from masker.labels import Label

_HATE = (Label.GENDER, Label.SEXUALITY, Label.RACE, Label.ORIGIN, Label.RELIGION, Label.DISABILITY)
DEFAULT_WEIGHTS: Mapping[Label, float] = MappingProxyType(
    dict.fromkeys(Label, 1.0) | dict.fromkeys(_HATE, 2.0) | {Label.SEXUAL: 2.0, Label.THREAT: 3.0}
)
"""Points of one certain offence under each label; our own choice: a curse 1, hate against a group 2, a threat 3."""

_FORGOTTEN_HALF_LIVES = 20
"""After so many half-lives an offence counts for a millionth of itself, which is nothing."""


class EscalationAction(StrEnum):
    """Name what is done when a step is reached."""

    ALERT = "alert"
    WARN = "warn"
    TIMEOUT = "timeout"


@dataclass(frozen=True, slots=True)
class EscalationStep:
    """Say what is done once somebody has so many points; `seconds` is a timeout's length."""

    points: float
    action: EscalationAction
    seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Escalation:
    """Hold a guild's steps; none means that nothing is escalated. An offence counts half after `half_life_h` hours.

    `weights` lays the guild's own points per label over the defaults.
    """

    steps: tuple[EscalationStep, ...] = ()
    half_life_h: float = 24.0
    weights: Mapping[Label, float] = field(default_factory=dict)

    def weight_of(self, label: str) -> float:
        """Return the points of one certain offence; 1 for a label that this version does not know."""
        known = Label(label) if label in Label.__members__.values() else None
        return self.weights.get(known, DEFAULT_WEIGHTS[known]) if known is not None else 1.0

    @property
    def window_h(self) -> float:
        """Return how many hours back an offence still counts."""
        return self.half_life_h * _FORGOTTEN_HALF_LIVES


def points(events: Iterable[tuple[datetime, str, float]], now: datetime, escalation: Escalation) -> float:
    """Add up offences, each (time, label, score): weight * score, halved every `half_life_h` hours.

    Order-free and monotone: one more offence never lowers it, time never raises it. One in the future counts as now.
    """
    total = 0.0
    for at, label, score in sorted(events):
        age_h = max(0.0, (now - at).total_seconds() / 3_600)
        total += escalation.weight_of(label) * score * 0.5 ** (age_h / escalation.half_life_h)
    return total


def due(points_before: float, points_after: float, escalation: Escalation) -> EscalationStep | None:
    """Return the highest step that an offence has just reached, None when it reached none that was not reached before.

    Of two steps with the same points the later one counts. Points that fade and come back reach a step again.
    """
    reached = [step for step in escalation.steps if points_before < step.points <= points_after]
    return max(enumerate(reached), key=lambda pair: (pair[1].points, pair[0]))[1] if reached else None
