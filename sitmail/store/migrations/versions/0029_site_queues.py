"""The incidents of a site, those that are open and those that are closed, for the lists that customers ask for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    still_open = sa.text("status <> 'closed'")
    op.create_index(
        "ix_incident_site_open",
        "incident",
        ["site", "number"],
        sqlite_where=still_open,
        postgresql_where=still_open,
    )
    op.create_index("ix_incident_site_closed", "incident", ["site", "closed"])
