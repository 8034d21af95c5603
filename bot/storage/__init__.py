"""Storage: guild settings and incidents in SQLite or PostgreSQL; the only package that knows SQLAlchemy."""

from __future__ import annotations

from bot.storage.guilds import GuildStore, SettingChange
from bot.storage.incidents import IncidentStore
from bot.storage.marks import MarkStore
from bot.storage.opening import Storage, database_password, open_database, open_from, open_storage, utc_now

__all__ = [
    "GuildStore",
    "IncidentStore",
    "MarkStore",
    "SettingChange",
    "Storage",
    "database_password",
    "open_database",
    "open_from",
    "open_storage",
    "utc_now",
]
