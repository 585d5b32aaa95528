"""Alembic's way in: runs the migrations on the connection it was given.  Never reads a file, never sets up logging."""

from __future__ import annotations

from alembic import context

from sitmail.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
