"""Reports that wait to be made: each is made once, whatever is started anew meanwhile, and however many make them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, func, select, update

from sitmail.store.prepared import Prepared, any_of
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
_KNOWN = Prepared(select(report_run.c.key).where(report_run.c.key.in_(any_of("keys"))))


def due(connection: Connection, now: datetime) -> Run | None:
    """The one that waits longest."""
    found = _DUE.all(connection, now=now)
    return Run(*found[0]) if found else None


def next_due(connection: Connection) -> datetime | None:
    found: datetime | None = _NEXT.all(connection)[0][0]
    return found


def known(connection: Connection, keys: Collection[str]) -> set[str]:
    """Which of these keys have a run."""
    return {key for (key,) in _KNOWN.all(connection, keys=keys)} if keys else set()


def postpone(connection: Connection, run: int, until: datetime, attempts: int) -> None:
    connection.execute(update(report_run).where(report_run.c.id == run).values(not_before=until, attempts=attempts))


def finish(connection: Connection, run: int, now: datetime) -> bool:
    """Notes that it is done; False if it was before."""
    done = update(report_run).where(report_run.c.id == run, WAITING).values(done=now)
    return connection.execute(done).rowcount == 1
