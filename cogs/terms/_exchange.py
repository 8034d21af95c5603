"""`/terms export` and `import`: the terms as a file, read with the line of whatever does not fit, undone at a press."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any

import discord

from bot.setting_changes import MovedOnError
from bot.settings_exchange import Problem
from bot.term_files import FILE_LIMIT_BYTES, ReadTerms, TermFileForm, read, written
from bot.terms import PATTERN_LIMIT, WORD_LIMIT, GuildTerm, GuildTerms, TermKind
from bot.texts import text
from cogs._plan import inert
from cogs._press import ItemClass, pressed, standing
from cogs._refusals import FAULTS
from cogs._replies import Interaction, locale_of, say
from cogs.settings._managed import guild_of, may_manage
from cogs.terms import _words as words
from cogs.terms._desk import TermsDesk, carried, is_same
from masker.labels import Label

RESTORE = re.compile(r"garim:terms:restore:(?P<version>\d{1,18})", re.ASCII)
PROBLEMS_SHOWN = 12
LINE_LIMIT = 140
MERGES = 3
"""How often a file is merged anew when somebody else changes the terms meanwhile."""


class Mode(StrEnum):
    """Name what a file does to the terms that are there."""

    ADD = "add"
    REPLACE = "replace"


class Exchange:
    """Give a server's terms as a file, and take them from one."""

    def __init__(self, desk: TermsDesk) -> None:
        self._desk = desk

    def items(self) -> list[ItemClass]:
        """Return the button that takes an import back."""
        return [pressed(RESTORE, self._pressed)]

    async def export(self, interaction: Interaction, form: TermFileForm) -> None:
        """Answer with the file."""
        await carried(interaction, self._export(interaction, form))

    async def take(self, interaction: Interaction, file: discord.Attachment, mode: Mode, label: Label) -> None:
        """Let a file take effect, all of it or nothing."""
        await carried(interaction, self._take(interaction, file, mode, label))

    async def _export(self, interaction: Interaction, form: TermFileForm) -> None:
        terms = list(await self._desk.terms.list(guild_of(interaction)))
        told = text("terms.exported", locale_of(interaction), count=len(terms))
        await say(interaction, told, files=[_file(terms, form)])

    async def _take(self, interaction: Interaction, file: discord.Attachment, mode: Mode, label: Label) -> None:
        locale, guild_id = locale_of(interaction), guild_of(interaction)
        found = await _read(file, label)
        problems = list(found.problems) or await self._unusable(found, locale)
        if problems:
            await say(interaction, _told(problems, locale))
            return
        wanted = [term for term, _ in found.terms]
        before, after = await self._replaced(interaction, wanted, mode)
        old, new = _labels(before), _labels(after)
        added = [term for term in after if (term.kind, term.entry) not in old]
        changed = sum(old[key] != new[key] for key in old.keys() & new.keys())
        counts = {"added": len(added), "removed": len(old.keys() - new.keys()), "changed": changed}
        if not any(counts.values()):
            await say(interaction, text("terms.imported_same", locale))
            return
        lines = [text("terms.imported", locale, count=len(new), **counts)]
        for allows in (False, True):
            some = [term for term in added if (term.kind is TermKind.ALLOW) is allows]
            lines += await self._desk.looked_back(guild_id, some, locale) if some else []
        lines.append(text("terms.imported_undo", locale))
        button: discord.ui.Button[Any] = discord.ui.Button(
            label=text("terms.undo", locale), custom_id=f"garim:terms:restore:{after.version}", emoji="↩️"
        )
        await say(interaction, "\n".join(lines), view=standing(button), files=[_file(before, TermFileForm.JSON)])

    async def _unusable(self, found: ReadTerms, locale: str) -> list[Problem | str]:
        """Return what the masker cannot use of a file, each with its line."""
        problems: list[Problem | str] = []
        for one in await self._desk.refused(term for term, _ in found.terms):
            line = next((line for term, line in found.terms if is_same(term, one.term)), 0)
            problems.append(_line(line, one.term.entry, words.refused(one, locale), locale))
        return problems

    async def _replaced(
        self, interaction: Interaction, wanted: Sequence[GuildTerm], mode: Mode
    ) -> tuple[GuildTerms, GuildTerms]:
        """Put the file's terms there and return what was before and what is now. Raises MovedOnError, SettingsError."""
        guild_id, actor_id = guild_of(interaction), interaction.user.id
        for left in reversed(range(MERGES)):
            before = await self._desk.terms.list(guild_id)
            terms = wanted if mode is Mode.REPLACE else [*before, *wanted]
            if _labels(terms) == _labels(before):
                return before, before
            try:
                return before, await self._desk.terms.replace(guild_id, terms, actor_id, expected=before.version)
            except MovedOnError:
                self._desk.terms.forget(guild_id)
                if not left:
                    raise
        raise MovedOnError

    async def _pressed(self, interaction: Interaction, match: re.Match[str], _: Sequence[str]) -> None:
        if await may_manage(interaction):
            await carried(interaction, self._restore(interaction, int(match["version"])))

    async def _restore(self, interaction: Interaction, version: int) -> None:
        """Put back what the file on the pressed message says, as long as the import is the last change."""
        locale = locale_of(interaction)
        files = interaction.message.attachments if interaction.message is not None else []
        found = await _read(files[0], Label.PROFANITY) if files else ReadTerms(problems=(_UNREADABLE,))
        if any(problem.reason != "terms.file_empty" for problem in found.problems):
            await say(interaction, _told(found.problems, locale))
            return
        terms = [term for term, _ in found.terms]
        now = await self._desk.terms.replace(guild_of(interaction), terms, interaction.user.id, expected=version)
        await say(interaction, text("terms.restored", locale, count=len(list(now))))


_UNREADABLE = Problem("terms.file_unreadable")


def _file(terms: Iterable[GuildTerm], form: TermFileForm) -> discord.File:
    return discord.File(io.BytesIO(written(terms, form)), f"garim-terms.{form}")


async def _read(file: discord.Attachment, label: Label) -> ReadTerms:
    if file.size > FILE_LIMIT_BYTES:
        return ReadTerms(problems=(Problem("terms.file_too_large", {"limit_kib": FILE_LIMIT_BYTES >> 10}),))
    try:
        raw = await file.read()
    except FAULTS:
        return ReadTerms(problems=(_UNREADABLE,))
    return await asyncio.to_thread(read, raw, label)


def _labels(terms: Iterable[GuildTerm]) -> dict[tuple[TermKind, str], Label | None]:
    return {(term.kind, term.entry): term.label for term in terms}


def _told(problems: Sequence[Problem | str], locale: str) -> str:
    """Return what is wrong in a file, a line each."""
    lines = []
    for one in problems[:PROBLEMS_SHOWN]:
        if isinstance(one, str):
            lines.append(one)
        else:
            where = f"{text('terms.line', locale, line=one.line)} " if one.line is not None else ""
            params = {"words": WORD_LIMIT, "patterns": PATTERN_LIMIT, **one.params}
            lines.append(f"{where}{inert(text(one.reason, locale, **params))}")
    if len(problems) > PROBLEMS_SHOWN:
        lines.append(text("terms.import_more", locale, count=len(problems) - PROBLEMS_SHOWN))
    return "\n".join([text("terms.import_wrong", locale), *(f"- {line}" for line in lines)])


def _line(line: int, entry: str, why: str, locale: str) -> str:
    return f"{text('terms.line', locale, line=line)} **{inert(words.plainly(entry)[:30])}** {why}"
