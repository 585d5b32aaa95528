"""Contacts are asked after closing how the desk did; site, contact and contract may opt out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "feedback",
        sa.Column("incident", KEY, autoincrement=False, nullable=False),
        sa.Column("due", MOMENT, nullable=True),
        sa.Column("asked", MOMENT, nullable=True),
        sa.Column("person", KEY, nullable=True),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("scale", sa.Integer(), nullable=False),
        sa.Column("explained", sa.Boolean(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("scored", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_feedback_person")),
        sa.PrimaryKeyConstraint("incident", name=op.f("pk_feedback")),
    )
    with op.batch_alter_table("feedback", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_feedback_asked"), ["asked"], unique=False)
        batch_op.create_index(
            "ix_feedback_due",
            ["due"],
            unique=False,
            sqlite_where=sa.text("due IS NOT NULL"),
            postgresql_where=sa.text("due IS NOT NULL"),
        )
        batch_op.create_index(batch_op.f("ix_feedback_person_asked"), ["person", "asked"], unique=False)

    with op.batch_alter_table("contract", schema=None) as batch_op:
        batch_op.add_column(sa.Column("feedback", sa.Boolean(), server_default=sa.text("(true)"), nullable=False))

    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.add_column(sa.Column("feedback", sa.Boolean(), server_default=sa.text("(true)"), nullable=False))

    with op.batch_alter_table("site", schema=None) as batch_op:
        batch_op.add_column(sa.Column("feedback", sa.Boolean(), server_default=sa.text("(true)"), nullable=False))
