"""Promises as rows: the terms in force, what was said about them, and when to look again.

How a promise stands is `domain.sla`'s business; here is only how it gets into the tables and back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select, update

from sitmail.domain.incident import Status
from sitmail.domain.sla import Entry, Term
from sitmail.domain.update import Direction, Event, LegKind
from sitmail.store.prepared import Prepared, any_of
from sitmail.store.rows import RecordRows
from sitmail.store.schema import incident, term, warning
from sitmail.store.schema import update as entry


def terms(connection: Connection, numbers: Collection[int]) -> dict[int, list[Term]]:
    """The promises in force, by incident."""
    if not numbers:
        return {}
    found: dict[int, list[Term]] = {}
    for row in _TERMS.all(connection, numbers=numbers):
        found.setdefault(row[-1], []).append(_TERM.record(row))
    return found


_TERM = RecordRows(Term, term, convert={"warn_at": tuple})
_TERMS = Prepared(
    select(*_TERM.columns, term.c.incident)
    .where(term.c.incident.in_(any_of("numbers")), term.c.ended.is_(None))
    .order_by(term.c.id)
)


def entries(connection: Connection, numbers: Collection[int]) -> dict[int, list[Entry]]:
    """What the clock needs of each updates log.  A cycle begins with each reopening."""
    if not numbers:
        return {}
    found: dict[int, list[Entry]] = {}
    cycles: dict[int, int] = {}
    for number, received, status, event, leg, direction in _ENTRIES.all(connection, numbers=numbers):
        cycles[number] = cycles.get(number, 1) + (event == Event.REOPENED)
        answered = leg == LegKind.PUBLIC and direction == Direction.OUT
        one = Entry(at=received, status=Status(status), answered=answered, cycle=cycles[number])
        found.setdefault(number, []).append(one)
    return found


_ENTRIES = Prepared(
    select(entry.c.incident, entry.c.received, entry.c.status, entry.c.event, entry.c.leg, entry.c.direction)
    .where(entry.c.incident.in_(any_of("numbers")))
    .order_by(entry.c.incident, entry.c.number)
)


def said(connection: Connection, numbers: Collection[int]) -> dict[int, set[tuple[str, float, int]]]:
    """The thresholds that were said, by incident."""
    if not numbers:
        return {}
    found: dict[int, set[tuple[str, float, int]]] = {}
    for number, target, threshold, cycle in _SAID.all(connection, numbers=numbers):
        found.setdefault(number, set()).add((target, threshold, cycle))
    return found


_SAID = Prepared(
    select(warning.c.incident, warning.c.target, warning.c.threshold, warning.c.cycle).where(
        warning.c.incident.in_(any_of("numbers"))
    )
)


def due(connection: Connection, now: datetime, limit: int = 200) -> list[int]:
    """Incidents whose next deadline has come, the longest due first."""
    return [number for (number,) in _DUE.all(connection, now=now, limit=limit)]


def next_deadline(connection: Connection) -> datetime | None:
    found: datetime | None = _NEXT_DEADLINE.all(connection)[0][0]
    return found


_DUE = Prepared(
    select(incident.c.number)
    .where(incident.c.next_deadline.is_not(None), incident.c.next_deadline <= bindparam("now"))
    .order_by(incident.c.next_deadline)
    .limit(bindparam("limit"))
)
_NEXT_DEADLINE = Prepared(
    select(func.min(incident.c.next_deadline, type_=incident.c.next_deadline.type)).where(
        incident.c.next_deadline.is_not(None)
    )
)


def clocks(connection: Connection, states: Iterable[tuple[int, str, datetime | None, datetime | None]]) -> None:
    """Writes how the promises stand: (term, state, due, met)."""
    rows = [{"key": key, "now_state": state, "now_due": due_, "now_met": met} for key, state, due_, met in states]
    _CLOCKS.run(connection, rows)


_CLOCKS = Prepared(
    update(term)
    .where(term.c.id == bindparam("key"))
    .values(state=bindparam("now_state"), due=bindparam("now_due"), met=bindparam("now_met"))
)


def end_terms(connection: Connection, numbers: Collection[int], now: datetime) -> None:
    if numbers:
        query = update(term).where(term.c.incident.in_(numbers), term.c.ended.is_(None))
        connection.execute(query.values(ended=now, state="off", due=None))
