"""Contracts of which an account manager is to be told: little is left of a pool or of what is prepaid, or the last day
comes.

Only those are looked at of which nothing was told yet: partial indexes hold them.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, bindparam, select, text, update

from sitmail.store.prepared import Prepared
from sitmail.store.schema import ENDS, RUNS_LOW, SERVICE_RUNS_LOW, contract, service

MOST = 50  # of one tick


class Watched(NamedTuple):
    id: str
    site: str
    last_day: str
    incidents: int | None
    used: int


class LowService(NamedTuple):
    id: str
    name: str
    contract: str
    amount: int
    used: int
    by_incident: bool


_WATCHED = select(*(contract.c[name] for name in Watched._fields))
_LOW = Prepared(_WATCHED.where(text(RUNS_LOW)).order_by(contract.c.told_low, contract.c.id).limit(MOST))
_LOW_SERVICES = Prepared(
    select(*(service.c[name] for name in LowService._fields))
    .where(text(SERVICE_RUNS_LOW))
    .order_by(service.c.told_low, service.c.id)
    .limit(MOST)
)
_ENDING = Prepared(
    _WATCHED.where(text(ENDS), contract.c.last_day >= bindparam("today"), contract.c.last_day <= bindparam("until"))
    .order_by(contract.c.last_day)
    .limit(MOST)
)
_NEXT = Prepared(
    select(contract.c.last_day)
    .where(text(ENDS), contract.c.last_day > bindparam("until"))
    .order_by(contract.c.last_day)
    .limit(1)
)


def low(connection: Connection) -> list[Watched]:
    """Contracts with a fifth of their incidents left, or less."""
    return [Watched(*row) for row in _LOW.all(connection)]


def low_services(connection: Connection) -> list[LowService]:
    """Prepaid services with a fifth of their amount left, or less."""
    return [LowService(*row) for row in _LOW_SERVICES.all(connection)]


def site_of(connection: Connection, contract_id: str) -> str:
    """Whose contract it is; "" if there is none of that id."""
    return connection.execute(select(contract.c.site).where(contract.c.id == contract_id)).scalar() or ""


def ending(connection: Connection, today: str, until: str) -> list[Watched]:
    """Contracts whose last day is one of these days (ISO, included)."""
    return [Watched(*row) for row in _ENDING.all(connection, today=today, until=until)]


def next_last_day(connection: Connection, until: str) -> str:
    """The first last day after that day, "" if there is none."""
    rows = _NEXT.all(connection, until=until)
    return str(rows[0][0]) if rows else ""


def told_low(connection: Connection, one: Watched) -> None:
    connection.execute(update(contract).where(contract.c.id == one.id).values(told_low=one.incidents))


def told_service_low(connection: Connection, one: LowService) -> None:
    connection.execute(update(service).where(service.c.id == one.id).values(told_low=one.amount))


def told_last_day(connection: Connection, one: Watched) -> None:
    connection.execute(update(contract).where(contract.c.id == one.id).values(told_last_day=one.last_day))
