"""Reads updates as `/share` may want them, on whatever leg; asked for a mail that holds that verb alone."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, select

from sitmail.domain.shareable import Shareable
from sitmail.domain.update import Direction, LegKind
from sitmail.store import directory_lookup
from sitmail.store.schema import attachment, update_text
from sitmail.store.schema import update as entry


def named(connection: Connection, incidents: Collection[int], numbers: Collection[int]) -> list[Shareable]:
    """The updates of these numbers in these incidents."""
    if not incidents or not numbers:
        return []
    query = select(entry, update_text.c.text).outerjoin_from(entry, update_text, entry.c.id == update_text.c.update)
    rows = connection.execute(query.where(entry.c.incident.in_(incidents), entry.c.number.in_(numbers))).all()
    authors = directory_lookup.persons(connection, {row.author for row in rows if row.author})
    files: dict[int, list[str]] = {}
    named_files = select(attachment.c.update, attachment.c.name).where(
        attachment.c.update.in_([row.id for row in rows]), attachment.c.inline.is_(False)
    )
    for update, name in connection.execute(named_files.order_by(attachment.c.update, attachment.c.place)):
        files.setdefault(update, []).append(name)
    return [
        Shareable(
            incident=row.incident,
            number=row.number,
            leg=LegKind(row.leg),
            event=row.event,
            direction=Direction(row.direction),
            author=authors.get(row.author),
            proof=row.proof,
            text=row.text or "",
            files=tuple(files.get(row.id, ())),
        )
        for row in rows
    ]
