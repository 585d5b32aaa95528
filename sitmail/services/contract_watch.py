"""What account managers and admins are told of contracts at a tick: a pool or what is prepaid runs low, a contract ends
soon; each once.

A contract that is renewed, or gets more incidents, may be told again: the notice's key holds the day and the number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from sitmail.domain.decision_builder import admins
from sitmail.domain.effects import Tell
from sitmail.domain.prepaid import quantity
from sitmail.domain.staff_readers import told_as
from sitmail.domain.who_is_told import Happening, Role
from sitmail.services.desk import Desk, any_service, sites, staff
from sitmail.store import contract_watch, directory_lookup
from sitmail.store.contract_watch import Watched

AHEAD = timedelta(days=30)  # so long before its last day a contract is told of
MORNING = time(8)  # of the desk, when that is told


def due(connection: Connection, desk: Desk, now: datetime) -> tuple[list[Tell], datetime | None]:
    """What is to be told now, and when to look again; nothing where there are no contracts."""
    if desk.memory.any_contract is None:
        desk.memory.any_contract = directory_lookup.any_contract(connection)
    if not desk.memory.any_contract:
        return [], None
    zone = ZoneInfo(desk.policy.timezone)
    today = (now.astimezone(zone) - timedelta(hours=MORNING.hour)).date()  # before the morning it is yesterday
    until = (today + AHEAD).isoformat()
    tells: list[Tell] = []
    for one in contract_watch.low(connection):
        cause = f"contract-low:{one.id}:{one.incidents}"
        tells += _tells(connection, desk, one, Happening.CONTRACT_LOW, cause)
        contract_watch.told_low(connection, one)
    tells += _of_services(connection, desk)
    for one in contract_watch.ending(connection, today.isoformat(), until):
        tells += _tells(connection, desk, one, Happening.CONTRACT_ENDS, f"contract-ending:{one.id}:{one.last_day}")
        contract_watch.told_last_day(connection, one)
    following = contract_watch.next_last_day(connection, until)
    if not following:
        return tells, None
    return tells, datetime.combine(date.fromisoformat(following) - AHEAD, MORNING, zone)


def _of_services(connection: Connection, desk: Desk) -> list[Tell]:
    """Prepaid services that run low."""
    tells: list[Tell] = []
    for one in contract_watch.low_services(connection) if any_service(connection, desk) else ():
        detail = {
            "about": "service",
            "contract": one.contract,
            "service": one.name,
            "left": quantity(one.amount - one.used, by_incident=one.by_incident),
            "all": quantity(one.amount, by_incident=one.by_incident),
        }
        cause = f"service-low:{one.id}:{one.amount}"
        site = contract_watch.site_of(connection, one.contract)
        tells += _to_managers(connection, desk, site, Happening.CONTRACT_LOW, detail, cause)
        contract_watch.told_service_low(connection, one)
    return tells


def _tells(connection: Connection, desk: Desk, one: Watched, what: Happening, cause: str) -> Iterable[Tell]:
    detail = {
        "about": "low" if what is Happening.CONTRACT_LOW else "ending",
        "contract": one.id,
        "day": one.last_day,
        "left": max(0, (one.incidents or 0) - one.used),
        "incidents": one.incidents,
    }
    return _to_managers(connection, desk, one.site, what, detail, cause)


def _to_managers(
    connection: Connection, desk: Desk, site: str, what: Happening, detail: Mapping[str, Any], cause: str
) -> Iterable[Tell]:
    home = sites(connection, desk, [site]).get(site)
    detail = {**detail, "site": (home and home.name) or site}
    people = staff(connection, desk)
    manager = people.get(home.account_manager) if home else None
    roles = [(Role.ACCOUNT_MANAGER, manager)] if manager else []
    roles += [(Role.ADMIN, one) for one in admins(people, desk.policy)]
    for reader, purpose in told_as(what, roles, desk.policy):
        yield Tell(reader, purpose, detail=detail, cause=cause)
