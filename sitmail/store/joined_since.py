"""Who outside joined an incident after staff last spoke to those who were there."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, func, or_, select

from sitmail.domain.update import Direction, LegKind
from sitmail.store.prepared import Prepared, any_of
from sitmail.store.schema import participation, update


def joined_since_our_words(connection: Connection, numbers: Collection[int]) -> frozenset[tuple[int, int]]:
    """(incident, person) of those who joined after the last public words of staff, else after the first who was there.

    Of somebody who was there before in another role the first time counts.
    """
    joined: dict[tuple[int, int], datetime] = {}
    present = set()
    for number, person, since, until in _OUTSIDE.all(connection, numbers=numbers):
        joined[number, person] = min(since, joined.get((number, person), since))
        if until is None:
            present.add((number, person))
    known: dict[int, datetime] = {}
    for (number, _), since in joined.items():
        known[number] = min(since, known.get(number, since))
    known |= {number: max(at, known[number]) for number, at in _OUR_WORDS.all(connection, numbers=numbers)}
    return frozenset(one for one in present if joined[one] > known[one[0]])


_OUTSIDE = Prepared(
    select(participation.c.incident, participation.c.person, participation.c.since, participation.c.until).where(
        participation.c.incident.in_(any_of("numbers")),
        or_(participation.c.role == "contact", participation.c.role == "participant"),
    )
)
_OUR_WORDS = Prepared(
    select(update.c.incident, func.max(update.c.received, type_=update.c.received.type))
    .where(
        update.c.incident.in_(any_of("numbers")),
        update.c.leg == LegKind.PUBLIC,
        update.c.direction == Direction.OUT,
    )
    .group_by(update.c.incident)
)
