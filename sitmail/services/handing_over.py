"""What the clock does when somebody went away or is back: his incidents are handed over, and given back.

What is to be done is decided in `domain/absences`.  All that is due at one moment is done together: first the returns,
then what has nobody here is given to whoever stands in by then.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection

from sitmail.domain import absences
from sitmail.domain.absence import Absence, Handover, end_of
from sitmail.domain.effects import Decision
from sitmail.domain.facts import Case, Facts, Route
from sitmail.domain.incident import Incident
from sitmail.domain.leave import told_of_silence
from sitmail.domain.outgoing import Outgoing
from sitmail.domain.presence import presence_at, stand_in_for
from sitmail.services.apply import write
from sitmail.services.cases import cases as read_cases
from sitmail.services.declared_absences import follow_configuration
from sitmail.services.desk import Desk, away, staff
from sitmail.services.notifications import tell
from sitmail.services.sla_clocks import refresh
from sitmail.services.unit_of_work import PendingDecision, UnitOfWork
from sitmail.store import absences as store
from sitmail.store import sla_terms

ALL = 500  # incidents in one tick


@dataclass
class _Work:
    """What one tick decides."""

    connection: Connection
    desk: Desk
    now: datetime
    facts: Facts
    cases: dict[int, Case] = field(default_factory=dict)
    decisions: list[Decision] = field(default_factory=list)

    def read(self, numbers: Collection[int]) -> None:
        self.cases |= read_cases(self.connection, self.desk, set(numbers) - self.cases.keys())

    def change(self, decision: Decision, after: Incident) -> None:
        self.decisions.append(decision)
        self.cases[after.number] = replace(self.cases[after.number], incident=after)


def due(connection: Connection, desk: Desk, now: datetime) -> list[Outgoing]:
    """Hands over what is of people who went away, and gives back to those who are here again."""
    follow_configuration(connection, desk, now)
    there = away(connection, desk)
    over = [one for one in there if one.until <= now]
    begun = [one for one in there if one.covers(now) and one.away and one.handed is None]
    late = [one for one in there if one.unanswered and one.since <= now < one.until]
    if not over and not begun and not late:
        return []
    here = presence_at(now, there, desk.policy)
    facts = Facts(Route("mailbox", desk.policy.desk), staff=dict(staff(connection, desk)), presence=here)
    work = _Work(connection, desk, now, facts)
    came_back: list[Absence] = []
    for one in sorted(over, key=lambda one: one.since):
        if _ended(work, one, there, {other.engineer for other in came_back}):
            came_back.append(one)
    for one in late:
        if one.engineer in desk.policy.engineers:
            work.decisions.append(told_of_silence(one, facts, desk.policy))
        store.change(connection, one.id, {"handed": now})
    if begun or came_back:
        _place(work, there, begun, came_back)
    desk.memory.away = None
    return _carried_out(work, f"absences:{now.isoformat()}")


def next_due(connection: Connection, desk: Desk, now: datetime) -> datetime | None:
    """When the next goes away or is back; now, if there is more to hand over or to give back."""
    moments = []
    for one in away(connection, desk):
        moments += [one.until] * (not one.endless)
        if one.unanswered or (one.away and one.granted and one.handed is None):
            moments.append(max(one.since, now))
    return min(moments, default=None)


def _ended(work: _Work, absence: Absence, there: Collection[Absence], back: Collection[str]) -> bool:
    """Ends an absence; whether its engineer is here again, so that everything was given back.

    `back`: who came back at this moment by another absence, and has everything already.
    """
    counted = absence.away and absence.granted and absence.handed is not None and absence.engineer not in back
    if not counted or end_of(there, absence.engineer, work.now) is not None:
        store.ended(work.connection, absence.id, work.now)
        return False
    return _returned(work, absence)


def _returned(work: _Work, absence: Absence) -> bool:
    """Gives back what was not touched; False if there is more of it for the next tick."""
    connection, now = work.connection, work.now
    lent = store.lent(connection, absence.engineer, ALL)
    policy = work.desk.policy
    absent = policy.engineers.get(absence.engineer)
    store.given_back(connection, lent, now)
    since = min([absence.since, *(one.at for one in lent)])  # of absences without a gap between them
    if absent is not None:
        mine = store.open_of(connection, absence.engineer)
        work.read({one.incident for one in lent} | set(mine))
        theirs = [one for one in lent if _has_it(work.cases[one.incident].incident, one)]
        touched = store.touched(connection, theirs, {key: one.id for key, one in work.facts.staff.items()})
        stays = {one.incident for one in theirs if one.incident in touched and work.facts.presence.here(one.substitute)}
        owned = [work.cases[number].incident for number in mine]
        lent_out = {one.incident for one in theirs}
        found = absences.Return(
            tuple(work.cases[one.incident].incident for one in theirs if one.incident not in stays),
            tuple(work.cases[one.incident].incident for one in theirs if one.incident in stays),
            tuple(one for one in owned if one.temporary_owner and one.number not in lent_out),
            tuple(owned),
            store.updates_since(connection, mine, since),
        )
        for one in found.returned:
            work.change(absences.given_back(one, absent, now), replace(one, temporary_owner="", updated=now))
        work.decisions.append(absences.told_stand_ins_of_return(absence, absent, found, work.facts))
        if len(lent) < ALL:
            work.decisions.append(
                absences.told_of_return(replace(absence, since=since), absent, found, work.facts, policy)
            )
    if len(lent) == ALL:
        return False
    store.ended(connection, absence.id, now)
    return True


def _has_it(incident: Incident, one: Handover) -> bool:
    """Whether it still is as it was handed over."""
    return incident.open and incident.owner == one.engineer and incident.temporary_owner == one.substitute


def _place(work: _Work, there: Collection[Absence], begun: Collection[Absence], came_back: Collection[Absence]) -> None:
    """Gives what has nobody here to those who stand in; what is left of who just went away is the manager's to give."""
    policy, here = work.desk.policy, work.facts.presence
    numbers = store.unattended(work.connection, list(here.away), ALL)
    work.read(numbers)
    by_owner: dict[str, dict[str, list[Incident]]] = {}
    for number in numbers:
        incident = work.cases[number].incident
        by_owner.setdefault(incident.owner, {}).setdefault(stand_in_for(incident, policy, here), []).append(incident)
    standing = sla_terms.standing(work.connection, numbers) if numbers else {}
    gone = {one.engineer for one in begun}
    placed = False
    for owner, groups in by_owner.items():
        absence = max(
            (one for one in there if one.engineer == owner and one.covers(work.now)), key=lambda one: one.until
        )
        absent = policy.engineers[owner]
        trigger = min(one.id for one in (*begun, *came_back))
        for other, theirs in groups.items():
            cause = f"away:{absence.id}:{trigger}:{theirs[0].number}"
            if other:
                placed = True
                _hand_over(work, absence, other, theirs)
                decision = absences.told_stand_in(absence, absent, other, theirs, standing, work.facts, cause)
                work.decisions.append(decision)
            elif lost := [one for one in theirs if owner in gone or one.temporary_owner in gone]:
                decision = absences.told_unplaced(absence, absent, lost, standing, work.facts, policy, cause)
                work.decisions.append(decision)
    if len(numbers) < ALL or not placed:
        for one in begun:
            store.change(work.connection, one.id, {"handed": work.now})


def _hand_over(work: _Work, absence: Absence, other: str, theirs: Collection[Incident]) -> None:
    absent, now = work.desk.policy.engineers[absence.engineer], work.now
    for one in theirs:
        work.change(absences.handed_over(one, absent, other, now), replace(one, temporary_owner=other, updated=now))
    store.lend(work.connection, [Handover(absence.id, one.number, absence.engineer, other, now) for one in theirs])


def _carried_out(work: _Work, cause: str) -> list[Outgoing]:
    unit = UnitOfWork(work.connection, work.desk, work.now)
    with_cases = replace(work.facts, cases=work.cases)
    for decision in work.decisions:
        write(unit, PendingDecision(decision, with_cases, cause))
    unit.flush()
    refresh(work.connection, work.desk.policy, [one.incident for one in work.decisions if one.incident], work.now)
    return tell(work.connection, work.desk, unit.tells, work.now)
