"""Deleting what stands of an incident: the repost, or the author's own message where it was left."""

from __future__ import annotations

from bot.records import AuditKind
from cogs.review.deeds import DeedKind, deeds_of, latest, note
from cogs.review.desk import Press, Told, check_finished, close_stuck
from cogs.review.standing import standing_ids
from cogs.review.verdict import decide


async def remove(press: Press) -> Told:
    """Delete the messages, which says that the incident is right; once."""
    desk, incident = press.desk, press.incident
    check_finished(press)
    await decide(desk, incident, press.actor_id, right=True)
    done = latest(deeds_of(await desk.storage.incidents.events(incident.id)), DeedKind.REMOVED)
    if done is not None:
        return press.say("review.already_removed", who=f"<@{done.actor_id}>", when=f"<t:{int(done.at.timestamp())}:R>")
    wanted = standing_ids(incident)
    if not wanted:
        return press.say("review.nothing_stands")
    deleted = [await desk.hands.delete(incident.draft, message_id) for message_id in wanted]
    await note(desk.storage.incidents, incident.id, DeedKind.REMOVED, press.actor_id)
    await desk.storage.audit.record(
        press.guild_id,
        press.actor_id,
        AuditKind.REPOST_DELETED,
        incident_id=incident.id,
        member_id=incident.draft.author_id,
    )
    await close_stuck(desk, incident)
    return press.say("review.removed" if any(deleted) else "review.nothing_stands")
