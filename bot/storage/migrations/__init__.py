"""Alembic's scripts: one file under versions/ per schema, oldest first, each with its number as its name."""
