"""The enforcer: delete, repost, tell, close. The same code finishes a fresh incident and one found after a restart.

Exactly once rests on four things: the intent is committed before `apply` is called; a delete that finds nothing counts
as ours unless somebody else's deletion was reported before our first try; a repost is sent once and, whenever that left
a doubt, looked for in the channel before it is sent again; and every repost carries the incident's key.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import NoReturn

from bot.errors import StorageError
from bot.incidents import Incident, IncidentState, OutcomeKind, RepostPart
from bot.policy import LabelAction, Notice
from bot.settings import RepostSettings
from bot.storage import IncidentStore
from cogs import _steps as steps
from cogs._adopt import match_standing
from cogs._breaker import Breaker
from cogs._hands import CLOCK_MARGIN, Hands
from cogs._ledger import Ledger
from cogs._permissions import place_of
from cogs._rate import TokenBucket
from cogs._refusals import InDoubt, Refusal, Refused
from cogs._watch import DeletionWatch, KeyedLocks, Remembered

CLAIM_LIMIT = 10_000
FILES_DROPPED = "files_dropped"
"""The event that says that Discord did not take a repost's files."""
TRY_AGAIN = "try_again"
"""The event written before an incident is taken up again: a repost may have been sent as late as just after it."""

Sleep = Callable[[float], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Settled:
    """Say how an incident ended. `refusal` is what stood in the way, if anything; `parts` carry the reposts' ids."""

    incident: Incident
    outcome: OutcomeKind
    refusal: Refusal | None = None
    stuck: bool = False
    files_dropped: bool = False


@dataclass(frozen=True, slots=True)
class PutOff:
    """Say that an incident is not finished, why, and that it is safe to take it up again."""

    incident: Incident
    refusal: Refusal
    retry_after_s: float | None = None


class _Stop(Exception):  # noqa: N818 - carries a result out of the steps, is no error
    def __init__(
        self, outcome: OutcomeKind, refusal: Refusal | None, *, stuck: bool = False, detail: str | None = None
    ):
        super().__init__(str(outcome))
        self.outcome = outcome
        self.refusal = refusal
        self.stuck = stuck
        self.detail = detail


class Enforcer:
    """Carry out incidents. `apply` may be called for many at once, but never twice at once for one message."""

    def __init__(
        self,
        *,
        store: IncidentStore,
        hands: Hands,
        watch: DeletionWatch,
        breaker: Breaker,
        settings: RepostSettings,
        on_step: steps.OnStep = steps.unwatched,
        sleep: Sleep = asyncio.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self._hands = hands
        self._watch = watch
        self._breaker = breaker
        self._settings = settings
        self._step = on_step
        self._sleep = sleep
        self._now = now
        self._opened_here: Remembered[int, bool] = Remembered(CLAIM_LIMIT)
        self._claims: Remembered[int, bool] = Remembered(CLAIM_LIMIT)
        self._unmarked: KeyedLocks[int] = KeyedLocks()
        self._dms = TokenBucket(settings.dm_per_minute, 60.0)

    async def apply(self, incident: Incident, *, resumed: bool = False) -> Settled | PutOff:
        """Do what is left to do. `resumed` means that an earlier try, of this process or another, may have acted."""
        with self._breaker.of_guild(incident.draft.guild_id):
            if not resumed:
                self._opened_here.put(incident.id, True)
            run = _Run(self, incident, resumed)
            try:
                await run.through()
            except _Stop as stop:
                return await run.end(stop)
            except Refused as refused:
                return PutOff(run.incident, refused.refusal, refused.retry_after_s)
            except (InDoubt, StorageError):
                return PutOff(run.incident, Refusal.UNAVAILABLE)


class _Run:
    """One pass over one incident."""

    def __init__(self, enforcer: Enforcer, incident: Incident, resumed: bool) -> None:
        self._e = enforcer
        self.incident = incident
        self._resumed = resumed
        self._ledger = Ledger(enforcer._store, incident)
        self._as_bot: Refusal | None = None
        self._files_dropped = False

    async def through(self) -> NoReturn:
        """Walk the steps; always ends by raising _Stop, Refused (passing) or InDoubt."""
        draft = self.incident.draft
        if draft.observe:
            raise _Stop(OutcomeKind.OBSERVED, None)
        if draft.action == LabelAction.ALERT:
            raise _Stop(OutcomeKind.ALERTED, None)
        if self._resumed:
            await self._ledger.event(TRY_AGAIN)
        if self.incident.state is IncidentState.OPEN:
            await self._delete()
            await self._ledger.deleted()
            self._e._step(steps.DELETED)
        if draft.action == LabelAction.DELETE:
            raise _Stop(OutcomeKind.DELETED_ONLY, None)
        await self._repost()
        await self._notify()
        raise _Stop(OutcomeKind.MASKED, self._as_bot)

    async def end(self, stop: _Stop) -> Settled | PutOff:
        """Record how it ended. Where the database is away the incident stays unfinished, and is found again."""
        detail = stop.detail or (str(stop.refusal) if stop.refusal else None)
        self._e._step(steps.BEFORE_CLOSE)
        if stop.stuck:
            await self._ledger.stuck(stop.outcome, detail)
        else:
            await self._ledger.closed(stop.outcome, detail)
        if self._ledger.behind:
            return PutOff(self.incident, Refusal.UNAVAILABLE)
        self._e._step(steps.CLOSED)
        return Settled(self.incident, stop.outcome, stop.refusal, stop.stuck, self._files_dropped)

    async def _delete(self) -> None:
        draft = self.incident.draft
        await self._delete_message(draft.message_id, steps.BEFORE_DELETE)
        self._e._step(steps.DELETED_UNRECORDED)
        for order, message_id in enumerate(reversed(draft.other_message_ids)):
            try:
                await self._delete_message(message_id, steps.of_part(steps.BEFORE_OTHER, order))
            except _Stop as stop:
                # What may stand is a letter or two: the word that they spelt went with its last message.
                await self._ledger.event(f"other_left:{message_id}", stop.detail or str(stop.outcome))
            self._e._step(steps.of_part(steps.OTHER_DELETED, order))

    async def _delete_message(self, message_id: int, step: str) -> None:
        watch = self._e._watch
        # What an earlier process did is not known, so its deletes count as tried; our own are remembered.
        tried = watch.tried(message_id) or self.incident.id not in self._e._opened_here
        for attempt in range(self._e._settings.attempt_limit):
            if not tried and watch.removed_by_others(message_id):
                raise _Stop(OutcomeKind.REMOVED_BY_OTHERS, None)
            self._e._step(step)
            watch.trying(message_id)
            try:
                await self._e._hands.delete(self.incident.draft, message_id)
            except Refused as refused:
                if refused.refusal is Refusal.BREAKER_OPEN and not tried:
                    watch.not_sent(message_id)
                await self._after_refused_delete(refused, attempt)
                tried = tried or refused.refusal is not Refusal.BREAKER_OPEN
                continue
            return
        raise Refused(Refusal.UNAVAILABLE)

    async def _after_refused_delete(self, refused: Refused, attempt: int) -> None:
        if refused.refusal is Refusal.CHANNEL_GONE:
            raise _Stop(OutcomeKind.REMOVED_BY_OTHERS, refused.refusal)
        if not refused.passing:
            raise _Stop(OutcomeKind.NOT_DELETED, refused.refusal, stuck=True, detail=refused.detail())
        # discord.py has repeated a 5xx already, and a rate limit names its time: only time-outs are repeated here.
        if refused.refusal is not Refusal.UNAVAILABLE or refused.status:
            raise refused
        await self._back_off(attempt)

    async def _repost(self) -> None:
        if self._resumed and any(part.message_id is None for part in self.incident.draft.parts):
            await self._adopt()
        for part in self.incident.draft.parts:
            if part.message_id is None:
                await self._repost_part(part)

    async def _repost_part(self, part: RepostPart) -> None:
        if self.incident.draft.notice != Notice.NONE:
            await self._post_until_certain(part)
            return
        # Without the button two equal reposts look alike: one at a time per place, or one could be taken for the other.
        async with self._e._unmarked.holding(place_of(self.incident.draft)):
            await self._post_until_certain(part)

    async def _post_until_certain(self, part: RepostPart) -> None:
        for attempt in range(self._e._settings.attempt_limit):
            self._e._step(steps.of_part(steps.BEFORE_REPOST, part.index))
            try:
                posted = await self._e._hands.repost(self.incident.draft, part)
            except Refused as refused:
                if refused.passing:
                    raise
                raise self._not_reposted(refused) from None
            except InDoubt:
                await self._adopt()
                if self._stands(part.index):
                    return
                await self._back_off(attempt)
                continue
            self._as_bot = self._as_bot or posted.as_bot
            if posted.files_dropped and not self._files_dropped:
                self._files_dropped = True
                await self._ledger.event(FILES_DROPPED)
            await self._stood(part.index, posted.message_id)
            return
        raise InDoubt("every try to repost was left without an answer")

    def _not_reposted(self, refused: Refused) -> _Stop:
        # Nothing can be posted here by anybody of ours: what the guild allows is deleting, and that is done.
        only_deleting = refused.refusal in (Refusal.NO_SEND_MESSAGES, Refusal.NO_ACCESS)
        outcome = OutcomeKind.DELETED_ONLY if only_deleting else OutcomeKind.NOT_REPOSTED
        return _Stop(outcome, refused.refusal, stuck=not only_deleting, detail=refused.detail())

    async def _adopt(self) -> None:
        """Look for parts that stand already, after the time that a request under way may still need."""
        await self._e._sleep(self._e._settings.doubt_wait_ms / 1000)
        draft = self.incident.draft
        try:
            standing = await self._e._hands.standing(draft, await self._latest_try())
        except Refused as refused:
            if refused.passing:
                raise
            # Posting again could double the message, not posting could lose it: a human has to look.
            raise _Stop(OutcomeKind.NOT_REPOSTED, refused.refusal, stuck=True, detail=refused.detail()) from None
        taken = await self._e._store.claimed([post.message_id for post in standing])
        free = [post for post in standing if post.message_id not in taken and post.message_id not in self._e._claims]
        for index, message_id in match_standing(draft, free).items():
            await self._stood(index, message_id)

    async def _latest_try(self) -> datetime:
        """Return the time after which no repost of this incident can stand."""
        tries = [self.incident.opened_at]
        tries += [event.at for event in await self._e._store.events(self.incident.id) if event.step == TRY_AGAIN]
        settings = self._e._settings
        per_try_ms = settings.request_timeout_ms + settings.doubt_wait_ms + settings.retry_max_ms
        return max(tries) + timedelta(milliseconds=per_try_ms * settings.attempt_limit) + CLOCK_MARGIN

    async def _stood(self, index: int, message_id: int) -> None:
        self._e._claims.put(message_id, True)
        self._e._step(steps.of_part(steps.REPOSTED_UNRECORDED, index))
        draft = self.incident.draft
        parts = tuple(replace(part, message_id=message_id) if part.index == index else part for part in draft.parts)
        self.incident = replace(self.incident, draft=replace(draft, parts=parts))
        await self._ledger.reposted(index, message_id)
        self._e._step(steps.of_part(steps.REPOSTED, index))

    def _stands(self, index: int) -> bool:
        return any(part.index == index and part.message_id is not None for part in self.incident.draft.parts)

    async def _notify(self) -> None:
        draft = self.incident.draft
        if draft.notice != Notice.DM:
            return
        self._e._step(steps.BEFORE_NOTICE)
        if self._e._dms.take():
            try:
                await self._e._hands.notify(draft)
                await self._ledger.event("notified")
            except Refused as refused:
                await self._ledger.event("not_notified", refused.detail())
        else:
            await self._ledger.event("not_notified", "too many direct messages this minute")
        self._e._step(steps.NOTICED)

    async def _back_off(self, attempt: int) -> None:
        settings = self._e._settings
        await self._e._sleep(min(settings.retry_base_ms * 2**attempt, settings.retry_max_ms) / 1000)
