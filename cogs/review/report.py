"""Reporting a message that the bot missed: an incident of its own, once per message, handed to the moderators."""

from __future__ import annotations

import time
from collections.abc import Callable

import discord

from bot.errors import DuplicateIncident
from bot.incidents import Incident, IncidentDraft, Origin, OutcomeKind, RepostPart
from bot.policy import LabelAction, Notice
from cogs._handle import revision_of
from cogs._intake import place_of
from cogs._plan import Lost, verdict_record
from cogs._rate import TokenBucket
from cogs._watch import Remembered
from cogs.review.deeds import DeedKind, deeds_of, note
from cogs.review.desk import Denied, Desk
from cogs.review.panel import Subject

PER_WINDOW = 5
WINDOW_S = 600.0
REMEMBERED = 10_000


class ReportLimits:
    """Bound how often one member may report: so many per ten minutes, whatever the guild."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: Remembered[int, TokenBucket] = Remembered(REMEMBERED)

    def take(self, member_id: int) -> bool:
        """Take one if there is one."""
        bucket = self._buckets.get(member_id) or TokenBucket(PER_WINDOW, WINDOW_S, self._clock)
        self._buckets.put(member_id, bucket)
        return bucket.take()


async def report(desk: Desk, limits: ReportLimits, subject: Subject, guild_id: int, reporter_id: int) -> str:
    """Record the report and return the text to tell. Raises Denied, StorageError."""
    message, incident = subject.message, subject.incident
    author_id = incident.draft.author_id if incident is not None else message.author.id
    if author_id == reporter_id:
        raise Denied("report.own")
    if not subject.is_repost and (message.webhook_id is not None or message.author.bot):
        raise Denied("report.not_a_person")
    if incident is not None and not subject.is_repost:
        return await _add_to(desk, incident, reporter_id)
    reported = await desk.storage.incidents.for_message(message.id)
    if reported:
        return await _add_to(desk, reported[-1], reporter_id)
    if not limits.take(reporter_id):
        raise Denied("report.too_many", limit=PER_WINDOW)
    draft = await _draft(desk, subject, guild_id, author_id)
    try:
        made = await desk.storage.incidents.record(draft, OutcomeKind.REPORTED)
    except DuplicateIncident:
        return "report.before"
    await note(desk.storage.incidents, made.id, DeedKind.REPORTED, reporter_id)
    desk.alerts.recorded(made)
    return "report.sent"


async def _add_to(desk: Desk, incident: Incident, reporter_id: int) -> str:
    """Add a voice to an incident that there is; one that the moderators were not told of, they are told of now."""
    deeds = deeds_of(await desk.storage.incidents.events(incident.id))
    if any(deed.kind is DeedKind.REPORTED for deed in deeds):
        return "report.before"
    await note(desk.storage.incidents, incident.id, DeedKind.REPORTED, reporter_id)
    if await desk.storage.alert_posts.of(incident.id) is None:
        desk.alerts.recorded(incident)
    return "report.sent"


async def _draft(desk: Desk, subject: Subject, guild_id: int, author_id: int) -> IncidentDraft:
    message = subject.message
    places = place_of(message.channel)[0]
    policy = (await desk.storage.guilds.policy(guild_id)).at(*places)
    censor = await desk.censor.of(guild_id)
    judged = await censor.judge(message.content, policy)
    channel = message.channel
    in_thread = isinstance(channel, discord.Thread)
    return IncidentDraft(
        guild_id=guild_id,
        channel_id=channel.parent_id if isinstance(channel, discord.Thread) else channel.id,
        thread_id=channel.id if in_thread else None,
        message_id=message.id,
        revision=revision_of(message),
        author_id=author_id,
        author_name=message.author.display_name,
        avatar_url=message.author.display_avatar.url,
        original=message.content,
        parts=(RepostPart(0, await censor.cover(message.content, policy)),),
        action=LabelAction.ALERT,
        notice=Notice.NONE,
        locale=policy.locale,
        verdict=verdict_record(judged, Lost()),
        origin=Origin.REPORT,
    )
