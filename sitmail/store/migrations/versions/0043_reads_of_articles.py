"""reads_of_articles"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("article", sa.Column("reads", sa.Integer(), server_default=sa.text("0"), nullable=False))
