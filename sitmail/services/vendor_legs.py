"""The legs of vendors: one of each vendor at an incident, with the reference by which he calls it (behaviour 2.4)."""

from __future__ import annotations

from sitmail.domain import effects as e
from sitmail.domain.people import Person
from sitmail.domain.update import LegKind
from sitmail.services.unit_of_work import PendingDecision, UnitOfWork
from sitmail.store import vendor_legs
from sitmail.store.text import storable

NO_VENDOR = {"party": None, "foreign_reference": ""}


def leg_of(unit: UnitOfWork, number: int, vendor: Person) -> int:
    """The vendor's leg of an incident, which is made where he has none."""
    key = (number, vendor.id)
    if key not in unit.vendor_legs:
        unit.vendor_legs[key] = vendor_legs.leg_of(unit.connection, number, vendor.id) or _new_leg(unit, number, vendor)
    return unit.vendor_legs[key]


def _new_leg(unit: UnitOfWork, number: int, vendor: Person) -> int:
    key = unit.key("leg")
    unit.put("leg", {**NO_VENDOR, "id": key, "incident": number, "kind": str(LegKind.VENDOR), "party": vendor.id})
    return key


def refer(unit: UnitOfWork, _entry: PendingDecision, effect: e.Refer) -> None:
    """He calls the incident so from now on."""
    leg, reference = leg_of(unit, effect.incident, effect.vendor), storable(effect.reference)
    made = next((row for row in unit.rows["leg"] if row["id"] == leg), None)
    if made is not None:
        made["foreign_reference"] = reference
    else:
        vendor_legs.refer(unit.connection, leg, reference)
