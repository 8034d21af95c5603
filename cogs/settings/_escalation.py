"""`/settings escalation`: what repeated offences add up to, and what is done then."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from discord import app_commands

from bot.escalation import EscalationAction
from bot.guild_choice import EscalationChoice, GuildChoice
from bot.texts import text
from cogs._localised import said
from cogs._replies import Interaction, locale_of, say
from cogs.settings._managed import Managed, SettingsDesk, guild_of, tried
from cogs.settings._options import LABELS, STEPS
from cogs.settings._words import escalated

Points = app_commands.Range[float, 0.1, 1_000.0]


class EscalationGroup(Managed, name=said("panel.escalation_name"), description=said("panel.escalation")):
    """Show and change the steps, the half-life and the points of each label."""

    def __init__(self, desk: SettingsDesk) -> None:
        self._desk = desk
        super().__init__()

    @app_commands.command(name=said("panel.escalation_show_name"), description=said("panel.escalation_show"))
    async def show(self, interaction: Interaction) -> None:
        """Show the steps and how points add up."""
        await tried(interaction, self._show(interaction))

    @app_commands.command(name=said("panel.escalation_set_name"), description=said("panel.escalation_set"))
    @app_commands.rename(
        points=said("panel.option_points_name"),
        do=said("panel.option_do_name"),
        minutes=said("panel.option_minutes_name"),
    )
    @app_commands.describe(
        points=said("panel.option_points"), do=said("panel.option_do"), minutes=said("panel.option_minutes")
    )
    @app_commands.choices(do=STEPS)
    async def set(
        self,
        interaction: Interaction,
        points: Points,
        do: str,
        minutes: app_commands.Range[int, 1, 28 * 24 * 60] | None = None,
    ) -> None:
        """Say what is done once somebody has so many points; a step with the same points is replaced."""
        is_timeout = do == EscalationAction.TIMEOUT
        if is_timeout != (minutes is not None):
            key = "panel.step_needs_minutes" if is_timeout else "panel.step_no_minutes"
            await say(interaction, text(key, locale_of(interaction)))
            return
        step = {"points": points, "action": do, **({"seconds": minutes * 60} if minutes is not None else {})}

        def stepped(choice: GuildChoice) -> GuildChoice:
            values = _values(choice)
            kept = [one for one in values.get("steps", ()) if one["points"] != points]
            return choice.changed({"escalation": {**values, "steps": [*kept, step]}})

        await self._desk.change(interaction, stepped)

    @app_commands.command(name=said("panel.escalation_weight_name"), description=said("panel.escalation_weight"))
    @app_commands.rename(label=said("panel.option_label_name"), points=said("panel.option_points_name"))
    @app_commands.describe(label=said("panel.option_label"), points=said("panel.option_weight"))
    @app_commands.choices(label=LABELS)
    async def weight(self, interaction: Interaction, label: str, points: app_commands.Range[float, 0.0, 100.0]) -> None:
        """Say how many points one offence under a label is."""

        def weighted(choice: GuildChoice) -> GuildChoice:
            values = _values(choice)
            return choice.changed({"escalation": {**values, "weights": {**values.get("weights", {}), label: points}}})

        await self._desk.change(interaction, weighted)

    @app_commands.command(name=said("panel.escalation_decay_name"), description=said("panel.escalation_decay"))
    @app_commands.rename(hours=said("panel.option_hours_name"))
    @app_commands.describe(hours=said("panel.option_hours"))
    async def decay(self, interaction: Interaction, hours: app_commands.Range[float, 0.1, 8_760.0]) -> None:
        """Say after how many hours an offence counts half."""
        await self._desk.change(
            interaction, lambda choice: choice.changed({"escalation": {**_values(choice), "half_life_h": hours}})
        )

    @app_commands.command(name=said("panel.escalation_clear_name"), description=said("panel.escalation_clear"))
    @app_commands.rename(points=said("panel.option_points_name"))
    @app_commands.describe(points=said("panel.option_points_clear"))
    async def clear(self, interaction: Interaction, points: Points | None = None) -> None:
        """Take one step away, or the whole escalation."""

        def cleared(choice: GuildChoice) -> GuildChoice:
            values = _values(choice)
            kept = [one for one in values.get("steps", ()) if points is not None and one["points"] != points]
            return choice.changed({"escalation": {**values, "steps": kept} if points is not None else None})

        await self._desk.change(interaction, cleared)

    async def _show(self, interaction: Interaction) -> None:
        locale = locale_of(interaction)
        policy = await self._desk.guilds.policy(guild_of(interaction))
        steps = escalated(asdict(policy.escalation), locale)
        await say(interaction, f"{steps}\n\n{text('panel.escalation_how', locale)}")


def _values(choice: GuildChoice) -> dict[str, Any]:
    return (choice.escalation or EscalationChoice()).model_dump(mode="json", exclude_none=True)
