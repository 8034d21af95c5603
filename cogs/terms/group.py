"""The group `/terms`: a server's own blocked and allowed words and patterns."""

from __future__ import annotations

import discord
from discord import app_commands

from bot.term_files import TermFileForm
from bot.terms import ENTRY_LIMIT, TermKind
from cogs._localised import choices, said
from cogs._press import ItemClass
from cogs._replies import Interaction
from cogs.review.desk import Desk
from cogs.settings._managed import Managed
from cogs.settings._options import LABELS
from cogs.terms._change import Changes
from cogs.terms._desk import TermsDesk
from cogs.terms._exchange import Exchange, Mode
from cogs.terms._list import Lists
from masker.labels import Label

KINDS = choices("terms.kind_", TermKind)


class TermsGroup(Managed, name=said("terms.group_name"), description=said("terms.group")):
    """Show and change one server's terms; every change is audited by the store."""

    def __init__(self, desk: Desk) -> None:
        shared = TermsDesk(desk.storage, desk.censor)
        self._changes = Changes(shared)
        self._lists = Lists(shared)
        self._exchange = Exchange(shared)
        super().__init__(guild_only=True, default_permissions=discord.Permissions(manage_guild=True))

    @app_commands.command(name=said("terms.add_name"), description=said("terms.add"))
    @app_commands.rename(
        kind=said("terms.option_kind_name"),
        entry=said("terms.option_entry_name"),
        label=said("panel.option_label_name"),
    )
    @app_commands.describe(
        kind=said("terms.option_kind"), entry=said("terms.option_entry"), label=said("terms.option_label")
    )
    @app_commands.choices(kind=KINDS, label=LABELS)
    async def add(
        self,
        interaction: Interaction,
        kind: str,
        entry: app_commands.Range[str, 1, ENTRY_LIMIT],
        label: str | None = None,
    ) -> None:
        """Add a term."""
        await self._changes.add(interaction, TermKind(kind), entry, Label(label) if label else None)

    @app_commands.command(name=said("terms.remove_name"), description=said("terms.remove"))
    @app_commands.rename(entry=said("terms.option_entry_name"))
    @app_commands.describe(entry=said("terms.option_remove"))
    async def remove(self, interaction: Interaction, entry: app_commands.Range[str, 1, ENTRY_LIMIT]) -> None:
        """Remove a term."""
        await self._changes.remove(interaction, entry)

    @remove.autocomplete("entry")
    async def _suggest(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        return await self._changes.suggestions(interaction, current)

    @app_commands.command(name=said("terms.list_name"), description=said("terms.list"))
    @app_commands.rename(kind=said("terms.option_kind_name"))
    @app_commands.describe(kind=said("terms.option_kind"))
    @app_commands.choices(kind=KINDS)
    async def list_(self, interaction: Interaction, kind: str | None = None) -> None:
        """List the terms."""
        await self._lists.show(interaction, TermKind(kind) if kind else None)

    @app_commands.command(name=said("terms.import_name"), description=said("terms.import"))
    @app_commands.rename(
        file=said("panel.option_file_name"), mode=said("terms.option_mode_name"), label=said("panel.option_label_name")
    )
    @app_commands.describe(
        file=said("terms.option_file"), mode=said("terms.option_mode"), label=said("terms.option_label")
    )
    @app_commands.choices(mode=choices("terms.mode_", Mode), label=LABELS)
    async def import_(
        self, interaction: Interaction, file: discord.Attachment, mode: str = Mode.ADD, label: str | None = None
    ) -> None:
        """Take terms from a file."""
        await self._exchange.take(interaction, file, Mode(mode), Label(label) if label else Label.PROFANITY)

    @app_commands.command(name=said("terms.export_name"), description=said("terms.export"))
    @app_commands.rename(form=said("panel.option_form_name"))
    @app_commands.describe(form=said("panel.option_form"))
    @app_commands.choices(form=choices("terms.form_", TermFileForm))
    async def export(self, interaction: Interaction, form: str = TermFileForm.CSV) -> None:
        """Give the terms as a file."""
        await self._exchange.export(interaction, TermFileForm(form))


def terms_items(desk: Desk) -> list[ItemClass]:
    """Return the buttons that belong to the commands' answers."""
    shared = TermsDesk(desk.storage, desk.censor)
    return [*Changes(shared).items(), *Lists(shared).items(), *Exchange(shared).items()]
