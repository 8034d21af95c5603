"""Guild settings, incidents, their labels, events and reposts, the key's check, and marks of time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create every table of the first version."""
    _create_settings()
    _create_incidents()
    _create_children()
    op.create_table(
        "key_check",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_key_check"),
    )
    op.create_table(
        "marks",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_marks"),
    )


def _create_settings() -> None:
    op.create_table(
        "guild_settings",
        sa.Column("guild_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("chosen", sa.JSON(), nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.Column("updated_by", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("guild_id", name="pk_guild_settings"),
    )
    op.create_table(
        "settings_audit",
        sa.Column("id", _ROW_ID, autoincrement=True, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("old", sa.JSON()),
        sa.Column("new", sa.JSON()),
        sa.PrimaryKeyConstraint("id", name="pk_settings_audit"),
    )
    op.create_index("ix_settings_audit_guild_id_id", "settings_audit", ["guild_id", "id"])


def _create_incidents() -> None:
    op.create_table(
        "incidents",
        sa.Column("id", _ROW_ID, autoincrement=True, nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("thread_id", sa.BigInteger()),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("reply_to_message_id", sa.BigInteger()),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("notice", sa.String(32), nullable=False),
        sa.Column("locale", sa.String(16), nullable=False),
        sa.Column("observe", sa.Boolean(), nullable=False),
        sa.Column("verdict", sa.JSON(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("part_count", sa.Integer(), nullable=False),
        sa.Column("payload", sa.LargeBinary()),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("outcome", sa.String(32)),
        sa.Column("outcome_detail", sa.String(1000)),
        sa.Column("opened_at", _TIME, nullable=False),
        sa.Column("deleted_at", _TIME),
        sa.Column("closed_at", _TIME),
        sa.PrimaryKeyConstraint("id", name="pk_incidents"),
        sa.UniqueConstraint("key", name="uq_incidents_key"),
        sa.UniqueConstraint("message_id", "revision", name="uq_incidents_message_id_revision"),
    )
    op.create_index("ix_incidents_guild_id_id", "incidents", ["guild_id", "id"])
    op.create_index("ix_incidents_guild_id_author_id_id", "incidents", ["guild_id", "author_id", "id"])
    op.create_index("ix_incidents_state_id", "incidents", ["state", "id"])


def _create_children() -> None:
    op.create_table(
        "incident_labels",
        sa.Column("incident_id", _ROW_ID, nullable=False),
        sa.Column("label", sa.String(32), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("incident_id", "label", name="pk_incident_labels"),
        _to_incident("fk_incident_labels_incident_id"),
    )
    op.create_index("ix_incident_labels_label_incident_id", "incident_labels", ["label", "incident_id"])
    op.create_table(
        "incident_events",
        sa.Column("id", _ROW_ID, autoincrement=True, nullable=False),
        sa.Column("incident_id", _ROW_ID, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("step", sa.String(64), nullable=False),
        sa.Column("detail", sa.String(1000)),
        sa.PrimaryKeyConstraint("id", name="pk_incident_events"),
        _to_incident("fk_incident_events_incident_id"),
    )
    op.create_index("ix_incident_events_incident_id_id", "incident_events", ["incident_id", "id"])
    op.create_table(
        "reposts",
        sa.Column("incident_id", _ROW_ID, nullable=False),
        sa.Column("part_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("incident_id", "part_index", name="pk_reposts"),
        sa.UniqueConstraint("message_id", name="uq_reposts_message_id"),
        _to_incident("fk_reposts_incident_id"),
    )


def _to_incident(name: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=name, ondelete="CASCADE")
