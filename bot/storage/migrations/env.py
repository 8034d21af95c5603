"""What Alembic runs: the scripts on the connection that `bot.storage.migrate` hands in, inside its transaction."""

from __future__ import annotations

from alembic import context

from bot.storage import record_tables
from bot.storage.tables import metadata

assert record_tables.reviews.metadata is metadata  # noqa: S101 - imported for its tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite does roll back DDL once the driver leaves transactions alone, as ours does.
    transactional_ddl=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
