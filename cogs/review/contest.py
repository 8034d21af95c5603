"""Contests: the author says why a message should not have been masked, once per incident, and the moderators answer."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from datetime import timedelta

from bot.errors import AlreadyAnswered, AlreadyContested
from bot.records import Contest
from bot.texts import text
from cogs._forms import FormField, form
from cogs._refusals import FAULTS, InDoubt, Refusal, Refused, refused_by
from cogs._replies import Interaction
from cogs.review import contest_post
from cogs.review.deeds import DeedKind, deeds_of, latest, note
from cogs.review.desk import (
    Denied,
    Desk,
    Press,
    Told,
    admitted,
    answer_now,
    check_finished,
    check_moderator,
    guarded,
    logger,
)
from cogs.review.letters import answer_words, send_answer
from cogs.review.verdict import decide, undo

WORDS = "words"
TOLD = "contest_told"
"""The event that says that the author was told the answer, as far as they can be."""
WORDS_LIMIT = 1_000
PER_WINDOW = 3
WINDOW = timedelta(hours=24)
"""How often one member may contest, in all guilds together."""


async def ask_words(desk: Desk, interaction: Interaction, incident_id: int) -> None:
    """Open the form for the author's words, or say why not."""

    async def checked() -> Told:
        press = await admitted(desk, interaction, incident_id)
        await check_author(press)
        title = text("contest.form_title", press.locale)
        label, hint = text("contest.form_label", press.locale), text("contest.form_hint", press.locale)
        field = FormField(WORDS, label, hint, max_length=WORDS_LIMIT)
        await _open(interaction, f"garim:form:contest:{incident_id}", title, field)
        return Told()

    told = await guarded(interaction, checked())
    if told.words:
        await answer_now(interaction, told)


async def check_author(press: Press) -> None:
    """Raise Denied unless the presser wrote the message and may contest it now."""
    incident, storage = press.incident, press.desk.storage
    if incident.draft.author_id != press.actor_id:
        raise Denied("notice.not_yours")
    contest = await storage.contests.of(incident.id)
    if contest is not None:
        if contest.answered_at is None:
            raise Denied("contest.waiting")
        raise Denied("contest.answered", answer=answer_words(contest, press.locale))
    review = await storage.reviews.of(incident.id)
    if review is not None and not review.right:
        raise Denied("contest.undone")
    if incident.erased:
        raise Denied("notice.unknown")
    if await storage.contests.opened_since(press.actor_id, press.desk.now() - WINDOW) >= PER_WINDOW:
        raise Denied("contest.too_many", limit=PER_WINDOW)


async def contest(press: Press, words: Mapping[str, str]) -> Told:
    """Record the contest and hand it to the moderators."""
    await check_author(press)
    said = words.get(WORDS, "")[:WORDS_LIMIT]
    if not said:
        raise Denied("contest.empty")
    with contextlib.suppress(AlreadyContested):
        await press.desk.storage.contests.open(press.incident.id, press.guild_id, press.actor_id, said)
        await note(press.desk.storage.incidents, press.incident.id, DeedKind.CONTESTED, press.actor_id)
        contest_post.post(press.desk, press.incident, said)
    return press.say("contest.sent")


async def ask_refusal(desk: Desk, interaction: Interaction, incident_id: int) -> None:
    """Open the form for the answer that goes with a refusal."""

    async def checked() -> Told:
        press = await admitted(desk, interaction, incident_id)
        check_moderator(press)
        standing = await desk.storage.contests.of(incident_id)
        if standing is None:
            raise Denied("contest.none")
        if standing.answered_at is not None:
            raise _answered_before(standing)
        title = text("contest.refuse_title", press.locale, id=incident_id)
        label, hint = text("contest.refuse_label", press.locale), text("contest.refuse_hint", press.locale)
        field = FormField(WORDS, label, hint, max_length=WORDS_LIMIT)
        await _open(interaction, f"garim:form:refuse:{incident_id}", title, field)
        return Told()

    told = await guarded(interaction, checked())
    if told.words:
        await answer_now(interaction, told)


async def grant(press: Press) -> Told:
    """Grant the contest: the incident was a false positive, and the original is restored.

    Pressed again after a failure, it goes on where it stopped.
    """
    check_finished(press)
    answered, fresh = await _answer(press, granted=True, words="")
    events = await press.desk.storage.incidents.events(press.incident.id)
    if latest(deeds_of(events), DeedKind.CONTEST_GRANTED) is None:
        await note(press.desk.storage.incidents, press.incident.id, DeedKind.CONTEST_GRANTED, press.actor_id)
        with contextlib.suppress(Denied):
            # Somebody may have called it right before the author spoke: that verdict stays in the figures.
            await decide(press.desk, press.incident, press.actor_id, right=False)
    problem: Refused | InDoubt | None = None
    try:
        await undo(press.desk, press.incident, press.actor_id)
    except (Refused, InDoubt) as fault:
        problem = fault
    told_before = any(event.step == TOLD for event in events)
    delivered = told_before or await _delivered(press, answered)
    if problem is not None:
        raise problem
    if not fresh and told_before:
        raise _answered_before(answered)
    return press.say("contest.granted_done" if delivered else "contest.granted_undelivered", id=press.incident.id)


async def refuse(press: Press, words: Mapping[str, str]) -> Told:
    """Refuse the contest with an answer: the incident was right."""
    said = words.get(WORDS, "")[:WORDS_LIMIT]
    if not said:
        raise Denied("contest.empty")
    answered, fresh = await _answer(press, granted=False, words=said)
    if not fresh:
        raise _answered_before(answered)
    await note(press.desk.storage.incidents, press.incident.id, DeedKind.CONTEST_REFUSED, press.actor_id)
    with contextlib.suppress(Denied):
        await decide(press.desk, press.incident, press.actor_id, right=True)
    delivered = await _delivered(press, answered)
    return press.say("contest.refused_done" if delivered else "contest.refused_undelivered", id=press.incident.id)


async def _answer(press: Press, *, granted: bool, words: str) -> tuple[Contest, bool]:
    """Return the answer that stands, and whether it is this one. Raises Denied when another says the contrary."""
    storage, incident = press.desk.storage, press.incident
    if await storage.contests.of(incident.id) is None:
        raise Denied("contest.none")
    try:
        return await storage.contests.answer(incident.id, press.actor_id, granted, words), True
    except AlreadyAnswered as already:
        if already.contest.granted is not granted:
            raise _answered_before(already.contest) from None
        return already.contest, False


def _answered_before(contest: Contest) -> Denied:
    at = int(contest.answered_at.timestamp()) if contest.answered_at else 0
    key = "contest.already_granted" if contest.granted else "contest.already_refused"
    return Denied(key, who=f"<@{contest.answered_by}>", when=f"<t:{at}:R>")


async def _delivered(press: Press, contest: Contest) -> bool:
    """Show the answer to the moderators and tell the author; False when only the button can tell them."""
    await contest_post.redraw(press.desk, press.incident)
    delivered = await send_answer(press.desk, press.incident, contest)
    await press.desk.storage.incidents.add_event(press.incident.id, TOLD)
    return delivered


async def _open(interaction: Interaction, custom_id: str, title: str, field: FormField) -> None:
    try:
        await interaction.response.send_modal(form(custom_id, title, [field]))
    except FAULTS as fault:
        logger.warning("a form could not be opened: %s", refused_by(fault, Refusal.OTHER).detail())
