"""How `garim report` writes rows: a table to read, and the files that `bot.reports.exports` writes."""

from __future__ import annotations

import unicodedata
from typing import TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.incidents import IncidentCounts, IncidentSummary
from bot.reports.exports import CsvWriter, JsonWriter, Writer
from bot.texts import tell


class TableWriter(Writer):
    """Draw one table, sized to the terminal."""

    def __init__(self, out: TextIO, *, masked: bool) -> None:
        super().__init__(masked=masked)
        self._out = out
        self._masked = masked
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
        if self._masked:
            cells.append(printable(row.masked or ""))
        self._table.add_row(*(Text(cell) for cell in cells))

    def end(self, counts: IncidentCounts) -> None:
        """Draw the table and the counts below it."""
        wide = None if self._out.isatty() else 200
        console = Console(file=self._out, width=wide, highlight=False)
        if self._table.row_count:
            console.print(self._table)
        labels = ", ".join(f"{label} {count}" for label, count in counts.by_label.items()) or "-"
        console.print(Text(tell("report.total", shown=self._table.row_count, total=counts.total, labels=labels)))


def writer_for(form: str, out: TextIO, *, masked: bool) -> Writer:
    """Return the writer of `table`, `csv` or `json`."""
    writers: dict[str, type[TableWriter | CsvWriter | JsonWriter]] = {
        "table": TableWriter,
        "csv": CsvWriter,
        "json": JsonWriter,
    }
    return writers[form](out, masked=masked)


def printable(words: str) -> str:
    """Return the words with controls, escapes and direction marks made visible, so that a terminal only shows them."""
    return "".join(f"\\u{{{ord(one):x}}}" if _acts(one) else one for one in words)


def _acts(one: str) -> bool:
    # The zero-width joiner only holds emoji together.
    return unicodedata.category(one) in ("Cc", "Cf", "Cs") and one != "\u200d"
