"""The open incidents of contacts, by which a fresh mail is compared with what they wrote before."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, func, select, text

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


def owners(connection: Connection) -> list[str]:
    """Who owns open incidents, found by one step through the index for each: a million open ones cost no more."""
    return [owner for (owner,) in _OWNERS.all(connection) if owner]


_FOLLOWING = incident.alias("following")
_FIRST = (
    select(func.min(incident.c.owner).label("owner"))
    .where(text("incident.status <> 'closed'"), incident.c.owner > "")
    .cte("owners", recursive=True)
)
_NEXT = (
    select(func.min(_FOLLOWING.c.owner))
    .where(text("following.status <> 'closed'"), _FOLLOWING.c.owner > _FIRST.c.owner)
    .scalar_subquery()
)
_EACH = _FIRST.union_all(select(_NEXT).where(_FIRST.c.owner.is_not(None)))
_OWNERS = Prepared(select(_EACH.c.owner))
