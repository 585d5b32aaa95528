"""Which incidents somebody outside takes part in, and which his site has: for the lists that customers ask for."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, Select, bindparam, or_, select, text

from sitmail.domain.update import LegKind
from sitmail.store import schema
from sitmail.store.prepared import Prepared, any_of
from sitmail.store.schema import incident, participation

# Written out, as in the indexes of what is open and of what is closed.
_UNDER = incident.c.contract.in_(any_of("contracts"))
_OPEN, _CLOSED = text("incident.status <> 'closed'"), text("incident.status = 'closed'")


def taken_part_in(connection: Connection, person: int, most: int, *, closed: bool) -> list[int]:
    """Numbers of incidents in which he is contact or participant now, the newest first."""
    found = (_MINE_CLOSED if closed else _MINE_OPEN).all(connection, person=person, most=most)
    return [row[0] for row in found]


def of_site(connection: Connection, site: str, contracts: Collection[str], most: int) -> list[int]:
    """Numbers of the open incidents of a site under these contracts, the newest first."""
    return [row[0] for row in _OF_SITE.all(connection, site=site, contracts=contracts, most=most)]


def of_site_closed(
    connection: Connection, site: str, contracts: Collection[str], since: datetime, most: int
) -> list[int]:
    """Numbers of those under these contracts that were closed since then, what was closed last first."""
    found = _OF_SITE_CLOSED.all(connection, site=site, contracts=contracts, since=since, most=most)
    return [row[0] for row in found]


def _mine() -> Select[tuple[int]]:
    return (
        select(participation.c.incident)
        .join_from(participation, incident, participation.c.incident == incident.c.number)
        .join(schema.leg, participation.c.leg == schema.leg.c.id)
        .where(
            participation.c.person == bindparam("person"),
            participation.c.until.is_(None),
            or_(participation.c.role == "contact", participation.c.role == "participant"),
            schema.leg.c.kind == LegKind.PUBLIC.value,
        )
        .order_by(participation.c.incident.desc())
        .limit(bindparam("most"))
    )


_MINE_OPEN, _MINE_CLOSED = Prepared(_mine().where(_OPEN)), Prepared(_mine().where(_CLOSED))
_OF_SITE = Prepared(
    select(incident.c.number)
    .where(incident.c.site == bindparam("site"), _UNDER, _OPEN)
    .order_by(incident.c.number.desc())
    .limit(bindparam("most"))
)
_OF_SITE_CLOSED = Prepared(
    select(incident.c.number)
    .where(
        incident.c.site == bindparam("site"),
        _UNDER,
        _CLOSED,
        incident.c.closed >= bindparam("since", type_=incident.c.closed.type),
    )
    .order_by(incident.c.closed.desc())
    .limit(bindparam("most"))
)
