"""What the sheet about a customer shows, as plain values for templates."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple


class ServiceView(NamedTuple):
    """What is prepaid; `left` and `amount` as `1h 30m`, or a sentence."""

    name: str
    left: str
    amount: str
    expires: str
    rate: str
    order: str


class ContractView(NamedTuple):
    """`state`: current, ended, not begun or used up."""

    id: str
    service_level: str
    state: str
    last_day: str
    incidents: int | None
    left: int
    everybody: bool
    services: tuple[ServiceView, ...] = ()


class UnitView(NamedTuple):
    serial: str
    item: str
    contract: str
    warranty_until: str
    in_warranty: bool
    notes: str


class EarlierView(NamedTuple):
    reference: str
    title: str
    status: str
    opened: datetime
    number: int


class SheetView(NamedTuple):
    """Everything a sheet shows; "" and () where there is nothing."""

    name: str
    addresses: tuple[str, ...]
    phone: str = ""
    manager: str = ""
    admin: bool = False
    do_not_mail: bool = False
    site: str = ""
    account_manager: str = ""
    territory: str = ""
    notes: str = ""
    free_left: int = 0
    contracts: tuple[ContractView, ...] = ()
    units: tuple[UnitView, ...] = ()
    more_units: bool = False
    earlier: tuple[EarlierView, ...] = ()
