"""Prepaid services: what they hold, what closings of incidents came to, and what was drawn.

A draw changes its service by the statement that records it, so that what is used is always the sum of the draws.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, func, insert, or_, select, update

from sitmail.domain.facts import AskedBill
from sitmail.domain.prepaid import DRAWN, REFUSED, REPLACED, WAITING, Bill, Draw, Service
from sitmail.store.errors import StoreError
from sitmail.store.ids import Ids
from sitmail.store.prepared import Prepared, any_of
from sitmail.store.rows import RecordRows
from sitmail.store.schema import bill, draw, notice, outbox, service

_SERVICE = RecordRows(Service, service, elsewhere={"order": service.c.customer_order})
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
_ASKED = Prepared(
    select(bill.c.id, bill.c.state)
    .where(bill.c.incident == bindparam("number"), bill.c.asked == bindparam("person"))
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


class Asked(NamedTuple):
    """A bill that waits, or waited, for somebody's word."""

    incident: int
    contract: str
    by_incident: bool
    amount: int
    day: str


def asked(connection: Connection, number: int, person: int) -> list[AskedBill]:
    """The bills of an incident about which that person was asked, the oldest first."""
    return [AskedBill(*row) for row in _ASKED.all(connection, number=number, person=person)]


def letters(connection: Connection, keys: Collection[str]) -> dict[str, str]:
    """The keys of these notices by the Message-ID of the letter that each became."""
    query = select(outbox.c.message_id, notice.c.key).join_from(notice, outbox, notice.c.outbox == outbox.c.id)
    return dict(iter(connection.execute(query.where(notice.c.key.in_(keys)))))


def replace(connection: Connection, number: int) -> None:
    """Nobody is asked any more about earlier closings of that incident: another one counts."""
    waiting = (bill.c.incident == number, bill.c.state == WAITING)
    connection.execute(update(bill).where(*waiting).values(state=REPLACED))


def decide(connection: Connection, key: int, state: str, now: datetime) -> Asked | None:
    """The bill, if it waited until now; None where it was decided before."""
    change = update(bill).where(bill.c.id == key, bill.c.state == WAITING).values(state=state, decided=now)
    if connection.execute(change).rowcount != 1:
        return None
    row = connection.execute(select(*(bill.c[name] for name in Asked._fields)).where(bill.c.id == key)).one()
    return Asked(*row)


def set_amount(connection: Connection, key: int, amount: int) -> None:
    """What of a bill was drawn."""
    connection.execute(update(bill).where(bill.c.id == key).values(amount=amount))


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
