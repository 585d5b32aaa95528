"""The report about one incident, or about all that were opened in a period (S4-15, S4-17)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from sitmail.domain.figures import one_incident, time_spent
from sitmail.domain.figures.incidents import Row
from sitmail.domain.figures.numbers import seconds
from sitmail.domain.figures.one_incident import Logged
from sitmail.domain.figures.spells import CLOSED, Entry, spells
from sitmail.domain.figures.tables import Column, Figures, Kind, Table
from sitmail.domain.sentence import Moment, Sentence
from sitmail.services.figures import rows
from sitmail.services.figures.asking import ORDER, Asking
from sitmail.store import directory_lookup, sla_terms
from sitmail.store.schema import incident, update

MOST_CHANGES = 40_000  # rows of the history in the file about a period


class NoFigures(Exception):
    """There is no such report, in a sentence for who asked."""


def make(asking: Asking) -> Figures:
    return _one(asking) if asking.question.number else _several(asking)


# --- one


def _one(asking: Asking) -> Figures:
    number, connection = asking.question.number, asking.connection
    row = connection.execute(select(incident).where(incident.c.number == number)).first()
    if row is None:
        raise NoFigures(Sentence("There is no incident %(number)s.", number=number))
    log = _log(connection, number)
    now = asking.span.now
    meter = asking.meter(row.calendar, seconds(row.opened))
    entries = [Entry(number, one.at, one.status, one.owner) for one in log]
    every = list(spells(entries, seconds(row.opened), now))
    sums = time_spent.sums(every, lambda spell: spell.status, lambda _: meter)
    promised = [
        {"target": one.target, "state": one.state, "due": one.due, "met": one.met_at}
        for one in sla_terms.standing(connection, [number]).get(number, ())
        if one.target not in rows.OURS
    ]
    tables = [
        one_incident.facts(_facts(asking, row)),
        one_incident.history(one_incident.changes(log, now), meter, asking.status, asking.engineer),
        time_spent.by_status(sums, asking.status, ORDER),
        one_incident.targets(promised, lambda key: Sentence(key.replace("_", " "))),
        one_incident.noted(log),
    ]
    called = f"{asking.policy.reference(number)} {' '.join(row.title.split())}"
    title = Sentence("Report on %(incident)s", incident=called)
    return Figures("incident", title, None, tuple(one for one in tables if one.rows), (), time_spent.NOTES[:1])


def _log(connection: Connection, number: int) -> list[Logged]:
    columns = (
        update.c.number, update.c.received, update.c.status, update.c.owner, update.c.author, update.c.actor,
        update.c.event, update.c.duration,
    )  # fmt: skip
    found = connection.execute(select(*columns).where(update.c.incident == number).order_by(update.c.number)).all()
    people = directory_lookup.persons(connection, {one.author for one in found if one.author})
    return [
        Logged(
            one.number, seconds(one.received), one.status, one.owner, _by(people, one.author, one.actor), one.event,
            one.duration or 0,
        )
        for one in found
    ]  # fmt: skip


def _by(people: Mapping[int, Any], author: int | None, actor: str) -> str:
    person = people.get(author or 0)
    if person is not None:
        return " ".join((person.name or person.address).split())
    return Sentence(actor) if actor else Sentence("the desk")


def _facts(asking: Asking, row: Any) -> list[tuple[str, str | int | Moment]]:
    policy, codes = asking.policy, asking.policy.dictionary
    contact = directory_lookup.persons(asking.connection, [row.contact]).get(row.contact) if row.contact else None

    def moment(at: datetime | None) -> str | Moment:
        return Moment(at, asking.zone) if at else ""

    return [
        (Sentence("title"), " ".join(row.title.split())),
        (Sentence("status"), asking.status(row.status)),
        (Sentence("closed as"), Sentence(codes.closing(row.closing_status)) if row.closing_status else ""),
        (Sentence("owner"), asking.engineer(row.owner)),
        (Sentence("lent to"), asking.engineer(row.temporary_owner) if row.temporary_owner else ""),
        (Sentence("team"), policy.teams[row.team].name if row.team in policy.teams else row.team),
        (Sentence("customer"), (contact.name or contact.address) if contact else ""),
        (Sentence("site"), asking.site(row.site) if row.site else ""),
        (Sentence("contract"), row.contract),
        (Sentence("service level"), row.service_level),
        (Sentence("priority"), asking.priority(row.priority)),
        (Sentence("severity"), codes.shown("severity", row.severity)),
        (Sentence("type"), codes.shown("request_type", row.request_type)),
        (Sentence("product"), codes.shown("product", row.product)),
        (Sentence("unit"), row.unit),
        (Sentence("reason"), codes.shown("reason", row.reason)),
        (Sentence("resolution"), codes.shown("resolution", row.resolution)),
        (Sentence("channel"), row.channel),
        (Sentence("customer's reference"), row.customer_reference),
        (Sentence("opened"), moment(row.opened)),
        (Sentence("last update"), moment(row.updated)),
        (Sentence("closed"), moment(row.closed)),
        (Sentence("opened again"), Sentence("%(count)s times", count=row.cycle - 1) if row.cycle > 1 else ""),
        (Sentence("updates"), row.updates),
    ]


# --- all that were opened in a period


def _several(asking: Asking) -> Figures:
    condition = (asking.counted, incident.c.opened >= asking.start, incident.c.opened < asking.period.end)
    found = rows.incidents(asking.connection, *condition)
    titles = {number: str(title) for number, title in rows.every(asking.connection, rows.titles_of(*condition))}
    meters = asking.meters(found)
    of = {row.number: row for row in found}
    columns = (
        Column(Sentence("incident")),
        Column(Sentence("title")),
        Column(Sentence("status")),
        Column(Sentence("owner")),
        Column(Sentence("opened"), Kind.MOMENT),
        Column(Sentence("closed"), Kind.MOMENT),
        Column(Sentence("working time"), Kind.WORKED),
    )
    now = asking.span.now
    lines = tuple(
        (
            asking.policy.reference(row.number),
            " ".join(titles[row.number].split()),
            asking.status(row.status),
            asking.engineer(row.owner),
            one_incident.moment(row.opened),
            None if row.closed is None else one_incident.moment(row.closed),
            meters[row.calendar].between(row.opened, now if row.closed is None else row.closed),
        )
        for row in reversed(found)
    )
    table = Table("incidents", Sentence("Opened in this time, the latest first"), columns, lines, shown=25)
    history = _histories(asking, of, condition)
    notes = (
        Sentence("Working time: from opening to the last closing, or until now. The file has the history of each."),
        Sentence('A report on one incident: "/report incident N".'),
    )
    tables = (table, history) if history.rows else (table,)
    return Figures("incident", Sentence("Incidents"), asking.period, tables, (asking.scope(),), notes)


def _histories(asking: Asking, of: Mapping[int, Row], condition: Sequence[Any]) -> Table:
    """Status, owner, and who, at each change of each: for the file alone."""
    columns = (
        Column(Sentence("incident")),
        Column(Sentence("since"), Kind.MOMENT),
        Column(Sentence("status")),
        Column(Sentence("owner")),
        Column(Sentence("by whom")),
        Column(Sentence("working time"), Kind.WORKED),
        Column(Sentence("wall time"), Kind.WALL),
    )
    lines: list[tuple[Any, ...]] = []
    now = asking.span.now
    for number, log in rows.histories(asking.connection, *condition):
        meter = asking.meter(of[number].calendar)
        for one in one_incident.changes(log, now):
            closed = one.status == CLOSED
            lines.append((
                asking.policy.reference(number), one_incident.moment(one.at), asking.status(one.status),
                asking.engineer(one.owner), one.by or Sentence("the desk"),
                None if closed else meter.between(one.at, one.until), None if closed else one.until - one.at,
            ))  # fmt: skip
        if len(lines) >= MOST_CHANGES:
            break
    return Table("history", Sentence("History"), columns, tuple(lines[:MOST_CHANGES]), shown=0)
