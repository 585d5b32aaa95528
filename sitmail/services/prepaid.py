"""What the closing of incidents draws from prepaid services, in the transaction that closes them (behaviour 5).

It is done for every incident that a transaction closed, whoever closed it and however: `UnitOfWork.closed` holds them.
Where a manager must say yes first, his mail draws it: `UnitOfWork.bills`.  How much is decided in `domain/prepaid`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from sitmail.domain import prepaid as rules
from sitmail.domain.effects import DecideBill, Decision, Log
from sitmail.domain.endings import Ending, Rule
from sitmail.domain.incident import Incident, Status
from sitmail.domain.prepaid import DRAWN, REFUSED, WAITING, Bill, Draw, Service, Settled, quantity
from sitmail.domain.record import changed
from sitmail.domain.sentence import Sentence
from sitmail.domain.update import Direction, Event, LegKind
from sitmail.services import prepaid_letters as letters
from sitmail.services.apply import write
from sitmail.services.desk import any_service
from sitmail.services.unit_of_work import PendingDecision, UnitOfWork
from sitmail.store import prepaid as store
from sitmail.store import time_spent
from sitmail.store.prepaid import NewBill

DESK = "the desk"  # whose entry of the log it is


def settle(unit: UnitOfWork) -> None:
    """Draws what is due by the decisions of this transaction.  To be called before `UnitOfWork.flush`."""
    for entry, decided in unit.bills:
        _decide(unit, entry, decided)
    if not unit.closed:
        return
    tells = unit.desk.policy.prepaid.tell_customer
    counts = any_service(unit.connection, unit.desk)
    for number, entry in unit.closed.items() if tells or counts else ():
        incident = _now(unit, entry, number)
        spent = _spent(unit, number)
        billed = _billed(unit, incident, spent.values())
        if tells:
            letters.tell_customers(unit, number, billed)
        if counts:
            _close(unit, entry, incident, spent, billed)


def _now(unit: UnitOfWork, entry: PendingDecision, number: int) -> Incident:
    """The incident, as far as it matters here, as this transaction leaves it."""
    row = unit.summary.get(number, {})
    values = {name: row.get(name) for name in ("contract", "service_level", "owner", "team", "site", "closing_status")}
    before = entry.facts.cases[number].incident
    values["status"] = Status.CLOSED
    return changed(before, {name: value for name, value in values.items() if value is not None})


def _spent(unit: UnitOfWork, number: int) -> Mapping[int, int]:
    """Minutes by who spent them, with those that this transaction notes."""
    spent = Counter(time_spent.by_engineer(unit.connection, [number]).get(number, {}))
    for row in unit.rows["update"]:
        if row["incident"] == number and row.get("duration"):
            spent[row["author"] or 0] += row["duration"]
    return spent


def _billed(unit: UnitOfWork, incident: Incident, spent: Iterable[int]) -> int:
    """What the time spent on an incident comes to."""
    policy = unit.desk.policy
    level = policy.service_levels.get(incident.service_level)
    of_engineer = (level and level.engineer_period) or policy.prepaid.engineer_period
    of_customer = (level and level.customer_period) or policy.prepaid.customer_period
    return rules.billed(spent, of_engineer, of_customer)


def _close(unit: UnitOfWork, entry: PendingDecision, incident: Incident, spent: Mapping[int, int], billed: int) -> None:
    connection, number = unit.connection, incident.number
    services = store.of_contracts(connection, [incident.contract] if incident.contract else [])
    drawn = store.drawn(connection, number)
    if not services and not drawn:
        return
    day = unit.now.astimezone(ZoneInfo(unit.desk.policy.timezone)).date().isoformat()
    store.replace(connection, number)
    said = _give_back(unit, incident, drawn, day)
    bill = rules.demand(services, incident.contract, store.settled(connection, number), billed, day, incident.duplicate)
    if services and bill is not None:
        asked = letters.whom_to_ask(unit, incident) if unit.desk.policy.prepaid.approve else None
        row = NewBill(number, *(bill.contract, bill.by_incident, bill.amount), DRAWN, unit.now, day)
        if asked is not None:
            key = store.add_bill(connection, unit.ids, row._replace(state=WAITING, asked=asked.id))
            letters.ask(unit, key, asked, incident, bill, rules.in_order(services, day), spent)
            amount = quantity(abs(bill.amount), by_incident=bill.by_incident)
            said.append(f"{amount} {'wait' if bill.amount > 0 else 'less wait'} for the yes of {asked.name}")
        else:
            said += _draw(unit, entry, incident, store.add_bill(connection, unit.ids, row), bill, services, day)
    if said:
        _log(unit, entry, number, "; ".join(said), Rule.PREPAID)


def _give_back(unit: UnitOfWork, incident: Incident, drawn: Sequence[Draw], day: str) -> list[str]:
    """The incident was put under another contract: what it drew from services of the former one is theirs again."""
    said: list[str] = []
    found = store.by_id(unit.connection, [one.service for one in drawn])
    for one in drawn:
        of = found[one.service]
        if one.amount and of.contract != incident.contract:
            back = Draw(one.service, -one.amount)
            row = NewBill(incident.number, of.contract, of.by_incident, back.amount, DRAWN, unit.now, day)
            key = store.add_bill(unit.connection, unit.ids, row)
            store.add_draw(unit.connection, unit.ids, key, incident.number, back, bounded=False)
            said.append(_drawn(back, of))
    return said


def _draw(
    unit: UnitOfWork,
    entry: PendingDecision,
    incident: Incident,
    key: int,
    bill: Bill,
    services: Sequence[Service],
    day: str,
) -> list[str]:
    """Draws a bill whose row is there; what could be drawn is its amount from now on.  Returns what is to be said."""
    connection, overdraft = unit.connection, unit.desk.policy.prepaid.overdraft
    drawn = store.drawn(connection, incident.number)
    known = {one.id: one for one in services} | store.by_id(connection, [one.service for one in drawn])
    mine = [one for one in drawn if known[one.service].contract == bill.contract]
    found = rules.settle(bill, services, mine, overdraft, day)
    for one in found.draws:
        store.add_draw(connection, unit.ids, key, incident.number, one, bounded=overdraft == rules.REFUSE)
    store.set_amount(connection, key, sum(one.amount for one in found.draws))
    letters.tell_managers(unit, entry, incident, bill, found, services)
    return [*(_drawn(one, known[one.service]) for one in found.draws), *_short(found, bill)]


def _drawn(one: Draw, of: Service) -> str:
    left = quantity(of.left - one.amount, by_incident=of.by_incident)
    amount = quantity(abs(one.amount), by_incident=of.by_incident)
    if one.amount > 0:
        return Sentence("%(amount)s drawn from %(service)s, %(left)s left", amount=amount, service=of.name, left=left)
    return Sentence("%(amount)s given back to %(service)s, %(left)s left", amount=amount, service=of.name, left=left)


def _short(found: Settled, bill: Bill) -> list[str]:
    if not found.short:
        return []
    amount = quantity(found.short, by_incident=bill.by_incident)
    return [Sentence("%(amount)s could not be drawn: nothing is left", amount=amount)]


def _decide(unit: UnitOfWork, entry: PendingDecision, decided: DecideBill) -> None:
    """A manager said yes, and it is drawn, or no.  Nothing if somebody decided meanwhile."""
    connection, number = unit.connection, decided.incident
    found = store.decide(connection, decided.bill, DRAWN if decided.yes else REFUSED, unit.now)
    if found is None:
        return
    incident = replace(_now(unit, entry, number), contract=found.contract)
    bill = Bill(found.contract, found.by_incident, found.amount)
    amount = quantity(abs(bill.amount), by_incident=bill.by_incident)
    said: list[str] = [Sentence("%(name)s said no: %(amount)s not drawn", name=decided.by.name, amount=amount)]
    if decided.yes:
        services = store.of_contracts(connection, [found.contract])
        said = _draw(unit, entry, incident, decided.bill, bill, services, found.day)
    _log(unit, entry, number, "; ".join(said), entry.decision.rule)
    letters.tell_decided(unit, entry, incident, decided, said)


def _log(unit: UnitOfWork, entry: PendingDecision, number: int, text: str, rule: Rule) -> None:
    """An entry of the log that staff read."""
    log = Log(number, LegKind.INTERNAL, Event.PREPAID, Direction.NONE, actor=DESK, text=text)
    decision = Decision(rule, Ending.APPLIED, Rule.PREPAID.meaning, (log,), number)
    write(unit, PendingDecision(decision, entry.facts, entry.cause))
