"""Who is told what about prepaid services when an incident is closed: managers, and customers where that is set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sitmail.domain.decision_builder import account_managers, admins
from sitmail.domain.effects import DecideBill, Tell
from sitmail.domain.facts import Site
from sitmail.domain.incident import Incident
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.people import Person
from sitmail.domain.prepaid import WARN, Bill, Service, Settled, quantity
from sitmail.domain.time_spent import shown
from sitmail.services.desk import sites, staff
from sitmail.services.prepaid_questions import cause
from sitmail.services.unit_of_work import PendingDecision, UnitOfWork
from sitmail.store import prepaid as store


def _home(unit: UnitOfWork, incident: Incident) -> Site | None:
    return sites(unit.connection, unit.desk, [incident.site]).get(incident.site)


def _about(unit: UnitOfWork, incident: Incident, about: str, amount: str) -> dict[str, Any]:
    home = _home(unit, incident)
    site = (home and home.name) or incident.site
    return {"about": about, "contract": incident.contract, "site": site, "amount": amount}


def _tell(unit: UnitOfWork, entry: PendingDecision, reader: Person, number: int, detail: Mapping[str, Any]) -> None:
    unit.tells.append(Tell(reader, NoticePurpose.PREPAID, number, detail=detail, cause=entry.cause))


def tell_managers(
    unit: UnitOfWork,
    entry: PendingDecision,
    incident: Incident,
    bill: Bill,
    found: Settled,
    services: Sequence[Service],
) -> None:
    """Its account manager hears of what could not be drawn, and of what is overdrawn."""
    overdrawn = found.overdrawn and unit.desk.policy.prepaid.overdraft == WARN
    if not found.short and not overdrawn:
        return
    amount = quantity(found.short or bill.amount, by_incident=bill.by_incident)
    names = ", ".join(one.name for one in services if one.id in found.overdrawn)
    detail = _about(unit, incident, "short" if found.short else "overdrawn", amount) | {"service": names}
    desk = unit.desk
    for reader in account_managers(_home(unit, incident), staff(unit.connection, desk), desk.policy):
        _tell(unit, entry, reader, incident.number, detail)
    store.told_that_nothing_is_left(unit.connection, incident.contract)


# --- a manager is asked


def whom_to_ask(unit: UnitOfWork, incident: Incident) -> Person | None:
    """The manager of its owner, else the account manager, a manager of the team, an admin; not the owner himself.

    None: there is nobody else, and it is drawn without being asked about.
    """
    policy, people = unit.desk.policy, staff(unit.connection, unit.desk)
    owner, home = policy.engineers.get(incident.owner), _home(unit, incident)
    wanted = [owner.manager if owner else "", home.account_manager if home else ""]
    wanted += [one.id for one in policy.team_of(incident.team) if one.role == "manager"]
    wanted += [one.key for one in admins(people, policy)]
    return next((people[one] for one in wanted if one in people and one != incident.owner), None)


def ask(
    unit: UnitOfWork,
    key: int,
    asked: Person,
    incident: Incident,
    bill: Bill,
    services: Sequence[Service],
    spent: Mapping[int, int],
) -> None:
    """The question is about one bill: an answer to the letter decides about that one."""
    people = {one.id: one.name for one in staff(unit.connection, unit.desk).values()}
    detail = _about(unit, incident, "", quantity(abs(bill.amount), by_incident=bill.by_incident)) | {
        "back": bill.amount < 0,
        "services": [_balance(one) for one in services],
        "spent": [[people.get(who, "?"), shown(minutes)] for who, minutes in spent.items() if minutes],
    }
    unit.tells.append(Tell(asked, NoticePurpose.PREPAID_ASKED, incident.number, detail=detail, cause=cause(key)))


def _balance(one: Service) -> list[str]:
    left, amount = (quantity(number, by_incident=one.by_incident) for number in (one.left, one.amount))
    return [one.name, left, amount, one.expires, one.rate]


def tell_decided(
    unit: UnitOfWork, entry: PendingDecision, incident: Incident, decided: DecideBill, said: Sequence[str]
) -> None:
    """The manager hears what came of his word; of a no also the owner and the account manager do."""
    detail = _about(unit, incident, "decided", "") | {"said": list(said), "by": "", "words": ""}
    _tell(unit, entry, decided.by, incident.number, detail)
    if decided.yes:
        return
    desk, people = unit.desk, staff(unit.connection, unit.desk)
    readers = [people[incident.owner]] if incident.owner in people else []
    readers += account_managers(_home(unit, incident), people, desk.policy)
    for reader in {one.id: one for one in readers if one.id != decided.by.id}.values():
        _tell(unit, entry, reader, incident.number, detail | {"by": decided.by.name, "words": decided.words})


# --- customers


def tell_customers(unit: UnitOfWork, number: int, minutes: int) -> None:
    """Letters to people outside that tell them that it is closed say what the time came to."""
    unit.tells = [
        replace(one, detail={**one.detail, "spent": shown(minutes)})
        if minutes and one.incident == number and not one.person.staff and "closing_status" in one.detail
        else one
        for one in unit.tells
    ]
