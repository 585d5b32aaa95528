"""The declared people: engineers, vendors and contacts, and whose row each of them gets.

A row is a person's history, so it is sought before a new one is made: by kind and key (the declared id, else a
contact's registered address), then, for contacts, by any of their addresses, where a stranger's row serves too.  An
address that a contact no longer has stays his former one: answers that are still under way from there are his.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, delete, insert, select, update

from sitmail.domain.directory import DeclaredContact, Directory
from sitmail.domain.people import Kind
from sitmail.domain.policy import Engineer, Named, Policy
from sitmail.store.batches import batched
from sitmail.store.errors import StoreError
from sitmail.store.ids import Ids
from sitmail.store.rows import defaults, shared
from sitmail.store.schema import address, person, site

FORMER = -1  # the place of an address that is no longer theirs
IMPORT = "import "  # how the origin of what was imported begins
KINDS = (Kind.ENGINEER.value, Kind.VENDOR.value, Kind.CONTACT.value)
CLIENTS = (Kind.CONTACT.value, Kind.STRANGER.value)


@dataclass(slots=True)
class _Declared:
    values: dict[str, Any]  # of the person's row, without id
    addresses: tuple[str, ...]
    id: int = 0


def sync(connection: Connection, directory: Directory, policy: Policy, ids: Ids) -> None:
    """Makes persons and their addresses agree with what is declared.  StoreError if two contacts claim one address.

    Who was imported stays, unless a file declares him.
    """
    wanted = [*_staff(policy), *_vendors(policy), *_contacts(connection, directory)]
    files = person.c.declared & ~person.c.origin.startswith(IMPORT)
    before = set(connection.execute(select(person.c.id).where(files)).scalars())
    _write(connection, ids, wanted, before)


def bring(connection: Connection, directory: Directory, ids: Ids) -> None:
    """Adds and changes the contacts of an import; nobody retires but those who were known by their mail alone."""
    _write(connection, ids, list(_contacts(connection, directory)), set())


def _write(connection: Connection, ids: Ids, wanted: list[_Declared], before: set[int]) -> None:
    """`before` are those who retire where they are not wanted."""
    rows, present = _there(connection, wanted, before)
    _find_rows(wanted, rows, present)
    _write_persons(connection, ids, wanted, rows)
    _write_addresses(connection, wanted, present)
    _retire(connection, wanted, rows, present, before)


def _there(
    connection: Connection, wanted: list[_Declared], numbers: Iterable[int]
) -> tuple[dict[int, Row[Any]], dict[int, dict[str, int]]]:
    """The persons of these numbers, and whoever has a key or an address of those wanted; and the places of theirs."""
    found = set(numbers)
    for some in batched({one.values["key"] for one in wanted}):
        found |= set(
            connection.execute(select(person.c.id).where(person.c.kind.in_(KINDS), person.c.key.in_(some))).scalars()
        )
    for each in batched({where for one in wanted for where in one.addresses}):
        found |= set(connection.execute(select(address.c.person).where(address.c.address.in_(each))).scalars())
    rows: dict[int, Row[Any]] = {}
    present: dict[int, dict[str, int]] = {}
    columns = (address.c.address, address.c.person, address.c.place, address.c.former)
    for part in batched(sorted(found)):
        rows |= {row.id: row for row in connection.execute(select(person).where(person.c.id.in_(part)))}
        for where, number, place, former in connection.execute(select(*columns).where(address.c.person.in_(part))):
            present.setdefault(number, {})[where] = FORMER if former else place
    return rows, present


def _staff(policy: Policy) -> Iterable[_Declared]:
    for one in policy.engineers.values():
        yield _declared(Kind.ENGINEER, one.id, one)


def _vendors(policy: Policy) -> Iterable[_Declared]:
    for one in policy.vendors.values():
        yield _declared(Kind.VENDOR, one.id, one)


def _contacts(connection: Connection, directory: Directory) -> Iterable[_Declared]:
    """A contact's zone, and language if none is given, are the site's."""
    sites: dict[str, Row[Any]] = {}
    columns = (site.c.id, site.c.timezone, site.c.language)
    for some in batched({one.site for one in directory.contacts}):
        sites |= {row.id: row for row in connection.execute(select(*columns).where(site.c.id.in_(some)))}
    claimed: dict[str, str] = {}
    for one in directory.contacts:
        for each in one.addresses:
            if each in claimed:
                raise StoreError(f"{each} belongs to two contacts, {claimed[each]} and {one.name}; give it to one")
            claimed[each] = one.name
        home = sites.get(one.site)
        about = {"timezone": home.timezone, "language": one.language or home.language} if home is not None else {}
        yield _declared(Kind.CONTACT, one.id or one.addresses[0], one, **about)


def _declared(kind: Kind, key: str, one: Engineer | Named | DeclaredContact, **about: str) -> _Declared:
    """What is not declared of a person has the schema's default."""
    values = defaults(person) | shared(one, person, but=("id",)) | about
    values |= {"kind": kind.value, "key": key, "declared": True}
    return _Declared(values, tuple(dict.fromkeys(one.addresses)))


def _find_rows(wanted: list[_Declared], rows: dict[int, Row[Any]], present: dict[int, dict[str, int]]) -> None:
    by_key = {(row.kind, row.key): number for number, row in rows.items()}
    for one in wanted:
        one.id = by_key.get((one.values["kind"], one.values["key"]), 0)
    taken = {one.id for one in wanted}
    at: dict[str, list[int]] = {}  # the living before the retired, the older before the younger
    for number, row in sorted(rows.items(), key=lambda pair: (pair[1].retired, pair[0])):
        if row.kind in CLIENTS and number not in taken:
            for where, place in present.get(number, {}).items():
                if place == FORMER:
                    continue
                at.setdefault(where, []).append(number)
    for one in wanted:
        if one.id == 0 and one.values["kind"] == Kind.CONTACT.value:
            free = (number for where in one.addresses for number in at.get(where, ()) if number not in taken)
            one.id = next(free, 0)
            taken.add(one.id)


def _write_persons(connection: Connection, ids: Ids, wanted: list[_Declared], rows: dict[int, Row[Any]]) -> None:
    changed = [
        {"the_id": one.id, **one.values}
        for one in wanted
        if one.id and any(getattr(rows[one.id], name) != value for name, value in one.values.items())
    ]
    if changed:
        change = update(person).where(person.c.id == bindparam("the_id"))
        connection.execute(change.values({name: bindparam(name) for name in changed[0] if name != "the_id"}), changed)
    fresh = [one for one in wanted if not one.id]
    if fresh:
        for one, number in zip(fresh, ids.take(connection, "person", len(fresh)), strict=True):
            one.id = number
        connection.execute(insert(person), [{"id": one.id, **one.values} for one in fresh])


def _write_addresses(connection: Connection, wanted: list[_Declared], present: dict[int, dict[str, int]]) -> None:
    gone: list[dict[str, Any]] = []
    left: list[dict[str, Any]] = []
    fresh, moved = [], []
    for one in wanted:
        had = present.get(one.id, {})
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


def _retire(
    connection: Connection,
    wanted: list[_Declared],
    rows: dict[int, Row[Any]],
    present: dict[int, dict[str, int]],
    before: set[int],
) -> None:
    """Retires who is declared no more, and whoever came by mail and lives at an address that is now a contact's."""
    kept = {one.id for one in wanted}
    claimed = {each for one in wanted if one.values["kind"] == Kind.CONTACT.value for each in one.addresses}

    def lives(number: int) -> set[str]:
        return {where for where, place in present.get(number, {}).items() if place != FORMER}

    gone = [
        {"the_id": number}
        for number, row in rows.items()
        if number not in kept
        and not row.retired
        and (number in before or (not row.declared and row.kind in CLIENTS and not claimed.isdisjoint(lives(number))))
    ]
    if gone:
        connection.execute(update(person).where(person.c.id == bindparam("the_id")).values(retired=True), gone)
