"""Storage: what is kept in SQLite or PostgreSQL, a store per concept; the only package that knows SQLAlchemy."""

from __future__ import annotations

from bot.storage.alert_posts import AlertPostStore
from bot.storage.audit import AuditLog
from bot.storage.cases import CaseStore
from bot.storage.contests import ContestStore
from bot.storage.guilds import GuildStore, SettingChange
from bot.storage.incidents import IncidentStore
from bot.storage.marks import MarkStore
from bot.storage.members import MemberStore
from bot.storage.opening import Storage, database_password, open_database, open_from, open_storage, utc_now
from bot.storage.reviews import ReviewStore
from bot.storage.sanctions import SanctionStore
from bot.storage.schedules import ScheduleStore
from bot.storage.statistics import Bucket, Figures, StatisticsStore
from bot.storage.terms import TermStore

__all__ = [
    "AlertPostStore",
    "AuditLog",
    "Bucket",
    "CaseStore",
    "ContestStore",
    "Figures",
    "GuildStore",
    "IncidentStore",
    "MarkStore",
    "MemberStore",
    "ReviewStore",
    "SanctionStore",
    "ScheduleStore",
    "SettingChange",
    "StatisticsStore",
    "Storage",
    "TermStore",
    "database_password",
    "open_database",
    "open_from",
    "open_storage",
    "utc_now",
]
