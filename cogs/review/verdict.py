"""The verdict on an incident: right or a false positive, once, and what follows from each."""

from __future__ import annotations

import logging
from datetime import timedelta

from bot.errors import AlreadyAnswered, AlreadyReviewed
from bot.incidents import Incident
from bot.records import AuditKind, Review, SanctionKind
from bot.texts import text
from cogs._refusals import FAULTS, Refusal, refused_by
from cogs.review import allow, contest_post
from cogs.review.deeds import DeedKind, deeds_of, latest, note
from cogs.review.desk import Denied, Desk, Press, Told, check_finished, close_stuck
from cogs.review.letters import send_answer
from cogs.review.restore import Restored, restore

logger = logging.getLogger(__name__)


async def call_wrong(press: Press) -> Told:
    """Call the incident a false positive: record it once, restore the original, offer what may be allowed from now on.

    Pressed again after a failure, it goes on where it stopped.
    """
    check_finished(press)
    standing = await decide(press.desk, press.incident, press.actor_id, right=False)
    what = await undo(press.desk, press.incident, press.actor_id)
    await _grant_waiting(press)
    if standing is not None and what is not Restored.DONE:
        words = text("review.already_wrong", press.locale, **said_by(standing))
    else:
        words = text(f"review.wrong_{what}", press.locale, id=press.incident.id)
    offered = allow.offer(press.incident, press.locale)
    if offered is None:
        return Told(words)
    return Told(f"{words}\n{text('review.allow_offer', press.locale)}", items=(offered,))


async def call_right(press: Press) -> Told:
    """Call the incident right."""
    standing = await decide(press.desk, press.incident, press.actor_id, right=True)
    if standing is not None:
        return press.say("review.already_right", **said_by(standing))
    return press.say("review.right_done", id=press.incident.id)


async def decide(desk: Desk, incident: Incident, actor_id: int, *, right: bool) -> Review | None:
    """Record a verdict; return the one that stood already, if it says the same.

    Raises Denied, naming who gave it, when one stands that says the contrary.
    """
    try:
        await desk.storage.reviews.decide(incident.id, actor_id, right)
    except AlreadyReviewed as already:
        if already.review.right is not right:
            key = "review.already_right" if already.review.right else "review.already_wrong"
            raise Denied(key, **said_by(already.review)) from None
        return already.review
    kind = DeedKind.RIGHT if right else DeedKind.WRONG
    await note(desk.storage.incidents, incident.id, kind, actor_id)
    await desk.storage.audit.record(
        incident.draft.guild_id,
        actor_id,
        AuditKind.REVIEWED,
        incident_id=incident.id,
        member_id=incident.draft.author_id,
        detail={"right": right},
    )
    return None


def said_by(review: Review) -> dict[str, object]:
    """Return who gave a verdict and when, as Discord shows it."""
    return {"who": f"<@{review.moderator_id}>", "when": f"<t:{int(review.at.timestamp())}:R>"}


async def undo(desk: Desk, incident: Incident, actor_id: int) -> Restored:
    """Restore the original, once, and lift a time-out that the bot gave for it by itself. Raises Refused, InDoubt."""
    deeds = deeds_of(await desk.storage.incidents.events(incident.id))
    if latest(deeds, DeedKind.RESTORED):
        return Restored.BEFORE
    what = await restore(desk, incident)
    if latest(deeds, DeedKind.TIMEOUT_LIFTED) is None:
        await _lift_timeout(desk, incident, actor_id)
    if what is Restored.DONE:
        await note(desk.storage.incidents, incident.id, DeedKind.RESTORED, actor_id)
        await desk.storage.audit.record(
            incident.draft.guild_id,
            actor_id,
            AuditKind.RESTORED,
            incident_id=incident.id,
            member_id=incident.draft.author_id,
        )
    await close_stuck(desk, incident)
    return what


async def _lift_timeout(desk: Desk, incident: Incident, actor_id: int) -> None:
    draft = incident.draft
    given = [
        one
        for one in await desk.storage.sanctions.of_member(draft.guild_id, draft.author_id)
        if one.kind is SanctionKind.TIMEOUT and one.incident_id == incident.id and one.actor_id == desk.bot_id
    ]
    guild = desk.client.get_guild(draft.guild_id)
    if guild is None or not any(one.at + timedelta(seconds=one.seconds or 0) > desk.now() for one in given):
        return
    try:
        await (await guild.fetch_member(draft.author_id)).timeout(None, reason=f"Garim: incident {incident.id}")
    except FAULTS as fault:
        # The verdict and the original matter more: whoever may can lift it by hand.
        refused = refused_by(fault, Refusal.NO_MODERATE_MEMBERS)
        logger.warning("the time-out for incident %d could not be lifted: %s", incident.id, refused.detail())
        return
    await note(desk.storage.incidents, incident.id, DeedKind.TIMEOUT_LIFTED, actor_id)


async def _grant_waiting(press: Press) -> None:
    """Answer the author's contest, where one waits: the verdict has granted it."""
    contest = await press.desk.storage.contests.of(press.incident.id)
    if contest is None or contest.answered_at is not None:
        return
    try:
        answered = await press.desk.storage.contests.answer(press.incident.id, press.actor_id, True, "")
    except AlreadyAnswered:
        return
    await note(press.desk.storage.incidents, press.incident.id, DeedKind.CONTEST_GRANTED, press.actor_id)
    await contest_post.redraw(press.desk, press.incident)
    await send_answer(press.desk, press.incident, answered)
