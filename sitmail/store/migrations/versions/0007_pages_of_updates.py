"""Updates keep the page on which their words were written."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("update_text", schema=None) as batch_op:
        batch_op.add_column(sa.Column("page", sa.Text(), server_default=sa.text("('')"), nullable=False))
