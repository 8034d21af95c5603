"""ScheduleStore: what is due, and that it is done once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.records import Every
from bot.storage import Storage
from bot.storage.schedules import next_due
from tests.bot.conftest import Clock

AT = datetime(2026, 3, 1, tzinfo=UTC)
"""A Sunday."""


async def test_what_is_due_is_done_once_by_whoever_is_first(storage: Storage, clock: Clock) -> None:
    store = storage.schedules
    set_ = await store.set(1, "report", 20, Every.DAY)
    await store.set(2, "report", 30, Every.MONTH)
    assert set_ is not None
    assert set_.next_at == datetime(2026, 3, 2, tzinfo=UTC)
    assert await store.due(clock.now) == []
    (due,) = await store.due(set_.next_at)
    assert due == set_
    later = next_due(due.next_at, due.every)
    assert sorted(await asyncio.gather(*(store.done(due, later) for _ in range(4)))) == [False] * 3 + [True]
    assert await store.due(set_.next_at) == []
    assert [one.next_at for one in await store.of(1)] == [later]


async def test_setting_again_replaces_and_none_stops_it(storage: Storage) -> None:
    store = storage.schedules
    before = await store.set(1, "report", 20, Every.DAY)
    await store.set(1, "summary", 20, Every.WEEK)
    await store.set(1, "report", 21, Every.MONTH)
    assert [(one.kind, one.channel_id, one.every) for one in await store.of(1)] == [
        ("summary", 20, Every.WEEK),
        ("report", 21, Every.MONTH),
    ]
    assert before is not None
    assert not await store.done(before, before.next_at + timedelta(days=1)), "it is another schedule now"
    assert await store.set(1, "report", 21, None) is None
    assert [one.kind for one in await store.of(1)] == ["summary"]


@pytest.mark.parametrize(
    ("now", "every", "expected", "reason"),
    [
        (AT, Every.DAY, AT + timedelta(days=1), "midnight itself is past"),
        (AT + timedelta(hours=23, minutes=59), Every.DAY, AT + timedelta(days=1), "a minute before midnight"),
        (AT, Every.WEEK, datetime(2026, 3, 2, tzinfo=UTC), "Sunday to Monday"),
        (datetime(2026, 3, 2, tzinfo=UTC), Every.WEEK, datetime(2026, 3, 9, tzinfo=UTC), "Monday to Monday"),
        (AT, Every.MONTH, datetime(2026, 4, 1, tzinfo=UTC), "from a first to the next"),
        (
            datetime(2027, 1, 31, 5, tzinfo=UTC),
            Every.MONTH,
            datetime(2027, 2, 1, tzinfo=UTC),
            "28 days next",
        ),
        (datetime(2026, 12, 31, tzinfo=UTC), Every.MONTH, datetime(2027, 1, 1, tzinfo=UTC), "over the year"),
    ],
)
def test_the_next_time_is_a_beginning(now: datetime, every: Every, expected: datetime, reason: str) -> None:
    assert next_due(now, every) == expected, reason


@given(st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)), st.sampled_from(Every))  # noqa: DTZ001
def test_the_next_time_lies_ahead_and_none_is_left_out(now: datetime, every: Every) -> None:
    following = next_due(now, every)
    assert now < following <= now + timedelta(days={"day": 1, "week": 7, "month": 31}[every])
    assert next_due(following - timedelta(microseconds=1), every) == following
