"""People change their addresses and leave: former addresses stay known, and who takes over."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("person", sa.Column("substitute", sa.Text(), nullable=False, server_default=""))
    op.add_column("address", sa.Column("former", sa.Boolean(), nullable=False, server_default=sa.false()))
