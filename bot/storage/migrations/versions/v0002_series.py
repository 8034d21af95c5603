"""Incidents that cover several messages of one author: the ids of the others."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; incidents of one message leave it empty."""
    op.add_column("incidents", sa.Column("other_message_ids", sa.JSON()))
