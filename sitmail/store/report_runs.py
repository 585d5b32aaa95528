"""Reports that wait to be made: each is made once, whatever is started anew meanwhile, and however many make them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, func, select, update

from sitmail.store.prepared import Prepared, add, any_of
from sitmail.store.schema import report_run

WAITING = report_run.c.done.is_(None)


class Run(NamedTuple):
    """`key` is that of its notice; `detail` holds the question."""

    id: int
    key: str
    person: int
    detail: dict[str, Any]
    asked: datetime
    attempts: int


_DUE = Prepared(
    select(*(report_run.c[name] for name in Run._fields))
    .where(WAITING, report_run.c.not_before <= bindparam("now"))
    .order_by(report_run.c.not_before)
    .limit(1)
)
_NEXT = Prepared(select(func.min(report_run.c.not_before, type_=report_run.c.not_before.type)).where(WAITING))


_OF = Prepared(select(func.count()).where(WAITING, report_run.c.person == bindparam("person")))


def waiting_of(connection: Connection, person: int) -> int:
    """How many somebody has asked for that are not made yet."""
    found: int = _OF.all(connection, person=person)[0][0]
    return found


def due(connection: Connection, now: datetime) -> Run | None:
    """The one that waits longest."""
    found = _DUE.all(connection, now=now)
    return Run(*found[0]) if found else None


def next_due(connection: Connection) -> datetime | None:
    found: datetime | None = _NEXT.all(connection)[0][0]
    return found


def postpone(connection: Connection, run: int, until: datetime, attempts: int) -> None:
    connection.execute(update(report_run).where(report_run.c.id == run).values(not_before=until, attempts=attempts))


def finish(connection: Connection, run: int, now: datetime) -> bool:
    """Notes that it is done; False if it was before."""
    done = update(report_run).where(report_run.c.id == run, WAITING).values(done=now)
    return connection.execute(done).rowcount == 1


# --- when reports of the configuration were last due


_LAST = Prepared(select(report_run.c.key, report_run.c.asked).where(report_run.c.key.in_(any_of("keys"))))


def last_due(connection: Connection, keys: Collection[str]) -> dict[str, datetime]:
    return dict(_LAST.all(connection, keys=keys)) if keys else {}


def was_due(connection: Connection, key: str, at: datetime) -> None:
    connection.execute(update(report_run).where(report_run.c.key == key).values(asked=at))


def add_once(connection: Connection, row: dict[str, Any]) -> None:
    """A run, unless one of its key is there."""
    add(connection, report_run, [row], once=True)
