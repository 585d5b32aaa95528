"""Customers who have not answered in time: what a tick gathers about them, and writes (`domain/chasing` decides)."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from sitmail.domain import chasing
from sitmail.domain.asked import asked
from sitmail.domain.facts import Case, Facts
from sitmail.domain.people import Person
from sitmail.services.apply import write
from sitmail.services.desk import Desk
from sitmail.services.unit_of_work import PendingDecision, UnitOfWork
from sitmail.store import asked as store
from sitmail.store import directory_lookup


def follow_up(connection: Connection, desk: Desk, unit: UnitOfWork, cases: Mapping[int, Case], facts: Facts) -> None:
    """Does what is due for the customers of these incidents; the others are left as they are."""
    now = unit.now
    due = {n: one for n, one in cases.items() if (at := one.incident.follow_up_at) is not None and at <= now}
    if not due:
        return
    types = {one.id: one.counts_as_attempt for one in desk.policy.dictionary.event_types}
    logs = store.entries(connection, due, types)
    letters = store.letters(connection, due, now)
    managers = _managers(connection, due)
    for number, case in due.items():
        found = asked(logs.get(number, ()), letters.get(number, ()), case.incident.contact)
        decision = chasing.decide(case, found, managers.get(number), facts, desk.policy, now)
        write(unit, PendingDecision(decision, facts, f"tick:{number}"))


def _managers(connection: Connection, cases: Mapping[int, Case]) -> dict[int, Person]:
    """Who is responsible for the contact of each incident, as the directory says: by id or registered address."""
    names = {
        number: party.person.manager.strip()
        for number, case in cases.items()
        for party in case.parties
        if party.role == "contact" and party.person.manager.strip()
    }
    lower = {name: name.lower() if "@" in name else name for name in names.values()}
    ids = store.contacts_called(connection, set(lower.values()))
    persons = directory_lookup.persons(connection, ids.values())
    return {number: persons[ids[lower[name]]] for number, name in names.items() if lower[name] in ids}
