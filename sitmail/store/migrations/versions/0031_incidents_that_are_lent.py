"""Incidents with a temporary owner are found by an index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

LENT = "temporary_owner <> '' AND status <> 'closed'"


def upgrade() -> None:
    op.create_index(
        "ix_incident_lent",
        "incident",
        ["temporary_owner"],
        unique=False,
        sqlite_where=sa.text(LENT),
        postgresql_where=sa.text(LENT),
    )
