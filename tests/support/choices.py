"""Guilds' choices for property tests: any that can be made, and the largest."""

from __future__ import annotations

from typing import get_args

from hypothesis import strategies as st

from bot.guild_choice import GuildChoice
from bot.policy import LabelAction, Notice
from bot.settings import Operator
from masker.labels import Label
from masker.presets import Preset

HIGHEST_ID = (1 << 63) - 1

_ids = st.integers(1, HIGHEST_ID)
_label = st.sampled_from(Label)
_action = st.sampled_from(LabelAction)
_threshold = st.floats(0.001, 1.0)
_operator = st.sampled_from(get_args(Operator))


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
        exempt_role_ids=st.none() | st.frozensets(_ids, max_size=6),
        exempt_channel_ids=st.none() | st.frozensets(_ids, max_size=6),
    )


def largest_choice() -> GuildChoice:
    """Return a choice with as much in it as can be chosen."""
    ids = frozenset(range(HIGHEST_ID - 499, HIGHEST_ID + 1))
    return GuildChoice(
        thresholds=dict.fromkeys(Label, 1 / 3),
        actions=dict.fromkeys(Label, LabelAction.DELETE),
        exempt_role_ids=ids,
        exempt_channel_ids=ids,
    )
