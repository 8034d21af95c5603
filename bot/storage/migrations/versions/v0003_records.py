"""Where incidents come from and how fast they were dealt with; reviews, alerts, audit, sanctions, cases, contests,
guild terms, schedules and departures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_ID = sa.BigInteger
_TIME = sa.DateTime(timezone=True)
_DISCORD_EPOCH_MS = 1_420_070_400_000
"""The first second of 2015: https://discord.com/developers/docs/reference#snowflakes."""


def upgrade() -> None:
    """Extend incidents and their labels, then create the tables of records."""
    _extend_incidents()
    _extend_labels()
    _create_of_incidents()
    _create_of_members()
    _create_of_guilds()


def _extend_incidents() -> None:
    op.add_column("incidents", sa.Column("origin", sa.String(16), nullable=False, server_default="message"))
    op.add_column("incidents", sa.Column("opened_hour", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("incidents", sa.Column("reaction_ms", sa.BigInteger()))
    op.add_column("incidents", sa.Column("erase_when_closed", sa.Boolean(), nullable=False, server_default=sa.false()))
    if op.get_bind().dialect.name == "sqlite":
        deleted_ms = "CAST(ROUND((julianday(deleted_at) - 2440587.5) * 86400000) AS INTEGER)"
    else:
        deleted_ms = "CAST(EXTRACT(EPOCH FROM deleted_at) * 1000 AS BIGINT)"
    op.execute(
        f"UPDATE incidents SET reaction_ms = {deleted_ms} - ((message_id >> 22) + {_DISCORD_EPOCH_MS}) "  # noqa: S608
        "WHERE deleted_at IS NOT NULL AND revision = 0"
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute("UPDATE incidents SET opened_hour = CAST(strftime('%s', opened_at) AS INTEGER) / 3600")
    else:
        op.execute("UPDATE incidents SET opened_hour = FLOOR(EXTRACT(EPOCH FROM opened_at) / 3600)")
    op.drop_index("ix_incidents_guild_id_id", "incidents")
    op.drop_index("ix_incidents_guild_id_author_id_id", "incidents")
    newest = ["opened_at", "id"]
    op.create_index("ix_incidents_newest", "incidents", newest)
    op.create_index("ix_incidents_guild", "incidents", ["guild_id", *newest, "reaction_ms"])
    for name in ("author", "channel", "thread"):
        op.create_index(f"ix_incidents_guild_{name}", "incidents", ["guild_id", f"{name}_id", *newest])
    for name in ("state", "outcome", "origin"):
        op.create_index(f"ix_incidents_guild_{name}", "incidents", ["guild_id", name, *newest])
    op.create_index("ix_incidents_guild_hour", "incidents", ["guild_id", "opened_hour", "opened_at"])
    op.create_index("ix_incidents_guild_reaction", "incidents", ["guild_id", "reaction_ms", "opened_at"])


def _extend_labels() -> None:
    """Give each label its incident's guild and time, so that counting by label reads no incident."""
    op.add_column("incident_labels", sa.Column("guild_id", _ID()))
    op.add_column("incident_labels", sa.Column("opened_at", _TIME))
    for name in ("guild_id", "opened_at"):
        op.execute(
            f"UPDATE incident_labels SET {name} = "  # noqa: S608 - fixed names
            f"(SELECT incidents.{name} FROM incidents WHERE incidents.id = incident_labels.incident_id)"
        )
    with op.batch_alter_table("incident_labels") as table:
        table.alter_column("guild_id", existing_type=_ID(), nullable=False)
        table.alter_column("opened_at", existing_type=_TIME, nullable=False)
    op.drop_index("ix_incident_labels_label_incident_id", "incident_labels")
    by_label = ["guild_id", "label", "opened_at", "incident_id"]
    op.create_index("ix_incident_labels_guild", "incident_labels", by_label)


def _create_of_incidents() -> None:
    op.create_table(
        "reviews",
        sa.Column("incident_id", _ROW_ID, autoincrement=False, nullable=False),
        sa.Column("guild_id", _ID(), nullable=False),
        sa.Column("moderator_id", _ID(), nullable=False),
        sa.Column("right", sa.Boolean(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("opened_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("incident_id", name="pk_reviews"),
        _to("incidents", "incident_id", "reviews"),
    )
    op.create_index("ix_reviews_guild_id_at", "reviews", ["guild_id", "at"])
    op.create_index("ix_reviews_guild_id_opened_at_right", "reviews", ["guild_id", "opened_at", "right"])
    op.create_table(
        "alert_posts",
        sa.Column("incident_id", _ROW_ID, autoincrement=False, nullable=False),
        sa.Column("guild_id", _ID(), nullable=False),
        sa.Column("channel_id", _ID(), nullable=False),
        sa.Column("message_id", _ID(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("incident_id", name="pk_alert_posts"),
        _to("incidents", "incident_id", "alert_posts"),
    )
    op.create_index("ix_alert_posts_message_id", "alert_posts", ["message_id"])
    op.create_table(
        "contests",
        sa.Column("incident_id", _ROW_ID, autoincrement=False, nullable=False),
        sa.Column("guild_id", _ID(), nullable=False),
        sa.Column("author_id", _ID(), nullable=False),
        sa.Column("words", sa.LargeBinary()),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("answered_by", _ID()),
        sa.Column("granted", sa.Boolean()),
        sa.Column("answer", sa.LargeBinary()),
        sa.Column("answered_at", _TIME),
        sa.PrimaryKeyConstraint("incident_id", name="pk_contests"),
        _to("incidents", "incident_id", "contests"),
    )
    op.create_index(
        "ix_contests_guild_id_answered_at_incident_id", "contests", ["guild_id", "answered_at", "incident_id"]
    )
    op.create_index("ix_contests_author_id_at", "contests", ["author_id", "at"])


def _create_of_members() -> None:
    op.create_table(
        "sanctions",
        sa.Column("id", _ROW_ID, autoincrement=True, nullable=False),
        sa.Column("guild_id", _ID(), nullable=False),
        sa.Column("member_id", _ID(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("actor_id", _ID(), nullable=False),
        sa.Column("seconds", sa.Integer()),
        sa.Column("incident_id", _ID()),
        sa.Column("key", sa.String(100), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sanctions"),
        sa.UniqueConstraint("guild_id", "key", name="uq_sanctions_guild_id_key"),
    )
    op.create_index("ix_sanctions_guild_id_member_id_id", "sanctions", ["guild_id", "member_id", "id"])
    op.create_table(
        "cases",
        sa.Column("id", _ROW_ID, autoincrement=True, nullable=False),
        sa.Column("guild_id", _ID(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("member_id", _ID(), nullable=False),
        sa.Column("incident_id", _ID()),
        sa.Column("opened_by", _ID(), nullable=False),
        sa.Column("opened_at", _TIME, nullable=False),
        sa.Column("closed_by", _ID()),
        sa.Column("closed_at", _TIME),
        sa.Column("erase_when_closed", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.PrimaryKeyConstraint("id", name="pk_cases"),
        sa.UniqueConstraint("guild_id", "number", name="uq_cases_guild_id_number"),
    )
    op.create_index("ix_cases_guild_id_member_id_number", "cases", ["guild_id", "member_id", "number"])
    still_open = sa.text("closed_at IS NULL")
    op.create_index(
        "uq_cases_open",
        "cases",
        ["guild_id", "member_id"],
        unique=True,
        sqlite_where=still_open,
        postgresql_where=still_open,
    )
    op.create_table(
        "case_notes",
        sa.Column("id", _ROW_ID, autoincrement=True, nullable=False),
        sa.Column("case_id", _ROW_ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("author_id", _ID(), nullable=False),
        sa.Column("incident_id", _ID()),
        sa.Column("words", sa.LargeBinary()),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_case_notes"),
        sa.UniqueConstraint("case_id", "number", name="uq_case_notes_case_id_number"),
        _to("cases", "case_id", "case_notes"),
    )


def _create_of_guilds() -> None:
    op.create_table(
        "audit",
        sa.Column("id", _ROW_ID, autoincrement=True, nullable=False),
        sa.Column("guild_id", _ID(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("actor_id", _ID(), nullable=False),
        sa.Column("what", sa.String(32), nullable=False),
        sa.Column("incident_id", _ID()),
        sa.Column("member_id", _ID()),
        sa.Column("detail", sa.JSON()),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_guild_id_id", "audit", ["guild_id", "id"])
    op.create_index("ix_audit_guild_id_what_id", "audit", ["guild_id", "what", "id"])
    op.create_table(
        "guild_terms",
        sa.Column("guild_id", _ID(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("entry", sa.String(200), nullable=False),
        sa.Column("label", sa.String(32)),
        sa.Column("actor_id", _ID(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("guild_id", "kind", "entry", name="pk_guild_terms"),
    )
    op.create_table(
        "term_versions",
        sa.Column("guild_id", _ID(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("guild_id", name="pk_term_versions"),
    )
    op.create_table(
        "schedules",
        sa.Column("guild_id", _ID(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("channel_id", _ID(), nullable=False),
        sa.Column("every", sa.String(16), nullable=False),
        sa.Column("next_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("guild_id", "kind", name="pk_schedules"),
    )
    op.create_index("ix_schedules_next_at", "schedules", ["next_at"])
    op.create_table(
        "departures",
        sa.Column("guild_id", _ID(), autoincrement=False, nullable=False),
        sa.Column("left_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("guild_id", name="pk_departures"),
    )


def _to(table: str, column: str, child: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{table}.id"], name=f"fk_{child}_{column}", ondelete="CASCADE")
