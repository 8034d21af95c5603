"""The tables. Ids are Discord snowflakes, times are UTC; members' words stand only, encrypted, in `payload`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    TypeDecorator,
    UniqueConstraint,
    false,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

RowId = BigInteger().with_variant(Integer, "sqlite")
"""SQLite numbers rows by itself only in a column of exactly the type INTEGER (https://sqlite.org/autoinc.html)."""


class UtcDateTime(TypeDecorator[datetime]):
    """Store aware times as UTC and give them back aware; SQLite has no zone of its own."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the time in UTC. Raises ValueError for a naive one."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone must not be stored; use datetime.now(UTC)")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """Return the stored time, aware."""
        if value is None:
            return None
        stored: datetime = value
        return stored.replace(tzinfo=UTC) if stored.tzinfo is None else stored.astimezone(UTC)


guild_settings = Table(
    "guild_settings",
    metadata,
    Column("guild_id", BigInteger, primary_key=True, autoincrement=False),
    Column("chosen", JSON, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("updated_by", BigInteger, nullable=False),
)

settings_audit = Table(
    "settings_audit",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("guild_id", BigInteger, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("actor_id", BigInteger, nullable=False),
    Column("key", String(64), nullable=False),
    Column("old", JSON),
    Column("new", JSON),
    Index(None, "guild_id", "id"),
)

incidents = Table(
    "incidents",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("key", String(64), nullable=False, unique=True),
    Column("guild_id", BigInteger, nullable=False),
    Column("channel_id", BigInteger, nullable=False),
    Column("thread_id", BigInteger),
    Column("message_id", BigInteger, nullable=False),
    Column("other_message_ids", JSON(none_as_null=True)),
    Column("revision", BigInteger, nullable=False),
    Column("author_id", BigInteger, nullable=False),
    Column("reply_to_message_id", BigInteger),
    Column("action", String(32), nullable=False),
    Column("notice", String(32), nullable=False),
    Column("locale", String(16), nullable=False),
    Column("observe", Boolean, nullable=False),
    Column("origin", String(16), nullable=False, server_default="message"),
    Column("verdict", JSON, nullable=False),
    Column("score", Float, nullable=False),
    Column("part_count", Integer, nullable=False),
    Column("payload", LargeBinary),
    Column("state", String(16), nullable=False),
    Column("outcome", String(32)),
    Column("outcome_detail", String(1000)),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("deleted_at", UtcDateTime),
    Column("closed_at", UtcDateTime),
    Column("opened_hour", Integer, nullable=False, server_default="0"),
    Column("reaction_ms", BigInteger),
    Column("erase_when_closed", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("message_id", "revision"),
    Index(None, "state", "id"),
    Index("ix_incidents_newest", "opened_at", "id"),
    Index("ix_incidents_guild", "guild_id", "opened_at", "id", "reaction_ms"),
    Index("ix_incidents_guild_author", "guild_id", "author_id", "opened_at", "id"),
    Index("ix_incidents_guild_channel", "guild_id", "channel_id", "opened_at", "id"),
    Index("ix_incidents_guild_thread", "guild_id", "thread_id", "opened_at", "id"),
    Index("ix_incidents_guild_state", "guild_id", "state", "opened_at", "id"),
    Index("ix_incidents_guild_outcome", "guild_id", "outcome", "opened_at", "id"),
    Index("ix_incidents_guild_origin", "guild_id", "origin", "opened_at", "id"),
    Index("ix_incidents_guild_hour", "guild_id", "opened_hour", "opened_at"),
    Index("ix_incidents_guild_reaction", "guild_id", "reaction_ms", "opened_at"),
)
"""Lists are ordered by time, newest first; each index serves one filter, any span of time and that order at once.

`opened_hour` is `opened_at` in whole hours since 1970, so that counting by hour or day follows an index; `reaction_ms`
is how long the words stood before they were deleted.
"""

incident_labels = Table(
    "incident_labels",
    metadata,
    Column("incident_id", RowId, ForeignKey("incidents.id", ondelete="CASCADE"), primary_key=True),
    Column("label", String(32), primary_key=True),
    Column("score", Float, nullable=False),
    Column("guild_id", BigInteger, nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Index("ix_incident_labels_guild", "guild_id", "label", "opened_at", "incident_id"),
)

incident_events = Table(
    "incident_events",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("incident_id", RowId, ForeignKey("incidents.id", ondelete="CASCADE"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("step", String(64), nullable=False),
    Column("detail", String(1000)),
    Index(None, "incident_id", "id"),
)

reposts = Table(
    "reposts",
    metadata,
    Column("incident_id", RowId, ForeignKey("incidents.id", ondelete="CASCADE"), primary_key=True),
    Column("part_index", Integer, primary_key=True, autoincrement=False),
    Column("message_id", BigInteger, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    UniqueConstraint("message_id"),
)

key_check = Table(
    "key_check",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("token", LargeBinary, nullable=False),
)
"""One row: a known word under the key that was in use first, so that a wrong key is noticed at start."""

marks = Table(
    "marks",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
)
"""Times that a process has reached, by name: what is later may be unknown to it."""
