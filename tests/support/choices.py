"""Guilds' choices for property tests: any that can be made, and the largest."""

from __future__ import annotations

from typing import get_args

from hypothesis import strategies as st

from bot.escalation import EscalationAction
from bot.guild_choice import ChannelChoice, EscalationChoice, GuildChoice, StepChoice
from bot.policy import LabelAction, Notice
from bot.settings import Operator
from masker.labels import Label
from masker.presets import Preset

HIGHEST_ID = (1 << 63) - 1
LONGEST_S = 28 * 86_400

_ids = st.integers(1, HIGHEST_ID)
_label = st.sampled_from(Label)
_action = st.sampled_from(LabelAction)
_threshold = st.floats(0.001, 1.0)
_operator = st.sampled_from(get_args(Operator))
_places = st.none() | st.frozensets(_ids, max_size=6)


def channel_choices() -> st.SearchStrategy[ChannelChoice]:
    """Return a strategy for what can be chosen for one place, something at least."""
    return st.builds(
        ChannelChoice,
        preset=st.none() | st.sampled_from(Preset),
        thresholds=st.dictionaries(_label, _threshold),
        actions=st.dictionaries(_label, _action),
        mentions=st.none() | _action,
        observe=st.none() | st.booleans(),
        operator=st.none() | _operator,
    ).filter(lambda choice: choice != ChannelChoice())


def escalation_choices() -> st.SearchStrategy[EscalationChoice]:
    """Return a strategy for an escalation."""
    points = st.floats(0.1, 1_000.0)
    told = st.builds(StepChoice, points=points, action=st.sampled_from([EscalationAction.ALERT, EscalationAction.WARN]))
    timeout = st.builds(
        StepChoice, points=points, action=st.just(EscalationAction.TIMEOUT), seconds=st.integers(1, LONGEST_S)
    )
    return st.builds(
        EscalationChoice,
        steps=st.lists(told | timeout, max_size=3).map(tuple),
        half_life_h=st.floats(0.1, 8_760.0),
        weights=st.dictionaries(_label, st.floats(0.0, 100.0)),
    )


def choices() -> st.SearchStrategy[GuildChoice]:
    """Return a strategy for any choice."""
    return st.builds(
        GuildChoice,
        preset=st.none() | st.sampled_from(Preset),
        thresholds=st.dictionaries(_label, _threshold),
        actions=st.dictionaries(_label, _action),
        mentions=st.none() | _action,
        operator=st.none() | _operator,
        notice=st.none() | st.sampled_from(Notice),
        observe=st.none() | st.booleans(),
        locale=st.none() | st.sampled_from(("ko", "en")),
        alert_channel_id=st.none() | _ids,
        exempt_role_ids=_places,
        exempt_channel_ids=_places,
        exempt_member_ids=_places,
        channels=st.dictionaries(_ids, channel_choices(), max_size=3),
        escalation=st.none() | escalation_choices(),
        retention_days=st.none() | st.integers(1, 3_650),
    )


def largest_choice() -> GuildChoice:
    """Return a choice with as much in it as can be chosen."""
    ids = frozenset(range(HIGHEST_ID - 499, HIGHEST_ID + 1))
    thresholds = dict.fromkeys(Label, 1 / 3)
    actions = dict.fromkeys(Label, LabelAction.DELETE)
    rule = ChannelChoice(
        preset=Preset.STANDARD,
        thresholds=thresholds,
        actions=actions,
        mentions=LabelAction.DELETE,
        observe=False,
        operator="spoiler_label",
    )
    step = StepChoice(points=1 / 3, action=EscalationAction.TIMEOUT, seconds=LONGEST_S)
    return GuildChoice(
        preset=Preset.STANDARD,
        thresholds=thresholds,
        actions=actions,
        exempt_role_ids=ids,
        exempt_channel_ids=ids,
        exempt_member_ids=ids,
        channels=dict.fromkeys(sorted(ids)[:200], rule),
        escalation=EscalationChoice(steps=(step,) * 10, half_life_h=1 / 3, weights=dict.fromkeys(Label, 1 / 3)),
    )
