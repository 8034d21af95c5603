"""Open the storage: schema, key and stores, in one `async with`."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from bot.crypto import Keyring, create_keyring, load_keyring
from bot.errors import KeyUnusable, SchemaMismatch, StorageUnavailable
from bot.policy import Policy
from bot.settings import Settings
from bot.settings_loading import read_secret
from bot.storage.alert_posts import AlertPostStore
from bot.storage.audit import AuditLog
from bot.storage.cases import CaseStore
from bot.storage.contests import ContestStore
from bot.storage.database import Database, parse_url
from bot.storage.guilds import GuildStore
from bot.storage.incidents import IncidentStore
from bot.storage.marks import MarkStore
from bot.storage.members import MemberStore
from bot.storage.migrate import SchemaStatus, schema_status, upgrade
from bot.storage.reviews import ReviewStore
from bot.storage.sanctions import SanctionStore
from bot.storage.schedules import ScheduleStore
from bot.storage.statistics import StatisticsStore
from bot.storage.tables import key_check
from bot.storage.terms import TermStore
from bot.texts import tell

_KNOWN_WORD = b"garim key check 1"


def utc_now() -> datetime:
    """Return the present time in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Storage:
    """Hold the open stores; `keyring` also encrypts the spool."""

    guilds: GuildStore
    incidents: IncidentStore
    marks: MarkStore
    reviews: ReviewStore
    alert_posts: AlertPostStore
    audit: AuditLog
    sanctions: SanctionStore
    cases: CaseStore
    contests: ContestStore
    terms: TermStore
    schedules: ScheduleStore
    members: MemberStore
    statistics: StatisticsStore
    keyring: Keyring
    label: str


@contextlib.asynccontextmanager
async def open_storage(
    url: str,
    keyring: Keyring | Path,
    *,
    defaults: Policy | None = None,
    password: str | None = None,
    busy_timeout_ms: int = 5_000,
    migrate: bool = True,
    clock: Callable[[], datetime] = utc_now,
) -> AsyncIterator[Storage]:
    """Give the stores of the database at `url`, its schema upgraded to this version's (or checked, without `migrate`).

    `keyring` may be the path of a key file: it is made when there is none and the database knows of none either.
    Raises StorageUnavailable, SchemaMismatch, KeyUnusable, SettingsError.
    """
    async with open_database(url, password=password, busy_timeout_ms=busy_timeout_ms, create=migrate) as database:
        if migrate:
            await upgrade(database)
        else:
            _require_current(await schema_status(database), database)
        keys = await _checked_keyring(database, keyring)
        terms = TermStore(database, clock)
        yield Storage(
            guilds=GuildStore(database, defaults or Policy(), clock, terms.forget),
            incidents=IncidentStore(database, keys, clock),
            marks=MarkStore(database),
            reviews=ReviewStore(database, clock),
            alert_posts=AlertPostStore(database, clock),
            audit=AuditLog(database, clock),
            sanctions=SanctionStore(database, clock),
            cases=CaseStore(database, keys, clock),
            contests=ContestStore(database, keys, clock),
            terms=terms,
            schedules=ScheduleStore(database, clock),
            members=MemberStore(database, keys, clock),
            statistics=StatisticsStore(database),
            keyring=keys,
            label=database.label,
        )


@contextlib.asynccontextmanager
async def open_from(settings: Settings, *, migrate: bool = True) -> AsyncIterator[Storage]:
    """Give the storage that the settings name. Raises what `open_storage` raises."""
    async with open_storage(
        settings.database_url,
        settings.key_path,
        defaults=settings.guild_defaults.policy(),
        password=database_password(settings),
        busy_timeout_ms=settings.storage.busy_timeout_ms,
        migrate=migrate,
    ) as storage:
        yield storage


@contextlib.asynccontextmanager
async def open_database(
    url: str, *, password: str | None = None, busy_timeout_ms: int = 5_000, create: bool = False
) -> AsyncIterator[Database]:
    """Give the bare database; its folder is made with `create`, else a missing file is an error and not an empty one.

    Raises StorageUnavailable, SettingsError.
    """
    database = Database(parse_url(url, password), busy_timeout_ms)
    try:
        if database.is_sqlite:
            await asyncio.to_thread(_prepare_file, Path(database.label), create=create)
        yield database
    finally:
        await database.aclose()


def database_password(settings: Settings) -> str | None:
    """Return the password from `storage.password_file`, if one is named. Raises SettingsError."""
    file = settings.storage.password_file
    return read_secret(file) if file else None


def _prepare_file(path: Path, *, create: bool) -> None:
    folder = path.absolute().parent
    if create:
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise StorageUnavailable(tell("storage.cannot_open", database=path, folder=folder)) from error
    elif not path.exists():
        raise StorageUnavailable(tell("storage.missing", database=path))
    if path.exists() and not (path.is_file() and os.access(path, os.R_OK | os.W_OK)):
        raise StorageUnavailable(tell("storage.cannot_open", database=path, folder=folder))


def _require_current(status: SchemaStatus, database: Database) -> None:
    if not status.is_current:
        raise SchemaMismatch(tell("storage.older_schema", database=database.label, current=status.current or "-"))


async def _checked_keyring(database: Database, keyring: Keyring | Path) -> Keyring:
    """Return the keyring once it has opened the word that the database keeps; the first keyring leaves that word."""
    query = select(key_check.c.token).where(key_check.c.id == 1)
    async with database.read() as connection:
        token = (await connection.execute(query)).scalar_one_or_none()
    if isinstance(keyring, Path):
        keyring = await asyncio.to_thread(_load_or_create, keyring, database, may_create=token is None)
    if token is None:
        async with database.write() as connection:
            with contextlib.suppress(IntegrityError):
                async with connection.begin_nested():
                    await connection.execute(insert(key_check).values(id=1, token=keyring.encrypt(_KNOWN_WORD)))
            token = (await connection.execute(query)).scalar_one()
    keyring.decrypt(token)
    return keyring


def _load_or_create(path: Path, database: Database, *, may_create: bool) -> Keyring:
    try:
        return load_keyring(path)
    except KeyUnusable:
        if path.exists():
            raise
        if may_create:
            return create_keyring(path)
        raise KeyUnusable(tell("key.missing_with_data", path=path, database=database.label)) from None
