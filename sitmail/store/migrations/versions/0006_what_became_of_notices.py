"""What became of a notice, and as what a letter is counted, have columns of their own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
WAITING = sa.text("settled IS NULL")

notice = sa.table(
    "notice",
    sa.column("id", KEY),
    sa.column("detail", sa.JSON()),
    sa.column("number", sa.Integer()),
    sa.column("settled", MOMENT),
    sa.column("made", MOMENT),
    sa.column("outbox", KEY),
    sa.column("dropped", sa.Text()),
)


def upgrade() -> None:
    op.add_column("notice", sa.Column("number", sa.Integer(), server_default="0", nullable=False))
    op.add_column("notice", sa.Column("settled", MOMENT, nullable=True))
    op.add_column("notice", sa.Column("dropped", sa.Text(), server_default="", nullable=False))
    op.add_column("outbox", sa.Column("counted", sa.Text(), server_default="", nullable=False))
    op.execute(notice.update().where(notice.c.outbox.is_not(None)).values(settled=notice.c.made))
    op.execute(notice.update().where(notice.c.outbox == 0).values(outbox=None, dropped="expired"))
    connection = op.get_bind()
    for key, detail in connection.execute(sa.select(notice.c.id, notice.c.detail).where(notice.c.settled.is_(None))):
        if number := (detail or {}).pop("", 0):  # it stood in the detail, under no name
            op.execute(notice.update().where(notice.c.id == key).values(detail=detail, number=number))
    op.execute("UPDATE outbox SET counted = CASE WHEN outside THEN 'known' ELSE 'staff' END WHERE automatic")
    op.drop_index("ix_notice_waiting", "notice")
    op.create_index(
        "ix_notice_waiting", "notice", ["not_before"], unique=False, sqlite_where=WAITING, postgresql_where=WAITING
    )
