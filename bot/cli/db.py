"""`garim db`: upgrade, status, path, check, purge, rotate-key."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.group import State
from bot.errors import CommandFailed
from bot.incidents import IncidentCounts, IncidentFilter
from bot.settings import Settings
from bot.texts import tell

if TYPE_CHECKING:
    from bot.storage import Storage

_demo = click.option("--demo", is_flag=True, help="The demo's database. (체험용 데이터베이스)")


def _chosen(state: State, demo: bool) -> Settings:
    return state.settings().for_demo() if demo else state.settings()


@click.group()
def db() -> None:
    """Look after the database and the encryption key. (데이터베이스와 암호화 키)

    \b
      garim db path       where database, key and spool are
      garim db status     schema, incidents, what is unfinished
      garim db check      read everything once and say what is damaged
      garim db upgrade    bring the schema to this version (run does it too)
      garim db rotate-key put everything under a new encryption key
    Back up the database and the key file apart from each other.
    """


@db.command()
@_demo
@click.pass_obj
def path(state: State, demo: bool) -> None:
    """Print where the database, the key and the spool are."""
    from bot.storage.database import parse_url

    settings = _chosen(state, demo)
    click.echo(f"database  {parse_url(settings.database_url).render_as_string(hide_password=True)}")
    click.echo(f"key       {settings.key_path}")
    click.echo(f"spool     {settings.spool_path}")


@db.command()
@_demo
@click.pass_obj
def upgrade(state: State, demo: bool) -> None:
    """Bring the schema to this version, making database and key if there are none."""
    asyncio.run(_upgrade(_chosen(state, demo)))


@db.command()
@_demo
@click.pass_obj
def status(state: State, demo: bool) -> None:
    """Print the schema's version and how many incidents stand in which state."""
    storage, counts = asyncio.run(_status(_chosen(state, demo)))
    click.echo(f"database    {storage.label}")
    if Path(storage.label).is_file():
        click.echo(f"size        {Path(storage.label).stat().st_size / 2**20:.1f} MiB")
    click.echo(f"incidents   {counts.total}")
    for name, count in sorted(counts.by_state.items()):
        click.echo(f"  {name:<9} {count}")


@db.command()
@_demo
@click.pass_obj
def check(state: State, demo: bool) -> None:
    """Read the whole database once, decrypt every original, and name what is damaged. Exits with 1 if anything is."""
    asyncio.run(_check(_chosen(state, demo)))


@db.command()
@_demo
@click.option("--older-than-days", type=click.IntRange(min=0), help="Default: storage.retention_days.")
@click.pass_obj
def purge(state: State, demo: bool, older_than_days: int | None) -> None:
    """Erase the words of incidents that were closed longer ago than that; their numbers stay.

    Servers that chose a time of their own keep theirs. (서버가 스스로 정한 기간이 있으면 그 기간을 따라요)
    """
    asyncio.run(_purge(_chosen(state, demo), older_than_days))


@db.command("rotate-key")
@_demo
@click.option("--drop-old", is_flag=True, help="Take the old keys out once nothing is under them. (옛 키 지우기)")
@click.pass_obj
def rotate_key(state: State, demo: bool, drop_old: bool) -> None:
    """Put a new key first in the key file, then everything that is stored under it. (암호화 키 교체)

    \b
    The bot may go on running. Stopped halfway, the same command goes on where it was; the old keys stay in the file.
    With --drop-old nothing is encrypted anew: the old keys are taken out, unless something is still under them.
    Backups from before the change need the old keys; keep those apart for as long as you keep such backups.
    """
    from bot.cli.rotation import drop_old_keys, rotate

    asyncio.run((drop_old_keys if drop_old else rotate)(_chosen(state, demo)))


async def _upgrade(settings: Settings) -> None:
    from bot.storage import database_password, open_database, open_from
    from bot.storage.migrate import schema_status

    password = database_password(settings)
    async with open_database(settings.database_url, create=True, password=password) as database:
        before = await schema_status(database)
        async with open_from(settings):
            pass
        key = "db.already" if before.is_current else "db.upgraded"
        click.echo(tell(key, database=database.label, current=before.current or "-", head=before.head))


async def _status(settings: Settings) -> tuple[Storage, IncidentCounts]:
    from bot.storage import open_from

    async with open_from(settings, migrate=False) as storage:
        return storage, await storage.incidents.counts(IncidentFilter())


async def _check(settings: Settings) -> None:
    from bot.storage import database_password, open_database, open_from
    from bot.storage.check import problems

    async with (
        open_from(settings, migrate=False) as storage,
        open_database(settings.database_url, password=database_password(settings)) as database,
    ):
        found = await problems(database, storage.keyring)
    if found:
        raise CommandFailed(tell("db.damaged", database=storage.label, problems="; ".join(found)))
    click.echo(tell("db.sound", database=storage.label))


async def _purge(settings: Settings, older_than_days: int | None) -> None:
    from bot.storage import open_from

    days = settings.storage.retention_days if older_than_days is None else older_than_days
    async with open_from(settings, migrate=False) as storage:
        click.echo(tell("db.purged", count=await storage.incidents.purge(days), days=days))
