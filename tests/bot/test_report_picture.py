"""The report's picture and sentences."""

from __future__ import annotations

import struct
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.incidents import OutcomeKind
from bot.records import Every
from bot.reports import drawing, picture
from bot.reports.drawing import drawable
from bot.reports.periods import SEOUL, Period, recent
from bot.reports.report import Report, sentences, title_of
from bot.storage import Figures
from masker.labels import LABELS

NOW = datetime(2026, 3, 14, 9, tzinfo=UTC)


def report(period: Period, count: int = 7, before: int = 4, **more: object) -> Report:
    step = timedelta(hours=1) if period.until - period.since <= timedelta(days=2) else timedelta(days=1)
    series, at = [], period.since
    while at < period.until:
        series.append((at, count))
        at += step
    total = count * len(series)
    values = {
        "series": series,
        "by_hour": [total, *[0] * 23],
        "by_label": {str(label): total for label in LABELS} if count else {},
        "by_channel": dict.fromkeys(range(1, 12), 1) if count else {},
        "by_outcome": {OutcomeKind.MASKED: total},
        "right": 9,
        "wrong": 1,
        "median_reaction_s": 0.432,
        **more,
    }
    return Report(period, Figures(**values), before)  # type: ignore[arg-type]


def name_of(place: int) -> str:
    return f"#{place}"


def size_of(raw: bytes) -> tuple[int, int]:
    assert raw.startswith(b"\x89PNG\r\n\x1a\n")
    return struct.unpack(">II", raw[16:24])


@pytest.mark.parametrize("locale", ["ko", "en"])
@pytest.mark.parametrize("every", Every)
def test_every_period_has_a_picture_of_the_same_size(every: Every, locale: str) -> None:
    raw = picture.png(report(recent(every, NOW, SEOUL)), name_of, locale, "서버")
    assert size_of(raw) == (round(picture.WIDTH_IN * picture.DPI), round(picture.HEIGHT_IN * picture.DPI))
    assert len(raw) < 1_000_000


def test_no_incidents_years_of_them_and_no_verdicts_can_be_drawn() -> None:
    years = Period(datetime(2022, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC))
    for one in (
        report(recent(Every.WEEK, NOW, UTC), 0, 0, right=0, wrong=0, median_reaction_s=None),
        report(years, 12_345, 0),
    ):
        assert size_of(picture.png(one, name_of, "ko"))


def test_a_picture_is_the_same_for_the_same_figures() -> None:
    one = report(recent(Every.DAY, NOW, SEOUL))
    assert picture.png(one, name_of, "ko") == picture.png(one, name_of, "ko")


def test_hostile_names_are_drawn_as_letters_or_left_out() -> None:
    names = ["$\\frac{", "🎮🎮", "\u202eevil", "가" * 4_000, "a\nb", "\x00", "", "%s {x}", "\ud800", "각", "漢字"]
    raw = picture.png(report(recent(Every.WEEK, NOW, UTC)), lambda place: names[place - 1], "ko", "$\\x$" * 500)
    assert size_of(raw)


def test_what_the_font_lacks_is_left_out_of_words() -> None:
    assert drawable("🎮 게임\u200b\u202e 방\n", 20) == "게임 방"
    assert drawable("가" * 30, 16) == "가" * 15 + "…"
    assert drawable("각", 5) == "각", "composed first: the font has whole syllables"


def test_the_carried_font_draws_every_hangul_syllable_and_has_its_licence_beside_it() -> None:
    letters = "".join(map(chr, range(0xAC00, 0xD7A4)))
    assert drawable(letters, len(letters)) == letters
    licence = Path(drawing.__file__).with_name("fonts") / "OFL.txt"
    assert "SIL OPEN FONT LICENSE" in licence.read_text(encoding="utf-8")
    assert "Nanum" not in drawing.font().name, "its licence reserves the name"


def test_pictures_drawn_at_once_do_not_disturb_each_other() -> None:
    one = report(recent(Every.WEEK, NOW, SEOUL))
    alone, found = picture.png(one, name_of, "ko"), []
    threads = [threading.Thread(target=lambda: found.append(picture.png(one, name_of, "ko"))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [alone] * 3


def test_the_sentences_say_what_grew_and_what_was_most() -> None:
    words = "\n".join(sentences(report(recent(Every.WEEK, NOW, SEOUL), 2, 10), name_of, "ko"))
    assert "14건" in words
    assert "40% 늘었어요" in words
    assert "욕설 14" in words
    assert "#1 1" in words
    assert "0시~1시" in words
    assert "오탐률 10.0% (판정한 10건 가운데 1건)" in words
    assert "0.43초" in words


@pytest.mark.parametrize(
    ("count", "before", "words"),
    [
        (0, 3, "앞 같은 기간에는 3건"),
        (1, 7, "앞 같은 기간(7건)과 비슷해요"),
        (1, 14, "50% 줄었어요"),
        (1, 0, "7건 있었어요."),
    ],
)
def test_the_first_sentence_compares_with_the_time_before(count: int, before: int, words: str) -> None:
    assert words in next(sentences(report(recent(Every.WEEK, NOW, SEOUL), count, before), name_of, "ko"))


def test_a_title_names_the_last_day_that_is_in_it() -> None:
    march = Period(datetime(2026, 3, 1, tzinfo=SEOUL), datetime(2026, 4, 1, tzinfo=SEOUL))
    assert title_of(march, "ko") == "사건 보고 2026-03-01 – 2026-03-31 (KST)"
    day = Period(march.since, march.since + timedelta(days=1))
    assert "2026-03-01 00:00 – 2026-03-02 00:00" in title_of(day, "en")
