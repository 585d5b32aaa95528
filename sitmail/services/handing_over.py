"""What the clock does when somebody went away or is back: his incidents are handed over, and given back.

What is to be done is decided in `domain/absences`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from sitmail.domain import absences
from sitmail.domain.absences import Absence
from sitmail.domain.effects import Decision
from sitmail.domain.facts import Case, Facts, Route
from sitmail.domain.outgoing import Outgoing
from sitmail.domain.presence import stand_in
from sitmail.services.apply import write
from sitmail.services.cases import cases as read_cases
from sitmail.services.desk import Desk, away, staff
from sitmail.services.notifications import tell
from sitmail.services.presence import presence
from sitmail.services.sla_clocks import refresh
from sitmail.services.unit_of_work import PendingDecision, UnitOfWork
from sitmail.store import absences as store
from sitmail.store import open_incidents

ALL = 200  # incidents in one tick


def due(connection: Connection, desk: Desk, now: datetime) -> list[Outgoing]:
    """Hands over what is of people who went away, and gives back to those who are here again."""
    letters = []
    for one in list(away(connection, desk).values()):
        if one.until <= now:
            letters += _returned(connection, desk, one, now)
        elif one.handed is None:
            letters += _gone(connection, desk, one, now)
    return letters


def next_due(connection: Connection, desk: Desk, now: datetime) -> datetime | None:
    """When the next is back; now, if there is more to hand over or to give back."""
    open_ = away(connection, desk).values()
    return min((one.until if one.handed else now for one in open_), default=None)


def _gone(connection: Connection, desk: Desk, absence: Absence, now: datetime) -> list[Outgoing]:
    absent = desk.policy.engineers.get(absence.engineer)
    facts = _facts(connection, desk, now)
    other = stand_in(absence.engineer, desk.policy, facts.presence)
    numbers = store.open_of(connection, absence.engineer, "", ALL) if absent else []
    cases = read_cases(connection, desk, numbers)
    theirs = [cases[number].incident for number in numbers]
    decisions: list[Decision] = []
    if absent is not None:
        if other:
            decisions += [absences.handed_over(one, absent, other, now) for one in theirs]
        decisions.append(absences.told_of_absence(absence, absent, theirs, facts, desk.policy))
    if len(numbers) < ALL or not other:
        store.handed(connection, absence.id, other, now)
    desk.memory.away = None
    return _carried_out(connection, desk, decisions, facts, cases, f"away:{absence.id}", now)


def _returned(connection: Connection, desk: Desk, absence: Absence, now: datetime) -> list[Outgoing]:
    absent = desk.policy.engineers.get(absence.engineer)
    facts = _facts(connection, desk, now)
    lent = store.open_of(connection, absence.engineer, absence.substitute, ALL) if absence.substitute else []
    mine = open_incidents.owned_by(connection, [absence.engineer], ALL)
    cases = read_cases(connection, desk, {*lent, *mine})
    decisions: list[Decision] = []
    if absent is not None:
        decisions += [absences.given_back(cases[number].incident, absent, now) for number in lent]
        counted = store.updates_since(connection, mine, absence.since)
        happened = [(cases[number].incident, counted.get(number, 0)) for number in mine]
        if len(lent) < ALL:
            decisions.append(absences.told_of_return(absence, absent, happened, facts, desk.policy))
    if len(lent) < ALL:
        store.ended(connection, absence.id, now)
    desk.memory.away = None
    return _carried_out(connection, desk, decisions, facts, cases, f"back:{absence.id}", now)


def _facts(connection: Connection, desk: Desk, now: datetime) -> Facts:
    people = dict(staff(connection, desk))
    return Facts(Route("mailbox", desk.policy.desk), staff=people, presence=presence(connection, desk, now))


def _carried_out(
    connection: Connection,
    desk: Desk,
    decisions: list[Decision],
    facts: Facts,
    cases: Mapping[int, Case],
    cause: str,
    now: datetime,
) -> list[Outgoing]:
    unit = UnitOfWork(connection, desk, now)
    with_cases = replace(facts, cases=cases)
    for decision in decisions:
        write(unit, PendingDecision(decision, with_cases, cause))
    unit.flush()
    refresh(connection, desk.policy, [one.incident for one in decisions if one.incident], now)
    return tell(connection, desk, unit.tells, now)
