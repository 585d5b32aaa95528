"""holds"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("incident", sa.Column("hold_until", MOMENT, nullable=True))
    op.add_column("incident", sa.Column("hold_firm", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("incident", sa.Column("answer_at", MOMENT, nullable=True))
    op.add_column("incident", sa.Column("answer_by", sa.Text(), nullable=False, server_default=""))
    op.add_column("update", sa.Column("customer_hold", sa.Boolean(), nullable=False, server_default=sa.false()))
