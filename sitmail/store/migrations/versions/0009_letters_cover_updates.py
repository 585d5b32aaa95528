"""A letter remembers up to which update its reader knows the incident."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("known_id", schema=None) as batch_op:
        batch_op.add_column(sa.Column("covers", sa.Integer(), nullable=True))
