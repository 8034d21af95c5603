"""`/report export`: incidents as a file, without anybody's words; that it was taken is on record."""

from __future__ import annotations

import asyncio
import io
from dataclasses import replace

import discord

from bot.incidents import IncidentFilter, IncidentSummary
from bot.records import AuditKind
from bot.reports.exports import ExportForm, file_of
from bot.texts import text
from cogs._moderated import tried
from cogs._replies import Interaction, locale_of, say
from cogs.review.desk import Desk

ROWS = 15_000
"""Rows of one file: as JSON, the longest form, they take some 6 MB; Discord takes 10 MiB."""
_PAGE = 1_000


class Export:
    """Give incidents as a file."""

    def __init__(self, desk: Desk) -> None:
        self._storage = desk.storage

    async def give(self, interaction: Interaction, wanted: IncidentFilter, form: ExportForm) -> None:
        """Answer with the newest incidents that the filter chooses."""
        await tried(interaction, self._give(interaction, wanted, form))

    async def _give(self, interaction: Interaction, wanted: IncidentFilter, form: ExportForm) -> None:
        locale, guild_id = locale_of(interaction), interaction.guild_id or 0
        rows: list[IncidentSummary] = []
        while len(rows) < ROWS:
            page = replace(wanted, limit=_PAGE, after_id=rows[-1].id if rows else None)
            found = await self._storage.incidents.search(page)
            rows += found
            if len(found) < _PAGE:
                break
        if not rows:
            await say(interaction, text("incidents.nothing", locale))
            return
        counts = await self._storage.incidents.counts(wanted)
        raw = await asyncio.to_thread(file_of, form, rows, counts)
        detail = {"form": str(form), "rows": len(rows)}
        await self._storage.audit.record(guild_id, interaction.user.id, AuditKind.EXPORTED, detail=detail)
        key = "report.exported" if len(rows) >= counts.total else "report.exported_newest"
        words = text(key, locale, count=len(rows), total=counts.total)
        await say(interaction, words, files=[discord.File(io.BytesIO(raw), f"garim-incidents.{form}")])
