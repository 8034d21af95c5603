"""A report: the figures of one guild and one time, and the words that stand beside the picture."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from bot.incidents import IncidentFilter
from bot.reports.periods import Period
from bot.storage import Bucket, Figures, Storage
from bot.texts import text

NameOf = Callable[[int], str]
"""Return a channel's name for its id, as far as the reader may know it."""
SHOWN = 3
_ALIKE = 0.005
"""A smaller change is none when it is said in whole percents."""


@dataclass(frozen=True, slots=True)
class Report:
    """Hold what one report shows; `before` is the number of incidents in the time of the same length before."""

    period: Period
    figures: Figures
    before: int


async def report_on(storage: Storage, guild_id: int, period: Period) -> Report:
    """Count one guild's incidents. Raises StorageUnavailable."""
    since, until = period.since, period.until
    figures = await storage.statistics.figures(guild_id, since, until, period.bucket, period.zone)
    earlier = period.before()
    wanted = IncidentFilter(guild_id=guild_id, since=earlier.since, until=earlier.until)
    return Report(period, figures, (await storage.incidents.counts(wanted)).total)


def title_of(period: Period, locale: str) -> str:
    """Return what a report is called: the days it is about, or the hours."""
    if period.bucket is Bucket.HOUR:
        since, until = (at.strftime("%Y-%m-%d %H:%M") for at in (period.since, period.until))
    else:
        # The end is not included: the last day is that of the moment before.
        since, until = (str(at.date()) for at in (period.since, period.until - timedelta(microseconds=1)))
    days = since if since == until else f"{since} – {until}"
    return text("report.title", locale, days=days, zone=period.since.strftime("%Z"))


def sentences(report: Report, name_of: NameOf, locale: str) -> Iterator[str]:
    """Yield what the figures say, a sentence or two each; ids become names by `name_of`."""
    figures = report.figures
    yield _total(report, locale)
    if not figures.total:
        return
    labels = [f"{text(f'label.{label}', locale)} {count:,}" for label, count in list(figures.by_label.items())[:SHOWN]]
    if labels:
        yield text("report.most_labels", locale, labels=", ".join(labels))
    channels = [f"{name_of(place)} {count:,}" for place, count in list(figures.by_channel.items())[:SHOWN]]
    yield text("report.most_channels", locale, channels=", ".join(channels))
    hour = max(range(24), key=lambda one: figures.by_hour[one])
    yield text("report.busiest_hour", locale, hour=hour, next=(hour + 1) % 24, count=figures.by_hour[hour])
    yield verdict_words(figures, locale)
    if figures.median_reaction_s is not None:
        yield text("report.reaction", locale, seconds=seconds_words(figures.median_reaction_s))


def verdict_words(figures: Figures, locale: str) -> str:
    """Return how many of the reviewed incidents were false positives."""
    rate = figures.false_positive_rate
    if rate is None:
        return text("report.no_verdicts", locale)
    reviewed = figures.right + figures.wrong
    return text("report.false_positives", locale, percent=f"{rate:.1%}", wrong=figures.wrong, reviewed=reviewed)


def seconds_words(seconds: float) -> str:
    """Return a number of seconds with as many places as tell something."""
    return f"{seconds:.2f}" if seconds < 10 else f"{seconds:,.0f}"


def change(report: Report) -> float | None:
    """Return by what share the number of incidents grew from the time before; None where there were none."""
    return (report.figures.total - report.before) / report.before if report.before else None


def _total(report: Report, locale: str) -> str:
    total, grown = report.figures.total, change(report)
    if not total:
        return text("report.none", locale, before=report.before)
    if grown is None:
        return text("report.count", locale, count=total)
    if abs(grown) < _ALIKE:
        return text("report.count_same", locale, count=total, before=report.before)
    key = "report.count_more" if grown > 0 else "report.count_fewer"
    return text(key, locale, count=total, before=report.before, percent=f"{abs(grown):.0%}")
