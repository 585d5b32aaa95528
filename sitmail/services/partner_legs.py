"""The legs of partners: one of each partner at an incident, with the reference by which he calls it (behaviour 2.4)."""

from __future__ import annotations

from sitmail.domain import effects as e
from sitmail.domain.people import Person
from sitmail.domain.update import LegKind
from sitmail.services.unit_of_work import PendingDecision, UnitOfWork
from sitmail.store import partner_legs
from sitmail.store.text import storable

NO_PARTNER = {"party": None, "foreign_reference": ""}


def leg_of(unit: UnitOfWork, number: int, partner: Person) -> int:
    """The partner's leg of an incident, which is made where he has none."""
    key = (number, partner.id)
    if key not in unit.partner_legs:
        unit.partner_legs[key] = partner_legs.leg_of(unit.connection, number, partner.id) or _new_leg(
            unit, number, partner
        )
    return unit.partner_legs[key]


def _new_leg(unit: UnitOfWork, number: int, partner: Person) -> int:
    key = unit.key("leg")
    unit.put("leg", {**NO_PARTNER, "id": key, "incident": number, "kind": str(LegKind.VENDOR), "party": partner.id})
    return key


def refer(unit: UnitOfWork, _entry: PendingDecision, effect: e.Refer) -> None:
    """He calls the incident so from now on."""
    leg, reference = leg_of(unit, effect.incident, effect.partner), storable(effect.reference)
    made = next((row for row in unit.rows["leg"] if row["id"] == leg), None)
    if made is not None:
        made["foreign_reference"] = reference
    else:
        partner_legs.refer(unit.connection, leg, reference)
