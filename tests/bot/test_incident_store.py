"""IncidentStore, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import os
import signal
import sqlite3
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.crypto import Keyring, create_keyring
from bot.errors import DuplicateIncident, StorageError, TransitionRefused
from bot.incidents import IncidentFilter, IncidentState, OutcomeKind, RepostPart
from bot.storage import Storage, open_storage
from bot.storage.transitions import RANK, advance
from tests.bot.conftest import Clock, make_draft

S = IncidentState


async def test_an_incident_comes_back_as_it_was_opened(storage: Storage) -> None:
    draft = make_draft(thread_id=12, revision=1_700_000_000_123, observe=True)
    opened = await storage.incidents.open(draft)
    assert opened.state is S.OPEN
    for found in (
        await storage.incidents.by_id(opened.id),
        await storage.incidents.by_key(draft.key),
        *(await storage.incidents.for_message(draft.message_id)),
        *(await storage.incidents.unfinished()),
    ):
        assert found == opened
    assert opened.opened_at.utcoffset() == timedelta(0)


async def test_a_revision_has_one_incident_whoever_asks_at_once(storage: Storage) -> None:
    results = await asyncio.gather(*(storage.incidents.open(make_draft(5)) for _ in range(5)), return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["DuplicateIncident"] * 4 + ["Incident"]
    assert (await storage.incidents.open(make_draft(5, revision=1))).draft.revision == 1


async def test_it_goes_forward_step_by_step_and_every_step_is_an_event(storage: Storage, clock: Clock) -> None:
    store = storage.incidents
    incident = await store.open(make_draft())
    assert await store.mark_deleted(incident.id) is S.DELETED
    assert await store.record_repost(incident.id, 1, 5002) is S.DELETED
    assert await store.record_repost(incident.id, 0, 5001) is S.REPOSTED
    await store.add_event(incident.id, "dm", "50007")
    assert await store.close(incident.id, OutcomeKind.MASKED, "in time") is S.CLOSED
    stored = await store.by_id(incident.id)
    assert stored is not None
    assert (stored.state, stored.outcome, stored.outcome_detail) == (S.CLOSED, OutcomeKind.MASKED, "in time")
    assert [part.message_id for part in stored.draft.parts] == [5001, 5002]
    assert stored.deleted_at is not None
    assert stored.closed_at == clock.now
    steps = [(event.step, event.detail) for event in await store.events(incident.id)]
    assert steps == [
        ("opened", None),
        ("deleted", None),
        ("reposted:1", "5002"),
        ("reposted:0", "5001"),
        ("dm", "50007"),
        ("closed", "masked: in time"),
    ]
    assert await store.unfinished() == []


async def test_recording_a_step_again_changes_nothing(storage: Storage) -> None:
    store = storage.incidents
    incident = await store.open(make_draft(parts=(RepostPart(0, "●●"),)))
    for _ in range(2):
        await store.mark_deleted(incident.id)
        assert await store.record_repost(incident.id, 0, 5001) is S.REPOSTED
        assert await store.mark_deleted(incident.id) is S.REPOSTED
    assert len(await store.events(incident.id)) == 3
    await store.close(incident.id, OutcomeKind.MASKED)
    await store.close(incident.id, OutcomeKind.NOT_REPOSTED)
    stored = await store.by_id(incident.id)
    assert stored is not None
    assert stored.outcome is OutcomeKind.MASKED, "what was recorded first stays"


async def test_a_second_message_for_one_part_is_noted_and_the_first_kept(storage: Storage) -> None:
    store = storage.incidents
    incident = await store.open(make_draft())
    await store.mark_deleted(incident.id)
    await store.record_repost(incident.id, 0, 5001)
    assert await store.record_repost(incident.id, 0, 6001) is S.DELETED
    stored = await store.by_id(incident.id)
    assert stored is not None
    assert stored.draft.parts[0].message_id == 5001
    assert (await store.events(incident.id))[-1].step == "repost_doubled:0"


async def test_what_cannot_follow_is_refused(storage: Storage) -> None:
    store = storage.incidents
    incident = await store.open(make_draft())
    with pytest.raises(TransitionRefused):
        await store.record_repost(incident.id, 0, 5001)
    with pytest.raises(StorageError, match="none with index 2"):
        await store.record_repost(incident.id, 2, 5001)
    with pytest.raises(StorageError, match="no incident 999"):
        await store.mark_deleted(999)
    await store.stick(incident.id, OutcomeKind.NOT_DELETED, "manage_messages")
    with pytest.raises(TransitionRefused):
        await store.mark_deleted(incident.id)
    assert await store.close(incident.id, OutcomeKind.NOT_DELETED) is S.CLOSED
    with pytest.raises(TransitionRefused):
        await store.stick(incident.id, OutcomeKind.NOT_DELETED)


async def test_unfinished_ones_come_oldest_first_and_by_guild(storage: Storage) -> None:
    store = storage.incidents
    made = [await store.open(make_draft(100 + number, guild_id=number % 2)) for number in range(4)]
    await store.stick(made[0].id, OutcomeKind.NOT_DELETED)
    assert [incident.id for incident in await store.unfinished()] == [made[1].id, made[2].id, made[3].id]
    assert [incident.id for incident in await store.unfinished({1})] == [made[1].id, made[3].id]
    assert await store.unfinished(set()) == []


async def test_claimed_names_the_recorded_reposts_among_many(storage: Storage) -> None:
    incident = await storage.incidents.open(make_draft())
    await storage.incidents.mark_deleted(incident.id)
    await storage.incidents.record_repost(incident.id, 0, 70_001)
    assert await storage.incidents.claimed(range(69_000, 71_000)) == {70_001}


async def test_pages_are_newest_first_and_meet_without_gap_or_overlap(storage: Storage) -> None:
    store = storage.incidents
    made = [(await store.open(make_draft(number, author_id=number % 3))).id for number in range(1, 26)]
    seen: list[int] = []
    after = None
    while page := await store.search(IncidentFilter(guild_id=1, limit=7, after_id=after)):
        seen += [row.id for row in page]
        after = page[-1].id
    assert seen == made[::-1]


async def test_the_latest_of_a_guild_come_whole_and_newest_first(storage: Storage) -> None:
    opened = [await storage.incidents.open(make_draft(number)) for number in range(1, 5)]
    guild_id = opened[0].draft.guild_id
    assert await storage.incidents.latest(guild_id, 3) == [opened[3], opened[2], opened[1]]
    assert await storage.incidents.latest(guild_id + 1, 3) == []


async def test_filters_choose_and_counts_agree(storage: Storage, clock: Clock) -> None:
    store = storage.incidents
    first = await store.open(make_draft(1, verdict={"labels": {"profanity": 0.9}}))
    between = clock()
    second = await store.open(make_draft(2, author_id=8, verdict={"labels": {"gender": 0.95, "insult": 0.99}}))
    third = await store.open(make_draft(3, guild_id=2, verdict={}))
    await store.close(second.id, OutcomeKind.ALERTED)
    rows = [
        (IncidentFilter(), {first.id, second.id, third.id}, "no filter"),
        (IncidentFilter(guild_id=1), {first.id, second.id}, "one guild"),
        (IncidentFilter(since=between), {second.id, third.id}, "from a time on"),
        (IncidentFilter(until=between), {first.id}, "up to a time"),
        (IncidentFilter(label="insult"), {second.id}, "one of two labels"),
        (IncidentFilter(state=S.CLOSED), {second.id}, "state"),
        (IncidentFilter(author_id=8, guild_id=1), {second.id}, "author"),
        (IncidentFilter(author_id=8, guild_id=2), set(), "conditions are joined by and"),
    ]
    for wanted, expected, reason in rows:
        assert {row.id for row in await store.search(wanted)} == expected, reason
        assert (await store.counts(wanted)).total == len(expected), reason
    counts = await store.counts(IncidentFilter())
    assert counts.by_label == {"gender": 1, "insult": 1, "profanity": 1}
    assert counts.by_outcome == {OutcomeKind.ALERTED: 1}
    assert counts.by_state == {S.OPEN: 2, S.CLOSED: 1}
    (row,) = await store.search(IncidentFilter(label="insult"))
    assert (row.labels, row.score, row.masked) == (("insult", "gender"), 0.99, None)


async def test_masked_text_is_read_only_when_asked(storage: Storage) -> None:
    await storage.incidents.open(make_draft())
    (row,) = await storage.incidents.search(IncidentFilter(), masked=True)
    assert row.masked == "이런 ●●\n텍스트"


async def test_purge_erases_the_words_of_old_closed_incidents_alone(storage: Storage, clock: Clock) -> None:
    store = storage.incidents
    old, unfinished = await store.open(make_draft(1)), await store.open(make_draft(2))
    await store.close(old.id, OutcomeKind.MASKED)
    clock.now += timedelta(days=30)
    recent = await store.open(make_draft(3))
    await store.close(recent.id, OutcomeKind.MASKED)
    assert await store.purge(30) == 1
    assert await store.purge(30) == 0
    erased = await store.by_id(old.id)
    assert erased is not None
    assert (erased.erased, erased.draft.original, erased.draft.parts) == (True, "", ())
    assert erased.draft.verdict == old.draft.verdict
    for kept in (unfinished, recent):
        stored = await store.by_id(kept.id)
        assert stored is not None
        assert stored.draft.original == kept.draft.original
    assert [row.masked for row in await store.search(IncidentFilter(author_id=7), masked=True)][2] is None


async def test_many_writers_at_once_all_succeed(storage: Storage) -> None:
    store = storage.incidents

    async def whole(number: int) -> None:
        incident = await store.open(make_draft(number, parts=(RepostPart(0, "●"),)))
        await store.mark_deleted(incident.id)
        await store.record_repost(incident.id, 0, 90_000 + number)
        await store.close(incident.id, OutcomeKind.MASKED)

    await asyncio.gather(*(whole(number) for number in range(1, 31)))
    assert (await store.counts(IncidentFilter())).by_state == {S.CLOSED: 30}


async def test_two_processes_writing_one_file_take_turns(sqlite_url: str, keyring: Keyring) -> None:
    async with open_storage(sqlite_url, keyring) as one, open_storage(sqlite_url, keyring) as two:
        stores = (one.incidents, two.incidents)
        await asyncio.gather(*(stores[number % 2].open(make_draft(number)) for number in range(1, 41)))
        assert (await one.incidents.counts(IncidentFilter())).total == 40


async def test_a_members_words_stand_nowhere_in_the_file(sqlite_url: str, keyring: Keyring, tmp_path: Path) -> None:
    async with open_storage(sqlite_url, keyring) as storage:
        await storage.incidents.open(make_draft(original="아주 비밀스러운 말", author_name="민지민지"))
        held = b"".join(file.read_bytes() for file in (tmp_path / "data").iterdir())
    for words in ("비밀스러운", "민지민지", "이런 ●●", "사진.png"):
        assert words.encode() not in held
    assert b"profanity" in held, "labels do stand there in the open"


_OPEN_THEN_WAIT = """
import asyncio, pathlib, sys
from bot.storage import open_storage
from tests.bot.conftest import make_draft
async def main():
    async with open_storage(sys.argv[1], pathlib.Path(sys.argv[2])) as storage:
        await storage.incidents.open(make_draft(77))
        print("opened", flush=True)
        await asyncio.sleep(60)
asyncio.run(main())
"""


async def test_an_opened_incident_survives_kill_9(database_url: str, tmp_path: Path) -> None:
    key = tmp_path / "garim.key"
    create_keyring(key)
    command = [sys.executable, "-c", _OPEN_THEN_WAIT, database_url, str(key)]
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"opened\n"
    os.kill(process.pid, signal.SIGKILL)
    assert await process.wait() == -signal.SIGKILL
    async with open_storage(database_url, key) as storage:
        (found,) = await storage.incidents.unfinished()
        assert found.draft == dataclasses.replace(make_draft(77), key=found.draft.key)


async def test_sqlite_is_set_up_to_survive_a_power_cut(sqlite_url: str, keyring: Keyring) -> None:
    async with open_storage(sqlite_url, keyring):
        with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as raw:
            assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        raw.close()


@pytest.mark.parametrize("after_ms", [0, 1, 3, 7, 15, 30])
async def test_cancelled_callers_leave_no_lock_behind(sqlite_url: str, keyring: Keyring, after_ms: int) -> None:
    async with open_storage(sqlite_url, keyring, busy_timeout_ms=1_000) as storage:
        tasks = [asyncio.create_task(storage.incidents.open(make_draft(number))) for number in range(1, 21)]
        await asyncio.sleep(after_ms / 1000)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert (await storage.incidents.open(make_draft(99))).draft.message_id == 99


async def test_what_a_cancelled_caller_began_is_whole_when_the_storage_closes(
    database_url: str, keyring: Keyring
) -> None:
    async with open_storage(database_url, keyring) as storage:
        tasks = [asyncio.create_task(storage.incidents.open(make_draft(number))) for number in range(1, 21)]
        await asyncio.sleep(0.01)
        for task in tasks:
            task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert any(isinstance(result, asyncio.CancelledError) for result in results)
    async with open_storage(database_url, keyring) as storage:
        for incident in await storage.incidents.unfinished():
            assert [event.step for event in await storage.incidents.events(incident.id)] == ["opened"]
        for number in range(1, 21):
            with contextlib.suppress(DuplicateIncident):
                await storage.incidents.open(make_draft(number))
        assert (await storage.incidents.counts(IncidentFilter())).total == 20


@given(st.sampled_from(S), st.lists(st.sampled_from(S), max_size=8))
def test_states_only_go_forward_whatever_is_asked(start: IncidentState, asked: list[IncidentState]) -> None:
    current = start
    for target in asked:
        try:
            after = advance(current, target)
        except TransitionRefused:
            continue
        assert RANK[after] >= RANK[current], "never backward"
        assert after in (current, target)
        assert advance(after, target) is after, "asking again changes nothing"
        assert current is not S.CLOSED or after is S.CLOSED
        current = after
