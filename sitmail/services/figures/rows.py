"""The rows that reports are made of: incidents, their logs, promises and partners.

These statements look at whole tables, which nothing on a mail's way does: they are for a reading connection, and say so
in front (`LOOKS_AT_ALL`).  Rows come in portions, so that a large desk fits into memory.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Integer,
    Select,
    and_,
    cast,
    exists,
    extract,
    func,
    or_,
    select,
    true,
)

from sitmail.domain.authority import Counted
from sitmail.domain.figures.attainment import Promise
from sitmail.domain.figures.backlog import Moved
from sitmail.domain.figures.incidents import Row
from sitmail.domain.figures.numbers import seconds
from sitmail.domain.figures.one_incident import Logged, moment
from sitmail.domain.figures.spells import Entry
from sitmail.domain.incident import Status
from sitmail.domain.sla import TimedTarget
from sitmail.domain.update import Event
from sitmail.store.schema import incident, leg, person, term, update, update_text, warning

LOOKS_AT_ALL = "/* report */"
PORTION = 5_000  # rows
CLOSED = str(Status.CLOSED)
OURS = tuple(str(one) for one in TimedTarget if one.endswith("_level") or one is TimedTarget.UNOWNED)


def counted(who: Counted) -> ColumnElement[bool]:
    """Of these incidents the figures are made."""
    if who.everything:
        return true()
    if who.owner:
        return or_(incident.c.owner == who.owner, incident.c.temporary_owner == who.owner)
    return incident.c.team.in_(sorted(who.teams))


def alive(start: datetime, end: datetime) -> ColumnElement[bool]:
    """Open at any moment of a period, as far as an incident's row can tell."""
    return and_(incident.c.opened < end, or_(incident.c.closed.is_(None), incident.c.closed >= start))


def every(connection: Connection, query: Select[Any]) -> Iterator[tuple[Any, ...]]:
    """The rows as the driver gives them, in portions: numbers and texts, and moments by `second`."""
    found = connection.execute(query.prefix_with(LOOKS_AT_ALL))
    try:
        while portion := found.cursor.fetchmany(PORTION):
            yield from portion
    finally:
        found.close()


def second(connection: Connection, column: ColumnElement[datetime]) -> ColumnElement[int]:
    """A moment in whole seconds since 1970, computed by the database: half a million are read in a report."""
    if connection.dialect.name == "sqlite":
        return cast(func.strftime("%s", column), Integer)
    return cast(func.floor(extract("epoch", column)), BigInteger)


_ROW = (
    incident.c.number, incident.c.status, incident.c.priority, incident.c.owner, incident.c.site, incident.c.product,
    incident.c.reason, incident.c.service_level, incident.c.calendar,
)  # fmt: skip


def incidents(connection: Connection, *conditions: ColumnElement[bool]) -> list[Row]:
    times = second(connection, incident.c.opened), second(connection, incident.c.closed)
    query = select(*_ROW, *times, incident.c.late, incident.c.cycle).where(*conditions).order_by(incident.c.number)
    return [Row._make(one) for one in every(connection, query)]


def log(connection: Connection, *conditions: ColumnElement[bool]) -> Iterator[Entry]:
    """The logs of these incidents, one after the other."""
    at = second(connection, update.c.received)
    columns = (update.c.incident, at, update.c.status, update.c.owner, update.c.customer_hold)
    query = select(*columns).join(incident, incident.c.number == update.c.incident).where(*conditions)
    yield from map(Entry._make, every(connection, query.order_by(update.c.incident, update.c.number)))


def moves(connection: Connection, since: datetime, *conditions: ColumnElement[bool]) -> Iterator[Moved]:
    """What opened and closed these incidents, or opened them again, from a moment on."""
    columns = (update.c.incident, update.c.number, second(connection, update.c.received), update.c.status)
    query = select(*columns).join(incident, incident.c.number == update.c.incident).where(*conditions)
    query = query.where(or_(incident.c.closed.is_(None), incident.c.closed >= since))
    last, was = 0, CLOSED
    begin = seconds(since)
    for number, place, received, status in every(connection, query.order_by(update.c.incident, update.c.number)):
        if number != last:
            last, was, latest = number, CLOSED, 0
        latest = max(latest, received)
        if (status == CLOSED) != (was == CLOSED):
            was = status
            if latest >= begin:
                yield Moved(latest, -1 if status == CLOSED else 1, again=place > 1 and status != CLOSED)


def noted(
    connection: Connection, start: datetime, end: datetime, *conditions: ColumnElement[bool]
) -> Iterator[tuple[Any, ...]]:
    """Time that engineers noted in a period: incident, engineer, minutes."""
    query = (
        select(update.c.incident, func.coalesce(person.c.key, ""), update.c.duration)
        .join(incident, incident.c.number == update.c.incident)
        .outerjoin(person, and_(person.c.id == update.c.author, person.c.kind == "engineer"))
        .where(update.c.duration.is_not(None), update.c.received >= start, update.c.received < end, *conditions)
    )
    yield from every(connection, query)


def late(connection: Connection, *conditions: ColumnElement[bool]) -> frozenset[int]:
    """Of these incidents those of which a promise was not kept in time."""
    query = (
        select(term.c.incident)
        .join(incident, incident.c.number == term.c.incident)
        .where(term.c.ended.is_(None), term.c.target.not_in(OURS), _missed(), *conditions)
    )
    return frozenset(number for (number,) in every(connection, query.distinct()))


def _missed() -> ColumnElement[bool]:
    """It is late, or was kept too late: then its row keeps the moment that was missed; or one of many times was."""
    said = exists().where(
        warning.c.incident == term.c.incident,
        warning.c.target == term.c.target,
        warning.c.threshold == 1.0,
        or_(warning.c.cycle == term.c.cycle, term.c.target.in_([TimedTarget.UPDATE.value, TimedTarget.REVIEW.value])),
    )
    return or_(term.c.state == "late", and_(term.c.met.is_not(None), term.c.due.is_not(None)), said)


def promises(
    connection: Connection, start: datetime, end: datetime, *conditions: ColumnElement[bool]
) -> Iterator[Promise]:
    """Promises that were made in a period and stand."""
    query = (
        select(
            term.c.target,
            incident.c.service_level,
            incident.c.priority,
            term.c.met.is_not(None),
            _missed(),
            incident.c.status == CLOSED,
        )
        .join(incident, incident.c.number == term.c.incident)
        .where(term.c.ended.is_(None), term.c.target.not_in(OURS), term.c.state != "off")
        .where(term.c.started >= start, term.c.started < end, *conditions)
    )
    for target, level, priority, met, missed, over in every(connection, query):
        yield Promise(target, level, priority, bool(met), bool(missed), bool(over))


def partners(connection: Connection, *conditions: ColumnElement[bool]) -> dict[int, list[tuple[str, str]]]:
    """The partners that these incidents have a leg for: (id, name)."""
    query = (
        select(leg.c.incident, person.c.key, person.c.name)
        .join(person, person.c.id == leg.c.party)
        .join(incident, incident.c.number == leg.c.incident)
        .where(leg.c.party.is_not(None), person.c.kind == "vendor", *conditions)
        .distinct()
    )
    found: dict[int, list[tuple[str, str]]] = {}
    for number, key, name in every(connection, query):
        found.setdefault(number, []).append((key, name))
    return found


class Escalated(NamedTuple):
    """`owner` after it; `said`: what the log says of it, the step first."""

    incident: int
    at: datetime
    owner: str
    said: str

    @property
    def step(self) -> str:
        return self.said.partition(";")[0]


def escalated(
    connection: Connection, start: datetime, end: datetime, *conditions: ColumnElement[bool]
) -> list[Escalated]:
    """What steps of `[[escalation]]` did in a period."""
    query = (
        select(update.c.incident, second(connection, update.c.received), update.c.owner, update_text.c.text)
        .join(incident, incident.c.number == update.c.incident)
        .join(update_text, update_text.c.update == update.c.id)
        .where(update.c.event == Event.ESCALATED.value, update.c.received >= start, update.c.received < end)
        .where(*conditions)
        .order_by(update.c.received, update.c.id)
    )
    return [Escalated(number, moment(at), owner, said) for number, at, owner, said in every(connection, query)]


def titles(connection: Connection, numbers: Collection[int]) -> dict[int, str]:
    some = sorted(numbers)
    found: dict[int, str] = {}
    for first in range(0, len(some), 500):
        query = select(incident.c.number, incident.c.title).where(incident.c.number.in_(some[first : first + 500]))
        found |= {number: " ".join(title.split()) for number, title in connection.execute(query)}
    return found


def titles_of(*conditions: ColumnElement[bool]) -> Select[Any]:
    return select(incident.c.number, incident.c.title).where(*conditions)


def histories(connection: Connection, *conditions: ColumnElement[bool]) -> Iterator[tuple[int, list[Logged]]]:
    """The logs of these incidents with who wrote each entry, by incident."""
    at = second(connection, update.c.received)
    by = func.coalesce(func.nullif(person.c.name, ""), person.c.key, update.c.actor)
    query = (
        select(update.c.incident, update.c.number, at, update.c.status, update.c.owner, by)
        .join(incident, incident.c.number == update.c.incident)
        .outerjoin(person, person.c.id == update.c.author)
        .where(*conditions)
        .order_by(update.c.incident, update.c.number)
    )
    last, log = 0, list[Logged]()
    for incident_number, number, when, status, owner, who in every(connection, query):
        if incident_number != last:
            if log:
                yield last, log
            last, log = incident_number, []
        log.append(Logged(number, when, status, owner, " ".join(who.split()), ""))
    if log:
        yield last, log
