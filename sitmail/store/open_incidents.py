"""The open incidents of contacts, by which a fresh mail is compared with what they wrote before."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, select

from sitmail.domain.incident import Status
from sitmail.domain.similar import OpenIncident
from sitmail.store.prepared import Prepared, any_of
from sitmail.store.schema import incident


def open_of(connection: Connection, contacts: Collection[int]) -> dict[int, tuple[OpenIncident, ...]]:
    """The newest open incidents of these contacts, by contact."""
    found: dict[int, list[OpenIncident]] = {}
    for contact, number, title in _OPEN_OF.all(connection, contacts=contacts):
        found.setdefault(contact, []).append(OpenIncident(number, title))
    return {contact: tuple(several) for contact, several in found.items()}


_OPEN_OF = Prepared(
    select(incident.c.contact, incident.c.number, incident.c.title)
    .where(incident.c.contact.in_(any_of("contacts")), incident.c.status != Status.CLOSED.value)
    .order_by(incident.c.number.desc())
    .limit(100)
)


def owned_by(connection: Connection, engineers: Collection[str], limit: int = 200) -> list[int]:
    """Open incidents of these owners, the oldest first."""
    query = select(incident.c.number).where(incident.c.owner.in_(engineers), incident.c.status != Status.CLOSED.value)
    return list(connection.execute(query.order_by(incident.c.number).limit(limit)).scalars())
