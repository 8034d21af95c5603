"""What the commands' options can hold: places, labels, actions, operators, and "as above"."""

from __future__ import annotations

from typing import Any, get_args

import discord
from discord import app_commands

from bot.escalation import EscalationAction
from bot.policy import LabelAction, Notice
from bot.settings import Operator
from cogs._localised import choices
from cogs._replies import Interaction
from masker.labels import Label
from masker.presets import Preset

AS_ABOVE = "as_above"
"""The choice that takes a place's value back to what holds above it."""
ON, OFF = "on", "off"

PRESETS = choices("panel.preset_", Preset)
LABELS = choices("label.", Label)
ACTIONS = choices("panel.action_", LabelAction)
OPERATORS = choices("panel.operator_", get_args(Operator))
NOTICES = choices("panel.notice_", Notice)
LANGUAGES = choices("panel.language_", ("ko", "en"))
STEPS = choices("panel.escalate_", EscalationAction)
_ABOVE = choices("panel.value_", (AS_ABOVE,))
PRESETS_OR_ABOVE = PRESETS + _ABOVE
ACTIONS_OR_ABOVE = ACTIONS + _ABOVE
OPERATORS_OR_ABOVE = OPERATORS + _ABOVE
OBSERVING_OR_ABOVE = choices("panel.observe_", (ON, OFF)) + _ABOVE


class Place(app_commands.Transformer):
    """Take any channel, category or thread, and give its id.

    The kinds are listed here because discord.py adds media channels (16) to forums, which Discord's API description of
    this option does not have.
    """

    @property
    def type(self) -> discord.AppCommandOptionType:
        """Return the option's type."""
        return discord.AppCommandOptionType.channel

    @property
    def channel_types(self) -> list[discord.ChannelType]:
        """Return the kinds of channel that can be chosen."""
        kinds = discord.ChannelType
        threads = [kinds.news_thread, kinds.public_thread, kinds.private_thread]
        return [kinds.text, kinds.voice, kinds.category, kinds.news, kinds.stage_voice, kinds.forum, *threads]

    async def transform(self, interaction: Interaction, value: Any, /) -> int:
        """Return the chosen channel's id."""
        return int(value.id)


PlaceId = app_commands.Transform[int, Place]
