"""`garim report`: incidents as a table or a file, and as a picture."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.group import State
from bot.incidents import IncidentFilter, IncidentState, IncidentSummary, Origin, OutcomeKind
from bot.records import Every
from bot.texts import process_locale, tell
from masker.labels import LABELS

if TYPE_CHECKING:
    from bot.reports.exports import Writer
    from bot.settings import Settings
    from bot.storage import Storage

_PAGE = 500
_VERDICTS = ("none", "right", "wrong")
_File = click.Path(path_type=Path, dir_okay=False)


class When(click.ParamType[datetime]):
    """Read a time: `2026-03-01`, `2026-03-01T09:30`, `...+09:00`, or how long ago: `30m`, `12h`, `7d`, `2w`."""

    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Return the time in UTC; one without a zone is taken as UTC."""
        from bot.reports.periods import read_time

        try:
            return read_time(str(value), datetime.now(UTC), UTC).astimezone(UTC)
        except ValueError:
            self.fail(f"{str(value)!r} is no time; write 2026-03-01, 2026-03-01T09:30, 12h or 7d", param, ctx)


def _filters(command: click.decorators.FC) -> click.decorators.FC:
    """Give a command the options that choose incidents."""
    for option in reversed(
        (
            click.option("--guild", "guild_id", type=click.IntRange(min=1), help="Only this server. (서버 ID)"),
            click.option("--author", "author_id", type=click.IntRange(min=1), help="Only this member. (회원 ID)"),
            click.option("--channel", "channel_id", type=click.IntRange(min=1), help="Only this channel. (채널 ID)"),
            click.option("--label", type=click.Choice([*map(str, LABELS)]), help="Only this kind. (갈래)"),
            click.option("--state", type=click.Choice([*map(str, IncidentState)]), help="Only this state. (상태)"),
            click.option("--outcome", type=click.Choice([*map(str, OutcomeKind)]), help="Only this outcome. (결과)"),
            click.option("--origin", type=click.Choice([*map(str, Origin)]), help="Only of this origin. (출처)"),
            click.option("--verdict", type=click.Choice(_VERDICTS), help="Only with this verdict, or none. (판정)"),
            click.option("--since", type=When(), help="From: 2026-03-01, or 7d for a week ago. (부터)"),
            click.option("--until", type=When(), help="Up to, not including. (까지)"),
        )
    ):
        command = option(command)
    return command


@click.command()
@_filters
@click.option("--period", type=click.Choice([*map(str, Every)]), help="The last day, week or month. (기간)")
@click.option("--limit", type=click.IntRange(min=0), default=50, show_default=True, help="Newest so many; 0 for all.")
@click.option("--after", "after_id", type=click.IntRange(min=1), help="Go on after the incident with this id.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "json", "xlsx"]),
    default="table",
    show_default=True,
    help="(형식)",
)
@click.option("--out", type=_File, help="Write the rows to this file. (파일로)")
@click.option("--picture", type=_File, help="Draw one server's report as a PNG, and say it in words. (그림)")
@click.option("--thresholds", is_flag=True, help="Say how often each kind was right, and propose. (기준점수 제안)")
@click.option("--precision", type=click.IntRange(50, 99), default=80, show_default=True, help="Wanted, in %. (정확도)")
@click.option("--masked", is_flag=True, help="Decrypt and show the masked text too. (가려진 글도 보기)")
@click.option("--demo", is_flag=True, help="The demo's incidents. (체험에서 생긴 사건)")
@click.pass_obj
def report(
    cli: State,
    /,
    period: str | None,
    form: str,
    out: Path | None,
    picture: Path | None,
    thresholds: bool,
    precision: int,
    masked: bool,
    demo: bool,
    verdict: str | None,
    **chosen: object,
) -> None:
    """List incidents, newest first, or draw them. Members' words are left out unless you ask for --masked.

    \b
      garim report --since 7d --label gender
      garim report --limit 0 --format csv > incidents.csv
      garim report --limit 0 --format xlsx --out incidents.xlsx --verdict wrong
      garim report --period month --picture report.png
      garim report --thresholds --precision 90
      garim report --demo --masked
    In files, cells that a spreadsheet would run as a formula are made harmless with an apostrophe in front.
    """
    settings = cli.settings().for_demo() if demo else cli.settings()
    wanted = IncidentFilter(
        **chosen,  # type: ignore[arg-type]
        reviewed=False if verdict == "none" else None,
        right=None if verdict in (None, "none") else verdict == "right",
    )
    if thresholds:
        from bot.cli.report_thresholds import look, show

        _reject_filters(wanted)
        show(asyncio.run(look(settings, wanted, precision)))
        return
    if picture is not None:
        _reject_filters(wanted)
        from bot.cli.report_picture import draw

        every = Every(period or (Every.MONTH if wanted.since is None else Every.DAY))
        raw, words = asyncio.run(draw(settings, wanted, every, process_locale()))
        with _told(picture):
            picture.write_bytes(raw)
        click.echo(f"{words}\n{picture}")
        return
    if period is not None:
        from bot.reports.periods import recent, zone_of

        last = recent(Every(period), datetime.now(UTC), zone_of(process_locale()))
        wanted = replace(wanted, since=wanted.since or last.since.astimezone(UTC))
    with _writer(form, out, masked=masked) as writer:
        asyncio.run(_write(settings, wanted, writer, masked=masked))


def _reject_filters(wanted: IncidentFilter) -> None:
    """Raise UsageError for a filter that what is about all of a server's incidents does not know."""
    known = IncidentFilter(
        guild_id=wanted.guild_id, since=wanted.since, until=wanted.until, limit=wanted.limit, after_id=wanted.after_id
    )
    if wanted != known:
        raise click.UsageError(tell("report.picture_filters"))


@contextlib.contextmanager
def _writer(form: str, out: Path | None, *, masked: bool) -> Iterator[Writer]:
    """Give what writes rows to a file or to standard output. Raises UsageError, CommandFailed."""
    from bot.cli.report_forms import writer_for
    from bot.reports.exports import XlsxWriter

    if form == "xlsx" and out is None and sys.stdout.isatty():
        raise click.UsageError(tell("report.xlsx_needs_out"))
    if out is None:
        yield (
            XlsxWriter(sys.stdout.buffer, masked=masked)
            if form == "xlsx"
            else writer_for(form, sys.stdout, masked=masked)
        )
    elif form == "xlsx":
        with _told(out), out.open("wb") as raw:
            yield XlsxWriter(raw, masked=masked)
    else:
        with _told(out), out.open("w", encoding="utf-8", newline="") as words:
            yield writer_for(form, words, masked=masked)


@contextlib.contextmanager
def _told(file: Path) -> Iterator[None]:
    """Raise CommandFailed in words when a file cannot be written."""
    from bot.errors import CommandFailed

    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise CommandFailed(tell("report.not_written", file=file, reason=reason)) from None


async def _write(settings: Settings, wanted: IncidentFilter, writer: Writer, *, masked: bool) -> None:
    from bot.storage import open_from

    async def rows(storage: Storage) -> AsyncIterator[IncidentSummary]:
        left = wanted.limit or sys.maxsize
        after = wanted.after_id
        while left > 0:
            page = replace(wanted, limit=min(left, _PAGE), after_id=after)
            found = await storage.incidents.search(page, masked=masked)
            for row in found:
                yield row
            if len(found) < page.limit:
                return
            left -= len(found)
            after = found[-1].id

    async with open_from(settings, migrate=False) as storage:
        async for row in rows(storage):
            writer.row(row)
        writer.end(await storage.incidents.counts(wanted))
