"""Retention: every guild's own, for incidents, contests and notes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.incidents import OutcomeKind
from bot.storage import Storage, retention
from tests.bot.conftest import Clock, make_draft


async def test_each_guild_keeps_words_as_long_as_it_chose(storage: Storage, clock: Clock) -> None:
    await storage.guilds.update(2, {"retention_days": 5, "observe": True}, actor_id=9)
    await storage.guilds.update(3, {"retention_days": 100}, actor_id=9)
    await storage.guilds.update(4, {"observe": True}, actor_id=9)
    made = {}
    for guild_id in (1, 2, 3, 4):
        incident = await storage.incidents.open(make_draft(guild_id, guild_id=guild_id))
        await storage.incidents.close(incident.id, OutcomeKind.MASKED)
        made[guild_id] = incident.id

    async def erased() -> set[int]:
        found = {guild_id: await storage.incidents.by_id(one) for guild_id, one in made.items()}
        return {guild_id for guild_id, incident in found.items() if incident is not None and incident.erased}

    steps = [(4, set[int]()), (6, {2}), (31, {1, 2, 4}), (101, {1, 2, 3, 4})]
    passed = 0
    for days, expected in steps:
        clock.now += timedelta(days=days - passed)
        passed = days
        already = await erased()
        assert await storage.incidents.purge(30) == len(expected - already)
        assert await erased() == expected, f"after {days} days"


async def test_the_words_of_contests_and_closed_cases_go_too(storage: Storage, clock: Clock) -> None:
    stuck = await storage.incidents.open(make_draft(1))
    await storage.incidents.stick(stuck.id, OutcomeKind.NOT_DELETED)
    await storage.contests.open(stuck.id, 1, 7, "억울해요")
    for member in (7, 8):
        case = await storage.cases.open(1, member, 9)
        await storage.cases.note(1, case.number, 9, "메모")
    await storage.cases.close(1, 1, 9)
    clock.now += timedelta(days=31)
    assert await storage.incidents.purge(30) == 1, "what waits for a human is not kept for ever"
    contest = await storage.contests.of(stuck.id)
    assert contest is not None
    assert (contest.words, contest.author_id) == (None, 7)
    notes = [case.notes[0].words for number in (1, 2) if (case := await storage.cases.of(1, number))]
    assert notes == [None, "메모"], "an open case is in use"


async def test_more_than_a_batch_is_erased(storage: Storage, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 3)
    for number in range(7):
        await storage.incidents.record(make_draft(number), OutcomeKind.ALERTED)
    clock.now += timedelta(days=31)
    assert await storage.incidents.purge(30) == 7
    assert await storage.incidents.purge(30) == 0
