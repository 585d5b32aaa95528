"""The people and contracts of one site, as its admin contact may see them."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, func, select

from sitmail.domain.facts import SiteContract
from sitmail.domain.people import Kind, Person
from sitmail.store.directory_lookup import persons
from sitmail.store.schema import address, contract, contract_contact, person

_CLIENTS = (Kind.CONTACT.value, Kind.STRANGER.value)


def people_of(connection: Connection, site: str, most: int) -> tuple[list[Person], int]:
    """The first people of a site by name, and how many there are."""
    theirs = (person.c.site == site, person.c.retired.is_(False), person.c.known, person.c.kind.in_(_CLIENTS))
    count = connection.execute(select(func.count()).select_from(person).where(*theirs)).scalar_one()
    first = select(person.c.id).where(*theirs).order_by(person.c.name, person.c.id).limit(most)
    found = persons(connection, set(connection.execute(first).scalars()))
    return list(found.values()), count


def formerly_of(connection: Connection, site: str, addresses: Collection[str]) -> dict[str, Person]:
    """Those of these addresses whose owner was a contact of the site, and is none any more."""
    query = select(address.c.address, address.c.person).join_from(address, person, address.c.person == person.c.id)
    query = query.where(address.c.address.in_(addresses), address.c.former.is_(False))
    query = query.where(person.c.site == site, person.c.retired, person.c.kind.in_(_CLIENTS))
    rows: dict[str, int] = {row[0]: row[1] for row in connection.execute(query)} if addresses else {}
    found = persons(connection, set(rows.values()))
    return {where: found[number] for where, number in rows.items()}


def contracts_of(connection: Connection, site: str) -> list[SiteContract]:
    """Its contracts, with all whom they name."""
    columns = [contract.c[name] for name in ("id", "everybody", "named_max", "visibility", "last_day")]
    query = select(*columns).where(contract.c.site == site, contract.c.retired.is_(False)).order_by(contract.c.id)
    rows = connection.execute(query).all()
    named: dict[str, list[str]] = {}
    which = select(contract_contact).where(contract_contact.c.contract.in_([row.id for row in rows]))
    for key, where in connection.execute(which) if rows else ():
        named.setdefault(key, []).append(where)
    return [SiteContract(row.id, row.everybody, tuple(sorted(named.get(row.id, ()))), *row[2:]) for row in rows]


def admin_contacts(connection: Connection) -> list[Person]:
    """The admin contacts of all sites, as the directory has them."""
    theirs = (person.c.kind == Kind.CONTACT.value, person.c.role == "admin", person.c.site != "")
    query = select(person.c.id).where(*theirs, person.c.retired.is_(False)).order_by(person.c.id)
    found = list(connection.execute(query.prefix_with("/* report */")).scalars())
    known = persons(connection, found)
    return [known[one] for one in found]
