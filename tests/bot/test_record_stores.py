"""Reviews, alerts, audit, sanctions, cases and contests, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from bot.crypto import Keyring
from bot.errors import AlreadyAnswered, AlreadyContested, AlreadyReviewed, DuplicateIncident, StorageError
from bot.incidents import IncidentFilter, IncidentState, Origin, OutcomeKind
from bot.records import AuditKind, LabelPrecision, SanctionKind
from bot.storage import Storage, open_storage
from tests.bot.conftest import Clock, make_draft

HOSTILE = "'; DROP TABLE cases; -- @everyone \u202e=cmd|' /C calc'!A0 ../../etc/passwd " + "가" * 3_900


async def test_a_recorded_incident_is_closed_at_once_and_comes_back(storage: Storage) -> None:
    draft = make_draft(origin=Origin.REPORT, parts=(), action="alert")
    recorded = await storage.incidents.record(draft, OutcomeKind.REPORTED, "by 12")
    assert recorded.state is IncidentState.CLOSED
    assert await storage.incidents.by_id(recorded.id) == recorded
    assert [event.step for event in await storage.incidents.events(recorded.id)] == ["opened", "closed"]
    assert await storage.incidents.unfinished() == []
    with pytest.raises(DuplicateIncident):
        await storage.incidents.record(draft, OutcomeKind.REPORTED)


async def test_lists_choose_by_origin_outcome_channel_and_verdict(storage: Storage) -> None:
    store = storage.incidents
    opened = await store.open(make_draft(1, channel_id=10, thread_id=11))
    reported = await store.record(make_draft(2, origin="report", channel_id=12), OutcomeKind.REPORTED)
    blocked = await store.record(make_draft(3, origin="automod", channel_id=10), OutcomeKind.BLOCKED)
    await storage.reviews.decide(reported.id, 5, True)
    await storage.reviews.decide(blocked.id, 5, False)
    rows = [
        (IncidentFilter(origin=Origin.REPORT), {reported.id}, "where it came from"),
        (IncidentFilter(outcome=OutcomeKind.BLOCKED), {blocked.id}, "what became of it"),
        (IncidentFilter(channel_id=10), {opened.id, blocked.id}, "a channel with its threads"),
        (IncidentFilter(channel_id=11), {opened.id}, "a thread alone"),
        (IncidentFilter(reviewed=True), {reported.id, blocked.id}, "with a verdict"),
        (IncidentFilter(reviewed=False), {opened.id}, "without a verdict"),
        (IncidentFilter(right=False), {blocked.id}, "false positives"),
        (IncidentFilter(right=True, channel_id=10), set(), "conditions are joined by and"),
    ]
    for wanted, expected, reason in rows:
        found = await store.search(wanted)
        assert {row.id for row in found} == expected, reason
        assert (await store.counts(wanted)).total == len(expected), reason
    verdicts = {row.id: (row.origin, row.right) for row in await store.search(IncidentFilter())}
    assert verdicts == {
        opened.id: (Origin.MESSAGE, None),
        reported.id: (Origin.REPORT, True),
        blocked.id: (Origin.AUTOMOD, False),
    }


async def test_two_moderators_at_once_leave_one_verdict_and_the_second_sees_it(storage: Storage) -> None:
    incident = await storage.incidents.open(make_draft())
    presses = (storage.reviews.decide(incident.id, moderator, moderator % 2 == 0) for moderator in range(1, 7))
    results = await asyncio.gather(*presses, return_exceptions=True)
    standing = await storage.reviews.of(incident.id)
    assert [result for result in results if not isinstance(result, AlreadyReviewed)] == [standing]
    assert {result.review for result in results if isinstance(result, AlreadyReviewed)} == {standing}
    with pytest.raises(StorageError, match="no incident 999"):
        await storage.reviews.decide(999, 1, True)
    assert await storage.reviews.of(999) is None


async def test_precision_counts_verdicts_by_label_and_score(storage: Storage, clock: Clock) -> None:
    start = clock()
    scores = [(0.58, True), (0.59, False), (0.97, True), (1.0, True)]
    for number, (score, right) in enumerate(scores):
        incident = await storage.incidents.open(make_draft(number, verdict={"labels": {"insult": score, "age": 0.5}}))
        await storage.reviews.decide(incident.id, 5, right)
    await storage.incidents.open(make_draft(99))
    elsewhere = await storage.incidents.open(make_draft(100, guild_id=2))
    await storage.reviews.decide(elsewhere.id, 5, False)
    assert await storage.reviews.precision(1, start) == [
        LabelPrecision("age", ((0.5, 3, 1),)),
        LabelPrecision("insult", ((0.58, 1, 1), (0.96, 1, 0), (0.98, 1, 0))),
    ]
    assert await storage.reviews.precision(1, clock()) == []


async def test_an_alert_is_found_by_incident_and_by_message(storage: Storage) -> None:
    first, second = [await storage.incidents.open(make_draft(number)) for number in (1, 2)]
    await storage.alert_posts.record(first.id, 1, 20, 900)
    await storage.alert_posts.record(second.id, 1, 20, 900)
    assert await storage.alert_posts.incidents_of(900) == [first.id, second.id]
    await storage.alert_posts.record(second.id, 1, 21, 901)
    post = await storage.alert_posts.of(second.id)
    assert post is not None
    assert (post.guild_id, post.channel_id, post.message_id) == (1, 21, 901)
    assert await storage.alert_posts.incidents_of(900) == [first.id]
    assert await storage.alert_posts.of(999) is None


async def test_the_audit_is_listed_newest_first_by_kind_and_page(storage: Storage) -> None:
    audit = storage.audit
    for number in range(5):
        await audit.record(1, 9, AuditKind.ORIGINAL_VIEWED, incident_id=number, member_id=7)
    await audit.record(1, 9, AuditKind.EXPORTED, detail={"rows": 3, "form": "csv"})
    await audit.record(2, 9, AuditKind.EXPORTED)
    (exported,) = await audit.history(1, what=AuditKind.EXPORTED)
    assert (exported.actor_id, exported.incident_id, exported.detail) == (9, None, {"rows": 3, "form": "csv"})
    first = await audit.history(1, limit=4)
    rest = await audit.history(1, limit=4, after_id=first[-1].id)
    assert [entry.incident_id for entry in (*first, *rest)] == [None, 4, 3, 2, 1, 0]


async def test_a_sanction_is_given_once_however_often_it_is_asked_for(storage: Storage) -> None:
    store = storage.sanctions
    presses = (store.record(1, 7, SanctionKind.TIMEOUT, mod, seconds=600, key="timeout:3") for mod in range(5))
    assert sorted(await asyncio.gather(*presses)) == [False] * 4 + [True]
    assert await store.record(2, 7, SanctionKind.WARN, 1, key="timeout:3"), "another guild's key is its own"
    assert [(one.kind, one.seconds) for one in await store.of_member(1, 7)] == [(SanctionKind.TIMEOUT, 600)]
    assert await store.withdraw(1, "timeout:3")
    assert not await store.withdraw(1, "timeout:3")
    assert await store.of_member(1, 7) == []
    assert await store.record(1, 7, SanctionKind.WARN, 1, incident_id=4, key="timeout:3")
    with pytest.raises(ValueError, match="100 characters"):
        await store.record(1, 7, SanctionKind.WARN, 1, key="x" * 101)


async def test_points_leave_out_what_was_wrong_unconfirmed_or_only_observed(storage: Storage, clock: Clock) -> None:
    store = storage.incidents
    early = await store.open(make_draft(1))
    start = clock()
    await store.open(make_draft(2, verdict={"labels": {"age": 0.8, "race": 0.95}}))
    wrong = await store.open(make_draft(3))
    await storage.reviews.decide(wrong.id, 5, False)
    right = await store.open(make_draft(4, verdict={"labels": {"threat": 0.9}}))
    await storage.reviews.decide(right.id, 5, True)
    await store.record(make_draft(5, origin="report"), OutcomeKind.REPORTED)
    await store.record(make_draft(6, observe=True), OutcomeKind.ALERTED)
    await store.record(make_draft(8, origin="scan"), OutcomeKind.OBSERVED)
    await store.open(make_draft(7, author_id=8))
    points = await storage.sanctions.points(1, 7, start)
    assert [(label, score) for _, label, score in points] == [("race", 0.95), ("threat", 0.9)]
    assert points[0][0] < points[1][0]
    assert next(at for at, _, _ in await storage.sanctions.points(1, 7, early.opened_at)) == early.opened_at


async def test_cases_and_notes_are_numbered_whoever_opens_them_at_once(storage: Storage) -> None:
    store = storage.cases
    opened = await asyncio.gather(*(store.open(1, member, 9) for member in range(1, 9)))
    assert sorted(case.number for case in opened) == list(range(1, 9))
    assert (await store.open(2, 1, 9)).number == 1
    number = opened[0].number
    await asyncio.gather(*(store.note(1, number, 9, HOSTILE, incident_id=3) for _ in range(5)))
    case = await store.of(1, number)
    assert case is not None
    assert [(note.number, note.words, note.incident_id) for note in case.notes] == [
        (place, HOSTILE, 3) for place in range(1, 6)
    ]
    with pytest.raises(StorageError, match="no case 99"):
        await store.note(1, 99, 9, "words")
    assert await store.of(1, 99) is None


async def test_a_member_has_one_open_case_and_a_new_one_once_it_is_closed(storage: Storage) -> None:
    store = storage.cases
    opened = await asyncio.gather(*(store.open(1, 7, moderator, incident_id=3) for moderator in range(1, 6)))
    assert {case.number for case in opened} == {1}
    assert sorted(case.fresh for case in opened) == [False] * 4 + [True]
    first = await store.close(1, 1, 9)
    assert (first.closed_by, first.member_id) == (9, 7)
    assert (await store.close(1, 1, 10)).closed_by == 9, "what was recorded first stays"
    second = await store.open(1, 7, 9)
    assert (second.number, second.fresh) == (2, True)
    await store.open(1, 8, 9)
    assert [case.number for case in await store.of_member(1, 7)] == [2, 1]
    assert [case.number for case in await store.page(1, open_only=True)] == [3, 2]
    assert [case.number for case in await store.page(1, after=3)] == [2, 1]
    kinds = [entry.what for entry in await storage.audit.history(1)]
    assert kinds == [AuditKind.CASE_OPENED, AuditKind.CASE_OPENED, AuditKind.CASE_CLOSED, AuditKind.CASE_OPENED]


async def test_an_incident_is_contested_once_and_answered_once(storage: Storage, clock: Clock) -> None:
    start = clock()
    incident = await storage.incidents.open(make_draft())
    other = await storage.incidents.open(make_draft(2))
    contest = await storage.contests.open(incident.id, 1, 7, HOSTILE)
    with pytest.raises(AlreadyContested) as again:
        await storage.contests.open(incident.id, 1, 7, "again")
    assert again.value.contest == contest == await storage.contests.of(incident.id)
    await storage.contests.open(other.id, 1, 7, "이건 인용이었어요")
    assert [one.incident_id for one in await storage.contests.waiting(1)] == [incident.id, other.id]
    assert await storage.contests.opened_since(7, start) == 2
    assert await storage.contests.opened_since(7, clock() + timedelta(seconds=1)) == 0
    presses = (storage.contests.answer(incident.id, moderator, moderator % 2 == 0, "답") for moderator in range(1, 5))
    results = await asyncio.gather(*presses, return_exceptions=True)
    standing = await storage.contests.of(incident.id)
    assert standing is not None
    assert (standing.words, standing.answer, standing.granted) == (HOSTILE, "답", standing.answered_by in (2, 4))
    assert [one for one in results if not isinstance(one, AlreadyAnswered)] == [standing]
    assert [one.contest for one in results if isinstance(one, AlreadyAnswered)] == [standing] * 3
    assert [one.incident_id for one in await storage.contests.waiting(1)] == [other.id]
    with pytest.raises(StorageError, match="not contested"):
        await storage.contests.answer(999, 1, True, "")
    kinds = [entry.what for entry in await storage.audit.history(1)]
    assert sorted(kinds) == [AuditKind.CONTEST_ANSWERED, AuditKind.CONTESTED, AuditKind.CONTESTED]


async def test_notes_contests_and_answers_stand_nowhere_in_the_file(
    sqlite_url: str, keyring: Keyring, tmp_path: Path
) -> None:
    async with open_storage(sqlite_url, keyring) as storage:
        incident = await storage.incidents.open(make_draft())
        case = await storage.cases.open(1, 7, 9)
        await storage.cases.note(1, case.number, 9, "비밀 메모")
        await storage.contests.open(incident.id, 1, 7, "비밀 이의")
        await storage.contests.answer(incident.id, 9, True, "비밀 답변")
        held = b"".join(file.read_bytes() for file in (tmp_path / "data").iterdir())
    assert "비밀".encode() not in held
    assert b"contest_answered" in held, "what was done does stand there in the open"
