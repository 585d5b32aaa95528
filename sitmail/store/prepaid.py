"""Prepaid services: what they hold, what closings of incidents came to, and what was drawn.

A draw changes its service by the statement that records it, so that what is used is always the sum of the draws.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, func, insert, or_, select, update

from sitmail.domain.prepaid import Bill, Draw, Service
from sitmail.store.errors import StoreError
from sitmail.store.ids import Ids
from sitmail.store.prepared import Prepared, any_of
from sitmail.store.rows import RecordRows
from sitmail.store.schema import bill, draw, service

DRAWN, WAITING, REFUSED, REPLACED = "drawn", "waiting", "refused", "replaced"  # states of a bill

_SERVICE = RecordRows(Service, service)
_OF_CONTRACTS = Prepared(
    select(*_SERVICE.columns)
    .where(service.c.contract.in_(any_of("contracts")), service.c.retired.is_(False))
    .order_by(service.c.contract, service.c.id)
)
_BY_ID = Prepared(select(*_SERVICE.columns).where(service.c.id.in_(any_of("ids"))))
_BILL = RecordRows(Bill, bill)
_BILLS = Prepared(
    select(*_BILL.columns)
    .where(bill.c.incident == bindparam("number"), or_(bill.c.state == DRAWN, bill.c.state == REFUSED))
    .order_by(bill.c.id)
)
_DRAWN = Prepared(
    select(draw.c.service, func.sum(draw.c.amount))
    .where(draw.c.incident == bindparam("number"))
    .group_by(draw.c.service)
    .order_by(func.min(draw.c.id))
)


def any_service(connection: Connection) -> bool:
    """Whether there are prepaid services at all."""
    return connection.execute(select(service.c.id).limit(1)).first() is not None


def of_contracts(connection: Connection, contracts: Collection[str]) -> list[Service]:
    """The services of these contracts that are not retired."""
    return [_SERVICE.record(row) for row in _OF_CONTRACTS.all(connection, contracts=contracts)] if contracts else []


def by_id(connection: Connection, ids: Collection[str]) -> dict[str, Service]:
    """Services, also retired ones."""
    found = [_SERVICE.record(row) for row in _BY_ID.all(connection, ids=ids)] if ids else []
    return {one.id: one for one in found}


def settled(connection: Connection, number: int) -> list[Bill]:
    """What earlier closings of an incident came to, as far as it was decided."""
    return [_BILL.record(row) for row in _BILLS.all(connection, number=number)]


def drawn(connection: Connection, number: int) -> list[Draw]:
    """What an incident has drawn from each service, less what was given back; the first before the others."""
    return [Draw(name, int(amount)) for name, amount in _DRAWN.all(connection, number=number)]


class NewBill(NamedTuple):
    """A row of `bill`."""

    incident: int
    contract: str
    by_incident: bool
    amount: int
    state: str
    made: datetime
    day: str
    asked: int | None = None


def add_bill(connection: Connection, ids: Ids, one: NewBill) -> int:
    """Its id."""
    key = ids.take(connection, "bill", 1).start
    connection.execute(insert(bill).values(id=key, **one._asdict()))
    return key


def add_draw(connection: Connection, ids: Ids, key: int, number: int, one: Draw, *, bounded: bool) -> None:
    """Draws for that bill of that incident.

    `bounded`: StoreError if that is more than what is left: what was decided is out of date, and is decided again.
    """
    row = {"id": ids.take(connection, "draw", 1).start, "bill": key, "incident": number}
    connection.execute(insert(draw).values(**row, service=one.service, amount=one.amount))
    change: Any = update(service).where(service.c.id == one.service)
    if bounded and one.amount > 0:
        change = change.where(service.c.used + one.amount <= service.c.amount)
    if connection.execute(change.values(used=service.c.used + one.amount)).rowcount != 1:
        raise StoreError(f"less is left of the service {one.service} than was to be drawn")


def told_that_nothing_is_left(connection: Connection, contract: str) -> None:
    """Of these services nobody need be told once more that little is left."""
    mine = update(service).where(service.c.contract == contract, service.c.used >= service.c.amount)
    connection.execute(mine.values(told_low=service.c.amount))
