"""${message}."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up from the version before."""
    # Left as generated, a migration must fail and not pass for one that was written.
    ${upgrades if upgrades else "raise NotImplementedError"}
