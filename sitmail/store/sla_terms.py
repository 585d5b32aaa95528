"""Service level terms in the database: those in force, the warnings sent about them, and the next deadline.

How much of a term is used and whether it is late is computed in `domain.sla`; here it is read and written.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from sitmail.domain.incident import Status
from sitmail.domain.sla import Entry, Progress, Term
from sitmail.domain.sla_outlook import Standing, Stands
from sitmail.domain.update import Direction, Event, LegKind
from sitmail.store.prepared import Prepared, any_of
from sitmail.store.rows import RecordRows
from sitmail.store.schema import incident, term, warning
from sitmail.store.schema import update as entry


def _packed(progress: Progress) -> dict[str, Any]:
    """As JSON can hold it."""
    found = {name: getattr(progress, name) for name in Progress.__dataclass_fields__}
    moments = {name: at.isoformat() for name in _MOMENTS if (at := found[name]) is not None}
    reached = [[part, at.isoformat()] for part, at in progress.reached]
    broken = [[period, due.isoformat(), met.isoformat()] for period, due, met in progress.broken]
    return {**found, **moments, "reached": reached, "broken": broken}


def _unpacked(found: Mapping[str, Any] | None) -> Progress | None:
    if found is None:
        return None
    moments = {name: datetime.fromisoformat(at) for name in _MOMENTS if (at := found[name]) is not None}
    reached = tuple((part, datetime.fromisoformat(at)) for part, at in found["reached"])
    read = datetime.fromisoformat
    broken = tuple((period, read(due), read(met)) for period, due, met in found.get("broken", ()))
    return Progress(**{**found, **moments, "status": Status(found["status"]), "reached": reached, "broken": broken})


_MOMENTS = ("latest", "since", "stopped", "resolved", "met")


def terms(connection: Connection, numbers: Collection[int]) -> dict[int, list[Term]]:
    """The terms in force, by incident."""
    if not numbers:
        return {}
    found: dict[int, list[Term]] = {}
    for row in _TERMS.all(connection, numbers=numbers):
        found.setdefault(row[-1], []).append(_TERM.record(row))
    return found


_TERM = RecordRows(Term, term, convert={"warn_at": tuple, "progress": _unpacked}, beside={"steps"})
_TERMS = Prepared(
    select(*_TERM.columns, term.c.incident)
    .where(term.c.incident.in_(any_of("numbers")), term.c.ended.is_(None))
    .order_by(term.c.id)
)


def entries(connection: Connection, promised: Iterable[Term], *, whole: bool = False) -> dict[int, list[Entry]]:
    """What the clock of each term needs of the updates log, by the term's id: the entries it has not followed yet.

    `whole`: all entries, for clocks that are followed anew.  A cycle begins with each reopening.
    """
    cycles = {one.id: one.progress.cycle if one.progress and not whole else 1 for one in promised}
    found: dict[int, list[Entry]] = {}
    if not cycles:
        return found
    wanted = _ALL_ENTRIES if whole else _ENTRIES
    for key, number, received, status, event, leg, direction, met, owner, hold in wanted.all(connection, terms=cycles):
        cycles[key] += event == Event.REOPENED
        answered = direction == Direction.OUT and leg != LegKind.VENDOR  # an answer, or a logged call-out
        steps = tuple(met.split())
        one = Entry(received, Status(status), answered, bool(hold), cycles[key], number, steps, owned=bool(owner))
        found.setdefault(key, []).append(one)
    return found


_FOLDED = ("number", "received", "status", "event", "leg", "direction", "met", "owner", "customer_hold")
_OF_ENTRY = tuple(entry.c[name] for name in _FOLDED)
_EVERY = (
    select(term.c.id, *_OF_ENTRY)
    .join_from(term, entry, entry.c.incident == term.c.incident)
    .where(term.c.id.in_(any_of("terms")))
    .order_by(term.c.id, entry.c.number)
)
_ALL_ENTRIES, _ENTRIES = Prepared(_EVERY), Prepared(_EVERY.where(entry.c.number > term.c.followed))


def said(connection: Connection, numbers: Collection[int]) -> dict[int, set[tuple[str, float, int]]]:
    """The thresholds that a warning was sent for, by incident: target, threshold, cycle."""
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
    """Incidents whose next deadline has come, the earliest first."""
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


def clocks(connection: Connection, states: Mapping[int, Standing]) -> None:
    """Writes how promises stand, by the term's id, and how far their clocks were followed."""
    rows = [
        {
            "key": key,
            "now_state": one.state,
            "now_due": one.due,
            "now_met": one.met_at,
            "now_followed": one.progress.number if one.progress else 0,
            "now_progress": _packed(one.progress) if one.progress else None,
        }
        for key, one in states.items()
    ]
    _CLOCKS.run(connection, rows)


_CLOCKS = Prepared(
    update(term)
    .where(term.c.id == bindparam("key"))
    .values(
        state=bindparam("now_state"),
        due=bindparam("now_due"),
        met=bindparam("now_met"),
        followed=bindparam("now_followed"),
        progress=bindparam("now_progress"),
    )
)


def end_terms(
    connection: Connection, which: Mapping[tuple[int, str], bool], now: datetime
) -> frozenset[tuple[int, str]]:
    """Ends the terms in force of incidents, or ("" is all) of one target; those that are pinned only where it is True.

    Returns the pinned ones that stay: incident and target.
    """
    if not which:
        return frozenset()
    every = {number for number, _ in which}
    found = terms(connection, every)
    among = {(number, one.target): one for number, several in found.items() for one in several}
    ended, stay = [], set()
    for (number, target), one in among.items():
        asked = [which[key] for key in ((number, ""), (number, target)) if key in which]
        if asked and (any(asked) or not one.pinned):
            ended.append(one.id)
        elif asked:
            stay.add((number, target))
    if ended:
        connection.execute(update(term).where(term.c.id.in_(ended)).values(ended=now, state="off", due=None))
    return frozenset(stay)


def standing(connection: Connection, numbers: Collection[int]) -> dict[int, tuple[Stands, ...]]:
    """How the promises in force of these incidents stand, by incident."""
    found: dict[int, tuple[Stands, ...]] = {}
    for number, target, state, due, met, warn_at, pinned in _STANDING.all(connection, numbers=numbers):
        found[number] = (*found.get(number, ()), Stands(target, state, due, met, tuple(warn_at), pinned))
    return found


_STANDING = Prepared(
    select(term.c.incident, term.c.target, term.c.state, term.c.due, term.c.met, term.c.warn_at, term.c.pinned)
    .where(term.c.incident.in_(any_of("numbers")), term.c.ended.is_(None))
    .order_by(term.c.id)
)
