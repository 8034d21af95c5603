"""What `garim db rotate-key` does: the order in which file, database and spool change, so that nothing is ever lost."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator

import click

from bot import spool_keys
from bot.crypto import Keyring, add_key, keys_in, write_keys
from bot.errors import CommandFailed
from bot.records import AuditKind
from bot.settings import Settings
from bot.storage import Storage, database_password, open_database, open_from, rotation
from bot.storage.database import Database
from bot.storage.departures import NOBODY
from bot.texts import tell

EVERYWHERE = 0
"""The guild under which the audit keeps what concerns all of them."""


async def rotate(settings: Settings) -> None:
    """Add a key, unless the last rotation is still under way, and put everything under it.

    Raises KeyUnusable, StorageUnavailable, SpoolUnavailable.
    """
    async with _opened(settings) as (storage, database):
        if not await rotation.is_under_way(database, storage.keyring):
            await asyncio.to_thread(add_key, settings.key_path)
        # A running bot takes up the new key before it encrypts the next word, so that one pass is enough.
        files = await asyncio.to_thread(spool_keys.renew, settings.spool_path, storage.keyring)
        with _progress() as progress:
            records = await rotation.renew(database, storage.keyring, progress)
        detail = {"records": records, "files": files}
        await storage.audit.record(EVERYWHERE, NOBODY, AuditKind.KEY_ROTATED, detail=detail)
    click.echo(tell("db.key_rotated", records=records, files=files, path=settings.key_path))


async def drop_old_keys(settings: Settings) -> None:
    """Take all keys but the first out of the file. Raises CommandFailed when something is under another."""
    async with _opened(settings) as (storage, database):
        # Held apart from the file: these stay all the keys whatever it says from now on.
        keys = await asyncio.to_thread(keys_in, settings.key_path)
        everything = Keyring(keys, str(settings.key_path))
        await _require_unused(settings, database, everything)
        await asyncio.to_thread(write_keys, settings.key_path, keys[:1])
        try:
            # Once more: a bot may have been about to write under an old key when it was last looked.
            await _require_unused(settings, database, everything)
        except BaseException:  # whatever ends it, Ctrl+C too: no key goes that may be needed, and the error goes on
            await asyncio.to_thread(write_keys, settings.key_path, keys)
            raise
        detail = {"dropped": len(keys) - 1}
        await storage.audit.record(EVERYWHERE, NOBODY, AuditKind.KEY_ROTATED, detail=detail)
    click.echo(tell("db.keys_dropped", count=len(keys) - 1, path=settings.key_path))


async def _require_unused(settings: Settings, database: Database, keyring: Keyring) -> None:
    files = await asyncio.to_thread(spool_keys.count_old, settings.spool_path, keyring)
    with _progress() as progress:
        records = await rotation.count_old(database, keyring, progress)
    if records or files:
        raise CommandFailed(tell("db.key_in_use", records=records, files=files))


@contextlib.asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[tuple[Storage, Database]]:
    password = database_password(settings)
    async with (
        open_from(settings, migrate=False) as storage,
        open_database(settings.database_url, password=password) as database,
    ):
        yield storage, database


@contextlib.contextmanager
def _progress() -> Iterator[rotation.Progress]:
    """Show how far it is on standard error, when a person looks at it."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
