"""Lists of incidents, a page at a time, and one incident whole."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import discord

from bot.incidents import IncidentEvent, IncidentSummary
from bot.texts import text
from cogs._card import EMBED_LIMIT, cut
from cogs._moderated import may_moderate, tried
from cogs._press import ItemClass, pressed, standing
from cogs._replies import Interaction, locale_of, redraw, say
from cogs.incidents._lookup import CODE, Lookup, Named, holds
from cogs.review.desk import Desk, Press, Told, by_moderator
from cogs.review.panel import of_incident

PAGE = 10
SCANNED = 1_000
"""Incidents whose masked texts one press looks through."""
_READ = 250
HISTORY_LIMIT = 700
SEARCHING = "🔎 "
"""What stands in front of the words that a list was searched for, in its footer: the next press reads them there."""

_ID = r"(?P<after>\d{1,18})"
PAGES = re.compile(rf"garim:incidents:page:{_ID}:{CODE}", re.ASCII)
FIND = re.compile(rf"garim:incidents:find:{_ID}:{CODE}", re.ASCII)
OPEN = re.compile(r"garim:incidents:open", re.ASCII)
_STEPS = frozenset({"opened", "deleted", "reposted", "closed", "stuck", "try_again", "files_dropped", "restoring"})


class Lists:
    """Show incidents to moderators."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def items(self) -> list[ItemClass]:
        """Return the buttons and the select that belong to lists."""
        return [pressed(PAGES, self._turn), pressed(FIND, self._turn), pressed(OPEN, self._opened)]

    async def show(self, interaction: Interaction, lookup: Lookup, words: str = "") -> None:
        """Answer a call with the newest page."""
        await tried(interaction, self._show(interaction, lookup, words))

    async def open(self, interaction: Interaction, incident_id: int) -> None:
        """Answer with one incident whole, with what a moderator can do about it."""
        await by_moderator(self._desk, interaction, incident_id, _whole)

    async def open_named(self, interaction: Interaction, named: Named) -> None:
        """Answer with the incident that was named, or with those of a message."""
        if named.incident_id is not None:
            await self.open(interaction, named.incident_id)
        else:
            await tried(interaction, self._of_message(interaction, named.message_id or 0))

    async def _of_message(self, interaction: Interaction, message_id: int) -> None:
        store, guild_id, locale = self._desk.storage.incidents, interaction.guild_id or 0, locale_of(interaction)
        reposted = await store.by_repost(message_id)
        found = [*await store.for_message(message_id), *([reposted] if reposted is not None else [])]
        ids = sorted({one.id for one in found if one.draft.guild_id == guild_id}, reverse=True)
        if not ids:
            await say(interaction, text("incidents.message_unknown", locale))
            return
        words = text("incidents.of_message", locale, count=len(ids))
        await say(interaction, words, view=standing(_choice(ids[:25], {}, locale)))

    async def _show(self, interaction: Interaction, lookup: Lookup, words: str) -> None:
        embed, view = await self._page(interaction, lookup, words, 0)
        await say(interaction, embed=embed, view=view)

    async def _turn(self, interaction: Interaction, match: re.Match[str], _: Sequence[str]) -> None:
        if await may_moderate(interaction):
            lookup = Lookup.read(match["code"])
            if lookup is not None:
                await tried(interaction, self._redraw(interaction, lookup, int(match["after"])), updates=True)

    async def _redraw(self, interaction: Interaction, lookup: Lookup, after: int) -> None:
        embed, view = await self._page(interaction, lookup, _words_on(interaction.message), after)
        await redraw(interaction, embed=embed, view=view)

    async def _opened(self, interaction: Interaction, _: re.Match[str], values: Sequence[str]) -> None:
        if values and values[0].isdecimal() and await may_moderate(interaction):
            await self.open(interaction, int(values[0][:18]))

    async def _page(
        self, interaction: Interaction, lookup: Lookup, words: str, after: int
    ) -> tuple[discord.Embed, discord.ui.View | None]:
        """Return the page after an incident; 0 is the newest page."""
        locale, guild_id = locale_of(interaction), interaction.guild_id or 0
        found, last = await self._found(guild_id, lookup, words, after)
        lines = [line(row, locale) for row in found]
        if not lines:
            lines = [text("incidents.nothing_yet" if last else "incidents.nothing", locale)]
        embed = discord.Embed(title=text("incidents.title", locale), description="\n".join(lines))
        if words:
            embed.set_footer(text=f"{SEARCHING}{words}")
        if not found and not last and not after:
            return embed, None
        what, code = "find" if words else "page", lookup.code()
        items: list[discord.ui.Item[Any]] = []
        if found:
            items.append(_choice([row.id for row in found], {row.id: _labels(row, locale) for row in found}, locale))
        items.append(_button("incidents.newest", f"garim:incidents:{what}:0:{code}", locale, disabled=not after))
        # Two buttons of one message need ids of their own, also where there is nothing to turn to.
        older = f"garim:incidents:{what}:{last or 10**17}:{code}"
        items.append(_button("incidents.older", older, locale, disabled=not last))
        return embed, standing(*items)

    async def _found(
        self, guild_id: int, lookup: Lookup, words: str, after: int
    ) -> tuple[list[IncidentSummary], int | None]:
        """Return a page's rows, and the incident after which the next begins; None where there is no more."""
        incidents = self._desk.storage.incidents
        if not words:
            rows = await incidents.search(lookup.wanted(guild_id, PAGE + 1, after or None))
            return rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None
        found: list[IncidentSummary] = []
        wanted = lookup.wanted(guild_id, _READ, after or None)
        for _ in range(SCANNED // _READ):
            rows = await incidents.search(wanted, masked=True)
            for row in rows:
                if holds(row.masked, words):
                    found.append(row)
                if len(found) == PAGE:
                    return found, row.id
            if len(rows) < _READ:
                return found, None
            wanted = replace(wanted, after_id=rows[-1].id)
        return found, wanted.after_id


def line(row: IncidentSummary, locale: str) -> str:
    """Return an incident as one line: its number, when, who, where, what was found, and what became of it."""
    outcome = text(f"incidents.outcome_{row.outcome or 'unfinished'}", locale)
    marks = [
        f"**#{row.id}** <t:{int(row.opened_at.timestamp())}:f>",
        f"<@{row.author_id}> <#{row.thread_id or row.channel_id}>",
        f"{_labels(row, locale)} {row.score:.2f}" if row.labels else "",
        outcome,
        "" if row.right is None else text(f"alert.verdict_{'right' if row.right else 'wrong'}", locale),
    ]
    return " · ".join(filter(None, marks))


def list_button(lookup: Lookup, locale: str) -> discord.ui.Button[Any]:
    """Return the button that opens a list."""
    return _button("incidents.all_of_member", f"garim:incidents:page:0:{lookup.code()}", locale, disabled=False)


async def _whole(press: Press) -> Told:
    """Return an incident with what happened to it, step by step."""
    told = await of_incident(press)
    events = await press.desk.storage.incidents.events(press.incident.id)
    steps = _last_that_fit(_step_lines(events, press.locale))
    if told.embed is not None and steps:
        told.embed.add_field(name=text("incidents.field_steps", press.locale), value=steps, inline=False)
        over = max(0, len(told.embed) - EMBED_LIMIT)
        description = told.embed.description or ""
        told.embed.description = cut(description, len(description) - over)
    return told


def _step_lines(events: Iterable[IncidentEvent], locale: str) -> list[str]:
    lines = []
    for event in events:
        step = event.step.partition(":")[0]
        if step in _STEPS:
            lines.append(f"<t:{int(event.at.timestamp())}:T> {text(f'incidents.step_{step}', locale)}")
    return lines


def _last_that_fit(lines: Sequence[str]) -> str:
    kept: list[str] = []
    for one in reversed(lines):
        if sum(len(before) + 1 for before in kept) + len(one) > HISTORY_LIMIT:
            break
        kept.insert(0, one)
    return "\n".join(kept)


def _words_on(message: discord.Message | None) -> str:
    """Return what a list was searched for."""
    embeds = message.embeds if message is not None else []
    footer = (embeds[0].footer.text or "") if embeds else ""
    return footer.removeprefix(SEARCHING) if footer.startswith(SEARCHING) else ""


def _labels(row: IncidentSummary, locale: str) -> str:
    return ", ".join(text(f"label.{label}", locale) for label in row.labels)


def _choice(ids: Sequence[int], named: dict[int, str], locale: str) -> discord.ui.Select[Any]:
    options = [discord.SelectOption(value=str(one), label=f"#{one} {named.get(one, '')}".strip()[:100]) for one in ids]
    return discord.ui.Select(
        custom_id="garim:incidents:open", placeholder=text("incidents.open", locale), options=options
    )


def _button(key: str, custom_id: str, locale: str, *, disabled: bool) -> discord.ui.Button[Any]:
    return discord.ui.Button(label=text(key, locale), custom_id=custom_id, disabled=disabled)
