"""Clocks remember how far they followed the log; the ends of a conversation are found by an index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("term", sa.Column("followed", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("term", sa.Column("progress", sa.JSON(), nullable=True))
    op.drop_index("ix_known_id_incident_person", "known_id")
    op.create_index(op.f("ix_known_id_incident_person_at"), "known_id", ["incident", "person", "at"], unique=False)
