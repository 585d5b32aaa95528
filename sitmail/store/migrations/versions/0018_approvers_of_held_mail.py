"""A held mail may wait for the yes of somebody who was asked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("held", schema=None) as batch_op:
        batch_op.add_column(sa.Column("approvers", sa.JSON(), nullable=False, server_default="[]"))
