"""What there is about one member: how many incidents of which kinds, what was done, how many points, which cases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

import discord

from bot.escalation import points
from bot.incidents import IncidentFilter
from bot.records import Case, Sanction
from bot.texts import text
from cogs._card import duration
from cogs._moderated import tried
from cogs._press import standing
from cogs._replies import Interaction, locale_of, say
from cogs.incidents._lists import line, list_button
from cogs.incidents._lookup import Lookup
from cogs.review.desk import Desk

NEWEST = 5
LINES = 8
"""Sanctions and cases shown: the newest of each."""


class History:
    """Show a member's record to moderators."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def show(self, interaction: Interaction, member_id: int) -> None:
        """Answer with everything about a member on one screen."""
        await tried(interaction, self._show(interaction, member_id))

    async def _show(self, interaction: Interaction, member_id: int) -> None:
        storage, guild_id, locale = self._desk.storage, interaction.guild_id or 0, locale_of(interaction)
        wanted = IncidentFilter(guild_id=guild_id, author_id=member_id, limit=NEWEST)
        counts = await storage.incidents.counts(wanted)
        rows = await storage.incidents.search(wanted)
        sanctions = await storage.sanctions.of_member(guild_id, member_id)
        cases = await storage.cases.of_member(guild_id, member_id)
        embed = discord.Embed(title=text("member.title", locale), description=f"<@{member_id}>")
        labels = {text(f"label.{label}", locale): count for label, count in counts.by_label.items()}
        outcomes = {text(f"incidents.outcome_{one}", locale): count for one, count in counts.by_outcome.items()}
        fields = {
            "incidents": text("member.count", locale, count=counts.total),
            "labels": _counted(labels),
            "outcomes": _counted(outcomes),
            "points": f"{await self._points(guild_id, member_id):.1f}",
            "sanctions": "\n".join(_sanction(one, locale) for one in sanctions[-LINES:]),
            "cases": "\n".join(_case(one, locale) for one in cases[:LINES]),
            "newest": "\n".join(line(row, locale) for row in rows),
        }
        for name, words in fields.items():
            if words:
                wide = name in ("sanctions", "cases", "newest")
                embed.add_field(name=text(f"member.field_{name}", locale), value=words[:1_024], inline=not wide)
        view = standing(list_button(Lookup(member_id), locale)) if rows else None
        await say(interaction, embed=embed, view=view)

    async def _points(self, guild_id: int, member_id: int) -> float:
        escalation = (await self._desk.storage.guilds.policy(guild_id)).escalation
        now = self._desk.now()
        since = now - timedelta(hours=escalation.window_h)
        return points(await self._desk.storage.sanctions.points(guild_id, member_id, since), now, escalation)


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())


def _sanction(sanction: Sanction, locale: str) -> str:
    words = text(f"member.sanction_{sanction.kind}", locale)
    about: Iterable[str] = (
        duration(sanction.seconds, locale) if sanction.seconds else "",
        f"<@{sanction.actor_id}>",
        f"<t:{int(sanction.at.timestamp())}:d>",
        f"#{sanction.incident_id}" if sanction.incident_id else "",
    )
    return " · ".join(filter(None, (words, *about)))


def _case(case: Case, locale: str) -> str:
    state = text("case.closed" if case.closed_at else "case.open", locale)
    notes = text("case.notes", locale, count=len(case.notes))
    return f"#{case.number} · {state} · {notes} · <t:{int(case.opened_at.timestamp())}:d>"
