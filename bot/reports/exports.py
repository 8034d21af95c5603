"""Incidents as a file: CSV, JSON, or a workbook. Members' words are left out, and no cell can run as a formula."""

from __future__ import annotations

import csv
import io
import json
from abc import ABC, abstractmethod
from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, BinaryIO, TextIO

from bot.incidents import IncidentCounts, IncidentSummary

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What makes a spreadsheet run a cell: https://owasp.org/www-community/attacks/CSV_Injection."""
CELL_LIMIT = 32_767
SHEET_ROWS = 1_000_000
"""Characters of a cell, and rows of a sheet a little below Excel's 1,048,576 ("Excel specifications and limits")."""

FIELDS = (
    "id",
    "opened_at",
    "closed_at",
    "guild_id",
    "channel_id",
    "thread_id",
    "message_id",
    "author_id",
    "labels",
    "score",
    "action",
    "state",
    "outcome",
    "origin",
    "right",
)


class ExportForm(StrEnum):
    """Name a kind of file."""

    CSV = "csv"
    JSON = "json"
    XLSX = "xlsx"


class Writer(ABC):
    """Take rows one by one, newest first, and write them in one form; with `masked`, their masked texts too."""

    def __init__(self, *, masked: bool) -> None:
        self.fields = (*FIELDS, "masked") if masked else FIELDS

    @abstractmethod
    def row(self, row: IncidentSummary) -> None:
        """Take one incident."""

    @abstractmethod
    def end(self, counts: IncidentCounts) -> None:
        """Write what is left, and the counts where the form has a place for them."""


class CsvWriter(Writer):
    """Write RFC 4180 lines as they come; times are ISO 8601 in UTC, labels are joined by spaces."""

    def __init__(self, out: TextIO, *, masked: bool) -> None:
        super().__init__(masked=masked)
        self._csv = csv.writer(out, lineterminator="\r\n")
        self._csv.writerow(self.fields)

    def row(self, row: IncidentSummary) -> None:
        """Write a line."""
        self._csv.writerow([harmless(_plain(getattr(row, name))) for name in self.fields])

    def end(self, counts: IncidentCounts) -> None:
        """Write nothing: counts are no row."""


class JsonWriter(Writer):
    """Write one array of objects. Ids are strings, as Discord writes them: they do not fit a JavaScript number."""

    def __init__(self, out: TextIO, *, masked: bool) -> None:
        super().__init__(masked=masked)
        self._out = out
        self._separator = "[\n"

    def row(self, row: IncidentSummary) -> None:
        """Write an object."""
        content = {name: _json_value(name, getattr(row, name)) for name in self.fields}
        self._out.write(self._separator + _encodable(json.dumps(content, ensure_ascii=False)))
        self._separator = ",\n"

    def end(self, counts: IncidentCounts) -> None:
        """Close the array."""
        self._out.write("[]\n" if self._separator == "[\n" else "\n]\n")


class XlsxWriter(Writer):
    """Write a workbook row by row. Ids are text, because Excel keeps 15 digits of a number; times are UTC.

    Every text is written as a string cell, which no spreadsheet runs, and opens with an apostrophe where it would run
    once it is copied into another file.
    """

    def __init__(self, out: BinaryIO, *, masked: bool) -> None:
        import xlsxwriter  # type: ignore[import-untyped]

        super().__init__(masked=masked)
        never = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        self._book: Any = xlsxwriter.Workbook(out, {"constant_memory": True, "remove_timezone": True, **never})
        self._bold = self._book.add_format({"bold": True})
        self._time = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._sheet: Any = None
        self._filled = 0
        self._begin_sheet()

    def row(self, row: IncidentSummary) -> None:
        """Write a row, on a sheet of its own once one is full."""
        if self._filled > SHEET_ROWS:
            self._begin_sheet()
        for column, name in enumerate(self.fields):
            value = getattr(row, name)
            if isinstance(value, datetime):
                self._sheet.write_datetime(self._filled, column, value.astimezone(UTC), self._time)
            elif isinstance(value, bool):
                self._sheet.write_boolean(self._filled, column, value)
            elif isinstance(value, float):
                self._sheet.write_number(self._filled, column, value)
            elif value is not None:
                self._sheet.write_string(self._filled, column, harmless(_plain(value))[:CELL_LIMIT])
        self._filled += 1

    def end(self, counts: IncidentCounts) -> None:
        """Write the workbook."""
        self._book.close()

    def _begin_sheet(self) -> None:
        self._sheet = self._book.add_worksheet()
        self._sheet.freeze_panes(1, 0)
        self._sheet.set_column(0, len(self.fields) - 1, 20)
        for column, name in enumerate(self.fields):
            self._sheet.write_string(0, column, name, self._bold)
        self._filled = 1


def file_of(form: ExportForm, rows: Iterable[IncidentSummary], counts: IncidentCounts) -> bytes:
    """Return incidents as a file, without members' words."""
    if form is ExportForm.XLSX:
        raw = io.BytesIO()
        _write(XlsxWriter(raw, masked=False), rows, counts)
        return raw.getvalue()
    words = io.StringIO(newline="")
    _write((CsvWriter if form is ExportForm.CSV else JsonWriter)(words, masked=False), rows, counts)
    return words.getvalue().encode()


def harmless(cell: str) -> str:
    """Return the cell so that no spreadsheet runs it as a formula; an apostrophe in front says: text."""
    runs = cell.startswith(FORMULA_STARTS) or cell.lstrip().startswith(FORMULA_STARTS)
    return f"'{cell}" if runs else cell


def _write(writer: Writer, rows: Iterable[IncidentSummary], counts: IncidentCounts) -> None:
    for row in rows:
        writer.row(row)
    writer.end(counts)


def _plain(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    if isinstance(value, tuple):
        return " ".join(map(str, value))
    return _encodable(str(value))


def _json_value(name: str, value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    if isinstance(value, tuple):
        return list(value)
    return str(value) if name.endswith("_id") and value is not None else value


def _encodable(words: str) -> str:
    return words.encode("utf-8", "backslashreplace").decode()
