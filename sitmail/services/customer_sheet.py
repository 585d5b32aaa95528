"""The one-page sheet about a customer: who, which site, what covers them, what they have, what came of late (S0-02).

For staff alone: under the owner's first letter about an incident, and as the answer to `/who`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from sitmail.domain.facts import Site
from sitmail.domain.incident import LABELS, Status
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.people import Person
from sitmail.domain.policy import Policy
from sitmail.domain.prepaid import Service, in_order, quantity
from sitmail.services.desk import Desk, any_service
from sitmail.services.desk import sites as desk_sites
from sitmail.services.letter_plan import PlannedLetter
from sitmail.services.sheet_views import ContractView, EarlierView, ServiceView, SheetView, UnitView
from sitmail.services.views import one_line
from sitmail.store import customer_sheets, directory_lookup, prepaid
from sitmail.store.customer_sheets import ContractRow, UnitRow


def sheets(connection: Connection, desk: Desk, people: Mapping[int, Person], now: datetime) -> dict[int, SheetView]:
    """The sheets about these persons, by id."""
    ids = {one.site for one in people.values()} - {""}
    sites = desk_sites(connection, desk, ids)
    contracts = customer_sheets.contracts(connection, ids) if desk.memory.any_contract is not False else {}
    names = [row.id for some in contracts.values() for row in some]
    services = prepaid.of_contracts(connection, names) if names and any_service(connection, desk) else []
    units = {one: customer_sheets.units(connection, one) for one in ids} if desk.memory.any_unit is not False else {}
    day = now.astimezone(ZoneInfo(desk.policy.timezone)).date().isoformat()
    found = {}
    for number, one in people.items():
        sheet = _of_site(desk.policy, sites.get(one.site))
        theirs = units.get(one.site, [])
        found[number] = sheet._replace(
            name=one_line(one.name),
            addresses=one.addresses,
            phone=one_line(one.phone),
            manager=one_line(one.manager),
            admin=one.role == "admin",
            do_not_mail=one.do_not_mail,
            contracts=tuple([_contract(row, services, day) for row in contracts.get(one.site, ())]),
            units=tuple([_unit(row, day) for row in theirs[: customer_sheets.UNITS]]),
            more_units=len(theirs) > customer_sheets.UNITS,
            earlier=tuple(_earlier(connection, desk.policy, number)),
        )
    return found


def _of_site(policy: Policy, home: Site | None) -> SheetView:
    """The part that a site's people have in common."""
    if home is None:
        return SheetView("", ())
    manager = policy.engineers.get(home.account_manager)
    return SheetView(
        "",
        (),
        site=one_line(home.name or home.id),
        account_manager=manager.name if manager else "",
        territory=one_line(home.territory),
        notes=home.notes.strip(),
        free_left=max(0, home.free_incidents - home.free_used),
    )


def _contract(row: ContractRow, services: Sequence[Service], day: str) -> ContractView:
    left = max(0, row.incidents - row.used) if row.incidents is not None else 0
    state = "current"
    if row.last_day and row.last_day < day:
        state = "ended"
    elif row.starts > day:
        state = "not begun"
    elif row.incidents is not None and not left:
        state = "used up"
    mine = tuple([_service(one) for one in in_order(services, day) if one.contract == row.id])
    return ContractView(row.id, row.service_level, state, row.last_day, row.incidents, left, row.everybody, mine)


def _service(one: Service) -> ServiceView:
    left, amount = (quantity(number, by_incident=one.by_incident) for number in (one.left, one.amount))
    return ServiceView(one_line(one.name), left, amount, one.expires, one_line(one.rate), one_line(one.order))


def _unit(row: UnitRow, day: str) -> UnitView:
    in_warranty = bool(row.warranty_until) and day <= row.warranty_until
    return UnitView(row.serial, row.item, row.contract, row.warranty_until, in_warranty, one_line(row.notes))


def _earlier(connection: Connection, policy: Policy, contact: int) -> Iterable[EarlierView]:
    for row in customer_sheets.last_incidents(connection, contact):
        status = LABELS[Status(row.status)].internal
        yield EarlierView(policy.reference(row.number), one_line(row.title), status, row.opened, row.number)


# --- in which letters


def has_sheet(letter: PlannedLetter) -> bool:
    """The owner's first letter about an incident shows its customer whole."""
    return letter.person.staff and not letter.digest and letter.purpose is NoticePurpose.ASSIGNED


def asked_about(connection: Connection, letters: Sequence[PlannedLetter]) -> dict[str, Person]:
    """Whom `/who` asks about: a customer of that address, else whoever has it."""
    details = [one.notices[0].tell.detail for one in letters if one.purpose is NoticePurpose.SHOW]
    addresses = {str(detail["address"]) for detail in details if "address" in detail}
    found = directory_lookup.people(connection, addresses) if addresses else {}
    return {where: min(here, key=lambda one: one.staff) for where, here in found.items()}
