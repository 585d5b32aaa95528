"""The last letter about an article to each of its readers, and which article comes from an incident."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "article_letter",
        sa.Column("article", KEY, autoincrement=False, nullable=False),
        sa.Column("person", KEY, autoincrement=False, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["article"], ["article.id"], name=op.f("fk_article_letter_article")),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name=op.f("fk_article_letter_person")),
        sa.PrimaryKeyConstraint("article", "person", name=op.f("pk_article_letter")),
    )
    with op.batch_alter_table("article_letter", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_article_letter_person_at"), ["person", "at"], unique=False)

    with op.batch_alter_table("article", schema=None) as batch_op:
        batch_op.create_index(
            "ix_article_incident",
            ["incident"],
            unique=False,
            sqlite_where=sa.text("incident IS NOT NULL"),
            postgresql_where=sa.text("incident IS NOT NULL"),
        )
