"""Reads and writes the legs of partners; every statement here runs only where a partner takes part."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, and_, or_, select, update

from sitmail.domain.endings import Rule
from sitmail.domain.update import Direction, LegKind
from sitmail.store.schema import leg
from sitmail.store.schema import update as entry


def leg_of(connection: Connection, number: int, partner: int) -> int:
    """The id of a partner's leg; 0 where he has none."""
    query = select(leg.c.id).where(leg.c.incident == number, leg.c.party == partner)
    return connection.execute(query).scalar() or 0


def refer(connection: Connection, id_: int, reference: str) -> None:
    connection.execute(update(leg).where(leg.c.id == id_).values(foreign_reference=reference))


def of_update(connection: Connection, number: int, place: int) -> int:
    """Whose leg the letter was about that told a colleague of update `place`: of the last entry there on one up to it.

    0 where there is none.
    """
    query = select(leg.c.party).join_from(entry, leg, entry.c.leg_id == leg.c.id)
    query = query.where(entry.c.incident == number, entry.c.number <= place).order_by(entry.c.number.desc()).limit(1)
    return connection.execute(query).scalar() or 0


def steps_asked(connection: Connection, number: int, author: int) -> bool:
    """Whether the last that came of what this engineer wrote to partners is that he was asked for steps of a bug."""
    said = and_(entry.c.leg == LegKind.VENDOR.value, entry.c.direction == Direction.OUT.value)
    query = select(entry.c.rule).where(entry.c.incident == number, entry.c.author == author)
    query = query.where(or_(said, entry.c.rule == Rule.STEPS_ASKED.value)).order_by(entry.c.number.desc()).limit(1)
    return connection.execute(query).scalar() == Rule.STEPS_ASKED.value


def named(connection: Connection, partners: Collection[int], references: Collection[str]) -> dict[str, list[int]]:
    """The incidents that these partners call by one of these references, the latest first."""
    query = select(leg.c.foreign_reference, leg.c.incident).where(
        leg.c.party.is_not(None), leg.c.party.in_(partners), leg.c.foreign_reference.in_(references)
    )
    found: dict[str, list[int]] = {}
    for reference, number in connection.execute(query.order_by(leg.c.incident.desc())):
        found.setdefault(reference, []).append(number)
    return found
