"""Time spent on incidents, as the updates log has it: whole minutes."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, func, select

from sitmail.store.prepared import Prepared, any_of
from sitmail.store.schema import update

_SPENT = Prepared(
    select(update.c.incident, func.coalesce(update.c.author, 0), func.sum(update.c.duration))
    .where(update.c.incident.in_(any_of("numbers")), update.c.duration.is_not(None))
    .group_by(update.c.incident, update.c.author)
)


def by_engineer(connection: Connection, numbers: Collection[int]) -> dict[int, dict[int, int]]:
    """Minutes by incident, and by who spent them (the id of a person)."""
    found: dict[int, dict[int, int]] = {}
    for number, person, minutes in _SPENT.all(connection, numbers=numbers) if numbers else ():
        found.setdefault(number, {})[person] = int(minutes)
    return found


def spent(connection: Connection, numbers: Collection[int]) -> dict[int, int]:
    """Minutes by incident."""
    return {number: sum(each.values()) for number, each in by_engineer(connection, numbers).items()}
