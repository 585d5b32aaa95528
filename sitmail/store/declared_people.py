"""The declared people: engineers, partners and contacts, and whose row each of them gets.

A row is a person's history, so it is sought before a new one is made: by kind and key (the declared id, else a
contact's registered address), then, for contacts, by any of their addresses, where a stranger's row serves too.  An
address that a contact no longer has stays his former one: answers that are still under way from there are his.

There may be a hundred thousand of them, who come in parts: each function here is given one part.  Rows are fetched all
at once: fetched one by one each waits for the interpreter's lock while mail is handled.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, delete, insert, select, update

from sitmail.domain.directory import DeclaredContact
from sitmail.domain.engineers import Engineer
from sitmail.domain.people import PARTNERS, Kind
from sitmail.domain.policy import Partner, Policy
from sitmail.store.batches import batched
from sitmail.store.errors import StoreError
from sitmail.store.ids import Ids
from sitmail.store.rows import defaults, shared
from sitmail.store.schema import address, person, site

FORMER = -1  # the place of an address that is no longer theirs
IMPORT = "import "  # how the origin of what was imported begins
KINDS = (Kind.ENGINEER.value, *sorted(PARTNERS), Kind.CONTACT.value)
CLIENTS = (Kind.CONTACT.value, Kind.STRANGER.value)
NAMES = tuple(column.name for column in person.columns if column.name != "id")
DEFAULTS = defaults(person)


@dataclass(slots=True)
class _Declared:
    values: dict[str, Any]  # of the person's row, without id
    addresses: tuple[str, ...]
    id: int = 0


@dataclass(slots=True)
class _Present:
    """What the store holds of a part: persons by number, and the places of each one's addresses."""

    rows: dict[int, Row[Any]] = field(default_factory=dict)
    places: dict[int, dict[str, int]] = field(default_factory=dict)

    def lives_at(self, number: int) -> Iterator[str]:
        return (where for where, place in self.places.get(number, {}).items() if place != FORMER)


def write_staff(connection: Connection, policy: Policy, ids: Ids) -> None:
    """Engineers and partners as they are configured."""
    _write(connection, ids, _staff(policy), ())


def write_contacts(
    contacts: Sequence[DeclaredContact], keys: Collection[str], connection: Connection, ids: Ids
) -> None:
    """Adds and changes these contacts; who was known by their mail alone retires, where one of them now lives.

    `keys`: those of all contacts, if these are only a part: the row of one of those is nobody else's.  StoreError if
    two of these claim one address.
    """
    _write(connection, ids, _contacts(connection, contacts), keys)


def key_of(contact: DeclaredContact) -> str:
    return contact.id or contact.addresses[0]


def differing(connection: Connection, contacts: Sequence[DeclaredContact]) -> set[str]:
    """The keys of those contacts that `write_contacts` would change something for."""
    wanted = _contacts(connection, contacts)
    keys = {one.values["key"] for one in wanted}
    present = _present(connection, wanted)
    _find_rows(wanted, present, keys)
    claimed = {where for number in _replaced(wanted, present, keys) for where in present.lives_at(number)}
    return {
        one.values["key"]
        for one in wanted
        if _changes(one, present) or _moves(one, present) or not claimed.isdisjoint(one.addresses)
    }


def site_facts(connection: Connection, sites: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Time zone and language of these sites, as they are now: their contacts have them, too."""
    found: dict[str, tuple[str, str]] = {}
    for some in batched(sites):
        query = select(site.c.id, site.c.timezone, site.c.language).where(site.c.id.in_(some))
        found |= {row.id: (row.timezone, row.language) for row in connection.execute(query)}
    return found


def follow_sites(connection: Connection, before: Mapping[str, tuple[str, str]]) -> None:
    """Contacts who had the time zone and the language of their site get those that it has now."""
    for key, now in site_facts(connection, before).items():
        for name, old, new in zip(("timezone", "language"), before[key], now, strict=True):
            if new != old:
                theirs = (person.c.site == key, person.c.kind == Kind.CONTACT.value, person.c[name] == old)
                connection.execute(update(person).where(*theirs).values({name: new}))


def retire_gone(connection: Connection, policy: Policy, contacts: Collection[str]) -> None:
    """Retires who is declared no more; `contacts` are the keys of those who are.  Who was imported stays."""
    wanted: dict[str, Collection[str]] = {kind.value: {one.id for one in policy.partners_of(kind)} for kind in PARTNERS}
    wanted |= {Kind.ENGINEER.value: policy.engineers, Kind.CONTACT.value: contacts}
    query = select(person.c.id, person.c.kind, person.c.key).where(
        person.c.declared, person.c.retired.is_(False), ~person.c.origin.startswith(IMPORT)
    )
    _retire(connection, [number for number, kind, key in connection.execute(query) if key not in wanted[kind]])


def _write(connection: Connection, ids: Ids, wanted: list[_Declared], keys: Collection[str]) -> None:
    present = _present(connection, wanted)
    _find_rows(wanted, present, keys)
    _write_persons(connection, ids, wanted, present)
    _write_addresses(connection, wanted, present)
    _retire(connection, list(_replaced(wanted, present, keys)))


def _present(connection: Connection, wanted: list[_Declared]) -> _Present:
    """Whoever has a key or an address of those wanted, with all their addresses."""
    found = _Present()
    columns = (person.c.id, *(person.c[name] for name in NAMES))
    for kind in KINDS:
        for some in batched(one.values["key"] for one in wanted if one.values["kind"] == kind):
            query = select(*columns).where(person.c.kind == kind, person.c.key.in_(some))
            found.rows |= {row.id: row for row in connection.execute(query).all()}
    others: set[int] = set()
    for some in batched({where for one in wanted for where in one.addresses}):
        others |= set(connection.execute(select(address.c.person).where(address.c.address.in_(some))).scalars().all())
    for each in batched(sorted(others - found.rows.keys())):
        found.rows |= {row.id: row for row in connection.execute(select(*columns).where(person.c.id.in_(each))).all()}
    places = (address.c.address, address.c.person, address.c.place, address.c.former)
    for each in batched(sorted(found.rows)):
        for where, number, place, former in connection.execute(select(*places).where(address.c.person.in_(each))).all():
            found.places.setdefault(number, {})[where] = FORMER if former else place
    return found


def _staff(policy: Policy) -> list[_Declared]:
    engineers = [_declared(Kind.ENGINEER, one.id, one) for one in policy.engineers.values()]
    return engineers + [_declared(one.kind, one.id, one) for one in policy.partners]


def _contacts(connection: Connection, contacts: Sequence[DeclaredContact]) -> list[_Declared]:
    """A contact's zone, and language if none is given, are the site's."""
    sites: dict[str, Row[Any]] = {}
    columns = (site.c.id, site.c.timezone, site.c.language)
    for some in batched({one.site for one in contacts if one.site}):
        sites |= {row.id: row for row in connection.execute(select(*columns).where(site.c.id.in_(some))).all()}
    claimed: dict[str, str] = {}
    found = []
    for one in contacts:
        for each in one.addresses:
            if each in claimed:
                raise StoreError(f"{each} belongs to two contacts, {claimed[each]} and {one.name}; give it to one")
            claimed[each] = one.name
        home = sites.get(one.site)
        about = {"timezone": home.timezone, "language": one.language or home.language} if home is not None else {}
        found.append(_declared(Kind.CONTACT, key_of(one), one, **about))
    return found


def _declared(kind: Kind, key: str, one: Engineer | Partner | DeclaredContact, **about: str) -> _Declared:
    """What is not declared of a person has the schema's default."""
    values = DEFAULTS | shared(one, person, but=("id",)) | about
    values |= {"kind": kind.value, "key": key, "declared": True}
    return _Declared(values, tuple(dict.fromkeys(one.addresses)))


def _find_rows(wanted: list[_Declared], present: _Present, keys: Collection[str]) -> None:
    """Sets `id` of those who have a row, or may have that of somebody who is declared no more."""
    by_key = {(row.kind, row.key): number for number, row in present.rows.items()}
    for one in wanted:
        one.id = by_key.get((one.values["kind"], one.values["key"]), 0)
    if all(one.id for one in wanted):
        return
    taken = {one.id for one in wanted}
    at: dict[str, list[int]] = {}  # the living before the retired, the older before the younger
    for number, row in sorted(present.rows.items(), key=lambda pair: (pair[1].retired, pair[0])):
        if row.kind in CLIENTS and number not in taken and not _wanted_elsewhere(row, keys):
            for where in present.lives_at(number):
                at.setdefault(where, []).append(number)
    for one in wanted:
        if one.id == 0 and one.values["kind"] == Kind.CONTACT.value:
            free = (number for where in one.addresses for number in at.get(where, ()) if number not in taken)
            one.id = next(free, 0)
            taken.add(one.id)


def _wanted_elsewhere(row: Row[Any], keys: Collection[str]) -> bool:
    return row.kind == Kind.CONTACT.value and row.key in keys


def _changes(one: _Declared, present: _Present) -> bool:
    """Whether their row is another one, or is still to be made."""
    return not one.id or present.rows[one.id][1:] != tuple(map(one.values.__getitem__, NAMES))


def _moves(one: _Declared, present: _Present) -> bool:
    """Whether they had other addresses, or in another order."""
    had = present.places.get(one.id, {})
    return any(had.get(where) != place for place, where in enumerate(one.addresses)) or any(
        where not in one.addresses and place != FORMER for where, place in had.items()
    )


def _write_persons(connection: Connection, ids: Ids, wanted: list[_Declared], present: _Present) -> None:
    changed = [{"the_id": one.id, **one.values} for one in wanted if one.id and _changes(one, present)]
    if changed:
        change = update(person).where(person.c.id == bindparam("the_id"))
        connection.execute(change.values({name: bindparam(name) for name in NAMES}), changed)
    fresh = [one for one in wanted if not one.id]
    if fresh:
        for one, number in zip(fresh, ids.take(connection, "person", len(fresh)), strict=True):
            one.id = number
        connection.execute(insert(person), [{"id": one.id, **one.values} for one in fresh])


def _write_addresses(connection: Connection, wanted: list[_Declared], present: _Present) -> None:
    gone: list[dict[str, Any]] = []
    left: list[dict[str, Any]] = []
    fresh, moved = [], []
    for one in wanted:
        had = present.places.get(one.id, {})
        over = [where for where, place in had.items() if where not in one.addresses and place != FORMER]
        stays = left if one.values["kind"] == Kind.CONTACT.value else gone  # an engineer's power leaves with it
        stays += [{"the_person": one.id, "the_address": where} for where in over]
        for place, where in enumerate(one.addresses):
            if where not in had:
                fresh.append({"address": where, "person": one.id, "place": place})
            elif had[where] != place:
                moved.append({"the_person": one.id, "the_address": where, "the_place": place})
    that = and_(address.c.address == bindparam("the_address"), address.c.person == bindparam("the_person"))
    if gone:
        connection.execute(delete(address).where(that), gone)
    if left:
        connection.execute(update(address).where(that).values(former=True), left)
    if moved:
        connection.execute(update(address).where(that).values(place=bindparam("the_place"), former=False), moved)
    if fresh:
        connection.execute(insert(address), fresh)


def _replaced(wanted: list[_Declared], present: _Present, keys: Collection[str]) -> Iterator[int]:
    """Who came by mail and lives at an address that is now a contact's."""
    kept = {one.id for one in wanted}
    claimed = {each for one in wanted if one.values["kind"] == Kind.CONTACT.value for each in one.addresses}
    for number, row in present.rows.items():
        by_mail = not row.declared and row.kind in CLIENTS and not row.retired
        if not by_mail or number in kept or _wanted_elsewhere(row, keys):
            continue
        if not claimed.isdisjoint(present.lives_at(number)):
            yield number


def _retire(connection: Connection, numbers: Iterable[int]) -> None:
    gone = [{"the_id": number} for number in numbers]
    if gone:
        connection.execute(update(person).where(person.c.id == bindparam("the_id")).values(retired=True), gone)
