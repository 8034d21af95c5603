"""`/settings exempt`: roles, channels and members that are not looked at; choosing one again takes it back."""

from __future__ import annotations

import discord
from discord import app_commands

from bot.guild_choice import GuildChoice
from bot.texts import text
from cogs._localised import said
from cogs._replies import Interaction, locale_of
from cogs.settings._managed import Managed, SettingsDesk
from cogs.settings._options import PlaceId


class ExemptGroup(Managed, name=said("panel.exempt_name"), description=said("panel.exempt")):
    """Exempt what is named, or take its exemption back."""

    def __init__(self, desk: SettingsDesk) -> None:
        self._desk = desk
        super().__init__()

    @app_commands.command(name=said("panel.exempt_role_name"), description=said("panel.exempt_role"))
    @app_commands.rename(role=said("panel.option_role_name"))
    @app_commands.describe(role=said("panel.option_role"))
    async def role(self, interaction: Interaction, role: discord.Role) -> None:
        """Exempt a role; everybody has @everyone, so that one would switch everything off."""
        hint = text("panel.exempt_everyone", locale_of(interaction)) if role.is_default() else ""
        await self._toggle(interaction, "exempt_role_ids", role.id, hint)

    @app_commands.command(name=said("panel.exempt_channel_name"), description=said("panel.exempt_channel"))
    @app_commands.rename(channel=said("panel.option_channel_name"))
    @app_commands.describe(channel=said("panel.option_place"))
    async def channel(self, interaction: Interaction, channel: PlaceId) -> None:
        """Exempt a channel, a category or a thread."""
        await self._toggle(interaction, "exempt_channel_ids", channel)

    @app_commands.command(name=said("panel.exempt_member_name"), description=said("panel.exempt_member"))
    @app_commands.rename(member=said("panel.option_member_name"))
    @app_commands.describe(member=said("panel.option_member"))
    async def member(self, interaction: Interaction, member: discord.User) -> None:
        """Exempt somebody."""
        await self._toggle(interaction, "exempt_member_ids", member.id)

    async def _toggle(self, interaction: Interaction, field: str, chosen_id: int, hint: str = "") -> None:
        def toggled(choice: GuildChoice) -> GuildChoice:
            standing: frozenset[int] = getattr(choice, field) or frozenset()
            return choice.changed({field: sorted(standing ^ {chosen_id}) or None})

        await self._desk.change(interaction, toggled, hint=hint)
