"""The picture of a report: incidents over time, labels, channels, hours, false positives and reaction, on one sheet.

`png` is slow (about a second, more on a first call): call it in a thread.
"""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from datetime import datetime

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec
from matplotlib.ticker import MaxNLocator

from bot.reports.drawing import ACCENT, GRID, INK, PALE, WARM, drawable, style
from bot.reports.report import NameOf, Report, change, seconds_words, title_of
from bot.storage import Bucket
from bot.texts import text

WIDTH_IN, HEIGHT_IN, DPI = 10.0, 8.2, 110
BARS = 8
"""Labels and channels shown; the rest is added up in one more bar."""
COLUMNS = 120
"""Bars over time; a longer time is drawn by several days each."""
NAME_LIMIT, TITLE_LIMIT = 16, 90


def png(report: Report, name_of: NameOf, locale: str, guild_name: str = "") -> bytes:
    """Return the picture; `name_of` names channels, and what the font lacks of any name is left out."""
    with style():
        figure = Figure(figsize=(WIDTH_IN, HEIGHT_IN), dpi=DPI)
        grid = GridSpec(
            4, 2, figure, height_ratios=(0.62, 2.0, 2.0, 1.3), hspace=0.62, wspace=0.36,
            left=0.115, right=0.97, top=0.925, bottom=0.06,
        )  # fmt: skip
        head = " · ".join(filter(None, (drawable(guild_name, 40), title_of(report.period, locale))))
        figure.text(0.03, 0.962, head[:TITLE_LIMIT], size=15)
        _tiles(figure.add_subplot(grid[0, :]), report, locale)
        _over_time(figure.add_subplot(grid[1, :]), report, locale)
        figures = report.figures
        labels = {text(f"label.{label}", locale): count for label, count in figures.by_label.items()}
        _ranked(figure.add_subplot(grid[2, 0]), text("report.axis_labels", locale), labels, locale)
        channels = {_channel(place, name_of): count for place, count in figures.by_channel.items()}
        _ranked(figure.add_subplot(grid[2, 1]), text("report.axis_channels", locale), channels, locale)
        _by_hour(figure.add_subplot(grid[3, :]), figures.by_hour, locale)
        written = io.BytesIO()
        figure.savefig(written, format="png", metadata={"Software": None})
    return written.getvalue()


def _channel(place_id: int, name_of: NameOf) -> str:
    # Two channels may have one name, or names that differ only in what cannot be drawn; bars need names of their own.
    name = drawable(name_of(place_id), NAME_LIMIT)
    return f"{name or '#'}\n{place_id}"


def _tiles(axes: Axes, report: Report, locale: str) -> None:
    """Write the figures that are one number each."""
    figures = report.figures
    grown, rate, reaction = change(report), figures.false_positive_rate, figures.median_reaction_s
    none = text("report.tile_none", locale)
    shown = {
        "total": f"{figures.total:,}",
        "wrong": none if rate is None else f"{rate:.1%}",
        "reaction": none if reaction is None else text("report.tile_seconds", locale, seconds=seconds_words(reaction)),
    }
    below = {"wrong": text("report.tile_reviewed", locale, count=figures.right + figures.wrong)}
    if grown is not None:
        below["total"] = text("report.tile_change", locale, change=f"{grown:+.0%}")
    axes.set_axis_off()
    for place, (name, number) in enumerate(shown.items()):
        left = place / len(shown)
        axes.text(left, 0.78, text(f"report.tile_{name}", locale), color=PALE, transform=axes.transAxes)
        axes.text(left, 0.08, number, size=21, transform=axes.transAxes)
        axes.text(left, -0.42, below.get(name, ""), color=PALE, size=9, transform=axes.transAxes)


def _over_time(axes: Axes, report: Report, locale: str) -> None:
    series, by_hour = report.figures.series, report.period.bucket is Bucket.HOUR
    together = math.ceil(len(series) / COLUMNS)
    title = "hour" if by_hour else "day" if together == 1 else "days"
    _framed(axes, text(f"report.axis_by_{title}", locale, days=together))
    counts = [sum(count for _, count in series[at : at + together]) for at in range(0, len(series), together)]
    begins = [begin for begin, _ in series[::together]]
    axes.bar(range(len(counts)), counts, color=ACCENT, width=0.8)
    axes.set_xlim(-0.6, max(len(counts), 1) - 0.4)
    step = max(1, math.ceil(len(counts) / 10))
    axes.set_xticks(range(0, len(counts), step), [_when(begin, by_hour=by_hour) for begin in begins[::step]])
    _whole(axes, counts)


def _when(at: datetime, *, by_hour: bool) -> str:
    return f"{at.hour}:00" if by_hour else f"{at.month}/{at.day}"


def _ranked(axes: Axes, title: str, counts: Mapping[str, int], locale: str) -> None:
    """Draw the greatest counts as bars from the top, each with its number; the rest as one bar more."""
    _framed(axes, title)
    shown = list(counts.items())[:BARS]
    names, numbers = [name.partition("\n")[0] for name, _ in shown], [count for _, count in shown]
    if left_out := sum(list(counts.values())[BARS:]):
        names.append(text("report.axis_others", locale))
        numbers.append(left_out)
    axes.barh(range(len(numbers)), numbers, color=[ACCENT] * len(shown) + [PALE], height=0.7)
    axes.set_yticks(range(len(names)), names, size=9)
    axes.set_ylim(BARS + 0.5, -0.5)
    axes.set_xlim(0, 1.15 * max(numbers, default=1))
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    for row, number in enumerate(numbers):
        axes.annotate(f"{number:,}", (number, row), (4, 0), textcoords="offset points", va="center", size=9)


def _by_hour(axes: Axes, counts: Sequence[int], locale: str) -> None:
    _framed(axes, text("report.axis_hours", locale))
    most = max(counts)
    axes.bar(range(24), counts, color=[WARM if most and count == most else ACCENT for count in counts], width=0.8)
    axes.set_xlim(-0.6, 23.6)
    axes.set_xticks(range(0, 24, 3), [f"{hour}:00" for hour in range(0, 24, 3)])
    _whole(axes, counts)


def _whole(axes: Axes, counts: Sequence[int]) -> None:
    """Count in whole numbers: half an incident is none."""
    axes.set_ylim(0, 1.1 * max([1, *counts]))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
    axes.grid(visible=True, axis="y", color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)


def _framed(axes: Axes, title: str) -> None:
    axes.set_title(title, loc="left", size=11, color=INK)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(length=0)
