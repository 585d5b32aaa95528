"""Mails that are the first with their content are told by a column that does not change when they end."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

FIRST = sa.text("duplicate_of IS NULL")


def upgrade() -> None:
    # Copies to another of our addresses ended as duplicates, but did not name the mail they repeat.
    op.execute(
        "UPDATE inbox SET duplicate_of = (SELECT min(other.id) FROM inbox AS other "
        "WHERE other.content = inbox.content AND other.ending <> 'duplicate') "
        "WHERE ending = 'duplicate' AND duplicate_of IS NULL"
    )
    op.execute(
        "UPDATE inbox SET duplicate_of = found.first FROM (SELECT id, min(id) OVER (PARTITION BY content, recipient) "
        "AS first FROM inbox WHERE ending = 'duplicate' AND duplicate_of IS NULL) AS found "
        "WHERE found.id = inbox.id AND found.first < inbox.id"
    )
    op.drop_index("uq_inbox_once", table_name="inbox")
    op.create_index(
        "uq_inbox_once", "inbox", ["content", "recipient"], unique=True, sqlite_where=FIRST, postgresql_where=FIRST
    )
