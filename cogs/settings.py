"""The slash commands by which an admin sees and changes a server's settings; their words come from the catalogue."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.errors import GarimError
from bot.policy import Notice, Policy
from bot.storage import GuildStore
from bot.texts import nearest_locale, text
from cogs._localised import choices, said
from masker.presets import Preset

logger = logging.getLogger(__name__)

Interaction = discord.Interaction[Any]


class ExemptPlace(app_commands.Transformer):
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


@app_commands.default_permissions(manage_guild=True)
@app_commands.guild_only()
class SettingsCog(commands.GroupCog, name=said("panel.group_name"), description=said("panel.group")):
    """Show and change one server's settings; every change is audited by the store."""

    def __init__(self, guilds: GuildStore) -> None:
        self._guilds = guilds
        super().__init__()

    @app_commands.command(name=said("panel.show_name"), description=said("panel.show"))
    async def show(self, interaction: Interaction) -> None:
        """Show the present settings."""
        await self._answer(interaction, {})

    @app_commands.command(name=said("panel.alerts_name"), description=said("panel.alerts"))
    @app_commands.rename(channel=said("panel.option_channel_name"))
    @app_commands.describe(channel=said("panel.option_channel"))
    async def alerts(self, interaction: Interaction, channel: discord.TextChannel | None = None) -> None:
        """Choose the moderators' channel, once the bot can post in it."""
        if channel is not None and interaction.guild is not None:
            allowed = channel.permissions_for(interaction.guild.me)
            if not (allowed.view_channel and allowed.send_messages and allowed.embed_links):
                locale = nearest_locale(str(interaction.locale))
                await _say(interaction, text("panel.cannot_post", locale, channel=channel.mention))
                return
        await self._answer(interaction, {"alert_channel_id": channel.id if channel else None})

    @app_commands.command(name=said("panel.preset_name"), description=said("panel.preset"))
    @app_commands.rename(level=said("panel.option_level_name"))
    @app_commands.describe(level=said("panel.option_level"))
    @app_commands.choices(level=choices("panel.preset_", Preset))
    async def preset(self, interaction: Interaction, level: str) -> None:
        """Choose the preset."""
        await self._answer(interaction, {"preset": level})

    @app_commands.command(name=said("panel.notice_name"), description=said("panel.notice"))
    @app_commands.rename(way=said("panel.option_way_name"))
    @app_commands.describe(way=said("panel.option_way"))
    @app_commands.choices(way=choices("panel.notice_", Notice))
    async def notice(self, interaction: Interaction, way: str) -> None:
        """Choose how authors learn of it."""
        await self._answer(interaction, {"notice": way})

    @app_commands.command(name=said("panel.observe_name"), description=said("panel.observe"))
    @app_commands.rename(on=said("panel.option_on_name"))
    @app_commands.describe(on=said("panel.option_on"))
    async def observe(self, interaction: Interaction, on: bool) -> None:
        """Switch observing on or off."""
        await self._answer(interaction, {"observe": on})

    @app_commands.command(name=said("panel.exempt_role_name"), description=said("panel.exempt_role"))
    @app_commands.rename(role=said("panel.option_role_name"))
    @app_commands.describe(role=said("panel.option_role"))
    async def exempt_role(self, interaction: Interaction, role: discord.Role) -> None:
        """Exempt a role, or take its exemption back."""
        await self._toggle(interaction, "exempt_role_ids", role.id)

    @app_commands.command(name=said("panel.exempt_channel_name"), description=said("panel.exempt_channel"))
    @app_commands.rename(channel=said("panel.option_channel_name"))
    @app_commands.describe(channel=said("panel.option_channel"))
    async def exempt_channel(
        self,
        interaction: Interaction,
        channel: app_commands.Transform[int, ExemptPlace],
    ) -> None:
        """Exempt a channel, a category or a thread, or take its exemption back."""
        await self._toggle(interaction, "exempt_channel_ids", channel)

    async def interaction_check(self, interaction: Interaction, /) -> bool:
        """Let only those through who may manage the server, whatever Discord's own settings let them see."""
        if interaction.guild_id is not None and interaction.permissions.manage_guild:
            return True
        await _say(interaction, text("panel.not_allowed", nearest_locale(str(interaction.locale))))
        return False

    async def _toggle(self, interaction: Interaction, field: str, chosen_id: int) -> None:
        assert interaction.guild_id is not None  # noqa: S101 - interaction_check
        try:
            policy = await self._guilds.policy(interaction.guild_id)
        except GarimError as error:
            await _failed(interaction, error)
            return
        await self._answer(interaction, {field: sorted(getattr(policy, field) ^ {chosen_id})})

    async def _answer(self, interaction: Interaction, changes: Mapping[str, Any]) -> None:
        """Make the changes, if any, and show what holds now, to the one who asked."""
        assert interaction.guild_id is not None  # noqa: S101 - interaction_check
        locale = nearest_locale(str(interaction.locale))
        try:
            if changes:
                policy = await self._guilds.update(interaction.guild_id, changes, interaction.user.id)
            else:
                policy = await self._guilds.policy(interaction.guild_id)
        except GarimError as error:
            await _failed(interaction, error)
            return
        words = text("panel.changed", locale) if changes else ""
        await _say(interaction, words, panel(policy, locale))


def panel(policy: Policy, locale: str) -> discord.Embed:
    """Return a server's settings as a panel."""
    none = text("panel.value_none", locale)
    embed = discord.Embed(title=text("panel.title", locale), colour=discord.Colour.blurple())
    values = {
        "preset": text(f"panel.preset_{policy.preset}", locale),
        "notice": text(f"panel.notice_{policy.notice}", locale),
        "observe": text("panel.value_on" if policy.observe else "panel.value_off", locale),
        "alerts": f"<#{policy.alert_channel_id}>" if policy.alert_channel_id else none,
        "roles": _listed("<@&{}>", policy.exempt_role_ids) or none,
        "channels": _listed("<#{}>", policy.exempt_channel_ids) or none,
    }
    for field, value in values.items():
        embed.add_field(name=text(f"panel.field_{field}", locale), value=value, inline=field in ("preset", "notice"))
    return embed


def _listed(form: str, ids: frozenset[int]) -> str:
    """Return ids as mentions; as many as an embed's field holds (1,024 characters), and how many more there are."""
    shown = sorted(ids)[:40]
    more = f" +{len(ids) - len(shown)}" if len(ids) > len(shown) else ""
    return " ".join(form.format(one) for one in shown) + more


async def _failed(interaction: Interaction, error: GarimError) -> None:
    logger.error("guild %s: settings could not be used: %s", interaction.guild_id, error)
    await _say(interaction, text("panel.failed", nearest_locale(str(interaction.locale))))


async def _say(interaction: Interaction, words: str, embed: discord.Embed | None = None) -> None:
    none = discord.AllowedMentions.none()
    shown = discord.utils.MISSING if embed is None else embed
    await interaction.response.send_message(words, embed=shown, ephemeral=True, allowed_mentions=none)
