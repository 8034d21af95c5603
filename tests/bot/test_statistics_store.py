"""StatisticsStore: every figure agrees with a count by hand, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import median_low
from zoneinfo import ZoneInfo

import pytest

from bot.incidents import OutcomeKind
from bot.storage import Bucket, Storage
from tests.bot.conftest import Clock, make_draft

SEOUL = ZoneInfo("Asia/Seoul")
EPOCH_MS = 1_420_070_400_000
START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
END = START + timedelta(days=3)
LABELS = ({"profanity": 0.9}, {"insult": 0.95, "age": 0.9}, {})


@pytest.fixture
async def filled(storage: Storage, clock: Clock) -> Storage:
    """Store an incident every 100 minutes for three days, in two channels, and one of another guild at each time."""
    number = 0
    while clock.now < END - timedelta(minutes=100):
        clock.now += timedelta(minutes=100) - timedelta(seconds=1)
        draft = make_draft(number + 1, channel_id=10 + number % 2, verdict={"labels": LABELS[number % 3]})
        await storage.incidents.record(draft, (OutcomeKind.MASKED, OutcomeKind.ALERTED)[number % 3 == 0])
        clock.now -= timedelta(seconds=1)
        await storage.incidents.open(make_draft(10_000 + number, guild_id=2))
        number += 1
    return storage


async def test_a_series_has_every_hour_or_day_once_and_adds_up(filled: Storage) -> None:
    for bucket, step in ((Bucket.HOUR, timedelta(hours=1)), (Bucket.DAY, timedelta(days=1))):
        for zone in (UTC, SEOUL):
            series = await filled.statistics.series(1, START, END, bucket, zone)
            assert all(later - earlier == step for (earlier, _), (later, _) in pairwise(series))
            assert sum(count for _, count in series) == 43
            assert all(at.utcoffset() == zone.utcoffset(at) for at, _ in series)
    days = await filled.statistics.series(1, START, END, Bucket.DAY, SEOUL)
    assert [(at.day, count) for at, count in days] == [(1, 1), (2, 15), (3, 14), (4, 13)]
    with pytest.raises(ValueError, match="100000 hours"):
        await filled.statistics.series(1, START, START + timedelta(days=5_000), Bucket.HOUR)


async def test_bounds_are_exact_to_the_second_since_included_until_not(filled: Storage) -> None:
    first = START + timedelta(minutes=100)
    for since, until, expected in (
        (first, END, 43),
        (first + timedelta(seconds=1), END, 42),
        (START, first, 0),
        (START, first + timedelta(seconds=1), 1),
    ):
        assert sum(await filled.statistics.by_hour(1, since, until)) == expected
        assert sum((await filled.statistics.by_channel(1, since, until)).values()) == expected


async def test_everything_at_once_is_what_each_says_by_itself(filled: Storage, clock: Clock) -> None:
    statistics, until = filled.statistics, clock()
    (incident,) = await filled.incidents.for_message(1)
    await filled.reviews.decide(incident.id, 5, False)
    figures = await statistics.figures(1, START, until, Bucket.DAY, SEOUL)
    assert figures.series == await statistics.series(1, START, until, Bucket.DAY, SEOUL)
    assert figures.by_hour == await statistics.by_hour(1, START, until, SEOUL)
    assert figures.by_label == await statistics.by_label(1, START, until)
    assert figures.by_channel == await statistics.by_channel(1, START, until)
    assert figures.by_outcome == await statistics.by_outcome(1, START, until)
    assert figures.median_reaction_s is None
    assert (figures.total, figures.right, figures.wrong, figures.false_positive_rate) == (43, 0, 1, 1.0)


async def test_hours_of_the_day_are_those_of_the_zone(filled: Storage) -> None:
    utc = await filled.statistics.by_hour(1, START, END)
    seoul = await filled.statistics.by_hour(1, START, END, SEOUL)
    assert sum(utc) == 43
    assert list(seoul) == [utc[(hour - 9) % 24] for hour in range(24)]


async def test_labels_channels_and_outcomes_come_most_first(filled: Storage) -> None:
    statistics = filled.statistics
    by_label = await statistics.by_label(1, START, END)
    assert list(by_label.items()) == [("profanity", 15), ("age", 14), ("insult", 14)]
    assert list((await statistics.by_channel(1, START, END)).items()) == [(10, 22), (11, 21)]
    by_outcome = await statistics.by_outcome(1, START, END)
    assert list(by_outcome.items()) == [(OutcomeKind.MASKED, 28), (OutcomeKind.ALERTED, 15)]
    assert await statistics.by_outcome(2, START, END) == {}, "what is not finished has none"
    assert await statistics.by_label(3, START, END) == {}


async def test_the_false_positive_rate_is_that_of_the_incidents_of_the_time(filled: Storage, clock: Clock) -> None:
    statistics, until = filled.statistics, clock()
    assert await statistics.false_positive_rate(1, START, until) is None
    for message_id, right in ((1, True), (2, False), (3, True), (4, True), (10_000, False)):
        (incident,) = await filled.incidents.for_message(message_id)
        await filled.reviews.decide(incident.id, 5, right)
    assert await statistics.verdicts(1, START, until) == (3, 1)
    assert await statistics.false_positive_rate(1, START, until) == 0.25
    assert await statistics.verdicts(1, START, START + timedelta(minutes=210)) == (1, 1)
    assert await statistics.verdicts(1, until, until + timedelta(days=1)) == (0, 0)


async def test_the_median_reaction_is_from_the_message_or_its_edit_to_the_delete(
    storage: Storage, clock: Clock
) -> None:
    since = clock.now
    until = since + timedelta(days=1)
    assert await storage.statistics.median_reaction_s(1, since, until) is None
    waits_s = [0.5, 90.0, 2.25, 7.0, 1.5]
    for number, wait_s in enumerate(waits_s):
        incident = await storage.incidents.open(make_draft(_said_before(clock, wait_s, number)))
        await storage.incidents.mark_deleted(incident.id)
    assert await storage.statistics.median_reaction_s(1, since, until) == median_low(waits_s)
    await storage.incidents.open(make_draft(_said_before(clock, 900.0, 90)))
    edit_ms = round(clock.now.timestamp() * 1_000)
    edited = await storage.incidents.open(make_draft(_said_before(clock, 5_000.0, 91), revision=edit_ms))
    await storage.incidents.mark_deleted(edited.id)
    assert await storage.statistics.median_reaction_s(1, since, until) == median_low([*waits_s, 2.0])


def _said_before(clock: Clock, wait_s: float, number: int) -> int:
    """Return the id of a message said so long before its delete, which is two ticks of the clock ahead."""
    said_ms = round((clock.now.timestamp() + 2 - wait_s) * 1_000)
    return ((said_ms - EPOCH_MS) << 22) + number


async def test_what_was_only_observed_is_counted_by_what_would_have_been_done(storage: Storage) -> None:
    actions = ("mask", "delete", "mask", "alert", "mask", "alert")
    for number, action in enumerate(actions, 1):
        await storage.incidents.record(make_draft(number, action=action, observe=True), OutcomeKind.OBSERVED)
    await storage.incidents.record(make_draft(100, action="mask"), OutcomeKind.MASKED)
    await storage.incidents.record(make_draft(101, action="mask", guild_id=2), OutcomeKind.OBSERVED)
    long_ago, later = datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
    found = await storage.statistics.would_have(1, long_ago, later)
    assert list(found.items()) == [("mask", 3), ("alert", 2), ("delete", 1)]
    assert await storage.statistics.would_have(1, long_ago, long_ago) == {}
