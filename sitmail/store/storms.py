"""Reads and writes storms, and reads which incidents may belong to one."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, func, select, update

from sitmail.domain.links import LinkKind
from sitmail.domain.storm import State, Storm
from sitmail.store.prepared import Prepared, add, any_of
from sitmail.store.rows import RecordRows
from sitmail.store.schema import incident, link, storm

NEAR = 2_000  # numbers of incidents that are looked through

_STORM = RecordRows(Storm, storm, convert={"state": State, "words": frozenset, "parent": lambda number: number or 0})
_SINCE = Prepared(select(*_STORM.columns).where(storm.c.last > bindparam("since")).order_by(storm.c.last))
_THESE = Prepared(select(*_STORM.columns).where(storm.c.id.in_(any_of("ids"))))


def since(connection: Connection, moment: datetime) -> list[Storm]:
    return [_STORM.record(row) for row in _SINCE.all(connection, since=moment)]


def storms(connection: Connection, ids: Collection[int]) -> dict[int, Storm]:
    found = [_STORM.record(row) for row in _THESE.all(connection, ids=ids)] if ids else []
    return {one.id: one for one in found}


def insert(connection: Connection, row: dict[str, Any]) -> None:
    add(connection, storm, [row])


def change(connection: Connection, id_: int, values: dict[str, Any]) -> None:
    connection.execute(update(storm).where(storm.c.id == id_).values(**values))


class Row(NamedTuple):
    """What of an incident tells whether it belongs to a storm."""

    number: int
    contact: int | None
    title: str
    unit: str
    product: str
    mailbox: str
    opened: datetime
    status: str


_COLUMNS = [incident.c[name] for name in Row._fields]
_ROWS = Prepared(
    select(*_COLUMNS)
    .where(
        incident.c.number >= bindparam("lowest"),
        incident.c.number < bindparam("above"),
        incident.c.opened >= bindparam("since"),
        incident.c.monitor_key == "",
    )
    .order_by(incident.c.number)
)


def opened_between(connection: Connection, lowest: int, above: int, moment: datetime) -> list[Row]:
    """The incidents of these numbers that people opened since that moment."""
    found = _ROWS.all(connection, lowest=lowest, above=above, since=moment)
    return [Row(*row) for row in found if row[1]]


def newest(connection: Connection) -> int:
    """The highest number."""
    return connection.execute(select(func.max(incident.c.number))).scalar() or 0


def children(connection: Connection, parent: int) -> int:
    """How many incidents a parent has."""
    return _CHILDREN.all(connection, parent=parent)[0][0]  # type: ignore[no-any-return]


_CHILDREN = Prepared(
    select(func.count()).where(
        link.c.other == bindparam("parent"), link.c.kind == str(LinkKind.PARENT), link.c.ended.is_(None)
    )
)
