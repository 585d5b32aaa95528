"""Looking people, sites and contracts up.  How the declared ones get into the tables: `directory_sync`.

What is declared no more is retired, never deleted: an incident's log names people for ever.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from sitmail.domain import facts
from sitmail.domain.incident import Status
from sitmail.domain.people import PARTNERS, Kind, Person
from sitmail.store.directory_sync import sync
from sitmail.store.ids import Ids
from sitmail.store.prepared import Prepared, add, any_of
from sitmail.store.rows import RecordRows, field_names
from sitmail.store.schema import address, contract, contract_contact, incident, person, site, site_domain, unit
from sitmail.store.text import storable

__all__ = [
    "add_stranger",
    "add_strangers",
    "any_contract",
    "any_unit",
    "bounces",
    "contracts",
    "count_bounce",
    "formerly",
    "gone_with_open",
    "internal_site",
    "make_known",
    "partners",
    "people",
    "persons",
    "remember",
    "site_admins",
    "site_by_domain",
    "sites",
    "staff",
    "substitutes",
    "sync",
    "units",
    "units_of",
]

_PERSON = RecordRows(Person, person, convert={"kind": Kind}, beside=("addresses",))
_WHERE = len(_PERSON.columns)  # the place in a row of one of the person's addresses
_SITE = RecordRows(facts.Site, site, beside=("domains",))
_CONTRACT = RecordRows(facts.Contract, contract, beside=("contacts", "prepaid"))
_UNIT = RecordRows(facts.Unit, unit)
NAMED_UNITS = 500  # of a site, among which a mistyped serial number is looked for
_EVERYBODY = field_names(facts.Contract).index("everybody")
_ASKED = address.alias("asked")

_PEOPLE = Prepared(
    select(*_PERSON.columns, address.c.address, _ASKED.c.address.label("asked"))
    .join_from(_ASKED, person, _ASKED.c.person == person.c.id)
    .join(address, address.c.person == person.c.id)
    .where(
        _ASKED.c.address.in_(any_of("wanted")),
        _ASKED.c.former.is_(False),
        address.c.former.is_(False),
        person.c.retired.is_(False),
    )
    .order_by(person.c.id, address.c.place)
)
_FORMERLY = Prepared(
    select(address.c.address, address.c.person)
    .join_from(address, person, address.c.person == person.c.id)
    .where(
        address.c.address.in_(any_of("wanted")),
        (person.c.kind == Kind.CONTACT.value) | (person.c.kind == Kind.STRANGER.value),
        address.c.former | person.c.retired,
    )
    .order_by(address.c.person)
)
_WITH_ADDRESSES = (
    select(*_PERSON.columns, address.c.address)
    .join_from(person, address, (address.c.person == person.c.id) & address.c.former.is_(False), isouter=True)
    .order_by(person.c.id, address.c.place)
)
_PERSONS = Prepared(_WITH_ADDRESSES.where(person.c.id.in_(any_of("wanted"))))
_LIVING = Prepared(_WITH_ADDRESSES.where(person.c.kind == bindparam("wanted"), person.c.retired.is_(False)))
_STRANGERS = Prepared(
    select(person.c.key, person.c.id, person.c.retired).where(
        person.c.kind == Kind.STRANGER.value, person.c.key.in_(any_of("wanted"))
    )
)
_SITES = Prepared(select(*_SITE.columns).where(site.c.id.in_(any_of("wanted"))))
_DOMAINS = Prepared(
    select(site_domain.c.site, site_domain.c.domain)
    .where(site_domain.c.site.in_(any_of("wanted")))
    .order_by(site_domain.c.domain)
)
_HOMES = Prepared(
    select(site_domain.c.domain, site_domain.c.site)
    .join_from(site_domain, site, site_domain.c.site == site.c.id)
    .where(site_domain.c.domain.in_(any_of("wanted")), site.c.retired.is_(False))
)
_CONTRACTS_OF_SITES = Prepared(
    select(*_CONTRACT.columns).where(contract.c.site.in_(any_of("wanted")), contract.c.retired.is_(False))
)
_CONTRACTS = Prepared(
    select(*_CONTRACT.columns).where(contract.c.id.in_(any_of("wanted")), contract.c.retired.is_(False))
)
_NAMED = Prepared(
    select(contract_contact.c.contract, contract_contact.c.address).where(
        contract_contact.c.contract.in_(any_of("wanted")), contract_contact.c.address.in_(any_of("asked"))
    )
)
_UNITS = Prepared(select(*_UNIT.columns).where(unit.c.key.in_(any_of("wanted")), unit.c.retired.is_(False)))
_UNITS_OF_SITES = Prepared(
    select(*_UNIT.columns)
    .where(unit.c.site.in_(any_of("wanted")), unit.c.retired.is_(False))
    .order_by(unit.c.site, unit.c.key)
    .limit(NAMED_UNITS)
)
_SITE_ADMINS = Prepared(
    _WITH_ADDRESSES.where(person.c.site.in_(any_of("wanted")), person.c.role == "admin", person.c.retired.is_(False))
)


# --- people


def people(connection: Connection, addresses: Collection[str]) -> dict[str, tuple[Person, ...]]:
    """Who lives at these addresses (lower case): for each known one its persons, none of them retired."""
    if not addresses:
        return {}
    rows = _PEOPLE.all(connection, wanted=addresses)
    found = {one.id: one for one in _persons(rows)}
    at: dict[str, dict[int, Person]] = {}
    for row in rows:
        at.setdefault(row[-1], {})[row[0]] = found[row[0]]
    return {where: tuple(living.values()) for where, living in at.items()}


def formerly(connection: Connection, addresses: Collection[str]) -> dict[str, tuple[Person, ...]]:
    """Contacts who had these addresses (lower case) once: the address changed, or they are declared no more."""
    if not addresses:
        return {}
    found: dict[str, list[int]] = {}
    for where, number in _FORMERLY.all(connection, wanted=addresses):
        found.setdefault(where, []).append(number)
    known = persons(connection, {number for numbers in found.values() for number in numbers})
    return {where: tuple(known[number] for number in numbers) for where, numbers in found.items()}


def gone_with_open(connection: Connection, limit: int = 20) -> list[tuple[str, int]]:
    """Contacts whom no file declares any more while they have open incidents: (key, how many)."""
    query = select(person.c.key, func.count()).join_from(person, incident, incident.c.contact == person.c.id)
    query = query.where(person.c.declared, person.c.retired, incident.c.status != Status.CLOSED.value)
    query = query.group_by(person.c.key).order_by(person.c.key).limit(limit)
    return [(key, number) for key, number in connection.execute(query)]


def substitutes(connection: Connection, engineers: Collection[str]) -> dict[str, tuple[str, str]]:
    """(name, id of the substitute) of engineers, also of those who have left, by their id."""
    query = select(person.c.key, person.c.name, person.c.substitute)
    query = query.where(person.c.kind == Kind.ENGINEER.value, person.c.key.in_(engineers))
    return {key: (name, substitute) for key, name, substitute in connection.execute(query)}


def persons(connection: Connection, ids: Collection[int]) -> dict[int, Person]:
    """Persons by id, retired ones too: the log still names them."""
    return {one.id: one for one in _persons(_PERSONS.all(connection, wanted=ids))} if ids else {}


def staff(connection: Connection) -> dict[str, Person]:
    """Every engineer by the configured id."""
    return _living(connection, Kind.ENGINEER)


def partners(connection: Connection) -> tuple[Person, ...]:
    """Every vendor, tracker and order desk."""
    return tuple([one for kind in sorted(PARTNERS) for one in _living(connection, kind).values()])


def add_stranger(connection: Connection, ids: Ids, at: str, name: str) -> Person:
    """`add_strangers` for one."""
    return add_strangers(connection, ids, {at: name})[at]


def add_strangers(connection: Connection, ids: Ids, names: Mapping[str, str]) -> dict[str, Person]:
    """People of whom we know nothing but address and name: served, but not known before the first proof.

    The stranger of such an address, if there is or was one; a retired contact is somebody else, with other rights.
    """
    if not names:
        return {}
    there = {key: (number, retired) for key, number, retired in _STRANGERS.all(connection, wanted=names)}
    back = [number for number, retired in there.values() if retired]
    if back:
        connection.execute(update(person).where(person.c.id.in_(back)).values(retired=False, known=False))
    known = persons(connection, {number for number, _ in there.values()})
    fresh = [at for at in names if at not in there]
    numbers = dict(zip(fresh, ids.take(connection, "person", len(fresh)), strict=True))
    made = {
        at: Person(number, Kind.STRANGER, at, storable(names[at]), (at,), known=False) for at, number in numbers.items()
    }
    columns = ("id", "key", "name", "known")
    rows = [{"kind": Kind.STRANGER.value} | {name: getattr(one, name) for name in columns} for one in made.values()]
    add(connection, person, rows)
    add(connection, address, [{"address": one.key, "person": one.id, "place": 0} for one in made.values()])
    return made | {at: known[number] for at, (number, _) in there.items()}


def make_known(connection: Connection, ids: Collection[int]) -> None:
    """These strangers gave their first proof."""
    connection.execute(update(person).where(person.c.id.in_(ids)).values(known=True))


def remember(connection: Connection, key: str, home: str) -> None:
    """This stranger is known, and of that site ("": of none)."""
    that = (person.c.kind == Kind.STRANGER.value) & (person.c.key == key)
    connection.execute(update(person).where(that).values(known=True, site=home))


def count_bounce(connection: Connection, owner: int, where: str, now: datetime) -> None:
    """A letter to this address came back."""
    its = (address.c.person == owner) & (address.c.address == where)
    connection.execute(update(address).where(its).values(bounces=address.c.bounces + 1, bounced=now))


def bounces(connection: Connection, owner: int, where: str) -> int:
    """How many letters came back from this address."""
    its = (address.c.person == owner) & (address.c.address == where)
    return connection.execute(select(address.c.bounces).where(its)).scalar_one_or_none() or 0


def _living(connection: Connection, kind: Kind) -> dict[str, Person]:
    return {one.key: one for one in _persons(_LIVING.all(connection, wanted=kind.value))}


def _persons(rows: Iterable[tuple[Any, ...]]) -> Iterable[Person]:
    """Persons from rows of person and address, sorted by person and place."""
    whose: dict[int, tuple[Any, ...]] = {}
    places: dict[int, dict[str, None]] = {}
    for row in rows:
        whose[row[0]] = row
        if row[_WHERE] is not None:
            places.setdefault(row[0], {})[row[_WHERE]] = None
    for number, row in whose.items():
        yield _PERSON.record(row, addresses=tuple(places.get(number, ())))


# --- sites and contracts


def sites(connection: Connection, ids: Collection[str]) -> dict[str, facts.Site]:
    """Sites by id, retired ones too."""
    if not ids:
        return {}
    rows = _SITES.all(connection, wanted=ids)
    domains: dict[str, list[str]] = {}
    for owner, domain in _DOMAINS.all(connection, wanted=ids):
        domains.setdefault(owner, []).append(domain)
    return {one.id: one for one in (_SITE.record(row, domains=tuple(domains.get(row[0], ()))) for row in rows)}


def site_by_domain(connection: Connection, domains: Collection[str]) -> dict[str, facts.Site]:
    """The site each of these mail domains (lower case) belongs to, if one does; retired sites have none."""
    homes: dict[str, str] = dict(_HOMES.all(connection, wanted=domains)) if domains else {}
    found = sites(connection, set(homes.values()))
    return {domain: found[home] for domain, home in homes.items()}


def internal_site(connection: Connection) -> facts.Site | None:
    """The site that is our own company: the first that says so.  Only engineers' fresh mail asks."""
    query = select(site.c.id).where(site.c.internal, site.c.retired.is_(False)).order_by(site.c.id).limit(1)
    own = connection.execute(query).scalar()
    return sites(connection, [own])[own] if own else None


def contracts(
    connection: Connection, sites: Collection[str], addresses: Collection[str], ids: Collection[str] = ()
) -> list[facts.Contract]:
    """The contracts of these sites, and of these ids, each with those of the addresses that it names; sorted by id."""
    rows = {row[0]: row for row in _CONTRACTS_OF_SITES.all(connection, wanted=sites)} if sites else {}
    missing = set(ids) - rows.keys()
    rows |= {row[0]: row for row in _CONTRACTS.all(connection, wanted=missing)} if missing else {}
    if not rows:
        return []
    named: dict[str, list[str]] = {}
    bounded = [key for key, row in rows.items() if not row[_EVERYBODY]]
    for which, who in _NAMED.all(connection, wanted=bounded, asked=addresses) if bounded and addresses else ():
        named.setdefault(which, []).append(who)
    return [_CONTRACT.record(row, contacts=tuple(sorted(named.get(key, ())))) for key, row in sorted(rows.items())]


def units(connection: Connection, keys: Collection[str]) -> dict[str, facts.Unit]:
    """Units by serial number as it is compared; retired ones are not found."""
    rows = _UNITS.all(connection, wanted=keys) if keys else []
    return {one.key: one for one in map(_UNIT.record, rows)}


def units_of(connection: Connection, sites: Collection[str]) -> dict[str, facts.Unit]:
    """Units of these sites, by serial number as it is compared: the first of them."""
    rows = _UNITS_OF_SITES.all(connection, wanted=sites) if sites else []
    return {one.key: one for one in map(_UNIT.record, rows)}


def site_admins(connection: Connection, sites: Collection[str]) -> list[Person]:
    """The admin contacts of these sites."""
    return list(_persons(_SITE_ADMINS.all(connection, wanted=sites))) if sites else []


def any_contract(connection: Connection) -> bool:
    """Whether there are contracts at all."""
    return connection.execute(select(contract.c.id).limit(1)).first() is not None


def any_unit(connection: Connection) -> bool:
    """Whether there are units at all."""
    return connection.execute(select(unit.c.serial).limit(1)).first() is not None
