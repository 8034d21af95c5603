"""`/terms add` and `remove`: each takes effect at once and is taken back at one press, also after a restart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import discord
from discord import app_commands

from bot.errors import GarimError
from bot.records import AuditKind
from bot.term_files import keepable, tidy
from bot.terms import ENTRY_LIMIT, GuildTerm, TermKind
from bot.texts import text
from cogs._press import ItemClass, pressed, standing
from cogs._replies import Interaction, locale_of, say
from cogs.settings._managed import guild_of, may_manage
from cogs.terms import _words as words
from cogs.terms._desk import TermsDesk, carried, rule_for
from masker.labels import Label

UNDO = re.compile(rf"garim:terms:undo:(?P<rule>(?:{'|'.join(TermKind)})-[0-9a-f]{{16}})", re.ASCII)
BACK = re.compile(r"garim:terms:back:(?P<audit>\d{1,18})", re.ASCII)
SUGGESTIONS, SUGGESTION_LIMIT = 25, 100
"""Source: Discord's developer docs, "Application Command Option Choice Structure"."""
REMOVALS_READ = 10


class Changes:
    """Add and remove terms, and take both back."""

    def __init__(self, desk: TermsDesk) -> None:
        self._desk = desk

    def items(self) -> list[ItemClass]:
        """Return the buttons that belong to the answers."""
        return [pressed(UNDO, self._undo_pressed), pressed(BACK, self._back_pressed)]

    async def add(self, interaction: Interaction, kind: TermKind, entry: str, label: Label | None) -> None:
        """Add a term and tell what it would have hit."""
        await carried(interaction, self._add(interaction, kind, entry, label))

    async def remove(self, interaction: Interaction, entry: str) -> None:
        """Remove a term, named by itself or by what a suggestion stands for."""
        await carried(interaction, self._remove(interaction, entry))

    async def suggestions(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Return the terms that hold what was typed, those that begin with it first; nothing to who may not ask."""
        if interaction.guild_id is None or not interaction.permissions.manage_guild:
            return []
        try:
            terms = list(await self._desk.terms.list(interaction.guild_id))
        except GarimError:
            return []  # a suggestion is no answer: the command itself tells what is wrong
        sought, locale = typed.casefold().strip(), locale_of(interaction)
        found = [term for term in terms if sought in term.entry.casefold()]
        found.sort(key=lambda term: (not term.entry.casefold().startswith(sought), term.entry))
        return [
            app_commands.Choice(name=words.named(term, locale)[:SUGGESTION_LIMIT], value=rule_for(term))
            for term in found[:SUGGESTIONS]
        ]

    async def _add(self, interaction: Interaction, kind: TermKind, entry: str, label: Label | None) -> None:
        locale, guild_id = locale_of(interaction), guild_of(interaction)
        term = GuildTerm(kind, tidy(kind, entry), None if kind is TermKind.ALLOW else label or Label.PROFANITY)
        if not keepable(term.entry):
            await say(interaction, text("terms.refused_character", locale))
            return
        if len(term.entry) > ENTRY_LIMIT:
            await say(interaction, text("terms.refused_long", locale))
            return
        for one in await self._desk.refused([term]):
            await say(interaction, words.refused(one, locale))
            return
        if not await self._desk.terms.add(guild_id, kind, term.entry, term.label, interaction.user.id):
            await say(interaction, text("terms.there", locale, entry=words.shown(term.entry)))
            return
        label_name = text(f"label.{term.label}", locale) if term.label else ""
        lines = [text(f"terms.added_{kind}", locale, entry=words.shown(term.entry), label=label_name)]
        lines += await self._desk.looked_back(guild_id, [term], locale)
        await say(interaction, "\n".join(lines), view=standing(_undo_button(f"undo:{rule_for(term)}", locale)))

    async def _remove(self, interaction: Interaction, entry: str) -> None:
        locale, guild_id = locale_of(interaction), guild_of(interaction)
        terms = list(await self._desk.terms.list(guild_id))
        found = [term for term in terms if rule_for(term) == entry]
        found = found or [term for term in terms if term.entry in (entry, tidy(term.kind, entry))]
        if len(found) > 1:
            await say(interaction, text("terms.which", locale))
        elif not found or not await self._taken_away(interaction, found[0]):
            await say(interaction, text("terms.gone", locale))

    async def _taken_away(self, interaction: Interaction, term: GuildTerm) -> bool:
        """Remove a term and offer it back; False when it is gone already."""
        locale, guild_id, actor_id = locale_of(interaction), guild_of(interaction), interaction.user.id
        if not await self._desk.terms.remove(guild_id, term.kind, term.entry, actor_id):
            return False
        recent = await self._desk.storage.audit.history(guild_id, REMOVALS_READ, what=AuditKind.TERM_REMOVED)
        mine = [one.id for one in recent if one.actor_id == actor_id and _removed(one.detail) == term]
        told = text("terms.removed", locale, entry=words.shown(term.entry))
        if mine:
            await say(interaction, told, view=standing(_undo_button(f"back:{mine[0]}", locale)))
        else:
            await say(interaction, told)
        return True

    async def _undo_pressed(self, interaction: Interaction, match: re.Match[str], _: Sequence[str]) -> None:
        if await may_manage(interaction):
            await carried(interaction, self._undo(interaction, match["rule"]))

    async def _undo(self, interaction: Interaction, rule: str) -> None:
        term = await self._desk.find(guild_of(interaction), rule)
        if term is None or not await self._taken_away(interaction, term):
            await say(interaction, text("terms.gone", locale_of(interaction)))

    async def _back_pressed(self, interaction: Interaction, match: re.Match[str], _: Sequence[str]) -> None:
        if await may_manage(interaction):
            await carried(interaction, self._back(interaction, int(match["audit"])))

    async def _back(self, interaction: Interaction, audit_id: int) -> None:
        locale, guild_id = locale_of(interaction), guild_of(interaction)
        history = self._desk.storage.audit.history
        found = await history(guild_id, 1, after_id=audit_id + 1, what=AuditKind.TERM_REMOVED)
        term = _removed(found[0].detail) if found and found[0].id == audit_id else None
        if term is None:
            await say(interaction, text("terms.gone", locale))
        elif not await self._desk.terms.add(guild_id, term.kind, term.entry, term.label, interaction.user.id):
            await say(interaction, text("terms.back_there", locale))
        else:
            label = text(f"label.{term.label}", locale) if term.label else ""
            told = text(f"terms.added_{term.kind}", locale, entry=words.shown(term.entry), label=label)
            await say(interaction, told, view=standing(_undo_button(f"undo:{rule_for(term)}", locale)))


def _removed(detail: Any) -> GuildTerm | None:
    """Return the term that an entry of the audit log says was removed."""
    if not detail or "label" not in detail:
        return None
    return GuildTerm(TermKind(detail["kind"]), detail["entry"], Label(detail["label"]) if detail["label"] else None)


def _undo_button(what: str, locale: str) -> discord.ui.Button[Any]:
    return discord.ui.Button(label=text("terms.undo", locale), custom_id=f"garim:terms:{what}", emoji="↩️")
