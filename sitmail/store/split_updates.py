"""Reads updates of customers as `/split` may want them; asked for a mail that holds that verb alone."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from sitmail.domain.mail import Attachment
from sitmail.domain.people import Person
from sitmail.domain.update import Direction, LegKind, Origin
from sitmail.domain.written import Written
from sitmail.store import directory_lookup
from sitmail.store.schema import attachment, update_text
from sitmail.store.schema import update as entry

_TEXTS = (update_text.c.text, update_text.c.quoted, update_text.c.signature, update_text.c.doubtful, update_text.c.page)


def named(connection: Connection, incidents: Collection[int], numbers: Collection[int]) -> list[Written]:
    """The updates of these numbers in these incidents, as far as customers wrote them."""
    if not incidents or not numbers:
        return []
    query = _by_customers().where(entry.c.incident.in_(incidents), entry.c.number.in_(numbers))
    return _written(connection, connection.execute(query).all())


def latest(connection: Connection, incident: int, up_to: int) -> Written | None:
    """The last update of an incident up to that one which a customer wrote."""
    query = _by_customers().where(entry.c.incident == incident, entry.c.number <= up_to)
    rows = connection.execute(query.order_by(entry.c.number.desc()).limit(1)).all()
    return next(iter(_written(connection, rows)), None)


def _by_customers() -> Select[Any]:
    query = select(entry, *_TEXTS).join_from(entry, update_text, entry.c.id == update_text.c.update)
    public = (entry.c.leg == str(LegKind.PUBLIC), entry.c.direction == str(Direction.IN))
    return query.where(*public, entry.c.author.is_not(None))


def _written(connection: Connection, rows: Sequence[Row[Any]]) -> list[Written]:
    authors = directory_lookup.persons(connection, {row.author for row in rows}) if rows else {}
    return [_one(connection, row, authors[row.author]) for row in rows]


def _one(connection: Connection, row: Row[Any], author: Person) -> Written:
    files = select(attachment).where(attachment.c.update == row.id).order_by(attachment.c.place)
    return Written(
        incident=row.incident,
        number=row.number,
        author=author,
        text=row.text,
        quoted=row.quoted,
        signature=row.signature,
        doubtful=row.doubtful,
        proof=row.proof,
        origin=Origin(row.received, row.occurred, row.message_id, row.subject, row.inbox, row.page),
        files=tuple(
            [Attachment(one.name, one.type, one.size, one.sha256, one.inline) for one in connection.execute(files)]
        ),
    )
