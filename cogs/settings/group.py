"""The group `/settings`: one command per setting; every change takes effect at once and can be taken back."""

from __future__ import annotations

import discord
from discord import app_commands

from bot.settings_exchange import FileForm
from bot.storage import Storage
from bot.texts import text
from cogs._localised import choices, said
from cogs._press import ItemClass
from cogs._replies import Interaction, locale_of, say
from cogs.settings import _options as options
from cogs.settings._channels import ChannelGroup
from cogs.settings._deeds import Deeds
from cogs.settings._escalation import EscalationGroup
from cogs.settings._exchange import Exchange
from cogs.settings._exempt import ExemptGroup
from cogs.settings._history import History
from cogs.settings._managed import Managed, SettingsDesk, guild_of, tried
from cogs.settings._observing import keep_summary, summary_words
from cogs.settings._panel import operator_examples
from cogs.setup_permissions import no_alerts_in

SETTINGS, DEEDS = "settings", "deeds"


class SettingsGroup(Managed, name=said("panel.group_name"), description=said("panel.group")):
    """Show and change one server's settings; every change is audited by the store."""

    def __init__(self, storage: Storage) -> None:
        self._desk = SettingsDesk(storage.guilds)
        self._deeds = Deeds(storage.audit)
        self._schedules = storage.schedules
        self._exchange = Exchange(self._desk)
        self._history = History(self._desk)
        super().__init__(guild_only=True, default_permissions=discord.Permissions(manage_guild=True))
        for group in (ExemptGroup(self._desk), ChannelGroup(self._desk), EscalationGroup(self._desk)):
            self.add_command(group)

    @app_commands.command(name=said("panel.show_name"), description=said("panel.show"))
    async def show(self, interaction: Interaction) -> None:
        """Show the present settings, and give them as a file."""
        await self._exchange.show(interaction)

    @app_commands.command(name=said("panel.preset_name"), description=said("panel.preset"))
    @app_commands.rename(level=said("panel.option_level_name"))
    @app_commands.describe(level=said("panel.option_level"))
    @app_commands.choices(level=options.PRESETS)
    async def preset(self, interaction: Interaction, level: str) -> None:
        """Choose the preset."""
        await self._desk.choose(interaction, preset=level)

    @app_commands.command(name=said("panel.threshold_name"), description=said("panel.threshold"))
    @app_commands.rename(label=said("panel.option_label_name"), value=said("panel.option_threshold_name"))
    @app_commands.describe(label=said("panel.option_label"), value=said("panel.option_threshold"))
    @app_commands.choices(label=options.LABELS)
    async def threshold(
        self, interaction: Interaction, label: str, value: app_commands.Range[float, 0.01, 1.0] | None = None
    ) -> None:
        """Choose from which score on one label counts."""
        await self._desk.choose(interaction, thresholds={label: value})

    @app_commands.command(name=said("panel.action_name"), description=said("panel.action"))
    @app_commands.rename(label=said("panel.option_label_name"), do=said("panel.option_do_name"))
    @app_commands.describe(label=said("panel.option_label"), do=said("panel.option_action"))
    @app_commands.choices(label=options.LABELS, do=options.ACTIONS)
    async def action(self, interaction: Interaction, label: str, do: str | None = None) -> None:
        """Choose what is done about one label."""
        await self._desk.choose(interaction, actions={label: do})

    @app_commands.command(name=said("panel.mentions_name"), description=said("panel.mentions"))
    @app_commands.rename(do=said("panel.option_do_name"))
    @app_commands.describe(do=said("panel.option_mentions"))
    @app_commands.choices(do=options.ACTIONS)
    async def mentions(self, interaction: Interaction, do: str) -> None:
        """Choose the most that is done about words that are only quoted."""
        await self._desk.choose(interaction, mentions=do)

    @app_commands.command(name=said("panel.operator_name"), description=said("panel.operator"))
    @app_commands.rename(way=said("panel.option_way_name"))
    @app_commands.describe(way=said("panel.option_operator"))
    @app_commands.choices(way=options.OPERATORS)
    async def operator(self, interaction: Interaction, way: str) -> None:
        """Choose how words are masked, and show how each way looks."""
        await self._desk.choose(interaction, hint=operator_examples(way, locale_of(interaction)), operator=way)

    @app_commands.command(name=said("panel.notice_name"), description=said("panel.notice"))
    @app_commands.rename(way=said("panel.option_way_name"))
    @app_commands.describe(way=said("panel.option_way"))
    @app_commands.choices(way=options.NOTICES)
    async def notice(self, interaction: Interaction, way: str) -> None:
        """Choose how authors learn of it."""
        await self._desk.choose(interaction, notice=way)

    @app_commands.command(name=said("panel.observe_name"), description=said("panel.observe"))
    @app_commands.rename(on=said("panel.option_on_name"), summary=said("panel.option_summary_name"))
    @app_commands.describe(on=said("panel.option_on"), summary=said("panel.option_summary"))
    async def observe(self, interaction: Interaction, on: bool, summary: bool = True) -> None:
        """Switch observing on or off, and the weekly summary of it."""
        await tried(interaction, self._observe(interaction, on, summary))

    @app_commands.command(name=said("panel.language_name"), description=said("panel.language"))
    @app_commands.rename(to=said("panel.option_language_name"))
    @app_commands.describe(to=said("panel.option_language"))
    @app_commands.choices(to=options.LANGUAGES)
    async def language(self, interaction: Interaction, to: str) -> None:
        """Choose the language of what stands in channels."""
        await self._desk.choose(interaction, locale=to)

    @app_commands.command(name=said("panel.alerts_name"), description=said("panel.alerts"))
    @app_commands.rename(channel=said("panel.option_channel_name"))
    @app_commands.describe(channel=said("panel.option_channel"))
    async def alerts(self, interaction: Interaction, channel: discord.TextChannel | None = None) -> None:
        """Choose the moderators' channel, once the bot can post in it."""
        if channel is not None and (refusal := no_alerts_in(channel, locale_of(interaction))):
            await say(interaction, refusal)
            return
        await self._desk.choose(interaction, alert_channel_id=channel.id if channel else None)

    @app_commands.command(name=said("panel.retention_name"), description=said("panel.retention"))
    @app_commands.rename(days=said("panel.option_days_name"))
    @app_commands.describe(days=said("panel.option_days"))
    async def retention(self, interaction: Interaction, days: app_commands.Range[int, 1, 3_650] | None = None) -> None:
        """Choose how long members' words are kept."""
        await self._desk.choose(
            interaction, hint=text("panel.retention_hint", locale_of(interaction)), retention_days=days
        )

    @app_commands.command(name=said("panel.history_name"), description=said("panel.history"))
    @app_commands.rename(kind=said("panel.option_kind_name"))
    @app_commands.describe(kind=said("panel.option_kind"))
    @app_commands.choices(kind=choices("panel.kind_", (SETTINGS, DEEDS)))
    async def history(self, interaction: Interaction, kind: str = SETTINGS) -> None:
        """Show who changed what, or what moderators did."""
        await (self._deeds if kind == DEEDS else self._history).show(interaction)

    @app_commands.command(name=said("panel.export_name"), description=said("panel.export"))
    @app_commands.rename(form=said("panel.option_form_name"))
    @app_commands.describe(form=said("panel.option_form"))
    @app_commands.choices(form=choices("panel.form_", FileForm))
    async def export(self, interaction: Interaction, form: str = FileForm.TOML) -> None:
        """Give the settings as a file."""
        await self._exchange.export(interaction, FileForm.JSON if form == FileForm.JSON else FileForm.TOML)

    @app_commands.command(name=said("panel.import_name"), description=said("panel.import"))
    @app_commands.rename(file=said("panel.option_file_name"))
    @app_commands.describe(file=said("panel.option_file"))
    async def import_(self, interaction: Interaction, file: discord.Attachment) -> None:
        """Show what a file would change, and apply it at a press."""
        await self._exchange.preview(interaction, file)

    async def _observe(self, interaction: Interaction, on: bool, wanted: bool) -> None:
        guild_id = guild_of(interaction)
        applied = await self._desk.guilds.apply(
            guild_id, lambda choice: choice.changed({"observe": on}), interaction.user.id
        )
        await keep_summary(self._schedules, guild_id, applied.policy, wanted=wanted)
        hint = summary_words(applied.policy, locale_of(interaction), wanted=wanted)
        await self._desk.answer(interaction, applied, hint)


def settings_items(storage: Storage) -> list[ItemClass]:
    """Return the buttons and selects that belong to the commands' answers."""
    desk = SettingsDesk(storage.guilds)
    return [*History(desk).items(), *Exchange(desk).items(), *Deeds(storage.audit).items()]
