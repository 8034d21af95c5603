"""Putting an original back in the place of its masked repost: our own messages edited where they stand.

An edit may be repeated without harm, keeps files, replies and place, and so needs no record of its own. Only what has
no message to stand in is posted anew; that is looked for first when an earlier try may have posted it.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from bot.incidents import Incident, IncidentDraft, OutcomeKind, RepostPart
from bot.policy import LabelAction, Notice
from cogs._adopt import match_standing
from cogs._split import split_text
from cogs.review.desk import Desk
from cogs.review.standing import original_stands

RESTORING = "restoring"
"""The event written before something is posted anew."""


class Restored(StrEnum):
    """Name what came of it."""

    DONE = "done"
    BEFORE = "before"
    STANDS = "stands"
    ERASED = "erased"
    REMOVED = "removed"


async def restore(desk: Desk, incident: Incident) -> Restored:
    """Put the original back; again is harmless. Raises Refused, InDoubt, StorageError."""
    if original_stands(incident):
        return Restored.STANDS
    if incident.outcome is OutcomeKind.REMOVED_BY_OTHERS:
        return Restored.REMOVED
    if incident.erased:
        return Restored.ERASED
    draft = incident.draft
    contents = original_parts(draft)
    places = [part for part in draft.parts if part.message_id is not None]
    left = list(contents)
    gone: list[RepostPart] = []
    for part in places:
        keeps = bool(left) or bool(part.files)
        wanted = left[0] if left else ""
        if keeps and part.message_id is not None and await desk.reposter.revise(draft, part.message_id, wanted):
            left = left[1:]
        else:
            gone.append(part)
    await _post_anew(desk, incident, left, with_files=not places)
    for part in gone:
        # One with files is left: what cannot be edited cannot be copied either, and files must not be lost.
        if part.message_id is not None and not part.files:
            await desk.hands.delete(draft, part.message_id)
    return Restored.DONE


def original_parts(draft: IncidentDraft) -> list[str]:
    """Return the original as messages, under the lines with which its repost names the reply and the edit."""
    return split_text(f"{_header(draft)}{draft.original}")


def _header(draft: IncidentDraft) -> str:
    if draft.action != LabelAction.MASK or not draft.parts:
        return ""
    count = int(draft.reply_to_message_id is not None) + int(draft.revision > 0)
    lines = draft.parts[0].content.split("\n")[:count]
    return "".join(f"{line}\n" for line in lines if line.startswith("-# "))


async def _post_anew(desk: Desk, incident: Incident, contents: list[str], *, with_files: bool) -> None:
    if not contents and not with_files:
        return
    files = [part for part in incident.draft.parts if part.files] if with_files else []
    parts = [RepostPart(index, content) for index, content in enumerate(contents)]
    parts += [RepostPart(len(parts) + index, "", part.files) for index, part in enumerate(files)]
    draft = replace(incident.draft, parts=tuple(parts), notice=Notice.NONE)
    events = await desk.storage.incidents.events(incident.id)
    standing: dict[int, int] = {}
    if any(event.step == RESTORING for event in events):
        posts = await desk.hands.standing(draft, desk.now())
        taken = await desk.storage.incidents.claimed([post.message_id for post in posts])
        standing = match_standing(draft, [post for post in posts if post.message_id not in taken])
    else:
        await desk.storage.incidents.add_event(incident.id, RESTORING)
    for part in parts:
        if part.index not in standing:
            await desk.reposter.repost(draft, part)
