"""What was imported: by which key an incident is known in the files it came from, and which numbers are free."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, func, insert, select, update

from sitmail.store.batches import batched
from sitmail.store.schema import counter, imported, incident, site

COUNTED = "incident"  # the name of the counter of their numbers


def known(connection: Connection, keys: Collection[str]) -> dict[str, tuple[str, int]]:
    """(digest, incident) of those of these keys that were imported before."""
    found: dict[str, tuple[str, int]] = {}
    for some in batched(keys):
        query = select(imported.c.key, imported.c.digest, imported.c.incident).where(imported.c.key.in_(some))
        found |= {key: (digest, number) for key, digest, number in connection.execute(query)}
    return found


def taken(connection: Connection, numbers: Collection[int]) -> dict[int, str]:
    """Titles of the incidents that have one of these numbers."""
    found: dict[int, str] = {}
    for some in batched(numbers):
        query = select(incident.c.number, incident.c.title).where(incident.c.number.in_(some))
        found |= {row[0]: row[1] for row in connection.execute(query)}
    return found


def sites(connection: Connection, names: Collection[str]) -> dict[str, str]:
    """Ids of the sites that have one of these ids or names, in lower case, by what names them."""
    found: dict[str, str] = {}
    for some in batched(names):
        for column in (site.c.name, site.c.id):  # an id comes before a name
            query = select(func.lower(column), site.c.id).where(func.lower(column).in_(some), site.c.retired.is_(False))
            found |= {row[0]: row[1] for row in connection.execute(query)}
    return found


def next_number(connection: Connection) -> int:
    """The number that the next new incident gets."""
    query = select(counter.c.next).where(counter.c.name == COUNTED)
    return connection.execute(query).scalar() or 1


def count_from(connection: Connection, number: int) -> None:
    """New incidents get this number and those above it."""
    if connection.execute(update(counter).where(counter.c.name == COUNTED).values(next=number)).rowcount == 0:
        connection.execute(insert(counter).values(name=COUNTED, next=number))
