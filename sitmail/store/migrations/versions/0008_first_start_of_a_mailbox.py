"""What of a mailbox's older mails is taken is decided once, when it is first opened; those fetched so far took all."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("source", sa.Column("first", sa.Text(), server_default="", nullable=False))
    op.add_column("source", sa.Column("begun", MOMENT, nullable=True))
    op.add_column("source", sa.Column("boundary", KEY, server_default="0", nullable=False))
    op.add_column("source", sa.Column("again", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("source", sa.Column("older", KEY, server_default="0", nullable=False))
    op.execute("UPDATE source SET first = 'all' WHERE uidvalidity <> 0")
