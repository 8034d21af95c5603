"""Opening: schema versions, keys, and every way in which a database cannot be used."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from cryptography.fernet import Fernet
from sqlalchemy import Connection, insert, select, text

from bot.crypto import Keyring
from bot.errors import GarimError, KeyUnusable, SchemaMismatch, SettingsError, StorageUnavailable
from bot.incidents import IncidentFilter
from bot.settings_loading import load_settings
from bot.storage import migrations, open_database, open_from, open_storage
from bot.storage.incident_rows import row_of
from bot.storage.migrate import schema_status, upgrade
from bot.storage.tables import incident_labels, incidents, metadata
from tests.bot.conftest import make_draft


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GARIM_LANG", "en")


async def test_migrations_make_exactly_the_tables_that_the_code_names(database_url: str) -> None:
    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))

    async with open_database(database_url, create=True) as database:
        assert (await upgrade(database)).current is None
        async with database.read() as connection:
            assert await connection.run_sync(differences) == []


async def test_upgrading_twice_or_at_once_changes_nothing(database_url: str) -> None:
    async with open_database(database_url, create=True) as one, open_database(database_url, create=True) as two:
        await asyncio.gather(upgrade(one), upgrade(two))
        assert (await upgrade(one)).is_current
        assert (await schema_status(two)).is_current


async def test_a_failing_migration_leaves_nothing_behind(sqlite_url: str) -> None:
    async with open_database(sqlite_url, create=True) as database:
        async with database.write() as connection:
            # The last table of the first version is in the way, so its script fails at its end.
            await connection.execute(text("CREATE TABLE key_check (id INTEGER)"))
        with pytest.raises(StorageUnavailable, match="key_check"):
            await upgrade(database)
        async with database.read() as connection:
            names = (await connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'"))).scalars()
            assert list(names) == ["key_check"]


async def test_a_database_of_a_newer_version_is_refused_untouched(database_url: str, keyring: Keyring) -> None:
    async with open_storage(database_url, keyring):
        pass
    async with open_database(database_url) as database, database.write() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaMismatch, match=r"newer Garim \(schema 9999, this version knows 0003\)"):
        async with open_storage(database_url, keyring):
            pass


def _upgrade_to(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


@pytest.mark.parametrize("revision", ["0001", "0002"])
async def test_a_database_of_an_older_version_is_upgraded_with_its_incidents(
    database_url: str, keyring: Keyring, revision: str
) -> None:
    draft = make_draft(message_id=(1_700_000_000_000 - 1_420_070_400_000) << 22)
    opened = datetime.fromtimestamp(1_700_000_001, UTC)
    new = ("origin", "opened_hour", "other_message_ids")
    row = {name: value for name, value in row_of(draft, keyring, opened).items() if name not in new}
    row |= {"deleted_at": opened + timedelta(milliseconds=500), "state": "deleted"}
    labels = [{"incident_id": 1, "label": name, "score": score} for name, score in draft.verdict["labels"].items()]
    async with open_database(database_url, create=True) as database, database.write() as connection:
        await connection.run_sync(_upgrade_to, revision)
        await connection.execute(insert(incidents).values(row))
        await connection.execute(text("INSERT INTO incident_labels VALUES (:incident_id, :label, :score)"), labels)
    async with open_storage(database_url, keyring) as storage:
        (found,) = await storage.incidents.unfinished()
        assert (found.draft, found.opened_at) == (draft, opened)
        by_label = await storage.incidents.search(IncidentFilter(guild_id=1, label="insult"))
        assert [(one.id, one.labels) for one in by_label] == [(found.id, ("profanity", "insult"))]
    async with open_database(database_url) as database, database.read() as connection:
        assert await connection.scalar(select(incidents.c.reaction_ms)) == 1_500
        assert await connection.scalar(select(incidents.c.opened_hour)) == 1_700_000_001 // 3_600
        copied = await connection.execute(select(incident_labels.c.guild_id, incident_labels.c.opened_at))
        assert set(copied.all()) == {(1, opened)}


async def test_without_migrating_an_old_or_missing_database_is_refused(sqlite_url: str, keyring: Keyring) -> None:
    with pytest.raises(StorageUnavailable, match="no database yet"):
        async with open_storage(sqlite_url, keyring, migrate=False):
            pass
    async with open_database(sqlite_url, create=True) as database, database.write() as connection:
        await connection.execute(text("CREATE TABLE other (id INTEGER)"))
    with pytest.raises(SchemaMismatch, match="garim db upgrade"):
        async with open_storage(sqlite_url, keyring, migrate=False):
            pass


async def test_the_first_start_makes_a_key_and_later_ones_use_it(database_url: str, tmp_path: Path) -> None:
    key = tmp_path / "keys" / "garim.key"
    async with open_storage(database_url, key) as storage:
        await storage.incidents.open(make_draft())
    made = key.read_bytes()
    async with open_storage(database_url, key) as storage:
        assert len(await storage.incidents.unfinished()) == 1
    assert key.read_bytes() == made


async def test_a_lost_key_is_never_replaced_silently(database_url: str, tmp_path: Path) -> None:
    key = tmp_path / "garim.key"
    async with open_storage(database_url, key):
        pass
    key.unlink()
    with pytest.raises(KeyUnusable, match="back from your backup"):
        async with open_storage(database_url, key):
            pass
    assert not key.exists()


async def test_a_wrong_key_is_noticed_at_start_and_a_rotated_one_works(sqlite_url: str) -> None:
    old, new = Fernet.generate_key(), Fernet.generate_key()
    async with open_storage(sqlite_url, Keyring([old])) as storage:
        await storage.incidents.open(make_draft())
    with pytest.raises(KeyUnusable, match="do not open what is stored"):
        async with open_storage(sqlite_url, Keyring([new])):
            pass
    async with open_storage(sqlite_url, Keyring([new, old])) as storage:
        assert len(await storage.incidents.unfinished()) == 1


def _file(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    return f"sqlite:///{path}"


def _damage(path: Path) -> None:
    """Leave the header as it is and overwrite the rest."""
    header = path.read_bytes()[:100]
    path.write_bytes(header + b"\x5a" * (path.stat().st_size - 100))


async def _message(url: str, keyring: Keyring, **options: object) -> str:
    with pytest.raises(GarimError) as refused:
        async with open_storage(url, keyring, busy_timeout_ms=200, **options) as storage:  # type: ignore[arg-type]
            await storage.incidents.counts(IncidentFilter())
    message = str(refused.value)
    assert "\n" not in message
    return message


async def test_a_file_that_is_no_database_is_named(tmp_path: Path, keyring: Keyring) -> None:
    message = await _message(_file(tmp_path / "notes.db", b"just some notes, long enough to be read" * 50), keyring)
    assert "notes.db: damaged, or no SQLite database" in message


async def test_a_damaged_database_is_named(sqlite_url: str, keyring: Keyring) -> None:
    async with open_storage(sqlite_url, keyring) as storage:
        await storage.incidents.open(make_draft())
    await asyncio.to_thread(_damage, Path(sqlite_url.removeprefix("sqlite:///")))
    assert "damaged" in await _message(sqlite_url, keyring)


async def test_a_folder_in_the_files_place_is_named(tmp_path: Path, keyring: Keyring) -> None:
    assert "cannot be opened" in await _message(f"sqlite:///{tmp_path}", keyring)


async def test_a_file_in_the_folders_place_is_named(tmp_path: Path, keyring: Keyring) -> None:
    (tmp_path / "data").write_text("a file")
    assert "cannot be opened" in await _message(f"sqlite:///{tmp_path}/data/garim.sqlite3", keyring)


async def test_a_database_locked_by_another_program_is_said_to_be(sqlite_url: str, keyring: Keyring) -> None:
    async with open_storage(sqlite_url, keyring):
        pass
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    try:
        other.execute("BEGIN EXCLUSIVE")
        async with open_storage(sqlite_url, keyring, busy_timeout_ms=200) as storage:
            with pytest.raises(StorageUnavailable, match="locked by another program"):
                await storage.incidents.open(make_draft())
            other.execute("ROLLBACK")
            await storage.incidents.open(make_draft())
    finally:
        other.close()


async def test_a_postgresql_that_is_down_is_named_without_its_password(keyring: Keyring) -> None:
    message = await _message("postgresql://garim:secret-word@127.0.0.1:1/garim", keyring)
    assert "cannot be reached" in message
    assert "127.0.0.1:1/garim" in message
    assert "secret-word" not in message


async def test_a_missing_postgresql_database_is_named(postgres_url: str, keyring: Keyring) -> None:
    message = await _message(postgres_url.replace("/garim_", "/gone_"), keyring)
    assert "no database of that name" in message


@pytest.mark.parametrize("url", ["mysql://h/d", "sqlite://", "sqlite:///:memory:", "garim.db", ""])
async def test_an_address_of_another_kind_is_refused(url: str, keyring: Keyring) -> None:
    with pytest.raises(SettingsError, match="sqlite:///path"):
        async with open_storage(url, keyring):
            pass


async def test_the_settings_name_database_key_and_password(tmp_path: Path, postgres_url: str) -> None:
    (tmp_path / "password").write_text("not asked for on a socket\n")
    environ = {
        "GARIM_PATHS__DATA_DIR": str(tmp_path),
        "GARIM_STORAGE__URL": postgres_url,
        "GARIM_STORAGE__PASSWORD_FILE": str(tmp_path / "password"),
        "GARIM_GUILD_DEFAULTS__LOCALE": "en",
    }
    async with open_from(load_settings(environ=environ)) as storage:
        assert (await storage.guilds.policy(1)).locale == "en"
        assert "not asked" not in storage.label
    assert (tmp_path / "garim.key").exists()
