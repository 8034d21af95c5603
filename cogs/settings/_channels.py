"""`/settings channel`: what one channel or category does otherwise than the rest of the server."""

from __future__ import annotations

from typing import Any

from discord import app_commands

from bot.texts import text
from cogs._localised import said
from cogs._replies import Interaction, locale_of, say
from cogs.settings._managed import Managed, SettingsDesk, guild_of, tried
from cogs.settings._options import (
    ACTIONS_OR_ABOVE,
    AS_ABOVE,
    LABELS,
    OBSERVING_OR_ABOVE,
    ON,
    OPERATORS_OR_ABOVE,
    PRESETS_OR_ABOVE,
    PlaceId,
)
from cogs.settings._panel import rule_json
from cogs.settings._words import described, named


class ChannelGroup(Managed, name=said("panel.channel_name"), description=said("panel.channel")):
    """Set, show and clear the rule of a channel, category or thread."""

    def __init__(self, desk: SettingsDesk) -> None:
        self._desk = desk
        super().__init__()

    @app_commands.command(name=said("panel.channel_set_name"), description=said("panel.channel_set"))
    @app_commands.rename(
        channel=said("panel.option_channel_name"),
        preset=said("panel.preset_name"),
        observe=said("panel.option_observe_name"),
        mentions=said("panel.option_mentions_name"),
        operator=said("panel.option_operator_name"),
        label=said("panel.option_label_name"),
        threshold=said("panel.option_threshold_name"),
        action=said("panel.option_action_name"),
    )
    @app_commands.describe(
        channel=said("panel.option_place"),
        preset=said("panel.option_level"),
        observe=said("panel.option_observe"),
        mentions=said("panel.option_mentions"),
        operator=said("panel.option_operator"),
        label=said("panel.option_label_of"),
        threshold=said("panel.option_threshold"),
        action=said("panel.option_action"),
    )
    @app_commands.choices(
        preset=PRESETS_OR_ABOVE,
        observe=OBSERVING_OR_ABOVE,
        mentions=ACTIONS_OR_ABOVE,
        operator=OPERATORS_OR_ABOVE,
        label=LABELS,
        action=ACTIONS_OR_ABOVE,
    )
    async def set(
        self,
        interaction: Interaction,
        channel: PlaceId,
        preset: str | None = None,
        observe: str | None = None,
        mentions: str | None = None,
        operator: str | None = None,
        label: str | None = None,
        threshold: app_commands.Range[float, 0.01, 1.0] | None = None,
        action: str | None = None,
    ) -> None:
        """Change what holds in one place; what is not named stays as it is."""
        locale = locale_of(interaction)
        if (threshold is not None or action is not None) and label is None:
            await say(interaction, text("panel.channel_needs_label", locale))
            return
        rule: dict[str, Any] = {}
        for name, value in {"preset": preset, "mentions": mentions, "operator": operator}.items():
            if value is not None:
                rule[name] = None if value == AS_ABOVE else value
        if observe is not None:
            rule["observe"] = None if observe == AS_ABOVE else observe == ON
        if threshold is not None:
            rule["thresholds"] = {label: threshold}
        if action is not None:
            rule["actions"] = {label: None if action == AS_ABOVE else action}
        if not rule:
            await say(interaction, text("panel.channel_needs_value", locale))
            return
        await self._desk.choose(interaction, channels={channel: rule})

    @app_commands.command(name=said("panel.channel_show_name"), description=said("panel.channel_show"))
    @app_commands.rename(channel=said("panel.option_channel_name"))
    @app_commands.describe(channel=said("panel.option_place"))
    async def show(self, interaction: Interaction, channel: PlaceId) -> None:
        """Show what holds in one place, and what it says itself."""
        await tried(interaction, self._show(interaction, channel))

    @app_commands.command(name=said("panel.channel_clear_name"), description=said("panel.channel_clear"))
    @app_commands.rename(channel=said("panel.option_channel_name"))
    @app_commands.describe(channel=said("panel.option_place"))
    async def clear(self, interaction: Interaction, channel: PlaceId) -> None:
        """Let a place be as what is above it."""
        await self._desk.choose(interaction, channels={channel: None})

    async def _show(self, interaction: Interaction, place_id: int) -> None:
        locale = locale_of(interaction)
        policy = await self._desk.guilds.policy(guild_of(interaction))
        above = _above(interaction, place_id)
        here = policy.at(*above, place_id)
        lines = [
            f"**{named(key, locale)}** {described(key, getattr(here, key), locale)}"
            for key in ("preset", "observe", "mentions", "operator", "thresholds", "actions")
            if getattr(here, key) != {}
        ]
        own = policy.channels.get(place_id)
        said_here = ", ".join(named(key, locale) for key in rule_json(own)) if own is not None else ""
        lines.append(text("panel.channel_own", locale, what=said_here or text("panel.value_none", locale)))
        await say(interaction, "\n".join([text("panel.channel_here", locale, channel=f"<#{place_id}>"), *lines]))


def _above(interaction: Interaction, place_id: int) -> list[int]:
    """Return the ids of the category, and of a thread's channel, in the order in which their rules are laid over."""
    place = interaction.guild.get_channel_or_thread(place_id) if interaction.guild is not None else None
    parent = getattr(place, "parent", None)
    category_id = getattr(parent or place, "category_id", None)
    return [one for one in (category_id, getattr(parent, "id", None)) if one is not None]
