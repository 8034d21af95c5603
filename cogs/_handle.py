"""The path of a message, on one screen: admit, inspect, decide, plan, open, enforce."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace

import discord

from bot.errors import DuplicateIncident, StorageError
from bot.incidents import Incident, IncidentDraft, Origin, OutcomeKind, SpooledFile
from bot.policy import LabelAction, Policy
from bot.storage import GuildStore, IncidentStore
from cogs import _steps as steps
from cogs._censor import Censor, Judged, JudgedSeries
from cogs._enforce import PutOff, Settled
from cogs._files import FileFetcher
from cogs._finish import Finisher
from cogs._intake import Admitted, Skipped, SkipReason, admit, facts_of, place_of
from cogs._plan import Lost, ReplyTo, Source, plan
from cogs._refusals import FAULTS, Refusal, refused_by
from cogs._series import Fragment, RecentFragments
from cogs._watch import DeletionWatch, KeyedLocks, Remembered

logger = logging.getLogger(__name__)

REMEMBERED_EDITS = 50_000
STILL_STANDING = frozenset({OutcomeKind.NOT_DELETED, OutcomeKind.ALERTED, OutcomeKind.OBSERVED})
"""Outcomes that leave the original where it was, so that a later edit of it is a matter of its own."""


@dataclass(frozen=True, slots=True)
class Clean:
    """Say that a message was inspected and nothing was flagged."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Hold what holds where a message stands: the policy and the censor, and the channel where it is known.

    `scanned` means that the message is old and was asked for: an incident that only observed it is opened anew.
    """

    policy: Policy
    censor: Censor
    channel: object | None = None
    scanned: bool = False


Handled = Skipped | Clean | Settled | PutOff


class Handler:
    """Take messages and edits through the whole path, one at a time per message, many messages at once."""

    def __init__(
        self,
        *,
        client: discord.Client,
        guilds: GuildStore,
        incidents: IncidentStore,
        censor: Censor,
        files: FileFetcher,
        finisher: Finisher,
        watch: DeletionWatch,
        messages: KeyedLocks[int],
        on_step: steps.OnStep = steps.unwatched,
    ) -> None:
        self._client = client
        self._guilds = guilds
        self._incidents = incidents
        self._censor = censor
        self._files = files
        self._finisher = finisher
        self._watch = watch
        self._messages = messages
        self._step = on_step
        self._fragments = RecentFragments(watch.removed_by_others)
        self._newest_edit: Remembered[int, int] = Remembered(REMEMBERED_EDITS)
        self._inspected_edit: Remembered[int, int] = Remembered(REMEMBERED_EDITS)

    async def handle(self, message: discord.Message, *, scanned: bool = False) -> Handled:
        """Handle a new message, or an edited one, in the state in which Discord sent it; see Ground for `scanned`.

        Raises StorageError when the guild's policy or the incident cannot be read or kept: then nothing was touched.
        """
        if message.guild is None:
            return Skipped(SkipReason.DIRECT)
        fragment = Fragment(message.id, message.content, message.created_at)
        self._fragments.note((message.channel.id, message.author.id), fragment)
        policy = await self._guilds.policy(message.guild.id)
        admitted = self._admit(message, policy)
        if isinstance(admitted, Skipped):
            return admitted
        revision = revision_of(message)
        if revision:
            self._newest_edit.put(message.id, max(revision, self._newest_edit.get(message.id) or 0))
        async with self._messages.holding(message.id):
            stale = self._stale(message, revision, scanned=scanned)
            if stale is not None:
                return Skipped(stale)
            channel: object | None = message.channel if admitted.place_known else None
            if channel is None and policy.channels:
                # Which rules hold decides what is flagged: the place must be known before the words are read.
                channel = await self._look_up(message)
                if _is_exempt(channel, policy):
                    return Skipped(SkipReason.EXEMPT_CHANNEL)
            here = policy.at(*place_of(channel or message.channel)[0])
            ground = Ground(here, await self._censor.of(message.guild.id), channel, scanned)
            result = await self._inspect(message, revision, ground)
            if revision:
                # Only now: an edit whose incident could not be kept comes again, and must not look familiar then.
                self._inspected_edit.put(message.id, _fingerprint(message, revision))
            return result

    async def _inspect(self, message: discord.Message, revision: int, ground: Ground) -> Handled:
        judged = await ground.censor.judge(message.content, ground.policy)
        author = (message.channel.id, message.author.id)
        if judged.decision.action is not LabelAction.IGNORE:
            self._fragments.drop(author, message.id)
            self._step(steps.VERDICT)
            return await self._act(message, revision, judged, (), ground)
        fragments, place = self._fragments.series(author, message.id)
        series = _spelt_at(place, fragments, ground, past=revision > 0)
        if series is None:
            return Clean()
        self._step(steps.VERDICT)
        return await self._act_on_series(message, revision, series, fragments, ground)

    async def _act_on_series(
        self,
        message: discord.Message,
        revision: int,
        series: JudgedSeries,
        fragments: tuple[Fragment, ...],
        ground: Ground,
    ) -> Handled:
        """Act on messages that are clean one by one; while that lasts they belong to this incident alone."""
        author = (message.channel.id, message.author.id)
        ids = tuple(fragment.message_id for fragment in series.among(fragments))
        others = tuple(one for one in ids if one != message.id)
        self._fragments.take(author, ids)
        try:
            result = await self._act(message, revision, series.judged, others, ground)
        except StorageError:
            self._fragments.restore(author, fragments)
            raise
        if isinstance(result, Settled) and result.outcome in STILL_STANDING:
            self._fragments.give_back(ids)
        return result

    def _admit(self, message: discord.Message, policy: Policy) -> Admitted | Skipped:
        own_user = self._client.user
        return admit(
            facts_of(message),
            policy,
            own_user_id=own_user.id if own_user else 0,
            own_application_id=self._client.application_id or 0,
        )

    def _stale(self, message: discord.Message, revision: int, *, scanned: bool) -> SkipReason | None:
        """Return why this revision need not be inspected any more, if so; asked under the message's lock."""
        if self._watch.removed_by_others(message.id) or self._fragments.is_taken(message.id):
            return SkipReason.GONE
        if (self._newest_edit.get(message.id) or 0) > revision:
            return SkipReason.SUPERSEDED
        if revision and not scanned and self._inspected_edit.get(message.id) == _fingerprint(message, revision):
            return SkipReason.UNCHANGED
        return None

    async def _act(
        self,
        message: discord.Message,
        revision: int,
        judged: Judged,
        others: tuple[int, ...],
        ground: Ground,
    ) -> Handled:
        if revision and await self._dealt_with(message.id):
            return Skipped(SkipReason.GONE)
        if ground.channel is None:
            ground = replace(ground, channel=await self._look_up(message))
            if _is_exempt(ground.channel, ground.policy):
                return Skipped(SkipReason.EXEMPT_CHANNEL)
        source = await self._source(message, revision, judged, others, ground)
        draft = await plan(source, judged, ground.policy, ground.censor)
        if self._watch.removed_by_others(message.id) and not source.files:
            return Skipped(SkipReason.GONE)
        self._step(steps.BEFORE_OPEN)
        try:
            incident = await self._open(draft, ground)
        except DuplicateIncident:
            await self._files.discard(source.files)
            return Skipped(SkipReason.UNCHANGED)
        self._step(steps.OPENED)
        return await self._finisher.fresh(incident)

    async def _open(self, draft: IncidentDraft, ground: Ground) -> Incident:
        if not ground.scanned:
            return await self._incidents.open(draft)
        draft = replace(draft, origin=Origin.SCAN)
        again = None if draft.observe else await self._incidents.reopen(draft)
        return again or await self._incidents.open(draft)

    async def _dealt_with(self, message_id: int) -> bool:
        """Tell whether an earlier revision of the message is being deleted, or was: there is one repost per message."""
        earlier = await self._incidents.for_message(message_id)
        return any(incident.outcome not in STILL_STANDING for incident in earlier)

    async def _look_up(self, message: discord.Message) -> object:
        """Ask Discord for a channel that is not in the cache; where it does not say, the message's own word must do."""
        try:
            return await self._client.fetch_channel(message.channel.id)
        except (*FAULTS, discord.InvalidData) as fault:
            refusal = refused_by(fault, Refusal.NO_ACCESS).refusal
            logger.warning("channel %d is not known and could not be looked up: %s", message.channel.id, refusal)
            return message.channel

    async def _source(
        self,
        message: discord.Message,
        revision: int,
        judged: Judged,
        others: tuple[int, ...],
        ground: Ground,
    ) -> Source:
        assert message.guild is not None  # noqa: S101 - admission let it through
        file_limit = message.guild.filesize_limit
        carries = judged.decision.action is LabelAction.MASK and not judged.decision.observe
        files: tuple[SpooledFile, ...] = ()
        files_lost = 0
        if carries and message.attachments:
            self._step(steps.BEFORE_SPOOL)
            files, files_lost = await self._files.fetch(message.attachments, ground.policy, file_limit, ground.censor)
            self._step(steps.SPOOLED)
        channel = ground.channel
        in_thread = isinstance(channel, discord.Thread)
        return Source(
            guild_id=message.guild.id,
            channel_id=channel.parent_id if isinstance(channel, discord.Thread) else message.channel.id,
            thread_id=message.channel.id if in_thread else None,
            message_id=message.id,
            revision=revision,
            other_message_ids=others,
            author_id=message.author.id,
            display_name=message.author.display_name,
            avatar_url=message.author.display_avatar.url,
            reply=_reply_of(message),
            files=files,
            lost=Lost(files_lost, len(message.stickers), int(message.poll is not None)),
            file_limit_bytes=file_limit,
        )


def _spelt_at(place: int, fragments: tuple[Fragment, ...], ground: Ground, *, past: bool) -> JudgedSeries | None:
    """Return what the author's messages spell with the one at a place: those up to it, or, with `past`, all."""
    for until in dict.fromkeys((len(fragments) if past else place + 1, place + 1)):
        texts = [one.text for one in fragments[:until]]
        series = ground.censor.judge_series(texts, ground.policy) if until > 1 else None
        if series is not None and place in series.indexes:
            return series
    return None


def _is_exempt(channel: object, policy: Policy) -> bool:
    return not policy.exempt_channel_ids.isdisjoint(place_of(channel)[0])


def revision_of(message: discord.Message) -> int:
    """Return 0 for a message never edited, else its last edit's time in Unix milliseconds."""
    return 0 if message.edited_at is None else round(message.edited_at.timestamp() * 1000)


def _fingerprint(message: discord.Message, revision: int) -> int:
    """Return what tells an event that comes again (a preview of an edited link) from a second edit in a millisecond."""
    return hash((revision, message.content))


def _reply_of(message: discord.Message) -> ReplyTo | None:
    reference = message.reference
    if message.type is not discord.MessageType.reply or reference is None or reference.message_id is None:
        return None
    replied = reference.resolved if isinstance(reference.resolved, discord.Message) else None
    return ReplyTo(
        message_id=reference.message_id,
        url=reference.jump_url,
        author_name=replied.author.display_name if replied else None,
        content=replied.content if replied else None,
    )
