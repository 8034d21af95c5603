"""What `garim report` writes does no harm where it is opened."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cli.report_forms import printable, writer_for
from bot.incidents import IncidentCounts, IncidentState, IncidentSummary
from bot.reports.exports import harmless

NOTHING = IncidentCounts(1, {}, {}, {})


def summary(masked: str) -> IncidentSummary:
    return IncidentSummary(
        id=1,
        guild_id=2,
        channel_id=3,
        thread_id=None,
        message_id=4,
        author_id=5,
        labels=("profanity",),
        score=0.99,
        action="mask",
        state=IncidentState.OPEN,
        outcome=None,
        opened_at=datetime(2026, 3, 1, tzinfo=UTC),
        closed_at=None,
        masked=masked,
    )


def written(form: str, masked: str) -> str:
    out = io.StringIO()
    writer = writer_for(form, out, masked=True)
    writer.row(summary(masked))
    writer.end(NOTHING)
    return out.getvalue()


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", '=HYPERLINK("http://x")'])
def test_a_formula_is_no_formula_any_more(cell: str) -> None:
    (row,) = csv.DictReader(io.StringIO(written("csv", cell), newline=""))
    assert row["masked"] == "'" + cell


@given(st.text())
def test_csv_and_json_carry_any_text_and_no_cell_begins_as_a_formula(words: str) -> None:
    (row,) = csv.DictReader(io.StringIO(written("csv", words), newline=""))
    assert row["masked"].removeprefix("'") == words.removeprefix("'") or words.startswith("'")
    assert not row["masked"].startswith(("=", "+", "-", "@", "\t", "\r"))
    (found,) = json.loads(written("json", words))
    assert found["masked"] == words


@given(st.text(alphabet=st.characters(categories=("Cc", "Cf", "Cs", "Lo", "So"))))
def test_a_table_cell_moves_no_cursor(words: str) -> None:
    shown = printable(words)
    assert not any(ord(one) < 32 or ord(one) == 127 or 0x80 <= ord(one) < 0xA0 for one in shown)
    assert not any(one in "\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u200b" for one in shown)


def test_a_table_reads_nothing_as_markup() -> None:
    assert "[red]x[/red] \\u{1b}[31m" in written("table", "[red]x[/red] \x1b[31m")


def test_an_ordinary_cell_stays_as_it_is() -> None:
    assert harmless("시발 = 나쁜 말") == "시발 = 나쁜 말"
