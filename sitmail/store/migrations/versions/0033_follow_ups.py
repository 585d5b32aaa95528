"""When it is looked whether a customer has answered; what was resolved before goes on as it would have been.

Revision ID: 0033
Revises: 0032
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
# The owner was reminded of these; from now on they are followed up, a working day after the letter that asked.
WAITS = "next_action IN ('the customer has not said whether it works', 'waits for the customer')"


def upgrade() -> None:
    with op.batch_alter_table("incident", schema=None) as batch_op:
        batch_op.add_column(sa.Column("follow_up_at", MOMENT, nullable=True))
        batch_op.add_column(sa.Column("follow_up_wait", sa.Integer(), server_default="0", nullable=False))
    op.execute(
        sa.text(
            "UPDATE incident SET follow_up_at = next_action_at, follow_up_wait = 28800, next_action = '', "  # noqa: S608
            f"next_action_at = NULL WHERE status IN ('awaiting-closure', 'awaiting-customer') AND {WAITS}"
        )
    )
