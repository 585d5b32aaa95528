"""Looking people, sites and contracts up.  How the declared ones get into the tables (`sync`) is told in `declared`.

What is declared no more is retired, never deleted: an incident's log names people for ever.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from sitmail.domain import facts
from sitmail.domain.people import Kind, Person
from sitmail.store.declared import sync
from sitmail.store.ids import Ids
from sitmail.store.schema import address, contract, contract_contact, person, site, site_domain
from sitmail.store.text import storable

__all__ = [
    "add_stranger",
    "bounces",
    "contracts",
    "count_bounce",
    "make_known",
    "people",
    "persons",
    "site_by_domain",
    "sites",
    "staff",
    "sync",
    "vendors",
]

_FIELDS = ("id", "kind", "key", "name", "site", "language", "timezone", "level", "role", "known")
_PERSON = [person.c[name] for name in _FIELDS]
_SITE_FIELDS = ("id", "name", "account_manager", "territory", "calendar", "timezone", "language", "internal")
_SITE = [site.c[name] for name in _SITE_FIELDS]


_ASKED = address.alias("asked")

# Statements are made once: SQLAlchemy takes longer to put one together than a database takes to answer it.
_PEOPLE = (
    select(*_PERSON, address.c.address, _ASKED.c.address.label("asked"))
    .join_from(_ASKED, person, _ASKED.c.person == person.c.id)
    .join(address, address.c.person == person.c.id)
    .where(_ASKED.c.address.in_(bindparam("wanted", expanding=True)), person.c.retired.is_(False))
    .order_by(person.c.id, address.c.place)
)
_WITH_ADDRESSES = (
    select(*_PERSON, address.c.address)
    .join_from(person, address, address.c.person == person.c.id, isouter=True)
    .order_by(person.c.id, address.c.place)
)
_PERSONS = _WITH_ADDRESSES.where(person.c.id.in_(bindparam("wanted", expanding=True)))
_LIVING = _WITH_ADDRESSES.where(person.c.kind == bindparam("wanted"), person.c.retired.is_(False))
_SITES = select(*_SITE).where(site.c.id.in_(bindparam("wanted", expanding=True)))
_DOMAINS = (
    select(site_domain)
    .where(site_domain.c.site.in_(bindparam("wanted", expanding=True)))
    .order_by(site_domain.c.domain)
)
_HOMES = (
    select(site_domain.c.domain, site_domain.c.site)
    .join_from(site_domain, site, site_domain.c.site == site.c.id)
    .where(site_domain.c.domain.in_(bindparam("wanted", expanding=True)), site.c.retired.is_(False))
)
_CONTRACTS = (
    select(contract)
    .where(contract.c.site.in_(bindparam("wanted", expanding=True)), contract.c.retired.is_(False))
    .order_by(contract.c.id)
)
_NAMED = (
    select(contract_contact)
    .where(contract_contact.c.contract.in_(bindparam("wanted", expanding=True)))
    .order_by(contract_contact.c.address)
)


# --- people


def people(connection: Connection, addresses: Collection[str]) -> dict[str, tuple[Person, ...]]:
    """Who lives at these addresses (lower case): for each known one its persons, none of them retired."""
    rows = connection.execute(_PEOPLE, {"wanted": list(addresses)}).all()
    found = {one.id: one for one in _persons(rows)}
    at = dict.fromkeys((row.asked, row.id) for row in rows)
    return {each: tuple(found[number] for where, number in at if where == each) for each in {row.asked for row in rows}}


def persons(connection: Connection, ids: Collection[int]) -> dict[int, Person]:
    """Persons by id, retired ones too: the log still names them."""
    return {one.id: one for one in _persons(connection.execute(_PERSONS, {"wanted": list(ids)}))}


def staff(connection: Connection) -> dict[str, Person]:
    """Every engineer by the configured id."""
    return _living(connection, Kind.ENGINEER)


def vendors(connection: Connection) -> dict[str, Person]:
    """Every vendor by the configured id."""
    return _living(connection, Kind.VENDOR)


def add_stranger(connection: Connection, ids: Ids, at: str, name: str) -> Person:
    """Somebody of whom we know nothing but the address: served, but not known before the first proof.

    The stranger of that address, if there is or was one; a retired contact is somebody else, with other rights.
    """
    that = (person.c.kind == Kind.STRANGER.value) & (person.c.key == at)
    known = connection.execute(select(person.c.id, person.c.retired).where(that)).one_or_none()
    if known is not None:
        if known.retired:
            connection.execute(update(person).where(that).values(retired=False, known=False))
        return persons(connection, [known.id])[known.id]
    name = storable(name)
    number = ids.take(connection, "person", 1)[0]
    values = {"id": number, "kind": Kind.STRANGER.value, "key": at, "name": name, "known": False}
    connection.execute(insert(person).values(values))
    connection.execute(insert(address).values(address=at, person=number, place=0))
    return Person(number, Kind.STRANGER, at, name, (at,), known=False)


def make_known(connection: Connection, ids: Collection[int]) -> None:
    """These strangers gave their first proof."""
    connection.execute(update(person).where(person.c.id.in_(ids)).values(known=True))


def count_bounce(connection: Connection, owner: int, where: str, now: datetime) -> None:
    """A letter to this address came back."""
    its = (address.c.person == owner) & (address.c.address == where)
    connection.execute(update(address).where(its).values(bounces=address.c.bounces + 1, bounced=now))


def bounces(connection: Connection, owner: int, where: str) -> int:
    """How many letters came back from this address."""
    its = (address.c.person == owner) & (address.c.address == where)
    return connection.execute(select(address.c.bounces).where(its)).scalar_one_or_none() or 0


def _living(connection: Connection, kind: Kind) -> dict[str, Person]:
    return {one.key: one for one in _persons(connection.execute(_LIVING, {"wanted": kind.value}))}


def _persons(rows: Iterable[Any]) -> Iterable[Person]:
    """Persons from rows of person and address, sorted by person and place."""
    values: dict[int, dict[str, Any]] = {}
    places: dict[int, dict[str, None]] = {}
    for row in rows:
        values.setdefault(row.id, dict(zip(_FIELDS, row, strict=False)))
        if row.address is not None:
            places.setdefault(row.id, {})[row.address] = None
    for number, one in values.items():
        one["kind"] = Kind(one["kind"])
        yield Person(**one, addresses=tuple(places.get(number, ())))


# --- sites and contracts


def sites(connection: Connection, ids: Collection[str]) -> dict[str, facts.Site]:
    """Sites by id, retired ones too."""
    rows = connection.execute(_SITES, {"wanted": list(ids)}).all()
    domains: dict[str, list[str]] = {}
    for pair in connection.execute(_DOMAINS, {"wanted": [row.id for row in rows]}):
        domains.setdefault(pair.site, []).append(pair.domain)
    return {
        row.id: facts.Site(**dict(zip(_SITE_FIELDS, row, strict=True)), domains=tuple(domains.get(row.id, ())))
        for row in rows
    }


def site_by_domain(connection: Connection, domains: Collection[str]) -> dict[str, facts.Site]:
    """The site each of these mail domains (lower case) belongs to, if one does; retired sites have none."""
    rows = connection.execute(_HOMES, {"wanted": list(domains)}).all()
    found = sites(connection, {row.site for row in rows}) if rows else {}
    return {row.domain: found[row.site] for row in rows}


def contracts(connection: Connection, sites: Collection[str], today: date) -> list[facts.Contract]:
    """The contracts of these sites, by id; `current` are those whose dates, both included, hold today."""
    rows = connection.execute(_CONTRACTS, {"wanted": list(sites)}).all()
    named: dict[str, list[str]] = {}
    if any(not row.everybody for row in rows):
        for pair in connection.execute(_NAMED, {"wanted": [row.id for row in rows]}):
            named.setdefault(pair.contract, []).append(pair.address)
    day = today.isoformat()
    return [
        facts.Contract(
            id=row.id,
            site=row.site,
            product=row.product,
            service_level=row.service_level,
            calendar=row.calendar,
            everybody=row.everybody,
            contacts=tuple(named.get(row.id, ())),
            current=row.starts <= day and (not row.expires or day <= row.expires),  # "" comes before every date
        )
        for row in rows
    ]
