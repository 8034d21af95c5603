"""The contest's own post in the moderators' channel: the author's words, the masked text, and the answer once given."""

from __future__ import annotations

import logging

import discord

from bot.errors import StorageError
from bot.incidents import Incident
from bot.records import Contest
from bot.texts import text
from cogs._card import Post, cut
from cogs._plan import inert
from cogs._press import standing
from cogs._refusals import FAULTS, Refusal, refused_by
from cogs.review import buttons
from cogs.review.desk import Desk
from cogs.review.standing import jump

logger = logging.getLogger(__name__)

POSTED = "contest_posted"
WORDS_LIMIT = 2_500
MASKED_LIMIT = 900


def post(desk: Desk, incident: Incident, words: str) -> None:
    """Tell the moderators of a contest."""

    async def posted(channel_id: int, message_id: int) -> None:
        try:
            await desk.storage.incidents.add_event(incident.id, POSTED, f"{channel_id} {message_id}")
        except StorageError as error:
            logger.error("the contest of incident %d was posted and not recorded: %s", incident.id, error)

    desk.alerts.tell(incident.draft.guild_id, lambda locale: drawn(incident, words, None, locale), posted)


async def redraw(desk: Desk, incident: Incident) -> None:
    """Show the answer in the post; best effort, the record has it. Raises StorageError."""
    contest = await desk.storage.contests.of(incident.id)
    posts = [event.detail or "" for event in await desk.storage.incidents.events(incident.id) if event.step == POSTED]
    if contest is None or not posts:
        return
    channel_id, message_id = (int(part) for part in posts[-1].split())
    policy = await desk.storage.guilds.policy(incident.draft.guild_id)
    made = drawn(incident, contest.words or "", contest, policy.locale)
    channel = desk.client.get_partial_messageable(channel_id, guild_id=incident.draft.guild_id)
    try:
        message = channel.get_partial_message(message_id)
        await message.edit(embed=made.embed, view=made.view, allowed_mentions=discord.AllowedMentions.none())
    except FAULTS as fault:
        refused = refused_by(fault, Refusal.NO_SEND_MESSAGES)
        logger.warning("the contest of incident %d could not be drawn again: %s", incident.id, refused.detail())


def drawn(incident: Incident, words: str, contest: Contest | None, locale: str) -> Post:
    """Return the post, with the answer and without its buttons once there is one."""
    answered = contest if contest is not None and contest.answered_at is not None else None
    embed = discord.Embed(
        title=text("contest.title", locale),
        description=cut(inert(words), WORDS_LIMIT),
        colour=discord.Colour.green() if answered and answered.granted else discord.Colour.blurple(),
    )
    embed.add_field(name=text("alert.field_author", locale), value=f"<@{incident.draft.author_id}>")
    address = jump(incident)
    if address:
        embed.add_field(name=text("contest.field_message", locale), value=f"[{text('alert.jump', locale)}]({address})")
    masked = cut(inert("\n".join(part.content for part in incident.draft.parts)), MASKED_LIMIT)
    if masked.strip():
        embed.add_field(name=text("contest.field_masked", locale), value=masked, inline=False)
    embed.set_footer(text=text("alert.footer", locale, id=incident.id))
    if answered is None or answered.answered_at is None:
        return Post(embed, standing(*buttons.answer_buttons(incident.id, locale)))
    what = text("review.did_contest_granted" if answered.granted else "review.did_contest_refused", locale)
    line = f"{what} · <@{answered.answered_by}> · <t:{int(answered.answered_at.timestamp())}:t>"
    said = cut(inert(answered.answer or ""), MASKED_LIMIT)
    embed.add_field(name=text("contest.field_answer", locale), value=f"{line}\n{said}".strip(), inline=False)
    return Post(embed)
