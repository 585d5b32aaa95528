"""Incidents as rows: reading them for a decision, and the bulk statements that write what was decided.

What belongs in a row is `services.apply`'s business; here is only how it gets there and back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, bindparam, func, insert, select, update

from sitmail.domain.incident import Incident, Status
from sitmail.domain.sla import Entry, Term
from sitmail.domain.update import Direction, Event, LegKind
from sitmail.store import schema
from sitmail.store.schema import (
    confirmation,
    held,
    incident,
    known_id,
    outbox,
    participation,
    term,
    warning,
)
from sitmail.store.schema import update as entry

_FIELDS = [f.name for f in fields(Incident)]


def incidents(connection: Connection, numbers: Collection[int]) -> dict[int, Incident]:
    """The summaries of these incidents; numbers that do not exist are missing."""
    if not numbers:
        return {}
    rows = connection.execute(select(*(incident.c[name] for name in _FIELDS)).where(incident.c.number.in_(numbers)))
    return {row[0]: _incident(row) for row in rows}


def _incident(row: Sequence[Any]) -> Incident:
    values = dict(zip(_FIELDS, row, strict=True))
    values["status"] = Status(values["status"])
    values["contact"] = values["contact"] or 0
    return Incident(**values)


class Participant(NamedTuple):
    incident: int
    person: int
    role: str
    leg: str
    level: str


def participants(connection: Connection, numbers: Collection[int]) -> list[Participant]:
    """Who is on the legs of these incidents now, in the order they came."""
    if not numbers:
        return []
    query = (
        select(
            participation.c.incident,
            participation.c.person,
            participation.c.role,
            schema.leg.c.kind,
            participation.c.level,
        )
        .join_from(participation, schema.leg, participation.c.leg == schema.leg.c.id)
        .where(participation.c.incident.in_(numbers), participation.c.until.is_(None))
        .order_by(participation.c.id)
    )
    return [Participant(*row) for row in connection.execute(query)]


def legs(connection: Connection, numbers: Collection[int]) -> dict[tuple[int, str], int]:
    """(incident, kind) -> id of the public and the internal leg."""
    if not numbers:
        return {}
    query = select(schema.leg.c.incident, schema.leg.c.kind, schema.leg.c.id).where(
        schema.leg.c.incident.in_(numbers), schema.leg.c.kind != LegKind.VENDOR
    )
    return {(number, kind): id_ for number, kind, id_ in connection.execute(query)}


class Seen(NamedTuple):
    """Incidents by Message-ID: those where the mail itself went, and those where another mail only named it."""

    kept: Mapping[str, Sequence[int]]
    named: Mapping[str, Sequence[int]]


def by_message_id(connection: Connection, ids: Collection[str]) -> Seen:
    """The incidents with which each Message-ID was seen, the oldest first."""
    seen = Seen({}, {})
    if not ids:
        return seen
    query = select(known_id.c.message_id, known_id.c.incident, known_id.c.origin).where(known_id.c.message_id.in_(ids))
    kept: dict[str, list[int]] = {}
    named: dict[str, list[int]] = {}
    for message_id, number, origin in connection.execute(query.order_by(known_id.c.incident)):
        (named if origin == "named" else kept).setdefault(message_id, []).append(number)
    return Seen(kept, named)


class Known(NamedTuple):
    """A Message-ID that a person wrote (foreign) or was sent (own)."""

    incident: int
    person: int
    message_id: str
    origin: str
    at: datetime


def ids_of(connection: Connection, numbers: Collection[int]) -> dict[tuple[int, int], list[Known]]:
    """(incident, person) -> ids that person wrote or was sent there, oldest first."""
    if not numbers:
        return {}
    query = select(known_id.c.incident, known_id.c.person, known_id.c.message_id, known_id.c.origin, known_id.c.at)
    query = query.where(known_id.c.incident.in_(numbers), known_id.c.person > 0).order_by(known_id.c.at)
    found: dict[tuple[int, int], list[Known]] = {}
    for row in connection.execute(query):
        found.setdefault((row.incident, row.person), []).append(Known(*row))
    return found


def last_sent(connection: Connection, numbers: Collection[int]) -> dict[tuple[int, int], datetime]:
    """(incident, person) -> when the last letter about it was written to that person."""
    if not numbers:
        return {}
    query = (
        select(known_id.c.incident, known_id.c.person, func.max(known_id.c.at, type_=known_id.c.at.type))
        .where(known_id.c.incident.in_(numbers), known_id.c.origin == "own")
        .group_by(known_id.c.incident, known_id.c.person)
    )
    return {(number, person): at for number, person, at in connection.execute(query)}


def held_since(connection: Connection, numbers: Collection[int]) -> dict[int, datetime]:
    """Since when these mails have been held."""
    rows = connection.execute(select(held.c.id, held.c.since).where(held.c.id.in_(numbers)))
    return {number: since for number, since in rows}  # noqa: C416


def last_general(connection: Connection, persons: Collection[int]) -> dict[int, datetime]:
    """When the last letter about no incident was written to each of these persons."""
    query = select(outbox.c.person, func.max(outbox.c.made, type_=outbox.c.made.type))
    query = query.where(outbox.c.person.in_(persons), outbox.c.incident.is_(None)).group_by(outbox.c.person)
    return {person: made for person, made in connection.execute(query)}  # noqa: C416


def monitored(connection: Connection, keys: Collection[str]) -> dict[str, int]:
    """The open incident of each fingerprint of a machine."""
    if not keys:
        return {}
    query = select(incident.c.monitor_key, func.max(incident.c.number)).where(
        incident.c.monitor_key.in_(keys), incident.c.monitor_key != "", incident.c.status != Status.CLOSED
    )
    return {key: number for key, number in connection.execute(query.group_by(incident.c.monitor_key))}  # noqa: C416


class Question(NamedTuple):
    id: int
    person: int
    held: int
    issued: datetime
    expires: datetime
    answered: datetime | None


def confirmations(connection: Connection, ids: Collection[int]) -> dict[int, Question]:
    if not ids:
        return {}
    columns = [confirmation.c[name] for name in Question._fields]
    return {row.id: Question(*row) for row in connection.execute(select(*columns).where(confirmation.c.id.in_(ids)))}


def asked(connection: Connection, persons: Collection[int], now: datetime) -> set[int]:
    """Which of these persons have a confirmation open."""
    if not persons:
        return set()
    query = select(confirmation.c.person).where(
        confirmation.c.person.in_(persons), confirmation.c.answered.is_(None), confirmation.c.expires > now
    )
    return set(connection.execute(query).scalars())


# --- promises


def terms(connection: Connection, numbers: Collection[int]) -> dict[int, list[Term]]:
    """The promises in force, by incident."""
    if not numbers:
        return {}
    names = ("incident", "id", "target", "seconds", "calendar", "warn_at", "cycle", "started")
    query = select(*(term.c[name] for name in names)).where(term.c.incident.in_(numbers), term.c.ended.is_(None))
    found: dict[int, list[Term]] = {}
    for row in connection.execute(query.order_by(term.c.id)):
        one = Term(row.id, row.target, row.seconds, row.calendar, tuple(row.warn_at), row.cycle, row.started)
        found.setdefault(row.incident, []).append(one)
    return found


def entries(connection: Connection, numbers: Collection[int]) -> dict[int, list[Entry]]:
    """What the clock needs of each updates log.  A cycle begins with each reopening."""
    if not numbers:
        return {}
    query = select(entry.c.incident, entry.c.received, entry.c.status, entry.c.event, entry.c.leg, entry.c.direction)
    query = query.where(entry.c.incident.in_(numbers)).order_by(entry.c.incident, entry.c.number)
    found: dict[int, list[Entry]] = {}
    cycles: dict[int, int] = {}
    for number, received, status, event, leg, direction in connection.execute(query):
        cycles[number] = cycles.get(number, 1) + (event == Event.REOPENED)
        answered = leg == LegKind.PUBLIC and direction == Direction.OUT
        found.setdefault(number, []).append(Entry(received, Status(status), answered, cycle=cycles[number]))
    return found


def said(connection: Connection, numbers: Collection[int]) -> dict[int, set[tuple[str, float, int]]]:
    """The thresholds that were said, by incident."""
    if not numbers:
        return {}
    query = select(warning.c.incident, warning.c.target, warning.c.threshold, warning.c.cycle)
    found: dict[int, set[tuple[str, float, int]]] = {}
    for number, target, threshold, cycle in connection.execute(query.where(warning.c.incident.in_(numbers))):
        found.setdefault(number, set()).add((target, threshold, cycle))
    return found


def due(connection: Connection, now: datetime, limit: int = 200) -> list[int]:
    """Incidents whose next deadline has come, the longest due first."""
    query = select(incident.c.number).where(incident.c.next_deadline.is_not(None), incident.c.next_deadline <= now)
    return list(connection.execute(query.order_by(incident.c.next_deadline).limit(limit)).scalars())


def next_deadline(connection: Connection) -> datetime | None:
    query = select(func.min(incident.c.next_deadline, type_=incident.c.next_deadline.type)).where(
        incident.c.next_deadline.is_not(None)
    )
    found: datetime | None = connection.execute(query).scalar()
    return found


# --- writing


def add(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """One bulk INSERT; rows with different keys go in the runs they form."""
    run: list[Mapping[str, Any]] = []
    for row in rows:
        if run and run[0].keys() != row.keys():
            connection.execute(insert(table), run)
            run = []
        run.append(row)
    if run:
        connection.execute(insert(table), run)


def summarise(connection: Connection, changed: Mapping[int, Mapping[str, Any]]) -> None:
    """Writes the summary rows; incidents that change the same fields share one bulk UPDATE."""
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for number, values in changed.items():
        if values:
            row = {f"new_{name}": value for name, value in values.items()}
            alike.setdefault(tuple(sorted(values)), []).append({"key": number, **row})
    for names, rows in alike.items():
        changes = {name: bindparam(f"new_{name}", type_=incident.c[name].type) for name in names}
        connection.execute(update(incident).where(incident.c.number == bindparam("key")).values(changes), rows)


def clocks(connection: Connection, states: Iterable[tuple[int, str, datetime | None, datetime | None]]) -> None:
    """Writes how the promises stand: (term, state, due, met)."""
    rows = [{"key": key, "now_state": state, "now_due": due_, "now_met": met} for key, state, due_, met in states]
    if rows:
        statement = update(term).where(term.c.id == bindparam("key"))
        types = term.c.due.type
        connection.execute(
            statement.values(
                state=bindparam("now_state"),
                due=bindparam("now_due", type_=types),
                met=bindparam("now_met", type_=types),
            ),
            rows,
        )


def end_terms(connection: Connection, numbers: Collection[int], now: datetime) -> None:
    if numbers:
        query = update(term).where(term.c.incident.in_(numbers), term.c.ended.is_(None))
        connection.execute(query.values(ended=now, state="off", due=None))


def settle(connection: Connection, id_: int, decision: str, by: str, now: datetime) -> bool:
    """Ends a held mail's wait; False if it was decided before."""
    query = update(held).where(held.c.id == id_, held.c.decision == "")
    return connection.execute(query.values(decision=decision, decided_by=by, decided=now)).rowcount == 1


def leave(connection: Connection, number: int, person: int, now: datetime) -> None:
    query = update(participation).where(
        participation.c.incident == number, participation.c.person == person, participation.c.until.is_(None)
    )
    connection.execute(query.values(until=now))
