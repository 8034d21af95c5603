"""`garim report`: incidents as a table, CSV or JSON."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from bot.cli.group import State
from bot.incidents import IncidentFilter, IncidentState, IncidentSummary
from bot.settings import Settings
from masker.labels import LABELS

if TYPE_CHECKING:
    from bot.cli.report_forms import Writer
    from bot.storage import Storage

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_PAGE = 500


class When(click.ParamType[datetime]):
    """Read a time: `2026-03-01`, `2026-03-01T09:30`, `...+09:00`, or how long ago: `30m`, `12h`, `7d`, `2w`."""

    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Return the time in UTC; one without a zone is taken as UTC."""
        words = str(value)
        if ago := re.fullmatch(r"(\d{1,5})([mhdw])", words):
            return datetime.now(UTC) - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        try:
            time = datetime.fromisoformat(words)
        except ValueError:
            self.fail(f"{words!r} is no time; write 2026-03-01, 2026-03-01T09:30, 12h or 7d", param, ctx)
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


@click.command()
@click.option("--guild", "guild_id", type=click.IntRange(min=1), help="Only this server. (서버 ID)")
@click.option("--author", "author_id", type=click.IntRange(min=1), help="Only this member. (회원 ID)")
@click.option("--label", type=click.Choice([str(label) for label in LABELS]), help="Only this kind. (종류)")
@click.option(
    "--state", "wanted_state", type=click.Choice([str(one) for one in IncidentState]), help="Only this state."
)
@click.option("--since", type=When(), help="From: 2026-03-01, or 7d for a week ago. (부터)")
@click.option("--until", type=When(), help="Up to, not including. (까지)")
@click.option("--limit", type=click.IntRange(min=0), default=50, show_default=True, help="Newest so many; 0 for all.")
@click.option("--after", "after_id", type=click.IntRange(min=1), help="Go on after the incident with this id.")
@click.option(
    "--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True, help="(형식)"
)
@click.option("--masked", is_flag=True, help="Decrypt and show the masked text too. (가려진 글도 보기)")
@click.option("--demo", is_flag=True, help="The demo's incidents. (체험에서 생긴 사건)")
@click.pass_obj
def report(
    state: State,
    guild_id: int | None,
    author_id: int | None,
    label: str | None,
    wanted_state: str | None,
    since: datetime | None,
    until: datetime | None,
    limit: int,
    after_id: int | None,
    form: str,
    masked: bool,
    demo: bool,
) -> None:
    """List incidents, newest first. Members' words are left out unless you ask for --masked.

    \b
      garim report --since 7d --label gender
      garim report --limit 0 --format csv > incidents.csv
      garim report --demo --masked
    In CSV, cells that a spreadsheet would run as a formula are made harmless with an apostrophe in front.
    """
    from bot.cli import report_forms

    settings = state.settings().for_demo() if demo else state.settings()
    wanted = IncidentFilter(
        guild_id=guild_id,
        author_id=author_id,
        label=label,
        state=IncidentState(wanted_state) if wanted_state else None,
        since=since,
        until=until,
        limit=limit,
        after_id=after_id,
    )
    writer = report_forms.writer_for(form, sys.stdout, masked=masked)
    asyncio.run(_write(settings, wanted, writer, masked=masked))


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
