"""How `garim report` writes rows: a table to read, CSV for spreadsheets, JSON for programs."""

from __future__ import annotations

import csv
import json
import unicodedata
from abc import ABC, abstractmethod
from datetime import datetime
from typing import TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.incidents import IncidentCounts, IncidentSummary
from bot.texts import tell

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What makes a spreadsheet run a cell: https://owasp.org/www-community/attacks/CSV_Injection."""


class Writer(ABC):
    """Take rows one by one, newest first, and write them in one form."""

    def __init__(self, out: TextIO, *, masked: bool) -> None:
        self.out = out
        self.masked = masked

    @abstractmethod
    def row(self, row: IncidentSummary) -> None:
        """Take one incident."""

    @abstractmethod
    def end(self, counts: IncidentCounts) -> None:
        """Write what is left, and the counts where the form has a place for them."""


class TableWriter(Writer):
    """Draw one table, sized to the terminal."""

    def __init__(self, out: TextIO, *, masked: bool) -> None:
        super().__init__(out, masked=masked)
        columns = ("id", "opened", "guild", "channel", "author", "labels", "score", "action", "state", "outcome")
        self._table = Table(*columns, *(["masked"] if masked else []), header_style="bold", row_styles=["", "dim"])

    def row(self, row: IncidentSummary) -> None:
        """Add a line. Nothing in it is read as markup or reaches the terminal as a control sequence."""
        cells = [
            str(row.id),
            row.opened_at.astimezone().strftime("%Y-%m-%d %H:%M:%S"),
            str(row.guild_id),
            str(row.thread_id or row.channel_id),
            str(row.author_id),
            ", ".join(row.labels),
            f"{row.score:.2f}",
            row.action,
            str(row.state),
            str(row.outcome or ""),
        ]
        if self.masked:
            cells.append(printable(row.masked or ""))
        self._table.add_row(*(Text(cell) for cell in cells))

    def end(self, counts: IncidentCounts) -> None:
        """Draw the table and the counts below it."""
        wide = None if self.out.isatty() else 200
        console = Console(file=self.out, width=wide, highlight=False)
        if self._table.row_count:
            console.print(self._table)
        labels = ", ".join(f"{label} {count}" for label, count in counts.by_label.items()) or "-"
        console.print(Text(tell("report.total", shown=self._table.row_count, total=counts.total, labels=labels)))


_FIELDS = (
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
)


class CsvWriter(Writer):
    """Write RFC 4180 lines as they come; times are ISO 8601 in UTC, labels are joined by spaces."""

    def __init__(self, out: TextIO, *, masked: bool) -> None:
        super().__init__(out, masked=masked)
        self._fields = (*_FIELDS, "masked") if masked else _FIELDS
        self._csv = csv.writer(out, lineterminator="\r\n")
        self._csv.writerow(self._fields)

    def row(self, row: IncidentSummary) -> None:
        """Write a line."""
        self._csv.writerow([harmless(_plain(getattr(row, name))) for name in self._fields])

    def end(self, counts: IncidentCounts) -> None:
        """Write nothing: counts are no row."""


class JsonWriter(Writer):
    """Write one array of objects. Ids are strings, as Discord writes them: they do not fit a JavaScript number."""

    def __init__(self, out: TextIO, *, masked: bool) -> None:
        super().__init__(out, masked=masked)
        self._fields = (*_FIELDS, "masked") if masked else _FIELDS
        self._separator = "[\n"

    def row(self, row: IncidentSummary) -> None:
        """Write an object."""
        content = {name: _json_value(name, getattr(row, name)) for name in self._fields}
        self.out.write(self._separator + _encodable(json.dumps(content, ensure_ascii=False)))
        self._separator = ",\n"

    def end(self, counts: IncidentCounts) -> None:
        """Close the array."""
        self.out.write("[]\n" if self._separator == "[\n" else "\n]\n")


def writer_for(form: str, out: TextIO, *, masked: bool) -> Writer:
    """Return the writer of `table`, `csv` or `json`."""
    writers: dict[str, type[TableWriter | CsvWriter | JsonWriter]] = {
        "table": TableWriter,
        "csv": CsvWriter,
        "json": JsonWriter,
    }
    return writers[form](out, masked=masked)


def harmless(cell: str) -> str:
    """Return the cell so that no spreadsheet runs it as a formula; an apostrophe in front says: text."""
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell


def printable(words: str) -> str:
    """Return the words with controls, escapes and direction marks made visible, so that a terminal only shows them."""
    return "".join(f"\\u{{{ord(one):x}}}" if _acts(one) else one for one in words)


def _acts(one: str) -> bool:
    # The zero-width joiner only holds emoji together.
    return unicodedata.category(one) in ("Cc", "Cf", "Cs") and one != "\u200d"


def _plain(value: object) -> str:
    if value is None:
        return ""
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
