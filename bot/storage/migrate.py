"""Bring a database's schema to this version's, or say why that cannot be."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from bot.errors import SchemaMismatch
from bot.storage.database import Database
from bot.texts import tell

_SCRIPTS = Path(__file__).parent / "migrations"
_UPGRADE_LOCK = 0x6761_7269_6D
"""The advisory lock that upgrading processes take in turn: "garim" in ASCII."""


@dataclass(frozen=True, slots=True)
class SchemaStatus:
    """Say which schema version a database has (None: none yet) and which one this version of Garim needs."""

    current: str | None
    head: str

    @property
    def is_current(self) -> bool:
        """Tell whether nothing is to be done."""
        return self.current == self.head


async def schema_status(database: Database) -> SchemaStatus:
    """Return the schema's version. Raises StorageUnavailable, and SchemaMismatch for one from a newer Garim."""
    async with database.read() as connection:
        current = await connection.run_sync(_current)
    status = SchemaStatus(current, _scripts(_config()).get_current_head() or "")
    _refuse_unknown(status, database)
    return status


async def upgrade(database: Database) -> SchemaStatus:
    """Upgrade to this version's schema in one transaction and return what was there before.

    Two processes that start together take turns. Raises StorageUnavailable, and SchemaMismatch for a newer schema.
    """
    before = await schema_status(database)
    if before.is_current:
        return before
    async with database.write() as connection:
        if not database.is_sqlite:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _UPGRADE_LOCK})
        await connection.run_sync(_run_scripts)
    return before


def _run_scripts(connection: Connection) -> None:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _config() -> Config:
    config = Config()
    # A % in the path would be read as interpolation.
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    return config


def _scripts(config: Config) -> ScriptDirectory:
    return ScriptDirectory.from_config(config)


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _refuse_unknown(status: SchemaStatus, database: Database) -> None:
    known = {script.revision for script in _scripts(_config()).walk_revisions()}
    if status.current is not None and status.current not in known:
        raise SchemaMismatch(
            tell("storage.newer_schema", database=database.label, current=status.current, head=status.head)
        )
