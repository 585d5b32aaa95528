"""Reads incidents that were solved, by which new ones are compared (`domain/solved`)."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, func, or_, select

from sitmail.domain.incident import Status
from sitmail.domain.update import Direction, Event, LegKind
from sitmail.store.prepared import Prepared, any_of
from sitmail.store.schema import incident, update_text
from sitmail.store.schema import update as entry

NEAR = 20_000  # so many of the last numbers are looked through after a start


class Row(NamedTuple):
    number: int
    title: str
    status: str
    closing_status: str
    site: str
    product: str
    mailbox: str
    resolution: str


_COLUMNS = [incident.c[name] for name in Row._fields]


def of_late(connection: Connection, most: int) -> list[Row]:
    """The newest closed incidents, the oldest of them first."""
    above = (connection.execute(select(func.max(incident.c.number))).scalar() or 0) - NEAR
    return [Row(*row) for row in reversed(_OF_LATE.all(connection, above=above, most=most))]


_OF_LATE = Prepared(
    select(*_COLUMNS)
    .where(incident.c.number > bindparam("above"), incident.c.status == Status.CLOSED.value)
    .order_by(incident.c.number.desc())
    .limit(bindparam("most"))
)


def these(connection: Connection, numbers: Collection[int]) -> list[Row]:
    return [Row(*row) for row in _THESE.all(connection, numbers=numbers)]


_THESE = Prepared(select(*_COLUMNS).where(incident.c.number.in_(any_of("numbers"))))


def last_answer(connection: Connection, number: int) -> str:
    """The last words to its customer, "" for none."""
    return next((text for (text,) in _LAST.all(connection, number=number)), "")


_LAST = Prepared(
    select(update_text.c.text)
    .join_from(entry, update_text, update_text.c.update == entry.c.id)
    .where(
        entry.c.incident == bindparam("number"),
        entry.c.leg == LegKind.PUBLIC.value,
        entry.c.direction == Direction.OUT.value,
        or_(entry.c.event == Event.ANSWER.value, entry.c.event == Event.CLOSED.value),
        update_text.c.text != "",
    )
    .order_by(entry.c.number.desc())
    .limit(1)
)
