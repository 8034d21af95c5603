"""Opening a case about an incident's author, or adding a note to the one that is open."""

from __future__ import annotations

from collections.abc import Mapping

from bot.texts import text
from cogs._forms import FormField, form
from cogs._refusals import FAULTS, Refusal, refused_by
from cogs.review.deeds import DeedKind, note
from cogs.review.desk import Press, Told, logger

NOTE = "note"
NOTE_LIMIT = 4_000


async def ask_note(press: Press) -> None:
    """Open the form for the note."""
    title = text("review.case_title", press.locale, id=press.incident.id)
    hint = text("review.case_hint", press.locale)
    field = FormField(NOTE, text("review.case_note", press.locale), hint, required=False, max_length=NOTE_LIMIT)
    try:
        await press.interaction.response.send_modal(form(f"garim:form:case:{press.incident.id}", title, [field]))
    except FAULTS as fault:
        logger.warning("a form could not be opened: %s", refused_by(fault, Refusal.OTHER).detail())


async def open_case(press: Press, words: Mapping[str, str]) -> Told:
    """Open the member's case, or take the one that is open, and add the note."""
    cases, incident = press.desk.storage.cases, press.incident
    case = await cases.open(press.guild_id, incident.draft.author_id, press.actor_id, incident.id)
    said = words.get(NOTE, "")
    if said or not case.fresh:
        await cases.note(press.guild_id, case.number, press.actor_id, said[:NOTE_LIMIT], incident.id)
    await note(press.desk.storage.incidents, incident.id, DeedKind.CASE, press.actor_id, case.number)
    key = "review.case_opened" if case.fresh else "review.case_noted"
    return press.say(key, number=case.number, member=f"<@{incident.draft.author_id}>")
