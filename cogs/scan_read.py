"""Reading a channel's history back: what would have been flagged, recorded as only observed and counted by label."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime

import discord

from bot.errors import DuplicateIncident
from bot.incidents import IncidentDraft, Origin, OutcomeKind
from bot.policy import LabelAction, Policy
from bot.storage import Storage
from cogs._breaker import Breaker
from cogs._censor import Censor, Judged
from cogs._handle import revision_of
from cogs._intake import Skipped, admit, facts_of, place_of
from cogs._plan import Source, plan
from cogs._refusals import FAULTS, Refusal, refused_by
from cogs._series import Fragment, RecentFragments
from cogs.review.standing import link

Readable = discord.TextChannel | discord.VoiceChannel | discord.StageChannel | discord.Thread
EXAMPLES = 5
MESSAGES_MAX = 10_000
READING = 0.5
"""The share of the progress that reading is; judging is the rest."""


@dataclass(frozen=True, slots=True)
class Bound:
    """Say how far back is read: to a time, and at most so many messages; whichever comes first."""

    since: datetime
    messages: int


@dataclass(frozen=True, slots=True)
class Example:
    """Show one find: where it stands, under which labels, and its words masked."""

    url: str
    labels: tuple[str, ...]
    masked: str = field(repr=False)


@dataclass(slots=True)
class Found:
    """Count what was found so far. `flagged` still stand and were left alone; `before` had been dealt with already."""

    read: int = 0
    judged: int = 0
    flagged: int = 0
    before: int = 0
    oldest: datetime | None = None
    labels: Counter[str] = field(default_factory=Counter)
    author_ids: set[int] = field(default_factory=set)
    examples: list[Example] = field(default_factory=list)


class Survey:
    """Read one channel once. `run` does the work, `stop` ends it early; `found` and `share` may be read meanwhile."""

    def __init__(
        self,
        client: discord.Client,
        storage: Storage,
        breaker: Breaker,
        censor: Censor,
        channel: Readable,
        bound: Bound,
        *,
        until: float,
    ) -> None:
        self.channel = channel
        self.bound = bound
        self.found = Found()
        self.cut_short = False
        self.refused: Refusal | None = None
        self._client = client
        self._storage = storage
        self._breaker = breaker
        self._any_censor = censor
        self._until = until
        self._stopped = False
        self._begun_at = discord.utils.utcnow()
        self._authors: dict[int, discord.Member | discord.User | None] = {}
        self._fragments = RecentFragments(lambda _: False)

    def stop(self) -> None:
        """End at the next message."""
        self._stopped = True

    @property
    def stopped(self) -> bool:
        """Tell whether somebody ended it early."""
        return self._stopped

    def share(self) -> float:
        """Return how much is done, from 0 to 1."""
        found = self.found
        if found.judged:
            return READING + (1 - READING) * found.judged / max(found.read, 1)
        span = (self._begun_at - self.bound.since).total_seconds()
        by_time = (self._begun_at - found.oldest).total_seconds() / span if found.oldest and span > 0 else 0.0
        return READING * min(1.0, max(found.read / self.bound.messages, by_time))

    async def run(self) -> None:
        """Read, then judge from the oldest on. Raises StorageError; what Discord refuses is noted in `refused`."""
        guild = self.channel.guild
        with self._breaker.of_guild(guild.id):
            messages = await self._read()
            policy = (await self._storage.guilds.policy(guild.id)).at(*place_of(self.channel)[0])
            censor = await self._any_censor.of(guild.id)
            while messages and not self._ended():
                await self._judge(messages.pop(), policy, censor)
                self.found.judged += 1

    def _ended(self) -> bool:
        if asyncio.get_running_loop().time() >= self._until:
            self.cut_short = True
        return self._stopped or self.cut_short

    async def _read(self) -> list[discord.Message]:
        """Return the messages within the bound, newest first."""
        messages: list[discord.Message] = []
        try:
            async for message in self.channel.history(limit=self.bound.messages, oldest_first=False):
                if message.created_at < self.bound.since or self._ended():
                    break
                messages.append(message)
                self.found.read, self.found.oldest = len(messages), message.created_at
        except FAULTS as fault:
            self.refused = refused_by(fault, Refusal.NO_READ_HISTORY).refusal
        return messages

    async def _judge(self, message: discord.Message, policy: Policy, censor: Censor) -> None:
        author = (message.channel.id, message.author.id)
        self._fragments.note(author, Fragment(message.id, message.content, message.created_at))
        if not self._admitted(message, policy):
            return
        judged = await censor.judge(message.content, policy)
        others: tuple[int, ...] = ()
        if judged.decision.action is not LabelAction.IGNORE:
            self._fragments.drop(author, message.id)
        else:
            fragments, place = self._fragments.series(author, message.id)
            texts = [one.text for one in fragments[: place + 1]]
            series = censor.judge_series(texts, policy) if len(texts) > 1 else None
            if series is None or place not in series.indexes:
                return
            ids = tuple(fragment.message_id for fragment in series.among(fragments))
            self._fragments.take(author, ids)
            judged, others = series.judged, tuple(one for one in ids if one != message.id)
        if await self._exempt(message, policy):
            return
        draft = await plan(_source(message, self.channel, others), judged, policy, censor)
        await self._note(replace(draft, observe=True, origin=Origin.SCAN), judged, policy, censor)

    def _admitted(self, message: discord.Message, policy: Policy) -> bool:
        own_user = self._client.user
        own_user_id, own_application_id = own_user.id if own_user else 0, self._client.application_id or 0
        facts = facts_of(message)
        return not isinstance(
            admit(facts, policy, own_user_id=own_user_id, own_application_id=own_application_id), Skipped
        )

    async def _exempt(self, message: discord.Message, policy: Policy) -> bool:
        """Tell whether the author has an exempt role, which Discord leaves out of a history."""
        if not policy.exempt_role_ids:
            return False
        if message.author.id not in self._authors:
            self._authors[message.author.id] = await member_of(self.channel.guild, message.author)
        author = self._authors[message.author.id]
        if author is None:
            return True  # without their roles an exempt member cannot be told from the others
        message.author = author
        return not self._admitted(message, policy)

    async def _note(self, draft: IncidentDraft, judged: Judged, policy: Policy, censor: Censor) -> None:
        found = self.found
        try:
            await self._storage.incidents.record(draft, OutcomeKind.OBSERVED)
        except DuplicateIncident:
            known = await self._storage.incidents.for_message(draft.message_id)
            standing = [one for one in known if one.draft.revision == draft.revision]
            if any(one.outcome is not OutcomeKind.OBSERVED for one in standing):
                found.before += 1
                return
        found.flagged += 1
        labels = tuple(sorted(draft.verdict["labels"], key=lambda label: -draft.verdict["labels"][label]))
        found.labels.update(labels)
        found.author_ids.add(draft.author_id)
        # The newest are shown: they are judged last.
        example = Example(link(draft, draft.message_id), labels, censor.masked(judged, policy).text)
        found.examples = [*found.examples, example][-EXAMPLES:]


async def member_of(
    guild: discord.Guild, author: discord.Member | discord.User
) -> discord.Member | discord.User | None:
    """Return somebody's membership, or the user where they have left; None where Discord does not say."""
    try:
        return await guild.fetch_member(author.id)
    except discord.NotFound:
        return author
    except FAULTS:
        return None


def _source(message: discord.Message, channel: Readable, others: tuple[int, ...]) -> Source:
    in_thread = isinstance(channel, discord.Thread)
    return Source(
        guild_id=channel.guild.id,
        channel_id=channel.parent_id if isinstance(channel, discord.Thread) else channel.id,
        thread_id=channel.id if in_thread else None,
        message_id=message.id,
        revision=revision_of(message),
        other_message_ids=others,
        author_id=message.author.id,
        display_name=message.author.display_name,
        avatar_url=message.author.display_avatar.url,
    )
