"""words: the index for full-text search; the daemon fills it in portions once it runs (`services/search_index`)"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORDS = sa.Text().with_variant(TSVECTOR(), "postgresql")
TABLES = ("words_of_incident", "words_of_update", "words_of_article")


def upgrade() -> None:
    for name in TABLES:
        op.create_table(
            name,
            sa.Column("id", KEY, autoincrement=False, nullable=False),
            sa.Column("words", WORDS, nullable=False),
            sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        )
        if op.get_bind().dialect.name == "postgresql":
            op.create_index(op.f(f"ix_{name}_words"), name, ["words"], postgresql_using="gin")
        else:
            op.execute(
                f"CREATE VIRTUAL TABLE {name}_index USING fts5(words, content='{name}', content_rowid='id', "
                "columnsize=0, tokenize=\"ascii tokenchars '_'\")"
            )
