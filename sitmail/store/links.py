"""Reads and writes links; nothing here is asked about an incident that never had one."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, union_all, update

from sitmail.domain.links import Link, LinkKind
from sitmail.store.prepared import Prepared, any_of
from sitmail.store.rows import RecordRows
from sitmail.store.schema import link

_LINK = RecordRows(Link, link, convert={"kind": LinkKind, "other": lambda number: number or 0})
_FROM = select(*_LINK.columns).where(link.c.incident.in_(any_of("numbers")), link.c.ended.is_(None))
_TO = select(*_LINK.columns).where(link.c.other.in_(any_of("numbers")), link.c.ended.is_(None))
_OF = Prepared(union_all(_FROM, _TO))
_BY_REFERENCE = Prepared(
    select(*_LINK.columns)
    .where(link.c.reference.in_(any_of("references")), link.c.kind == bindparam("kind"))
    .where(link.c.ended.is_(None), link.c.reference != "")
    .order_by(link.c.id)
)


def of(connection: Connection, numbers: Collection[int]) -> list[Link]:
    """The links that lead to or from these incidents, each once, the oldest first."""
    if not numbers:
        return []
    found = {row[0]: row for row in _OF.all(connection, numbers=numbers)}
    return [_LINK.record(found[key]) for key in sorted(found)]


def by_reference(connection: Connection, kind: LinkKind, references: Collection[str]) -> list[Link]:
    """The links of that kind that lead to one of these references, the oldest first."""
    found = _BY_REFERENCE.all(connection, kind=str(kind), references=references) if references else []
    return [_LINK.record(row) for row in found]


def renew(connection: Connection, id_: int) -> None:
    """One that ended goes on."""
    connection.execute(update(link).where(link.c.id == id_).values(ended=None))


def end(connection: Connection, id_: int, now: datetime) -> None:
    connection.execute(update(link).where(link.c.id == id_, link.c.ended.is_(None)).values(ended=now))


def fixed(connection: Connection, id_: int, now: datetime) -> None:
    """The bug to which one leads is fixed."""
    connection.execute(update(link).where(link.c.id == id_, link.c.fixed.is_(None)).values(fixed=now))
