"""`/case`: the moderators' numbered records about members, with numbered notes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import discord
from discord import app_commands

from bot.records import Case, CaseNote
from bot.storage import CaseStore
from bot.texts import text
from cogs._forms import FormField, FormHandler, form
from cogs._localised import said
from cogs._moderated import Moderated, may_moderate, tried
from cogs._press import ItemClass, pressed, standing
from cogs._replies import Interaction, locale_of, redraw, say
from cogs.review.original import in_code

PAGE = 15
NOTES_LIMIT = 4_096
"""Characters of an embed's description. Source: Discord's developer docs, "Embed Limits"."""
NOTE_LIMIT = 4_000
WORDS = "words"

_NUMBER = r"(?P<number>\d{1,9})"
PAGES = re.compile(r"garim:case:page:(?P<after>\d{1,9}):(?P<open>[01])", re.ASCII)
SHOW = re.compile(r"garim:case:show", re.ASCII)
NOTES = re.compile(rf"garim:case:notes:{_NUMBER}:(?P<before>\d{{1,9}})", re.ASCII)
NOTE = re.compile(rf"garim:case:note:{_NUMBER}", re.ASCII)
CLOSE = re.compile(rf"garim:case:close:{_NUMBER}", re.ASCII)
NOTE_FORM = re.compile(rf"garim:form:casenote:{_NUMBER}", re.ASCII)

Number = app_commands.Range[int, 1, 999_999_999]


class Cases:
    """Show, note and close cases for moderators. The store audits what is done."""

    def __init__(self, cases: CaseStore) -> None:
        self._cases = cases

    def items(self) -> list[ItemClass]:
        """Return the buttons and selects that belong to cases."""
        return [
            pressed(PAGES, self._turn),
            pressed(SHOW, self._chosen),
            pressed(NOTES, self._notes),
            pressed(NOTE, self._note),
            pressed(CLOSE, self._close),
        ]

    def forms(self) -> list[FormHandler]:
        """Return what takes the submitted note."""
        return [FormHandler(NOTE_FORM, self._noted)]

    async def list(self, interaction: Interaction, open_only: bool) -> None:
        """Answer with the newest cases."""
        await tried(interaction, self._list(interaction, open_only))

    async def show(self, interaction: Interaction, number: int) -> None:
        """Answer with one case."""
        await tried(interaction, self._show(interaction, number))

    async def open(self, interaction: Interaction, member_id: int) -> None:
        """Open a member's case, or show the one that is open."""
        await tried(interaction, self._open(interaction, member_id))

    async def ask_note(self, interaction: Interaction, number: int) -> None:
        """Open the form for a note; Discord takes a form only as the first answer."""
        await tried(interaction, self._ask_note(interaction, number))

    async def close(self, interaction: Interaction, number: int) -> None:
        """Close a case; notes can still be added, and a new one opened."""
        await tried(interaction, self._closed(interaction, number, updates=False))

    async def _list(self, interaction: Interaction, open_only: bool) -> None:
        embed, view = await self._page(interaction, open_only, 0)
        await say(interaction, embed=embed, view=view)

    async def _turn(self, interaction: Interaction, match: re.Match[str], _: Sequence[str]) -> None:
        if await may_moderate(interaction):
            work = self._redraw_list(interaction, match["open"] == "1", int(match["after"]))
            await tried(interaction, work, updates=True)

    async def _redraw_list(self, interaction: Interaction, open_only: bool, after: int) -> None:
        embed, view = await self._page(interaction, open_only, after)
        await redraw(interaction, embed=embed, view=view)

    async def _page(
        self, interaction: Interaction, open_only: bool, after: int
    ) -> tuple[discord.Embed, discord.ui.View | None]:
        """Return the page after a case; 0 is the newest page."""
        locale = locale_of(interaction)
        found = await self._cases.page(interaction.guild_id or 0, open_only, after or None, PAGE + 1)
        shown = found[:PAGE]
        lines = [_line(case, locale) for case in shown] or [text("case.none", locale)]
        embed = discord.Embed(title=text("case.title", locale), description="\n".join(lines))
        if not shown:
            return embed, None
        options = [discord.SelectOption(value=str(case.number), label=f"#{case.number}") for case in shown]
        only = int(open_only)
        view = standing(
            discord.ui.Select(custom_id="garim:case:show", placeholder=text("case.choose", locale), options=options),
            _button("incidents.newest", f"garim:case:page:0:{only}", locale, disabled=not after),
            _button(
                "incidents.older", f"garim:case:page:{shown[-1].number}:{only}", locale, disabled=len(found) <= PAGE
            ),
        )
        return embed, view

    async def _chosen(self, interaction: Interaction, _: re.Match[str], values: Sequence[str]) -> None:
        if values and values[0].isdecimal() and await may_moderate(interaction):
            await tried(interaction, self._show(interaction, int(values[0][:9])))

    async def _show(self, interaction: Interaction, number: int) -> None:
        case = await self._case(interaction, number)
        if case is not None:
            await _say(interaction, case)

    async def _open(self, interaction: Interaction, member_id: int) -> None:
        opened = await self._cases.open(interaction.guild_id or 0, member_id, interaction.user.id)
        key = "review.case_opened" if opened.fresh else "case.standing"
        await _say(
            interaction, opened, text(key, locale_of(interaction), number=opened.number, member=f"<@{member_id}>")
        )

    async def _notes(self, interaction: Interaction, match: re.Match[str], _: Sequence[str]) -> None:
        if await may_moderate(interaction):
            work = self._redraw(interaction, int(match["number"]), int(match["before"]))
            await tried(interaction, work, updates=True)

    async def _redraw(self, interaction: Interaction, number: int, before: int) -> None:
        case = await self._case(interaction, number)
        if case is not None:
            embed, view = card(case, locale_of(interaction), before)
            await redraw(interaction, embed=embed, view=view)

    async def _note(self, interaction: Interaction, match: re.Match[str], _: Sequence[str]) -> None:
        if await may_moderate(interaction):
            await self.ask_note(interaction, int(match["number"]))

    async def _ask_note(self, interaction: Interaction, number: int) -> None:
        locale = locale_of(interaction)
        if await self._case(interaction, number) is None:
            return
        field = FormField(
            WORDS, text("review.case_note", locale), text("case.note_hint", locale), max_length=NOTE_LIMIT
        )
        if interaction.response.is_done():
            # The database took so long that Discord has been told to wait, and takes no form any more.
            await say(interaction, text("incidents.failed", locale))
            return
        title = text("case.note_title", locale, number=number)
        await interaction.response.send_modal(form(f"garim:form:casenote:{number}", title, [field]))

    async def _noted(self, interaction: Interaction, match: re.Match[str], words: Mapping[str, str]) -> None:
        if await may_moderate(interaction):
            said_words = words.get(WORDS, "")[:NOTE_LIMIT]
            await tried(interaction, self._add_note(interaction, int(match["number"]), said_words))

    async def _add_note(self, interaction: Interaction, number: int, words: str) -> None:
        locale = locale_of(interaction)
        if await self._case(interaction, number) is None:
            return
        if not words:
            await say(interaction, text("case.note_empty", locale))
            return
        note = await self._cases.note(interaction.guild_id or 0, number, interaction.user.id, words)
        case = await self._case(interaction, number)
        if case is not None:
            await _say(interaction, case, text("case.noted", locale, number=number, note=note.number))

    async def _close(self, interaction: Interaction, match: re.Match[str], _: Sequence[str]) -> None:
        if await may_moderate(interaction):
            await tried(interaction, self._closed(interaction, int(match["number"]), updates=True), updates=True)

    async def _closed(self, interaction: Interaction, number: int, *, updates: bool) -> None:
        if await self._case(interaction, number) is None:
            return
        closed = await self._cases.close(interaction.guild_id or 0, number, interaction.user.id)
        if updates:
            embed, view = card(closed, locale_of(interaction))
            await redraw(interaction, embed=embed, view=view)
        else:
            await _say(interaction, closed, text("case.was_closed", locale_of(interaction), number=number))

    async def _case(self, interaction: Interaction, number: int) -> Case | None:
        """Return a case of this server; whoever asks for one that there is not is told so."""
        case = await self._cases.of(interaction.guild_id or 0, number)
        if case is None:
            await say(interaction, text("case.unknown", locale_of(interaction), number=number))
        return case


class CaseGroup(Moderated, name=said("case.group_name"), description=said("case.group")):
    """Keep records about members of one server."""

    def __init__(self, cases: CaseStore) -> None:
        self._cases = Cases(cases)
        super().__init__()

    @app_commands.command(name=said("case.list_name"), description=said("case.list"))
    @app_commands.rename(open_only=said("case.option_open_name"))
    @app_commands.describe(open_only=said("case.option_open"))
    async def list(self, interaction: Interaction, open_only: bool = False) -> None:
        """Show the newest cases."""
        await self._cases.list(interaction, open_only)

    @app_commands.command(name=said("case.show_name"), description=said("case.show"))
    @app_commands.rename(number=said("case.option_number_name"))
    @app_commands.describe(number=said("case.option_number"))
    async def show(self, interaction: Interaction, number: Number) -> None:
        """Show one case with its notes."""
        await self._cases.show(interaction, number)

    @app_commands.command(name=said("case.open_name"), description=said("case.open_about"))
    @app_commands.rename(member=said("incidents.option_member_name"))
    @app_commands.describe(member=said("case.option_member"))
    async def open(self, interaction: Interaction, member: discord.User) -> None:
        """Open a case about a member."""
        await self._cases.open(interaction, member.id)

    @app_commands.command(name=said("case.note_name"), description=said("case.note"))
    @app_commands.rename(number=said("case.option_number_name"))
    @app_commands.describe(number=said("case.option_number"))
    async def note(self, interaction: Interaction, number: Number) -> None:
        """Add a note to a case."""
        await self._cases.ask_note(interaction, number)

    @app_commands.command(name=said("case.close_name"), description=said("case.close"))
    @app_commands.rename(number=said("case.option_number_name"))
    @app_commands.describe(number=said("case.option_number"))
    async def close(self, interaction: Interaction, number: Number) -> None:
        """Close a case."""
        await self._cases.close(interaction, number)


def card(case: Case, locale: str, before: int = 0) -> tuple[discord.Embed, discord.ui.View]:
    """Return a case with the newest notes that fit, those before a number if one is given, and what can be done."""
    embed = discord.Embed(title=text("case.card_title", locale, number=case.number))
    notes = [note for note in case.notes if not before or note.number < before]
    shown = _fitting(notes, locale)
    embed.description = "\n".join(_noted(note, locale) for note in shown) or text("case.no_notes", locale)
    embed.add_field(name=text("incidents.option_member_name", locale), value=f"<@{case.member_id}>")
    opened = f"<@{case.opened_by}> · <t:{int(case.opened_at.timestamp())}:f>"
    embed.add_field(name=text("case.field_opened", locale), value=opened)
    if case.incident_id is not None:
        embed.add_field(name=text("incidents.group_name", locale), value=f"#{case.incident_id}")
    if case.closed_at is not None:
        closed = f"<@{case.closed_by}> · <t:{int(case.closed_at.timestamp())}:f>"
        embed.add_field(name=text("case.field_closed", locale), value=closed)
    items: list[discord.ui.Item[Any]] = [_button("case.button_note", f"garim:case:note:{case.number}", locale)]
    if case.closed_at is None:
        items.append(_button("case.button_close", f"garim:case:close:{case.number}", locale))
    if before:
        items.append(_button("incidents.newest", f"garim:case:notes:{case.number}:0", locale))
    if shown and shown[0].number != notes[0].number:
        items.append(_button("incidents.older", f"garim:case:notes:{case.number}:{shown[0].number}", locale))
    return embed, standing(*items)


def _fitting(notes: Sequence[CaseNote], locale: str) -> list[CaseNote]:
    """Return the newest notes that fit on one page, oldest first; one note always does."""
    kept: list[CaseNote] = []
    length = 0
    for note in reversed(notes):
        length += len(_noted(note, locale)) + 1
        if kept and length > NOTES_LIMIT:
            break
        kept.insert(0, note)
    return kept


def _noted(note: CaseNote, locale: str) -> str:
    incident = f" · #{note.incident_id}" if note.incident_id is not None else ""
    head = f"**{note.number}** <@{note.author_id}> · <t:{int(note.at.timestamp())}:f>{incident}"
    if note.words is None:
        return f"{head}\n{text('case.erased', locale)}"
    return f"{head}\n{in_code(note.words)}" if note.words else head


def _line(case: Case, locale: str) -> str:
    state = text("case.closed" if case.closed_at else "case.open", locale)
    return f"**#{case.number}** <@{case.member_id}> · {state} · <t:{int(case.opened_at.timestamp())}:f>"


async def _say(interaction: Interaction, case: Case, words: str = "") -> None:
    embed, view = card(case, locale_of(interaction))
    await say(interaction, words, embed=embed, view=view)


def _button(key: str, custom_id: str, locale: str, *, disabled: bool = False) -> discord.ui.Button[Any]:
    return discord.ui.Button(label=text(key, locale), custom_id=custom_id, disabled=disabled)
