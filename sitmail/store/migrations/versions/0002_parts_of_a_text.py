"""Signatures, and words that may be quoted or not, have columns of their own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("signature", "doubtful"):
        op.add_column("update_text", sa.Column(name, sa.Text(), nullable=False, server_default=""))
