"""The enforcer's promise, exactly once, against every order of answers, doubts and deaths that hypothesis can think of.

Discord is played here by a few lines that do what is asked, or not, and say so, or not; the database is the real one.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.incidents import Incident, IncidentDraft, IncidentState, OutcomeKind, RepostPart
from bot.policy import Notice
from bot.settings import RepostSettings
from bot.storage import Storage, open_storage
from cogs import _steps as steps
from cogs._breaker import Breaker
from cogs._enforce import Enforcer, PutOff, Settled
from cogs._hands import Standing
from cogs._refusals import InDoubt, Refusal, Refused
from cogs._reposter import Reposted
from cogs._watch import DeletionWatch

MESSAGE_IDS = itertools.count(1_000_000)
POST_IDS = itertools.count(9_000_000_000)
SETTINGS = RepostSettings(attempt_limit=3)


class Death(BaseException):
    """The process ends here."""


@dataclass
class Channel:
    """A channel, and what will go wrong in it: `fate` is asked once per request."""

    fate: list[str] = field(default_factory=list)
    original_stands: bool = True
    posts: list[Standing] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    refuse_history: bool = False

    def _next(self, request: str) -> str:
        self.requests.append(request)
        fate = self.fate.pop(0) if self.fate else "well"
        if fate == "dies before":
            raise Death
        return fate

    async def delete(self, draft: IncidentDraft, message_id: int) -> bool:
        fate = self._next("delete")
        if fate == "breaker":
            raise Refused(Refusal.BREAKER_OPEN)
        if fate == "not done":
            raise Refused(Refusal.UNAVAILABLE)
        stood, self.original_stands = self.original_stands, False
        if fate == "dies after":
            raise Death
        if fate == "done unheard":
            raise Refused(Refusal.UNAVAILABLE)
        return stood

    async def repost(self, draft: IncidentDraft, part: RepostPart) -> Reposted:
        fate = self._next(f"repost {part.index}")
        if fate == "breaker":
            raise Refused(Refusal.BREAKER_OPEN)
        if fate == "not done":
            raise InDoubt("not done")
        marked = part.index if draft.notice != Notice.NONE else None
        post = Standing(next(POST_IDS), marked, draft.author_name, part.content)
        self.posts.append(post)
        if fate == "dies after":
            raise Death
        if fate == "done unheard":
            raise InDoubt("done")
        return Reposted(post.message_id)

    async def standing(self, draft: IncidentDraft, until: datetime) -> Sequence[Standing]:
        if self.refuse_history:
            raise Refused(Refusal.NO_READ_HISTORY)
        fate = self._next("history")
        if fate in ("not done", "done unheard", "breaker"):
            raise Refused(Refusal.UNAVAILABLE)
        if fate == "dies after":
            raise Death
        return list(self.posts)

    async def notify(self, draft: IncidentDraft) -> None:
        self._next("notify")


def draft(parts: int = 1, notice: Notice = Notice.BUTTON, **more: object) -> IncidentDraft:
    values: dict[str, object] = {
        "guild_id": 1,
        "channel_id": 2,
        "thread_id": None,
        "message_id": next(MESSAGE_IDS),
        "revision": 0,
        "author_id": 3,
        "author_name": "하늘",
        "avatar_url": None,
        "original": "…",
        "parts": tuple(RepostPart(index, f"●● {index % 2}") for index in range(parts)),
        "action": "mask",
        "notice": str(notice),
        "locale": "ko",
        "verdict": {"labels": {"profanity": 0.95}},
        "other_message_ids": (),
    }
    return IncidentDraft(**{**values, **more})  # type: ignore[arg-type]


async def no_wait(seconds: float) -> None:
    """Pass the time at once."""


def enforcer(storage: Storage, channel: Channel, *, on_step: Callable[[str], None] = steps.unwatched) -> Enforcer:
    """Return the enforcer of a new process: nothing is remembered but what the database holds."""
    return Enforcer(
        store=storage.incidents,
        hands=channel,
        watch=DeletionWatch(),
        breaker=Breaker(guild_limit=100, global_limit=100),
        settings=SETTINGS,
        on_step=on_step,
        sleep=no_wait,
    )


@asynccontextmanager
async def database(folder: Path) -> AsyncIterator[Storage]:
    async with open_storage(f"sqlite:///{folder / 'garim.sqlite3'}", folder / "garim.key") as storage:
        yield storage


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("enforce")


async def to_the_end(
    storage: Storage, incident: Incident, channel: Channel, deaths: Sequence[tuple[str, int]]
) -> tuple[Settled, int]:
    """Carry an incident out through every death and putting off; returns how it ended, and after how many processes."""
    left = list(deaths)

    def on_step(step: str) -> None:
        if left and left[0][0] == step.partition(":")[0]:
            name, times = left.pop(0)
            if times > 1:
                left.insert(0, (name, times - 1))
            raise Death

    processes = 1
    worker = enforcer(storage, channel, on_step=on_step)
    resumed = False
    for _ in range(100):
        current = await storage.incidents.by_id(incident.id)
        assert current is not None
        try:
            result = await worker.apply(current, resumed=resumed)
        except Death:
            processes += 1
            worker = enforcer(storage, channel, on_step=on_step)
        else:
            if isinstance(result, Settled):
                return result, processes
        resumed = True
    raise AssertionError("it never ended")


FATES = st.lists(
    st.sampled_from(["well", "well", "not done", "done unheard", "dies before", "dies after", "breaker"]), max_size=12
)
DEATHS = st.lists(
    st.tuples(st.sampled_from([step for step in steps.STEPS if step != steps.CLOSED]), st.integers(1, 2)), max_size=4
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(FATES, DEATHS, st.integers(1, 3), st.sampled_from([Notice.BUTTON, Notice.NONE]))
def test_whatever_happens_the_original_is_gone_and_every_part_stands_once(
    folder: Path, fate: list[str], deaths: list[tuple[str, int]], parts: int, notice: Notice
) -> None:
    async def scenario() -> None:
        async with database(folder) as storage:
            channel = Channel(list(fate))
            incident = await storage.incidents.open(draft(parts, notice))
            result, _ = await to_the_end(storage, incident, channel, deaths)
            assert result.outcome is OutcomeKind.MASKED
            assert not channel.original_stands
            wanted = sorted(part.content for part in incident.draft.parts)
            assert sorted(post.content for post in channel.posts) == wanted
            stored = await storage.incidents.by_id(incident.id)
            assert stored is not None
            assert stored.state is IncidentState.CLOSED
            recorded = [part.message_id for part in stored.draft.parts]
            assert sorted(str(one) for one in recorded) == sorted(str(post.message_id) for post in channel.posts)

    asyncio.run(scenario())


async def test_a_fresh_incident_without_a_doubt_reads_no_history(tmp_path: Path) -> None:
    async with database(tmp_path) as storage:
        channel = Channel()
        await enforcer(storage, channel).apply(await storage.incidents.open(draft(2)))
        assert channel.requests == ["delete", "repost 0", "repost 1"]


async def test_a_deletion_reported_before_the_first_try_is_somebody_elses_and_nothing_is_reposted(
    tmp_path: Path,
) -> None:
    async with database(tmp_path) as storage:
        channel = Channel()
        incident = await storage.incidents.open(draft())
        worker = enforcer(storage, channel)
        worker._watch.reported(incident.draft.message_id)
        result = await worker.apply(incident)
        assert isinstance(result, Settled)
        assert (result.outcome, channel.requests) == (OutcomeKind.REMOVED_BY_OTHERS, [])


async def test_a_deletion_reported_while_the_breaker_held_us_back_is_somebody_elses(tmp_path: Path) -> None:
    async with database(tmp_path) as storage:
        channel = Channel(["breaker"])
        incident = await storage.incidents.open(draft())
        worker = enforcer(storage, channel)
        assert isinstance(await worker.apply(incident), PutOff)
        worker._watch.reported(incident.draft.message_id)
        result = await worker.apply(incident, resumed=True)
        assert isinstance(result, Settled)
        assert (result.outcome, channel.posts) == (OutcomeKind.REMOVED_BY_OTHERS, [])


async def test_a_deletion_reported_after_our_first_try_is_taken_for_ours(tmp_path: Path) -> None:
    async with database(tmp_path) as storage:
        channel = Channel(["done unheard", "not done", "not done"])
        incident = await storage.incidents.open(draft())
        worker = enforcer(storage, channel)
        assert isinstance(await worker.apply(incident), PutOff)
        worker._watch.reported(incident.draft.message_id)
        result = await worker.apply(incident, resumed=True)
        assert isinstance(result, Settled)
        assert (result.outcome, len(channel.posts)) == (OutcomeKind.MASKED, 1)


async def test_a_doubt_that_cannot_be_cleared_is_left_to_a_human_rather_than_doubled(tmp_path: Path) -> None:
    async with database(tmp_path) as storage:
        channel = Channel(["well", "done unheard"], refuse_history=True)
        incident = await storage.incidents.open(draft())
        result = await enforcer(storage, channel).apply(incident)
        assert isinstance(result, Settled)
        assert (result.outcome, result.refusal, result.stuck) == (
            OutcomeKind.NOT_REPOSTED,
            Refusal.NO_READ_HISTORY,
            True,
        )
        assert len(channel.posts) == 1


async def test_two_equal_messages_without_a_button_get_two_reposts_though_both_were_in_doubt(tmp_path: Path) -> None:
    async with database(tmp_path) as storage:
        channel = Channel(["well", "well", "done unheard", "well", "done unheard"])
        one = await storage.incidents.open(draft(notice=Notice.NONE))
        two = await storage.incidents.open(draft(notice=Notice.NONE))
        worker = enforcer(storage, channel)
        await asyncio.gather(worker.apply(one), worker.apply(two))
        assert len(channel.posts) == 2
        both = [await storage.incidents.by_id(incident.id) for incident in (one, two)]
        ids = {incident.draft.parts[0].message_id for incident in both if incident is not None}
        assert ids == {post.message_id for post in channel.posts}


async def test_only_so_many_direct_messages_are_opened_in_a_minute(tmp_path: Path) -> None:
    async with database(tmp_path) as storage:
        channel = Channel()
        worker = enforcer(storage, channel)
        for _ in range(SETTINGS.dm_per_minute + 3):
            await worker.apply(await storage.incidents.open(draft(notice=Notice.DM)))
        assert channel.requests.count("notify") == SETTINGS.dm_per_minute


async def test_the_steps_are_walked_in_the_order_that_is_published(tmp_path: Path) -> None:
    seen: list[str] = []
    async with database(tmp_path) as storage:
        worker = enforcer(storage, Channel(), on_step=seen.append)
        await worker.apply(await storage.incidents.open(draft(2, Notice.DM)))
    published = [step for step in steps.STEPS if step not in steps.PART_STEPS]
    plain = [step for step in seen if ":" not in step]
    assert plain == [step for step in published if step in plain]
    assert [step for step in seen if ":" in step] == [
        steps.of_part(step, index)
        for index in range(2)
        for step in (steps.BEFORE_REPOST, steps.REPOSTED_UNRECORDED, steps.REPOSTED)
    ]
