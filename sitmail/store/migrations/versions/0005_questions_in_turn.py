"""Questions in turn: what is asked about a held mail is kept with it, and one question may be about several."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
TO_ASK = sa.text("decision = '' AND asked IS NULL AND question IS NOT NULL")


def upgrade() -> None:
    op.add_column("held", sa.Column("attach_only", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("held", sa.Column("question", sa.JSON(), nullable=True))
    op.add_column("held", sa.Column("shared", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("held", sa.Column("asked", MOMENT, nullable=True))
    op.create_index("ix_held_to_ask", "held", ["person"], sqlite_where=TO_ASK, postgresql_where=TO_ASK)
    with op.batch_alter_table("confirmation") as batch:
        batch.add_column(sa.Column("mails", sa.JSON(), nullable=True))
    json = "::json" if op.get_context().dialect.name == "postgresql" else ""
    op.execute(f"UPDATE confirmation SET mails = ('[' || held || ']'){json}")  # noqa: S608 - no word from outside
    with op.batch_alter_table("confirmation") as batch:
        batch.alter_column("mails", nullable=False)
        batch.drop_column("held")
