"""The last letters to somebody about an incident are found by an index."""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_outbox_reader", "outbox", ["incident", "person", "id"], unique=False)
    op.drop_index("ix_outbox_incident", "outbox")
