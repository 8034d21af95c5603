"""Escalation: points add up, fade, and reach each step once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.escalation import DEFAULT_WEIGHTS, Escalation, EscalationAction, EscalationStep, due, points
from masker.labels import LABELS, Label

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
WARN, ALERT = EscalationStep(3, EscalationAction.WARN), EscalationStep(3, EscalationAction.ALERT)
TIMEOUT = EscalationStep(6, EscalationAction.TIMEOUT, 600)
STEPS = Escalation((WARN, TIMEOUT), half_life_h=24)

events = st.lists(
    st.tuples(
        st.timedeltas(timedelta(0), timedelta(days=30)).map(lambda ago: NOW - ago),
        st.sampled_from([str(label) for label in LABELS]),
        st.floats(0.1, 1.0),
    ),
    max_size=10,
)
escalations = st.builds(
    Escalation,
    half_life_h=st.floats(0.1, 1_000),
    weights=st.dictionaries(st.sampled_from(LABELS), st.floats(0, 10), max_size=3),
)


@given(events, escalations, st.randoms(use_true_random=False))
def test_the_order_of_offences_does_not_matter(found: list, escalation: Escalation, order) -> None:  # type: ignore[no-untyped-def, type-arg]
    shuffled = list(found)
    order.shuffle(shuffled)
    assert points(shuffled, NOW, escalation) == points(found, NOW, escalation)


@given(events, events, escalations, st.timedeltas(timedelta(0), timedelta(days=30)))
def test_more_offences_never_lower_it_and_time_never_raises_it(
    found: list,  # type: ignore[type-arg]
    more: list,  # type: ignore[type-arg]
    escalation: Escalation,
    later: timedelta,
) -> None:
    before, after = points(found, NOW, escalation), points([*found, *more], NOW, escalation)
    assert after >= before - 1e-9
    assert points(found, NOW + later, escalation) <= before + 1e-9


def test_what_happened_now_counts_whole_and_half_after_a_half_life() -> None:
    offence = [(NOW, "threat", 1.0)]
    assert points(offence, NOW, STEPS) == DEFAULT_WEIGHTS[Label.THREAT]
    assert points(offence, NOW + timedelta(hours=24), STEPS) == DEFAULT_WEIGHTS[Label.THREAT] / 2
    assert points(offence, NOW - timedelta(hours=1), STEPS) == DEFAULT_WEIGHTS[Label.THREAT], "a clock that went back"
    assert points(offence, NOW + timedelta(hours=STEPS.window_h), STEPS) < 1e-5
    assert points([(NOW, "age", 0.5)], NOW, Escalation(weights={Label.AGE: 4})) == 2
    assert points([(NOW, "a label of a later version", 1.0)], NOW, STEPS) == 1
    assert points([], NOW, STEPS) == 0


@pytest.mark.parametrize(
    ("before", "after", "expected", "reason"),
    [
        (0, 2.9, None, "below the first step"),
        (2.9, 3, WARN, "reached exactly"),
        (3, 5, None, "it was reached before"),
        (2, 7, TIMEOUT, "of two steps at once the higher one"),
        (6.5, 9, None, "above all steps"),
        (2, 3.5, WARN, "points that faded reach a step again"),
    ],
)
def test_a_step_is_due_when_it_is_reached(
    before: float, after: float, expected: EscalationStep | None, reason: str
) -> None:
    assert due(before, after, STEPS) == expected, reason
    assert due(before, after, Escalation()) is None


def test_of_two_steps_with_the_same_points_the_later_one_counts() -> None:
    assert due(0, 4, Escalation((WARN, ALERT))) == ALERT


@given(st.lists(st.floats(0, 20), min_size=1, max_size=20))
def test_while_points_only_rise_no_step_comes_twice(raises: list[float]) -> None:
    total, reached = 0.0, []
    for more in raises:
        step = due(total, total + more, STEPS)
        total += more
        reached += [step] if step else []
    assert len(reached) == len(set(reached))
    assert reached == sorted(reached, key=lambda step: step.points)
