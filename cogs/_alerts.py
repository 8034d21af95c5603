"""Alerts: what the moderators' channel is told. Best effort, in a task of its own, never on the author's path."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

import discord

from bot.errors import StorageError
from bot.incidents import Incident, IncidentDraft, OutcomeKind
from bot.storage import GuildStore
from bot.texts import text
from cogs._breaker import Breaker, BreakerOpen
from cogs._enforce import PutOff, Settled
from cogs._permissions import place_of
from cogs._refusals import FAULTS, Refusal, refused_by
from cogs._watch import Remembered

logger = logging.getLogger(__name__)

QUEUE_LIMIT = 500
TRIES = 10
RECHECK_S = 2.0
"""How often an alert that must arrive is offered again while the breaker is open; asking it costs no request."""
EMBED_TEXT_LIMIT = 4_096
"""Source: Discord's developer docs, "Embed Limits", description."""
REMEMBERED = 10_000

_COLOURS = {
    OutcomeKind.MASKED: discord.Colour.orange(),
    OutcomeKind.NOT_DELETED: discord.Colour.red(),
    OutcomeKind.NOT_REPOSTED: discord.Colour.red(),
}
_UNTOLD = frozenset({OutcomeKind.OBSERVED, OutcomeKind.REMOVED_BY_OTHERS})
"""Outcomes that only stand in the record: nothing was done, and nothing is asked of anybody."""


@dataclass(frozen=True, slots=True)
class Alert:
    """Hold one thing to tell a guild's moderators; the embed is made in the guild's language when it is sent."""

    guild_id: int
    embed: Callable[[str], discord.Embed]
    must_arrive: bool = False


class Alerts:
    """Tell moderators. The queue is bounded: what does not fit is counted, and the next alert says how many."""

    def __init__(self, client: discord.Client, guilds: GuildStore, breaker: Breaker) -> None:
        self._client = client
        self._guilds = guilds
        self._breaker = breaker
        self._queue: asyncio.Queue[Alert] = asyncio.Queue(QUEUE_LIMIT)
        self._dropped: dict[int, int] = {}
        self._put_off: Remembered[int, bool] = Remembered(REMEMBERED)

    def ended(self, result: Settled | PutOff) -> None:
        """Tell how an incident ended, or, once per incident, that it has not yet."""
        guild_id = result.incident.draft.guild_id
        if isinstance(result, Settled):
            if result.outcome not in _UNTOLD:
                self._offer(Alert(guild_id, lambda locale: settled_embed(result, locale)))
        elif result.incident.id not in self._put_off:
            self._put_off.put(result.incident.id, True)
            self._offer(Alert(guild_id, lambda locale: put_off_embed(result, locale)))

    def breaker_opened(self, guild_id: int | None) -> None:
        """Tell a guild that work on it paused, as soon as it may be told; the whole bot's pause is only logged."""
        if guild_id is None:
            logger.error("too many refused requests in all: every guild waits until the window has drained")
            return
        logger.error("too many refused requests for guild %d: it waits until the window has drained", guild_id)
        self._offer(Alert(guild_id, lambda locale: _plain("alert.breaker", locale), must_arrive=True))

    def unrecorded(self, guild_id: int) -> None:
        """Tell a guild that a message was left alone because the database could not be used."""
        self._offer(Alert(guild_id, lambda locale: _plain("alert.unrecorded", locale)))

    async def run(self) -> None:
        """Send what is queued until cancelled."""
        while True:
            alert = await self._queue.get()
            try:
                await self._deliver(alert)
            except Exception:
                # An alert that breaks is lost; the next must still go out.
                logger.exception("an alert for guild %d could not be sent", alert.guild_id)
            finally:
                self._queue.task_done()

    async def drain(self) -> None:
        """Wait until everything queued was tried."""
        await self._queue.join()

    def _offer(self, alert: Alert) -> None:
        try:
            self._queue.put_nowait(alert)
        except asyncio.QueueFull:
            self._dropped[alert.guild_id] = self._dropped.get(alert.guild_id, 0) + 1

    async def _deliver(self, alert: Alert) -> None:
        for _ in range(TRIES):
            try:
                return await self._send(alert)
            except BreakerOpen as shut:
                if not alert.must_arrive:
                    return None
                # Waiting here would hold up other guilds' alerts; the queue brings it round again.
                delay = min(shut.retry_after_s, RECHECK_S)
                asyncio.get_running_loop().call_later(delay, self._offer, alert)
                return None
            except StorageError as error:
                logger.error("guild %d: its alert channel could not be read: %s", alert.guild_id, error)
                return None
            except FAULTS as fault:
                refused = refused_by(fault, Refusal.NO_SEND_MESSAGES)
                if not refused.passing:
                    logger.warning("guild %d: an alert was refused: %s", alert.guild_id, refused.detail())
                    return None
                await asyncio.sleep(refused.retry_after_s or 1.0)
        logger.warning("guild %d: an alert was given up", alert.guild_id)
        return None

    async def _send(self, alert: Alert) -> None:
        policy = await self._guilds.policy(alert.guild_id)
        if policy.alert_channel_id is None:
            return
        embed = alert.embed(policy.locale)
        dropped = self._dropped.pop(alert.guild_id, 0)
        note = text("alert.dropped", policy.locale, count=dropped) if dropped else None
        channel = self._client.get_partial_messageable(policy.alert_channel_id, guild_id=alert.guild_id)
        with self._breaker.of_guild(alert.guild_id):
            await channel.send(note, embed=embed, allowed_mentions=discord.AllowedMentions.none())


def settled_embed(settled: Settled, locale: str) -> discord.Embed:
    """Return the alert for an incident that ended."""
    incident = settled.incident
    embed = _embed(incident, text(f"alert.{settled.outcome}", locale), locale)
    embed.colour = _COLOURS.get(settled.outcome, discord.Colour.greyple())
    links = [_link(incident.draft, part.message_id) for part in incident.draft.parts if part.message_id]
    if links:
        embed.add_field(name=text("alert.field_repost", locale), value=" ".join(links[:5]))
    if settled.refusal is not None:
        problem = text(f"refusal.{settled.refusal}", locale)
        if settled.outcome is OutcomeKind.MASKED:
            problem = f"{text('alert.as_bot', locale)} {problem}"
        embed.add_field(name=text("alert.field_problem", locale), value=problem, inline=False)
    lost = dict(incident.draft.verdict.get("lost", {}))
    if settled.files_dropped:
        lost["attachments"] = lost.get("attachments", 0) + sum(len(part.files) for part in incident.draft.parts)
    if lost:
        names = ", ".join(text(f"repost.lost_{kind}", locale, count=count) for kind, count in lost.items())
        embed.add_field(name=text("alert.field_lost", locale), value=names)
    return embed


def put_off_embed(result: PutOff, locale: str) -> discord.Embed:
    """Return the alert for an incident that is not finished yet."""
    embed = _embed(result.incident, text("alert.put_off", locale), locale)
    embed.colour = discord.Colour.red()
    problem = text(f"refusal.{result.refusal}", locale)
    embed.add_field(name=text("alert.field_problem", locale), value=problem, inline=False)
    return embed


def _embed(incident: Incident, title: str, locale: str) -> discord.Embed:
    draft = incident.draft
    masked = "\n".join(part.content for part in draft.parts)
    embed = discord.Embed(title=title, description=masked[:EMBED_TEXT_LIMIT], timestamp=incident.opened_at)
    embed.add_field(name=text("alert.field_author", locale), value=f"<@{draft.author_id}>")
    embed.add_field(name=text("alert.field_channel", locale), value=f"<#{place_of(draft)}>")
    labels: dict[str, float] = draft.verdict.get("labels", {})
    scored = [f"{text(f'label.{label}', locale)} {score:.2f}" for label, score in labels.items()]
    if scored:
        embed.add_field(name=text("alert.field_labels", locale), value=", ".join(scored))
    if not draft.verdict.get("complete", True):
        embed.add_field(name="⚠", value=text("alert.incomplete", locale), inline=False)
    embed.set_footer(text=text("alert.footer", locale, id=incident.id))
    return embed


def _plain(key: str, locale: str) -> discord.Embed:
    return discord.Embed(description=text(key, locale), colour=discord.Colour.red())


def _link(draft: IncidentDraft, message_id: int) -> str:
    return f"https://discord.com/channels/{draft.guild_id}/{place_of(draft)}/{message_id}"
