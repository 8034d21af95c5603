"""The time that a report is about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.records import Every
from bot.reports.periods import LIMIT, SEOUL, Period, between, ended, read_time, recent, zone_of
from bot.storage import Bucket
from bot.storage.schedules import next_due

NOW = datetime(2026, 3, 4, 1, 30, tzinfo=UTC)
times = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
zones = st.sampled_from([UTC, SEOUL])


@pytest.mark.parametrize(
    ("every", "since", "until", "reason"),
    [
        (Every.DAY, "2026-03-03", "2026-03-04", "yesterday, as Seoul counts days"),
        (Every.WEEK, "2026-02-23", "2026-03-02", "Monday to Sunday"),
        (Every.MONTH, "2026-02-01", "2026-03-01", "a short month"),
    ],
)
def test_what_has_ended_is_whole_in_the_calendar(every: Every, since: str, until: str, reason: str) -> None:
    period = ended(every, NOW, SEOUL)
    assert (str(period.since), str(period.until)) == (f"{since} 00:00:00+09:00", f"{until} 00:00:00+09:00"), reason


@given(times, st.sampled_from(Every), zones)
def test_what_is_scheduled_reports_on_each_moment_once(now: datetime, every: Every, zone: tzinfo) -> None:
    due = next_due(now, every)
    one, next_one = ended(every, due, zone), ended(every, next_due(due, every), zone)
    assert one.until <= due
    assert one.until == next_one.since


@given(times, st.sampled_from(Every), zones)
def test_what_is_recent_reaches_up_to_now_and_is_not_empty(now: datetime, every: Every, zone: tzinfo) -> None:
    period = recent(every, now, zone)
    assert period.until == now
    assert timedelta(0) < period.until - period.since <= timedelta(days=30)
    assert period.before().until == period.since
    assert period.bucket is (Bucket.HOUR if every is Every.DAY else Bucket.DAY)


def test_a_range_is_read_in_the_zone_and_holds_the_whole_of_its_last_day() -> None:
    period = between("2026-02-01", "2026-02-28", Every.DAY, NOW, SEOUL)
    assert period == Period(datetime(2026, 2, 1, tzinfo=SEOUL), datetime(2026, 3, 1, tzinfo=SEOUL))
    assert period.zone is SEOUL
    assert between("7d", None, Every.DAY, NOW, UTC) == Period(NOW - timedelta(days=7), NOW)
    week = between(None, "2026-02-28", Every.WEEK, NOW, UTC)
    assert week.until == datetime(2026, 3, 1, tzinfo=UTC)
    assert between(None, None, Every.WEEK, NOW, SEOUL) == recent(Every.WEEK, NOW, SEOUL)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("yesterday", "no time"),
        ("'; DROP TABLE incidents; --", "SQL"),
        ("99999w", "before the calendar begins"),
        ("2026-13-01", "no month"),
        ("9" * 4_000, "very long"),
        ("٣d", "a digit that is none of ours"),
        ("0001-01-01", "the edge of the calendar, further back by the zone"),
        ("2019-01-01", "longer ago than one report goes"),
        ("2027-01-01", "after its end"),
    ],
)
def test_what_is_no_time_to_report_on_is_refused(words: str, reason: str) -> None:
    with pytest.raises(ValueError):
        between(words, None, Every.DAY, NOW, SEOUL)


@given(st.text(max_size=30))
def test_any_words_are_a_time_or_refused(words: str) -> None:
    try:
        assert read_time(words, NOW, SEOUL).tzinfo is not None
    except ValueError:
        return


@given(times, times)
def test_no_range_is_longer_than_the_limit_or_empty(since: datetime, until: datetime) -> None:
    try:
        period = between(since.isoformat(), until.isoformat(), Every.DAY, NOW, UTC)
    except ValueError:
        assert not timedelta(0) < until - since <= LIMIT
    else:
        assert (period.since, period.until) == (since, until)


def test_korean_guilds_live_by_the_clock_of_seoul_and_others_by_utc() -> None:
    assert zone_of("ko") is SEOUL
    assert zone_of("en") is UTC
