"""Reads and writes who watches sites, contacts and contracts (`domain/watching`)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, select

from sitmail.domain.incident import Status
from sitmail.domain.people import Person
from sitmail.domain.watch import Watch, Watches, WatchKind
from sitmail.store import directory_lookup, ids
from sitmail.store.schema import contract, incident, participation, person, site, watch

MOST = 200  # incidents that one engineer is told he watches


def all_watches(connection: Connection) -> Watches:
    """Who watches what; a small table, read as a whole."""
    rows = connection.execute(select(watch.c.person, watch.c.kind, watch.c.key).order_by(watch.c.id)).all()
    persons = directory_lookup.persons(connection, {row.person for row in rows}) if rows else {}
    found: dict[tuple[str, str], list[Person]] = {}
    for row in rows:
        if row.person in persons:
            found.setdefault((row.kind, row.key), []).append(persons[row.person])
    return {key: tuple(several) for key, several in found.items()}


def set_watch(connection: Connection, who: int, one: Watch, off: bool, now: datetime) -> None:
    mine = (watch.c.person == who, watch.c.kind == one.kind.value, watch.c.key == one.key)
    if off:
        connection.execute(watch.delete().where(*mine))
    elif connection.execute(select(watch.c.id).where(*mine)).scalar() is None:
        row = {"person": who, "kind": one.kind.value, "key": one.key, "since": now}
        connection.execute(watch.insert().values(id=ids.of(connection).take(connection, "watch", 1).start, **row))


def named(connection: Connection, kind: WatchKind, name: str) -> Watch | None:
    """What somebody calls so: a site by id or name, a contact by address, a contract by id."""
    if kind is WatchKind.CONTACT:
        people = directory_lookup.people(connection, [name.lower()]).get(name.lower(), ())
        outside = next((one for one in people if not one.staff and not one.partner), None)
        return Watch(kind, str(outside.id), outside.name or outside.address) if outside else None
    spellings = list(dict.fromkeys((name, name.lower(), name.upper(), name.title())))  # as an index finds them
    if kind is WatchKind.CONTRACT:
        ids_ = select(contract.c.id).where(contract.c.id.in_(spellings), contract.c.retired.is_(False))
        key = connection.execute(ids_.limit(1)).scalar()
        return Watch(kind, key, key) if key else None
    for column in (site.c.id, site.c.name):
        query = select(site.c.id, site.c.name).where(column.in_(spellings), site.c.retired.is_(False))
        if row := connection.execute(query.limit(1)).first():
            return Watch(kind, row[0], row[1] or row[0])
    return None


def of_person(connection: Connection, who: int) -> list[Watch]:
    """What he watches, with names."""
    rows = connection.execute(select(watch.c.kind, watch.c.key).where(watch.c.person == who).order_by(watch.c.id)).all()
    contacts = directory_lookup.persons(connection, {int(row.key) for row in rows if row.kind == WatchKind.CONTACT})
    sites = _names(connection, [row.key for row in rows if row.kind == WatchKind.SITE])
    names = {str(number): one.name or one.address for number, one in contacts.items()} | sites
    return [Watch(WatchKind(row.kind), row.key, names.get(row.key, row.key)) for row in rows]


def _names(connection: Connection, keys: Iterable[str]) -> dict[str, str]:
    rows = connection.execute(select(site.c.id, site.c.name).where(site.c.id.in_(list(keys)))).all()
    return {row.id: row.name or row.id for row in rows}


def watched_incidents(connection: Connection, engineer: str) -> list[int]:
    """The open incidents that he watches one by one."""
    query = (
        select(incident.c.number)
        .join(participation, participation.c.incident == incident.c.number)
        .join(person, person.c.id == participation.c.person)
        .where(person.c.kind == "engineer", person.c.key == engineer)
        .where(participation.c.role == "watcher", participation.c.until.is_(None))
        .where(incident.c.status != Status.CLOSED.value)
    )
    return list(connection.execute(query.order_by(incident.c.number).limit(MOST)).scalars())
