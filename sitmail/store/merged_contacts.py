"""Makes two records of one person one: incidents, addresses and what is known of him move.

The record that is given up is retired, and keeps its addresses: the log names it for ever.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from sitmail.store import directory_changes, feedback
from sitmail.store.directory_changes import Change
from sitmail.store.prepared import add
from sitmail.store.schema import address, directory_change, incident, known_id, participation, person

FACTS = ("name", "site", "language", "timezone", "phone", "manager")  # taken over where the other has none


def merge(connection: Connection, gone: int, stays: int, by: str, now: datetime) -> int:
    """Merges the first person into the second; returns how many incidents moved."""
    connection.execute(update(incident).where(incident.c.contact == gone).values(contact=stays))
    feedback.merge(connection, gone, stays)
    moved = _participations(connection, gone, stays, now)
    theirs = (known_id.c.incident.in_(moved), known_id.c.person == gone)
    copied = select(known_id).where(
        *theirs, known_id.c.origin != "own"
    )  # ours are signed for the record that is given up
    if rows := [{**row, "person": stays} for row in connection.execute(copied).mappings()] if moved else []:
        add(connection, known_id, rows, once=True)
    found = {row.id: row for row in connection.execute(select(person).where(person.c.id.in_([gone, stays])))}
    taken = {name: getattr(found[gone], name) for name in FACTS if not getattr(found[stays], name)}
    values = {name: value for name, value in taken.items() if value} | {
        "known": found[stays].known or found[gone].known
    }
    connection.execute(update(person).where(person.c.id == stays).values(**values))
    connection.execute(update(person).where(person.c.id == gone).values(retired=True, declared=False, origin=""))
    over = (directory_change.c.kind == "contact", directory_change.c.key == found[gone].key)
    if found[gone].key != found[stays].key:
        connection.execute(delete(directory_change).where(*over))
    _addresses(connection, gone, stays, found[stays].key if found[stays].declared else "", by, now)
    return len(moved)


def _participations(connection: Connection, gone: int, stays: int, now: datetime) -> list[int]:
    """Where both take part, the contact's part remains."""
    columns = (participation.c.id, participation.c.incident, participation.c.person, participation.c.role)
    query = select(*columns).where(participation.c.person.in_([gone, stays]), participation.c.until.is_(None))
    rows = connection.execute(query).all()
    there = {row.incident: row for row in rows if row.person == stays}
    mine = [row for row in rows if row.person == gone]
    for row in mine:
        that = participation.c.id == row.id
        if row.incident not in there:
            connection.execute(update(participation).where(that).values(person=stays))
            continue
        connection.execute(update(participation).where(that).values(until=now))
        if row.role == "contact":
            other = participation.c.id == there[row.incident].id
            connection.execute(update(participation).where(other).values(role="contact"))
    return [row.incident for row in mine]


def _addresses(connection: Connection, gone: int, stays: int, key: str, by: str, now: datetime) -> None:
    """All of them lead to who stays; his own come first.  `key` of a declared contact: a change lies over his file."""
    query = select(address.c.address, address.c.person).where(address.c.person.in_([gone, stays]))
    query = query.where(address.c.former.is_(False)).order_by(address.c.person != stays, address.c.place)
    wanted = list(dict.fromkeys(connection.execute(query).scalars()))
    if key:
        directory_changes.change(connection, Change("contact", key, "addresses", wanted, by, now))
        return
    had = set(connection.execute(select(address.c.address).where(address.c.person == stays)).scalars())
    for place, where in enumerate(wanted):
        if where in had:
            mine = (address.c.person == stays, address.c.address == where)
            connection.execute(update(address).where(*mine).values(former=False, place=place))
        else:
            connection.execute(insert(address).values(address=where, person=stays, place=place))


def origin_of(connection: Connection, number: int) -> str:
    """Where somebody is declared: "file people.toml", "import contacts.csv", or "" for nowhere."""
    query = select(person.c.declared, person.c.origin).where(person.c.id == number)
    found = connection.execute(query).one_or_none()
    return (found.origin or "file") if found is not None and found.declared else ""
