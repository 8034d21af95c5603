"""`garim report --thresholds`: how often each label was right, and which thresholds the verdicts propose."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.cli.report_picture import only_guild
from bot.incidents import IncidentFilter
from bot.reports.measured import LOOK_BACK, measured
from bot.reports.proposals import Finding
from bot.settings import Settings
from bot.storage import open_from

_COLUMNS = ("label", "threshold", "verdicts", "precision", "proposed", "changed", "of them right", "precision then")


async def look(settings: Settings, wanted: IncidentFilter, percent: int) -> list[Finding]:
    """Return what the verdicts of one server show. Raises CommandFailed, StorageError."""
    async with open_from(settings, migrate=False) as storage:
        guild_id = wanted.guild_id or await only_guild(storage)
        return await measured(storage, guild_id, wanted.since or datetime.now(UTC) - LOOK_BACK, percent / 100)


def show(found: list[Finding]) -> None:
    """Draw a table of it on standard output."""
    table = Table(*_COLUMNS, header_style="bold")
    for one in found:
        proposal = one.proposal
        cells = [one.label, f"{one.threshold:.2f}", str(one.verdicts), _share(one.now.precision)]
        if proposal is not None:
            changed = proposal.changed
            cells += [f"{proposal.proposed:.2f}", str(changed.total), str(changed.right)]
            cells.append(_share(proposal.then.precision))
        table.add_row(*(Text(cell) for cell in cells))
    Console(file=sys.stdout, width=None if sys.stdout.isatty() else 120, highlight=False).print(table)


def _share(precision: float | None) -> str:
    return "-" if precision is None else f"{precision:.1%}"
