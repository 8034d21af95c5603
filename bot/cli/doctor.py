"""`garim doctor`."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import click

from bot.cli.group import State as Options
from bot.doctor import Finding, State
from bot.errors import CommandFailed
from bot.settings import Settings
from bot.texts import tell


@click.command()
@click.option(
    "--guilds", "guild_limit", type=click.IntRange(min=0), default=20, show_default=True, help="Check so many."
)
@click.option("--offline", is_flag=True, help="Leave Discord out: database, key, spool and model only.")
@click.pass_obj
def doctor(options: Options, guild_limit: int, offline: bool) -> None:
    """Check everything that `run` needs, changing nothing, and say how to mend what is wrong.

    \b
    Settings, token, intent, permissions in each server and channel, database, key, spool, model.
    Exits with 1 when something would keep Garim from working. (문제마다 고치는 방법을 알려 드려요.)
    """
    settings = options.settings()
    failed = asyncio.run(_examine(settings, guild_limit, offline=offline))
    if failed:
        raise CommandFailed(tell("doctor.failed", count=failed))
    click.echo(tell("doctor.healthy"))


async def _examine(settings: Settings, guild_limit: int, *, offline: bool) -> int:
    from bot.doctor.discord_api import check_discord
    from bot.doctor.local import check_model, check_spool, check_storage

    checks = [check_storage(settings), check_spool(settings), check_model(settings)]
    if not offline:
        checks.insert(0, check_discord(settings, guild_limit))
    return sum([_show(await check) for check in checks])


def _show(findings: Iterable[Finding]) -> int:
    marks = {State.OK: ("✔", "green"), State.WARN: ("!", "yellow"), State.FAIL: ("✘", "red")}
    failed = 0
    for finding in findings:
        mark, colour = marks[finding.state]
        click.echo(f"{click.style(mark, fg=colour, bold=True)} {finding.subject:<12} {finding.what}")
        if finding.remedy:
            click.echo(f"  {'':<12} → {finding.remedy}")
        failed += finding.state is State.FAIL
    return failed
