"""Direct messages to a member about an incident; whoever takes none finds the same behind the button."""

from __future__ import annotations

import asyncio
import logging

import discord

from bot.incidents import Incident
from bot.records import Contest
from bot.texts import text
from cogs._plan import inert
from cogs._refusals import FAULTS, Refusal, Refused, refused_by
from cogs.review.desk import Desk
from cogs.review.standing import jump

logger = logging.getLogger(__name__)

TIMEOUT_S = 10.0
WORDS_LIMIT = 1_000


async def send_letter(desk: Desk, incident: Incident, what: str, words: str) -> bool:
    """Tell the author something; False when they take no direct messages. Raises Refused.

    `what` names the letter: Discord drops a second copy of the same letter that comes soon after the first.
    """
    try:
        async with asyncio.timeout(TIMEOUT_S):
            channel = await desk.client.create_dm(discord.Object(incident.draft.author_id))
            none = discord.AllowedMentions.none()
            await channel.send(words, nonce=f"{what}:{incident.id}"[:25], allowed_mentions=none)
    except FAULTS as fault:
        refused = refused_by(fault, Refusal.NO_DM)
        if refused.refusal not in (Refusal.NO_DM, Refusal.MEMBER_GONE):
            raise refused from fault
        return False
    return True


async def send_warning(desk: Desk, incident: Incident) -> bool:
    """Tell the author of a warning; see `send_letter`."""
    locale = incident.draft.locale
    labels = ", ".join(text(f"label.{label}", locale) for label in incident.draft.verdict.get("labels", {}))
    why = text("review.warning_why", locale, labels=labels) if labels else ""
    where = jump(incident) or ""
    words = text("review.warning", locale, guild=_guild_name(desk, incident), why=why, link=where)
    return await send_letter(desk, incident, "warn", words.strip())


async def send_answer(desk: Desk, incident: Incident, contest: Contest) -> bool:
    """Tell the author how their contest was answered; False when only the button can tell them."""
    words = answer_words(contest, incident.draft.locale)
    guild = text("contest.letter_head", incident.draft.locale, guild=_guild_name(desk, incident), id=incident.id)
    try:
        return await send_letter(desk, incident, "answer", f"{guild}\n{words}")
    except Refused as refused:
        logger.warning("the answer to incident %d was not delivered: %s", incident.id, refused.detail())
        return False


def answer_words(contest: Contest, locale: str) -> str:
    """Return the answer to a contest as its author reads it."""
    head = text("contest.granted" if contest.granted else "contest.refused", locale)
    said = inert((contest.answer or "")[:WORDS_LIMIT])
    return f"{head}\n> {said.replace(chr(10), chr(10) + '> ')}" if said else head


def _guild_name(desk: Desk, incident: Incident) -> str:
    guild = desk.client.get_guild(incident.draft.guild_id)
    return inert(guild.name) if guild else ""
