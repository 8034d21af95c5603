"""The tables of what moderators and members leave on record; people's words stand there only encrypted."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    false,
    text,
)

from bot.storage.tables import RowId, UtcDateTime, metadata

reviews = Table(
    "reviews",
    metadata,
    Column("incident_id", RowId, ForeignKey("incidents.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("guild_id", BigInteger, nullable=False),
    Column("moderator_id", BigInteger, nullable=False),
    Column("right", Boolean, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Index(None, "guild_id", "at"),
    Index(None, "guild_id", "opened_at", "right"),
)

alert_posts = Table(
    "alert_posts",
    metadata,
    Column("incident_id", RowId, ForeignKey("incidents.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("guild_id", BigInteger, nullable=False),
    Column("channel_id", BigInteger, nullable=False),
    Column("message_id", BigInteger, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index(None, "message_id"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("guild_id", BigInteger, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("actor_id", BigInteger, nullable=False),
    Column("what", String(32), nullable=False),
    Column("incident_id", BigInteger),
    Column("member_id", BigInteger),
    Column("detail", JSON(none_as_null=True)),
    Index(None, "guild_id", "id"),
    Index(None, "guild_id", "what", "id"),
)
"""Who did what. An incident's number stays here when the incident is gone, so it refers to nothing."""

sanctions = Table(
    "sanctions",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("guild_id", BigInteger, nullable=False),
    Column("member_id", BigInteger, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("actor_id", BigInteger, nullable=False),
    Column("seconds", Integer),
    Column("incident_id", BigInteger),
    Column("key", String(100), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    UniqueConstraint("guild_id", "key"),
    Index(None, "guild_id", "member_id", "id"),
)

cases = Table(
    "cases",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("guild_id", BigInteger, nullable=False),
    Column("number", Integer, nullable=False),
    Column("member_id", BigInteger, nullable=False),
    Column("incident_id", BigInteger),
    Column("opened_by", BigInteger, nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("closed_by", BigInteger),
    Column("closed_at", UtcDateTime),
    Column("erase_when_closed", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("guild_id", "number"),
    Index(None, "guild_id", "member_id", "number"),
    Index(
        "uq_cases_open",
        "guild_id",
        "member_id",
        unique=True,
        sqlite_where=text("closed_at IS NULL"),
        postgresql_where=text("closed_at IS NULL"),
    ),
)
"""A member has at most one open case in a guild."""

case_notes = Table(
    "case_notes",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("case_id", RowId, ForeignKey("cases.id", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("author_id", BigInteger, nullable=False),
    Column("incident_id", BigInteger),
    Column("words", LargeBinary),
    Column("at", UtcDateTime, nullable=False),
    UniqueConstraint("case_id", "number"),
)

contests = Table(
    "contests",
    metadata,
    Column("incident_id", RowId, ForeignKey("incidents.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("guild_id", BigInteger, nullable=False),
    Column("author_id", BigInteger, nullable=False),
    Column("words", LargeBinary),
    Column("at", UtcDateTime, nullable=False),
    Column("answered_by", BigInteger),
    Column("granted", Boolean),
    Column("answer", LargeBinary),
    Column("answered_at", UtcDateTime),
    Index(None, "guild_id", "answered_at", "incident_id"),
    Index(None, "author_id", "at"),
)

guild_terms = Table(
    "guild_terms",
    metadata,
    Column("guild_id", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String(16), primary_key=True),
    Column("entry", String(200), primary_key=True),
    Column("label", String(32)),
    Column("actor_id", BigInteger, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

term_versions = Table(
    "term_versions",
    metadata,
    Column("guild_id", BigInteger, primary_key=True, autoincrement=False),
    Column("version", BigInteger, nullable=False),
)
"""One row per guild that ever had terms; writers lock it, and no version comes twice."""

schedules = Table(
    "schedules",
    metadata,
    Column("guild_id", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String(32), primary_key=True),
    Column("channel_id", BigInteger, nullable=False),
    Column("every", String(16), nullable=False),
    Column("next_at", UtcDateTime, nullable=False),
    Index(None, "next_at"),
)

departures = Table(
    "departures",
    metadata,
    Column("guild_id", BigInteger, primary_key=True, autoincrement=False),
    Column("left_at", UtcDateTime, nullable=False),
)
"""Guilds that the bot is no longer in, and since when."""
