"""Contacts are asked after closing how the desk did: what a tick does, what a mail may answer, and what is written.

Whether somebody is asked is decided in `domain/asking_feedback`, what an answer means in `domain/customer/rating`.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from sitmail.domain.asking_feedback import Considered, decide
from sitmail.domain.facts import Case, Facts, Route
from sitmail.domain.outgoing import Outgoing
from sitmail.services.apply import write
from sitmail.services.cases import cases as read_cases
from sitmail.services.desk import Desk, staff
from sitmail.services.notifications import tell
from sitmail.services.unit_of_work import PendingDecision, UnitOfWork
from sitmail.store import feedback as store


def due(connection: Connection, desk: Desk, now: datetime) -> list[Outgoing]:
    """The letters to those whose time has come."""
    found = store.due(connection, now) if desk.policy.feedback.after is not None else []
    if not found:
        return []
    cases = read_cases(connection, desk, [one.incident for one in found])
    people = dict(staff(connection, desk))
    facts = Facts(Route("mailbox", desk.policy.desk), cases=cases, staff=people)
    unit = UnitOfWork(connection, desk, now)
    for number, moment in found:
        case = cases.get(number)
        if case is None:
            store.settled(connection, number)
            continue
        decision = decide(case, _considered(connection, case, moment), desk.policy, now)
        write(unit, PendingDecision(decision, facts, f"feedback:{number}"))
    unit.flush()
    return tell(connection, desk, unit.tells, now)


def next_due(connection: Connection, desk: Desk) -> datetime | None:
    return store.next_due(connection) if desk.policy.feedback.after is not None else None


def _considered(connection: Connection, case: Case, moment: datetime) -> Considered:
    incident, contact = case.incident, case.incident.contact
    return Considered(
        moment,
        store.opted_out(connection, contact, incident.site, incident.contract),
        store.last_asked(connection, contact),
    )
