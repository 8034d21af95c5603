"""What `garim bench text` measured, as a table with one column per filter, or as one JSON object."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.table import Table

from bot.bench.figures import Figure, Report, machine, number
from bot.bench.text_corpora import Corpus
from bot.bench.text_ledger import Ledger
from bot.bench.text_score import Outcome, Reading, marked

RATIOS = ("messages/s", "ms", "µs")
"""Units whose ratio to the baseline the table shows; the JSON object holds every ratio."""


@dataclass(frozen=True, slots=True)
class Row:
    """Give one measure in `unit` for the filters that have it; `group` says what kind of measure it is."""

    group: str
    measure: str
    unit: str
    values: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Judged:
    """Hold what every contestant said of the set and of the clean corpora, by contestant's name."""

    disguised: Mapping[str, list[Outcome]]
    innocent: Mapping[str, list[Outcome]]
    clean: Mapping[str, Sequence[tuple[Corpus, list[Reading]]]]


@dataclass(frozen=True, slots=True)
class TextReport:
    """Hold the rows in order, the filters in the order of their columns, and what was said of each sentence."""

    contestants: tuple[str, ...]
    baseline: str | None
    rows: tuple[Row, ...]
    said: Judged
    conditions: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def as_report(self) -> Report:
        """Return every value as a figure of its own; the baseline of each is what `baseline` made of the same."""
        figures = [
            Figure(f"{row.group}, {row.measure}: {name}", value, row.unit, self._baseline(row, name))
            for row in self.rows
            for name, value in row.values.items()
        ]
        return Report("text", tuple(figures), {**self.conditions, "notes": list(self.notes)})

    def _baseline(self, row: Row, name: str) -> str | None:
        if self.baseline is None or name == self.baseline or self.baseline not in row.values:
            return None
        return f"{row.group}, {row.measure}: {self.baseline}"


def show_text(
    report: TextReport, console: Console, *, as_json: bool, misses: bool, flagged: bool, ledger: Ledger
) -> None:
    """Print the report, and where asked the sentences that went wrong and the clean lines that were flagged."""
    listed = {
        **({"misses": list(_misses(report))} if misses else {}),
        **({"flagged": list(_flagged(report, ledger))} if flagged else {}),
    }
    if as_json:
        made = report.as_report().as_dict() | listed
        console.file.write(json.dumps(made, ensure_ascii=False) + "\n")
        return
    console.print(_table(report))
    conditions = {**machine(), **report.conditions}
    console.print("  ".join(f"{name}: {value}" for name, value in conditions.items()), style="dim", highlight=False)
    for note in report.notes:
        console.print(f"({note})", highlight=False, markup=False)
    for title, entries in listed.items():
        console.print(f"\n{title}: {len(entries)}", style="bold")
        for entry in entries:
            console.print("  ".join(entry.values()), soft_wrap=True, highlight=False, markup=False)


def _table(report: TextReport) -> Table:
    baseline = f" ({report.baseline} is the baseline)" if report.baseline else ""
    table = Table(title=f"garim bench text{baseline}", title_justify="left")
    table.add_column("measured")
    table.add_column("unit")
    for name in report.contestants:
        table.add_column(name, justify="right")
    group = report.rows[0].group if report.rows else ""
    for row in report.rows:
        if row.group != group:
            table.add_section()
            group = row.group
        cells = (_cell(row, name, report.baseline) for name in report.contestants)
        table.add_row(f"{row.group}: {row.measure}", row.unit, *cells)
    return table


def _cell(row: Row, name: str, baseline: str | None) -> str:
    if name not in row.values:
        return "-"
    value = row.values[name]
    base = row.values.get(baseline, 0.0) if baseline else 0.0
    ratio = f" ({value / base:.2f}x)" if row.unit in RATIOS and name != baseline and base else ""
    return number(value) + ratio


def _misses(report: TextReport) -> Iterator[dict[str, str]]:
    """Yield what a filter with spans missed, flagged or marked inexactly: the sets are for everybody to read."""
    for name in report.contestants:
        disguised, innocent = report.said.disguised[name], report.said.innocent[name]
        if all(not row.reading.spans for row in (*disguised, *innocent)):
            continue
        for row in disguised:
            if row.missed:
                yield _entry(name, "missed", row)
            elif row.exact() < len(row.found) or row.stray():
                yield _entry(name, "inexact", row)
        for row in innocent:
            if row.reading.flagged:
                yield _entry(name, "flagged", row)


def _entry(name: str, what: str, row: Outcome) -> dict[str, str]:
    return {
        "filter": name,
        "what": what,
        "place": row.case.place,
        "class": row.case.kind,
        "found": marked(row.case.text, row.reading.spans),
        "wanted": marked(row.case.text, row.gold),
        "reason": row.case.reason,
    }


def _flagged(report: TextReport, ledger: Ledger) -> Iterator[dict[str, str]]:
    """Yield every flagged line of the clean corpora, with what the ledger's reader said of it."""
    for name in report.contestants:
        for corpus, readings in report.said.clean[name]:
            for place, (text, reading) in enumerate(zip(corpus.texts, readings, strict=True), 1):
                if reading.spans:
                    yield {
                        "filter": name,
                        "corpus": corpus.name,
                        "line": str(place),
                        "read as": ledger.verdict(text),
                        "rules": ",".join(reading.rules),
                        "text": marked(text, reading.spans),
                    }
