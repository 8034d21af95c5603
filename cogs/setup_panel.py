"""The panel of `/setup start`: four choices and what is missing; and the screen that it ends with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord

from bot.policy import Policy
from bot.texts import text
from cogs.settings._observing import summary_words
from cogs.settings._words import listed
from masker.presets import Preset

CHOICE_LIMIT = 25
"""Choices of a role select. Source: Discord's developer docs, "Role Select"."""
ACT, OBSERVE = "act", "observe"
TEXT_LIMIT = 2_400
"""Characters of what is missing; a message of components holds 4,000 in all."""

Item = discord.ui.Item[Any]


def setup_view(
    guild: discord.Guild, policy: Policy, missing: Sequence[str], locale: str, note: str = ""
) -> discord.ui.LayoutView:
    """Return the panel as the policy stands; `note` is put first, where a choice could not be taken."""
    items: list[Item] = [discord.ui.TextDisplay(text("setup.title", locale))]
    if note:
        items.append(discord.ui.TextDisplay(note))
    for ask, choice in (
        ("setup.ask_preset", _preset(policy, locale)),
        ("setup.ask_alerts", _alerts(guild, policy, locale)),
        ("setup.ask_roles", _roles(guild, policy, locale)),
        ("setup.ask_begin", _begin(policy, locale)),
    ):
        items += [discord.ui.TextDisplay(text(ask, locale)), discord.ui.ActionRow(choice)]
    items += [
        discord.ui.Separator(),
        discord.ui.TextDisplay(_bounded(missing)),
        discord.ui.ActionRow(
            _button("start", "setup.button_start", locale, discord.ButtonStyle.success),
            _button("recheck", "setup.button_recheck", locale),
        ),
    ]
    return _shown(items, discord.Colour.blurple())


def started_view(policy: Policy, missing: Sequence[str], locale: str, *, all_well: bool) -> discord.ui.LayoutView:
    """Return the screen after the start: what holds, what is still missing, and where to go from here."""
    none = text("panel.value_none", locale)
    summary = text(
        "setup.summary",
        locale,
        preset=text(f"panel.preset_{policy.preset}", locale),
        alerts=f"<#{policy.alert_channel_id}>" if policy.alert_channel_id else none,
        roles=listed("<@&{}>", policy.exempt_role_ids) or none,
    )
    items: list[Item] = [
        discord.ui.TextDisplay(text("setup.started_observing" if policy.observe else "setup.started", locale)),
        discord.ui.TextDisplay(summary),
        discord.ui.Separator(),
        discord.ui.TextDisplay(_bounded(missing)),
    ]
    if words := summary_words(policy, locale, wanted=True):
        items.append(discord.ui.TextDisplay(words))
    if not all_well:
        items.append(discord.ui.ActionRow(_button("start", "setup.button_recheck", locale)))
    items.append(discord.ui.TextDisplay(text("setup.next", locale)))
    return _shown(items, discord.Colour.green() if all_well else discord.Colour.orange())


def exempt_shown(guild: discord.Guild, exempt: frozenset[int]) -> list[int]:
    """Return the exempt roles that the select can show: those that there are, at most as many as it holds."""
    return [role_id for role_id in sorted(exempt) if guild.get_role(role_id) is not None][:CHOICE_LIMIT]


def _preset(policy: Policy, locale: str) -> discord.ui.Select[Any]:
    options = [
        discord.SelectOption(
            value=preset,
            label=text(f"panel.preset_{preset}", locale),
            description=text(f"setup.preset_{preset}", locale),
            default=preset is policy.preset,
        )
        for preset in Preset
    ]
    return discord.ui.Select(custom_id="garim:setup:preset", options=options)


def _alerts(guild: discord.Guild, policy: Policy, locale: str) -> discord.ui.ChannelSelect[Any]:
    chosen = guild.get_channel(policy.alert_channel_id) if policy.alert_channel_id is not None else None
    return discord.ui.ChannelSelect(
        custom_id="garim:setup:alerts",
        channel_types=[discord.ChannelType.text],
        placeholder=text("setup.choose_channel", locale),
        min_values=0,
        default_values=[chosen] if isinstance(chosen, discord.TextChannel) else [],
    )


def _roles(guild: discord.Guild, policy: Policy, locale: str) -> discord.ui.RoleSelect[Any]:
    shown = exempt_shown(guild, policy.exempt_role_ids)
    return discord.ui.RoleSelect(
        custom_id="garim:setup:roles",
        placeholder=text("setup.choose_roles", locale),
        min_values=0,
        max_values=CHOICE_LIMIT,
        default_values=[discord.Object(role_id, type=discord.Role) for role_id in shown],
    )


def _begin(policy: Policy, locale: str) -> discord.ui.Select[Any]:
    options = [
        discord.SelectOption(
            value=way, label=text(f"setup.begin_{way}", locale), default=policy.observe is (way == OBSERVE)
        )
        for way in (ACT, OBSERVE)
    ]
    return discord.ui.Select(custom_id="garim:setup:begin", options=options)


def _button(
    what: str, key: str, locale: str, style: discord.ButtonStyle = discord.ButtonStyle.secondary
) -> discord.ui.Button[Any]:
    return discord.ui.Button(custom_id=f"garim:setup:{what}", label=text(key, locale), style=style)


def _bounded(lines: Sequence[str]) -> str:
    words = "\n".join(lines)
    return words if len(words) <= TEXT_LIMIT else f"{words[: TEXT_LIMIT - 1]}…"


def _shown(items: Sequence[Item], colour: discord.Colour) -> discord.ui.LayoutView:
    """Return a view to send; stopped, so that discord.py does not keep it: presses are matched by pattern."""
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(discord.ui.Container(*items, accent_colour=colour))
    view.stop()
    return view
