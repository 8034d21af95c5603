"""The panel: everything that holds in a server, on one screen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import discord

from bot.policy import ChannelRule, Policy
from bot.texts import text
from cogs.settings._words import described, named
from masker.labels import Label
from masker.masking import OPERATORS, mask
from masker.verdict import Span

FIELD_LIMIT = 1_024
"""Source: Discord's developer docs, "Embed Limits", field value."""
_WIDE = frozenset({"channels", "escalation"})
_NARROW_LIMIT = 60
"""Characters up to which a value stands beside others."""
_EMPTY = {"thresholds": "panel.value_as_preset", "actions": "panel.value_all_masked"}


def panel(policy: Policy, locale: str) -> discord.Embed:
    """Return a server's settings as a panel; what is as the preset says is not listed."""
    embed = discord.Embed(title=text("panel.title", locale), colour=discord.Colour.blurple())
    if policy.observe:
        embed.description = text("panel.observing", locale)
        embed.colour = discord.Colour.gold()
    values: dict[str, Any] = {
        "preset": policy.preset,
        "operator": policy.operator,
        "mentions": policy.mentions,
        "notice": policy.notice,
        "locale": policy.locale,
        "retention_days": policy.retention_days,
        "observe": policy.observe,
        "alert_channel_id": policy.alert_channel_id or "",
        "thresholds": policy.thresholds,
        "actions": policy.actions,
        "exempt_role_ids": policy.exempt_role_ids,
        "exempt_channel_ids": policy.exempt_channel_ids,
        "exempt_member_ids": policy.exempt_member_ids,
        "channels": {place_id: rule_json(rule) for place_id, rule in policy.channels.items()},
        "escalation": asdict(policy.escalation) if policy.escalation.steps else {},
    }
    for key, value in values.items():
        empty = not isinstance(value, bool) and value is not None and not value
        words = text(_EMPTY.get(key, "panel.value_none"), locale) if empty else described(key, value, locale)
        narrow = key not in _WIDE and len(words) <= _NARROW_LIMIT
        embed.add_field(name=named(key, locale), value=words[:FIELD_LIMIT], inline=narrow)
    return embed


def rule_json(rule: ChannelRule) -> Mapping[str, Any]:
    """Return what a rule says, without what it leaves as above."""
    return {name: value for name, value in asdict(rule).items() if value is not None and value != {}}


def operator_examples(chosen: str, locale: str) -> str:
    """Return one sentence as each operator masks it, the chosen one marked."""
    sentence, word = text("panel.example", locale), text("panel.example_word", locale)
    start = sentence.index(word)
    span = Span(start, start + len(word))
    lines = []
    for name in OPERATORS:
        masked = mask(sentence, [span], name, {span: Label.INSULT}).text
        mark = "▶" if name == chosen else "・"
        lines.append(f"{mark} {text(f'panel.operator_{name}', locale)}: {masked}")
    return "\n".join(lines)
