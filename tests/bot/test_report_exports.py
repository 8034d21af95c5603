"""Exported incidents do no harm where they are opened, and say the same in every form."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.incidents import IncidentCounts, IncidentState, IncidentSummary, Origin, OutcomeKind
from bot.reports import exports
from bot.reports.exports import FIELDS, ExportForm, XlsxWriter, file_of, harmless

NOTHING = IncidentCounts(1, {}, {}, {})
ROW = IncidentSummary(
    id=1,
    guild_id=222_222_222_222_222_222,
    channel_id=3,
    thread_id=None,
    message_id=4,
    author_id=5,
    labels=("profanity", "insult"),
    score=0.99,
    action="mask",
    state=IncidentState.CLOSED,
    outcome=OutcomeKind.MASKED,
    opened_at=datetime(2026, 3, 1, 12, 30, tzinfo=UTC),
    closed_at=None,
    masked="●● 비밀",
    origin=Origin.REPORT,
    right=False,
)
_NS = {"s": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def sheets(raw: bytes) -> list[list[dict[str, str]]]:
    """Return the cells of each sheet's rows by column letter, as a spreadsheet would read them."""
    found = []
    with zipfile.ZipFile(io.BytesIO(raw)) as book:
        assert not [name for name in book.namelist() if "vba" in name.lower() or "external" in name.lower()]
        for name in sorted(one for one in book.namelist() if one.startswith("xl/worksheets/sheet")):
            root = ElementTree.fromstring(book.read(name))
            assert root.findall(".//s:f", _NS) == [], "no cell holds a formula"
            rows = []
            for row in root.iterfind(".//s:row", _NS):
                cells = {}
                for cell in row.iterfind("s:c", _NS):
                    words = "".join(one.text or "" for one in cell.iterfind(".//s:t", _NS))
                    value = cell.find("s:v", _NS)
                    cells[re.sub(r"\d", "", cell.attrib["r"])] = words or (
                        value.text or "" if value is not None else ""
                    )
                rows.append(cells)
            found.append(rows)
    return found


def workbook(*rows: IncidentSummary) -> list[list[dict[str, str]]]:
    raw = io.BytesIO()
    writer = XlsxWriter(raw, masked=True)
    for row in rows:
        writer.row(row)
    writer.end(NOTHING)
    return sheets(raw.getvalue())


def test_members_words_are_in_no_form() -> None:
    for form in ExportForm:
        raw = file_of(form, [ROW], NOTHING)
        whole = raw if form is not ExportForm.XLSX else str(sheets(raw)).encode()
        assert "비밀" not in whole.decode()
        assert b"222222222222222222" in whole


def test_every_form_has_the_same_columns_and_values() -> None:
    (head, line) = csv.reader(io.StringIO(file_of(ExportForm.CSV, [ROW], NOTHING).decode(), newline=""))
    assert tuple(head) == FIELDS
    (found,) = json.loads(file_of(ExportForm.JSON, [ROW], NOTHING))
    assert tuple(found) == FIELDS
    ((top, cells),) = sheets(file_of(ExportForm.XLSX, [ROW], NOTHING))
    assert tuple(top.values()) == FIELDS
    by_name = {top[letter]: value for letter, value in cells.items()}
    assert by_name["guild_id"] == found["guild_id"] == dict(zip(head, line, strict=True))["guild_id"]
    assert (by_name["right"], found["right"], line[-1]) == ("0", False, "false")
    assert "thread_id" not in by_name
    assert float(by_name["opened_at"]) == pytest.approx(46082.520833, abs=1e-5), "a time that Excel can count with"


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", '=HYPERLINK("http://x")', "＝1+1", " =1"]


@pytest.mark.parametrize("cell", FORMULAS)
def test_a_formula_is_words_in_a_workbook(cell: str) -> None:
    ((_, cells),) = workbook(replace(ROW, masked=cell))
    assert cells["P"].startswith("'")


@settings(max_examples=30)
@given(st.text(max_size=200))
def test_a_workbook_carries_any_text_and_runs_none_of_it(words: str) -> None:
    ((_, cells),) = workbook(replace(ROW, masked=words))
    assert not cells.get("P", "").startswith(exports.FORMULA_STARTS)


def test_a_very_long_text_is_cut_to_what_a_cell_holds() -> None:
    ((_, cells),) = workbook(replace(ROW, masked="가" * 40_000))
    assert len(cells["P"]) == exports.CELL_LIMIT


def test_a_full_sheet_is_followed_by_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "SHEET_ROWS", 2)
    found = workbook(*[replace(ROW, id=number) for number in range(1, 6)])
    assert [[row["A"] for row in sheet] for sheet in found] == [["id", "1", "2"], ["id", "3", "4"], ["id", "5"]]


@given(st.text())
def test_no_cell_begins_as_a_formula_behind_white_space_either(words: str) -> None:
    assert not harmless(words).lstrip().startswith(exports.FORMULA_STARTS) or words.startswith("'")
