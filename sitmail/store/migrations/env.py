"""The script Alembic runs: applies migrations to the connection it is given, or compares that database with the schema.

It reads no file and sets up no logging.  `migrations` and `migrations.new` give it what it needs as attributes.
"""

from __future__ import annotations

from alembic import context

from sitmail.store.migrations import compared

attributes = context.config.attributes
context.configure(
    connection=attributes["connection"],
    target_metadata=attributes["metadata"],
    render_as_batch=True,
    include_name=compared,
    **attributes.get("options", {}),
)
with context.begin_transaction():
    context.run_migrations()
