"""What the closing of incidents draws from prepaid services, in the transaction that closes them (behaviour 5).

It is done for every incident that a transaction closed, whoever closed it and however: `UnitOfWork.closed` holds them.
What is drawn is decided in `domain/prepaid`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from sitmail.domain import prepaid as rules
from sitmail.domain.decision_builder import account_managers
from sitmail.domain.effects import Decision, Log, Tell
from sitmail.domain.endings import Ending, Rule
from sitmail.domain.incident import Incident
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.prepaid import Bill, Draw, Service, Settled
from sitmail.domain.record import changed
from sitmail.domain.sentence import Sentence
from sitmail.domain.time_spent import shown
from sitmail.domain.update import Direction, Event, LegKind
from sitmail.services.apply import write
from sitmail.services.desk import Desk, sites, staff
from sitmail.services.unit_of_work import PendingDecision, UnitOfWork
from sitmail.store import prepaid as store
from sitmail.store import time_spent
from sitmail.store.prepaid import NewBill

DESK = "the desk"  # whose entry of the log it is


def any_service(connection: Connection, desk: Desk) -> bool:
    """Whether there are prepaid services at all; most desks have none."""
    if desk.memory.any_service is None:
        desk.memory.any_service = store.any_service(connection)
    return desk.memory.any_service


def settle(unit: UnitOfWork) -> None:
    """Draws what the incidents come to that this transaction closed.  To be called before `UnitOfWork.flush`."""
    if unit.closed and any_service(unit.connection, unit.desk):
        for number, entry in unit.closed.items():
            _settle(unit, entry, _after(unit, entry, number))


def _after(unit: UnitOfWork, entry: PendingDecision, number: int) -> Incident:
    """The incident as it is closed."""
    values = {name: unit.summary[number].get(name) for name in ("contract", "service_level", "owner", "site")}
    before = entry.facts.cases[number].incident
    return changed(before, {name: value for name, value in values.items() if value is not None})


def _settle(unit: UnitOfWork, entry: PendingDecision, incident: Incident) -> None:
    connection, number = unit.connection, incident.number
    services = store.of_contracts(connection, [incident.contract] if incident.contract else [])
    drawn = store.drawn(connection, number)
    if not services and not drawn:
        return
    day = unit.now.astimezone(ZoneInfo(unit.desk.policy.timezone)).date().isoformat()
    others = store.by_id(connection, [one.service for one in drawn])
    said = _give_back(unit, incident, [one for one in drawn if others[one.service].contract != incident.contract], day)
    bill = rules.demand(services, incident.contract, store.settled(connection, number), _billed(unit, incident), day)
    if services and bill is not None:
        mine = [one for one in drawn if others[one.service].contract == incident.contract]
        found = rules.settle(bill, services, mine, unit.desk.policy.prepaid.overdraft, day)
        done = sum(one.amount for one in found.draws)
        if done or found.short:
            row = NewBill(number, bill.contract, bill.by_incident, done, store.DRAWN, unit.now, day)
            _draw(unit, number, row, found.draws)
            said += list(_said(found, bill, [*services, *others.values()]))
            _tell(unit, entry, incident, bill, found, services)
    if said:
        log_text(unit, entry, number, "; ".join(said))


def _billed(unit: UnitOfWork, incident: Incident) -> int:
    """What the time spent on an incident comes to, with what this transaction notes."""
    policy = unit.desk.policy
    spent = Counter(time_spent.by_engineer(unit.connection, [incident.number]).get(incident.number, {}))
    for row in unit.rows["update"]:
        if row["incident"] == incident.number and row.get("duration"):
            spent[row["author"] or 0] += row["duration"]
    level = policy.service_levels.get(incident.service_level)
    of_engineer = (level and level.engineer_period) or policy.prepaid.engineer_period
    of_customer = (level and level.customer_period) or policy.prepaid.customer_period
    return rules.billed(spent.values(), of_engineer, of_customer)


def _give_back(unit: UnitOfWork, incident: Incident, drawn: Sequence[Draw], day: str) -> list[str]:
    """The incident was put under another contract: what it drew from services of the former one is theirs again."""
    said: list[str] = []
    found = store.by_id(unit.connection, [one.service for one in drawn])
    for one in drawn:
        if one.amount:
            of = found[one.service]
            back = Draw(one.service, -one.amount)
            row = NewBill(incident.number, of.contract, of.by_incident, back.amount, store.DRAWN, unit.now, day)
            _draw(unit, incident.number, row, [back])
            said += _drawn(back, found)
    return said


def _draw(unit: UnitOfWork, number: int, row: NewBill, draws: Iterable[Draw]) -> None:
    key = store.add_bill(unit.connection, unit.ids, row)
    bounded = unit.desk.policy.prepaid.overdraft == rules.REFUSE
    for one in draws:
        store.add_draw(unit.connection, unit.ids, key, number, one, bounded=bounded)


# --- what is said


def quantity(amount: int, *, by_incident: bool) -> str:
    """`1h 30m`, or `1 incident`."""
    if not by_incident:
        return shown(amount)
    return (
        Sentence("%(count)s incident", count=amount) if amount == 1 else Sentence("%(count)s incidents", count=amount)
    )


def _said(found: Settled, bill: Bill, services: Iterable[Service]) -> Iterable[str]:
    known = {one.id: one for one in services}
    for one in found.draws:
        yield from _drawn(one, known)
    if found.short:
        yield f"{quantity(found.short, by_incident=bill.by_incident)} could not be drawn: nothing is left"


def _drawn(one: Draw, services: dict[str, Service]) -> Iterable[str]:
    of = services[one.service]
    left = quantity(of.left - one.amount, by_incident=of.by_incident)
    how = "drawn from" if one.amount > 0 else "given back to"
    yield f"{quantity(abs(one.amount), by_incident=of.by_incident)} {how} {of.name}, {left} left"


def log_text(unit: UnitOfWork, entry: PendingDecision, number: int, text: str) -> None:
    """An entry of the log that staff read."""
    log = Log(number, LegKind.INTERNAL, Event.PREPAID, Direction.NONE, actor=DESK, text=text)
    decision = Decision(Rule.PREPAID, Ending.APPLIED, Rule.PREPAID.meaning, (log,), number)
    write(unit, PendingDecision(decision, entry.facts, entry.cause))


def _tell(
    unit: UnitOfWork,
    entry: PendingDecision,
    incident: Incident,
    bill: Bill,
    found: Settled,
    services: Sequence[Service],
) -> None:
    """Its account manager hears of what could not be drawn, and of what is overdrawn."""
    overdrawn = found.overdrawn and unit.desk.policy.prepaid.overdraft == rules.WARN
    if not found.short and not overdrawn:
        return
    desk = unit.desk
    home = sites(unit.connection, desk, [incident.site]).get(incident.site)
    by_incident = bill.by_incident
    names = [one.name for one in services if one.id in found.overdrawn]
    detail = {
        "about": "short" if found.short else "overdrawn",
        "contract": incident.contract,
        "site": (home and home.name) or incident.site,
        "service": ", ".join(names),
        "amount": quantity(found.short or bill.amount, by_incident=by_incident),
    }
    for reader in account_managers(home, staff(unit.connection, desk), desk.policy):
        unit.tells.append(Tell(reader, NoticePurpose.PREPAID, incident.number, detail=detail, cause=entry.cause))
    store.told_that_nothing_is_left(unit.connection, incident.contract)
