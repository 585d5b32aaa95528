"""What a sheet about a customer shows, as the tables have it.  How it is set out: `services/customer_sheet`."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, select

from sitmail.store.prepared import Prepared, any_of
from sitmail.store.schema import contract, incident, unit

LAST_INCIDENTS = 6
UNITS = 10


class ContractRow(NamedTuple):
    id: str
    site: str
    service_level: str
    starts: str
    last_day: str
    incidents: int | None
    used: int
    everybody: bool


class UnitRow(NamedTuple):
    serial: str
    item: str
    contract: str
    warranty_until: str
    notes: str


class IncidentRow(NamedTuple):
    number: int
    title: str
    status: str
    opened: datetime


def _columns(table: Any, kind: Any) -> list[Any]:
    return [table.c[name] for name in kind._fields]


_CONTRACTS = Prepared(
    select(*_columns(contract, ContractRow))
    .where(contract.c.site.in_(any_of("wanted")), contract.c.retired.is_(False))
    .order_by(contract.c.id)
)
_UNITS = Prepared(
    select(*_columns(unit, UnitRow))
    .where(unit.c.site == bindparam("wanted"), unit.c.retired.is_(False))
    .order_by(unit.c.site, unit.c.key)
    .limit(UNITS + 1)
)
_INCIDENTS = Prepared(
    select(*_columns(incident, IncidentRow))
    .where(incident.c.contact == bindparam("wanted"))
    .order_by(incident.c.contact, incident.c.number.desc())
    .limit(LAST_INCIDENTS)
)


def contracts(connection: Connection, sites: Collection[str]) -> dict[str, list[ContractRow]]:
    """By site."""
    found: dict[str, list[ContractRow]] = {}
    for row in _CONTRACTS.all(connection, wanted=sites) if sites else ():
        one = ContractRow(*row)
        found.setdefault(one.site, []).append(one)
    return found


def units(connection: Connection, of: str) -> list[UnitRow]:
    """Of a site: the first of them, one more than a sheet shows where there are more."""
    return [UnitRow(*row) for row in _UNITS.all(connection, wanted=of)]


def last_incidents(connection: Connection, contact: int) -> list[IncidentRow]:
    """The newest first."""
    return [IncidentRow(*row) for row in _INCIDENTS.all(connection, wanted=contact)]
