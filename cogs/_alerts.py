"""Alerts: what the moderators' channel is told. Best effort, in a task of its own, never on the author's path."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import discord

from bot.errors import GarimError, StorageError
from bot.incidents import Incident, IncidentFilter, Origin, OutcomeKind
from bot.policy import Policy
from bot.storage import Storage
from bot.texts import text
from cogs._breaker import Breaker, BreakerOpen
from cogs._card import Entry, Post, card, entry_of
from cogs._enforce import PutOff, Settled
from cogs._refusals import FAULTS, Refusal, refused_by
from cogs._watch import KeyedLocks, Remembered
from cogs.review.buttons import CHOICE_LIMIT

logger = logging.getLogger(__name__)

QUEUE_LIMIT = 500
TRIES = 10
RECHECK_S = 2.0
"""How often an alert that must arrive is offered again while the breaker is open; asking it costs no request."""
REMEMBERED = 10_000
FOLD_S = 600.0
"""How soon after an author's last incident the next one joins its alert instead of making another."""

_UNTOLD = frozenset({OutcomeKind.OBSERVED, OutcomeKind.REMOVED_BY_OTHERS})
"""Outcomes that only stand in the record: nothing was done, and nothing is asked of anybody."""
_FOLDED = frozenset({Origin.MESSAGE, Origin.SCAN})
"""Where incidents come from that join an alert of their author's, those of each kind among themselves."""
_ALERT_GONE = frozenset({Refusal.MESSAGE_GONE, Refusal.CHANNEL_GONE})

MakePost = Callable[[str], Post]
Posted = Callable[[int, int], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Alert:
    """Hold one thing to tell a guild's moderators: an incident, or a post made in the guild's language when sent."""

    guild_id: int
    make: MakePost | None = None
    entry: Entry | None = None
    posted: Posted | None = None
    must_arrive: bool = False


class Alerts:
    """Tell moderators. The queue is bounded: what does not fit is counted, and the next alert says how many."""

    def __init__(self, client: discord.Client, storage: Storage, breaker: Breaker) -> None:
        self._client = client
        self._storage = storage
        self._breaker = breaker
        self._queue: asyncio.Queue[Alert] = asyncio.Queue(QUEUE_LIMIT)
        self._dropped: dict[int, int] = {}
        self._put_off: Remembered[int, Refusal] = Remembered(REMEMBERED)
        self._drawing: KeyedLocks[int] = KeyedLocks()

    def ended(self, result: Settled | PutOff) -> None:
        """Tell how an incident ended, or, once per incident, that it has not yet."""
        incident = result.incident
        if isinstance(result, Settled):
            self._put_off.forget(incident.id)
            if result.outcome not in _UNTOLD:
                detail = str(result.refusal) if result.refusal else None
                incident = replace(incident, outcome=result.outcome, outcome_detail=detail)
                entry = Entry(incident, files_dropped=result.files_dropped)
                self._offer(Alert(incident.draft.guild_id, entry=entry))
        elif incident.id not in self._put_off:
            self._put_off.put(incident.id, result.refusal)
            self._offer(Alert(incident.draft.guild_id, entry=Entry(incident, put_off=result.refusal)))

    def recorded(self, incident: Incident) -> None:
        """Tell of an incident that was recorded as it stands: a report, a scan's find, what AutoMod blocked."""
        self._offer(Alert(incident.draft.guild_id, entry=Entry(incident), must_arrive=True))

    def tell(self, guild_id: int, make: MakePost, posted: Posted | None = None) -> None:
        """Post something else, as soon as it may be; `posted` is then told the channel and the message."""
        self._offer(Alert(guild_id, make, posted=posted, must_arrive=True))

    def breaker_opened(self, guild_id: int | None) -> None:
        """Tell a guild that work on it paused, as soon as it may be told; the whole bot's pause is only logged."""
        if guild_id is None:
            logger.error("too many refused requests in all: every guild waits until the window has drained")
            return
        logger.error("too many refused requests for guild %d: it waits until the window has drained", guild_id)
        self.tell(guild_id, lambda locale: _plain("alert.breaker", locale))

    def unrecorded(self, guild_id: int) -> None:
        """Tell a guild that a message was left alone because the database could not be used."""
        self._offer(Alert(guild_id, lambda locale: _plain("alert.unrecorded", locale)))

    async def refresh(self, incident_id: int) -> None:
        """Draw the alert that tells of an incident again, from the record; a failure is logged."""
        try:
            standing = await self._storage.alert_posts.of(incident_id)
            if standing is not None:
                policy = await self._storage.guilds.policy(standing.guild_id)
                with self._breaker.of_guild(standing.guild_id):
                    await self._redraw(standing.guild_id, standing.channel_id, standing.message_id, policy.locale)
        except GarimError as error:
            logger.error("the alert of incident %d could not be drawn again: %s", incident_id, error)
        except FAULTS as fault:
            refused = refused_by(fault, Refusal.NO_SEND_MESSAGES)
            logger.warning("the alert of incident %d could not be edited: %s", incident_id, refused.detail())

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
        policy = await self._storage.guilds.policy(alert.guild_id)
        if policy.alert_channel_id is None:
            return
        with self._breaker.of_guild(alert.guild_id):
            if alert.entry is not None:
                await self._send_entry(alert.entry, policy, policy.alert_channel_id)
            elif alert.make is not None:
                message_id = await self._post(alert.guild_id, policy, alert.make(policy.locale))
                if alert.posted is not None:
                    await alert.posted(policy.alert_channel_id, message_id)

    async def _send_entry(self, entry: Entry, policy: Policy, channel_id: int) -> None:
        """Draw an incident into the alert that tells of it or of its like; post one where there is none."""
        incident = entry.incident
        guild_id = incident.draft.guild_id
        try:
            standing = await self._standing(incident, channel_id)
            if standing is not None:
                await self._storage.alert_posts.record(incident.id, guild_id, channel_id, standing)
                if await self._redraw(guild_id, channel_id, standing, policy.locale):
                    return
            entry = await self._entry(incident.id) or entry
        except StorageError as error:
            # Without the database an alert stands by itself, and shows what the engine said of it.
            logger.error("the alert of incident %d could not be read: %s", incident.id, error)
        message_id = await self._post(guild_id, policy, card([entry], policy.locale))
        try:
            await self._storage.alert_posts.record(incident.id, guild_id, channel_id, message_id)
            now = await self._entry(incident.id)
            if now is not None and now.deeds != entry.deeds:
                # Something was done between reading and recording, by whom no alert could be found yet.
                await self._redraw(guild_id, channel_id, message_id, policy.locale)
        except StorageError as error:
            logger.error("the alert of incident %d could not be recorded: %s", incident.id, error)

    async def _post(self, guild_id: int, policy: Policy, post: Post) -> int:
        dropped = self._dropped.pop(guild_id, 0)
        note = text("alert.dropped", policy.locale, count=dropped) if dropped else post.content
        channel = self._client.get_partial_messageable(policy.alert_channel_id or 0, guild_id=guild_id)
        view = post.view or discord.utils.MISSING
        none = discord.AllowedMentions.none()
        return (await channel.send(note, embed=post.embed, view=view, allowed_mentions=none)).id

    async def _standing(self, incident: Incident, channel_id: int) -> int | None:
        """Return the alert's message in this channel: the incident's own, or one that it folds into."""
        own = await self._storage.alert_posts.of(incident.id)
        if own is not None:
            return own.message_id if own.channel_id == channel_id else None
        draft = incident.draft
        if draft.origin not in _FOLDED:
            return None
        earlier = IncidentFilter(
            guild_id=draft.guild_id,
            author_id=draft.author_id,
            origin=Origin(draft.origin),
            since=incident.opened_at - timedelta(seconds=FOLD_S),
            limit=CHOICE_LIMIT,
        )
        for summary in await self._storage.incidents.search(earlier):
            post = await self._storage.alert_posts.of(summary.id)
            if post is not None and post.channel_id == channel_id:
                full = len(await self._storage.alert_posts.incidents_of(post.message_id)) >= CHOICE_LIMIT
                return None if full else post.message_id
        return None

    async def _redraw(self, guild_id: int, channel_id: int, message_id: int, locale: str) -> bool:
        """Edit an alert to what the record says now; False when the message is gone."""
        async with self._drawing.holding(message_id):
            told = await self._storage.alert_posts.incidents_of(message_id)
            entries = [entry for incident_id in told if (entry := await self._entry(incident_id)) is not None]
            if not entries:
                return False
            post = card(entries, locale)
            channel = self._client.get_partial_messageable(channel_id, guild_id=guild_id)
            none = discord.AllowedMentions.none()
            try:
                message = channel.get_partial_message(message_id)
                await message.edit(embed=post.embed, view=post.view, allowed_mentions=none)
            except FAULTS as fault:
                if refused_by(fault, Refusal.NO_SEND_MESSAGES).refusal not in _ALERT_GONE:
                    raise
                return False
            return True

    async def _entry(self, incident_id: int) -> Entry | None:
        incident = await self._storage.incidents.by_id(incident_id)
        if incident is None:
            return None
        events = await self._storage.incidents.events(incident_id)
        put_off = self._put_off.get(incident_id) if incident.outcome is None else None
        return entry_of(incident, events, put_off)


def _plain(key: str, locale: str) -> Post:
    return Post(discord.Embed(description=text(key, locale), colour=discord.Colour.red()))
