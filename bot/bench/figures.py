"""Figures of a benchmark, their ratios to a named baseline, and the two forms they are shown in."""

from __future__ import annotations

import json
import math
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Figure:
    """Give one measured value in `unit`; `baseline` names the figure of the same run that it is compared with."""

    name: str
    value: float
    unit: str
    baseline: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """Hold what one benchmark measured, and under which conditions.

    Raises ValueError when two figures share a name or a baseline is not among them.
    """

    benchmark: str
    figures: tuple[Figure, ...]
    conditions: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = [figure.name for figure in self.figures]
        if len(set(names)) != len(names):
            raise ValueError(f"{self.benchmark}: two figures share a name")
        for figure in self.figures:
            if figure.baseline is not None and figure.baseline not in names:
                raise ValueError(f"{self.benchmark}: {figure.name} names the baseline {figure.baseline}, not measured")

    def ratio(self, figure: Figure) -> float | None:
        """Return value / baseline's value; None without a baseline or where that is 0."""
        value = next((other.value for other in self.figures if other.name == figure.baseline), 0.0)
        return figure.value / value if value else None

    def as_dict(self) -> dict[str, Any]:
        """Return the whole report as JSON types."""
        return {
            "benchmark": self.benchmark,
            "machine": machine(),
            "conditions": dict(self.conditions),
            "figures": [
                {
                    "name": figure.name,
                    "value": round(figure.value, 4),
                    "unit": figure.unit,
                    "baseline": figure.baseline,
                    "ratio": None if (ratio := self.ratio(figure)) is None else round(ratio, 3),
                }
                for figure in self.figures
            ],
        }


def machine() -> dict[str, Any]:
    """Say on what the figures were taken: usable cores, processor kind, system and Python."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "processor": platform.machine(),
        "system": platform.system(),
        "python": platform.python_version(),
    }


def show(report: Report, console: Console, *, as_json: bool) -> None:
    """Print a report as a table with ratios, or as one JSON object."""
    if as_json:
        console.file.write(json.dumps(report.as_dict(), ensure_ascii=False) + "\n")
        return
    table = Table(title=f"garim bench {report.benchmark}", title_justify="left")
    table.add_column("measured")
    table.add_column("value", justify="right")
    table.add_column("unit")
    table.add_column("ratio", justify="right")
    table.add_column("to the baseline")
    for figure in report.figures:
        ratio = report.ratio(figure)
        shown = "" if ratio is None else f"{ratio:.2f}x"
        table.add_row(figure.name, number(figure.value), figure.unit, shown, figure.baseline or "(baseline or count)")
    console.print(table)
    conditions = {**machine(), **report.conditions}
    console.print("  ".join(f"{name}: {value}" for name, value in conditions.items()), style="dim", highlight=False)


def number(value: float) -> str:
    """Write a value with as many decimals as its size deserves."""
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    decimals = 4 if abs(value) < 0.1 else 3 if abs(value) < 10 else 1
    return f"{value:,.{decimals}f}"


def percentile(values: Sequence[float], share: float) -> float:
    """Return the nearest-rank percentile (`share` from 0 to 1). Raises ValueError without values."""
    if not values:
        raise ValueError("a percentile needs at least one value")
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]
