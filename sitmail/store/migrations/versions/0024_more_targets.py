"""more_targets"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("term", sa.Column("after", sa.Text(), nullable=False, server_default=""))
    op.add_column("term", sa.Column("pinned", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("update", sa.Column("met", sa.Text(), nullable=False, server_default=""))
    # What the clocks know has another form now; they are followed anew from the log.
    op.execute("UPDATE term SET progress = NULL, followed = 0")
