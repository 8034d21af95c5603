"""Showing an original to a moderator: alone, inert, and on record before it is shown."""

from __future__ import annotations

import re

import discord

from bot.records import AuditKind
from bot.texts import text
from cogs.review.deeds import DeedKind, note
from cogs.review.desk import Press, Told

TEXT_LIMIT = 4_000
_UNSEEN = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Characters that turn the direction of the text after them (Unicode TR9): shown by their numbers."""


async def show_original(press: Press) -> Told:
    """Show what the author wrote."""
    incident, desk = press.incident, press.desk
    if incident.erased:
        return press.say("review.erased")
    await desk.storage.audit.record(
        press.guild_id,
        press.actor_id,
        AuditKind.ORIGINAL_VIEWED,
        incident_id=incident.id,
        member_id=incident.draft.author_id,
    )
    await note(desk.storage.incidents, incident.id, DeedKind.VIEWED, press.actor_id)
    title = text("review.original_title", press.locale, id=incident.id)
    embed = discord.Embed(title=title, description=in_code(incident.draft.original), timestamp=incident.opened_at)
    embed.set_footer(text=text("review.original_logged", press.locale))
    return Told(embed=embed)


def in_code(words: str) -> str:
    """Return a text in a block in which it is only letters: nothing in it ends the block or turns the text around."""
    shown = _UNSEEN.sub(lambda found: f"⟨{ord(found[0]):04X}⟩", words)
    shown = shown.replace("`", "`\u200b")
    if len(shown) > TEXT_LIMIT:
        shown = f"{shown[:TEXT_LIMIT]}…"
    return f"```\n{shown or ' '}\n```"
