"""Rows of an import become sites, contacts, contracts, services and units of the store; what is wrong with one is said.

The rows were read and checked by `cli/directory`; here they meet what is there already.  A row that a file declares is
that file's, and nothing here changes it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, Table, select

from sitmail.domain.directory import (
    DeclaredContact,
    DeclaredContract,
    DeclaredService,
    DeclaredSite,
    DeclaredUnit,
    Directory,
)
from sitmail.domain.people import Kind
from sitmail.domain.serials import serial_key
from sitmail.store import declared_people, directory_changes, directory_sync
from sitmail.store.batches import batched
from sitmail.store.ids import Ids
from sitmail.store.schema import address, contract, person, service, site, unit

KINDS: Mapping[str, Any] = {
    "site": DeclaredSite,
    "contact": DeclaredContact,
    "contract": DeclaredContract,
    "service": DeclaredService,
    "unit": DeclaredUnit,
}
DATES = frozenset({"starts", "expires", "ended", "warranty_until"})
Place = tuple[str, str]  # the kind of a row, and its key


def bring(
    connection: Connection,
    ids: Ids,
    rows: Mapping[str, Sequence[Mapping[str, Any]]],
    origin: str,
    *,
    dry: bool,
    known: Collection[str] = (),
) -> dict[str, Any]:
    """{new, changed, same, mistakes} of these rows.

    That is how many are new, and how many differ from what is there; [kind, number of the row] of those that do not,
    and [kind, number of the row, sentence] of what is wrong.

    Nothing is written where something is wrong, or if `dry`.  `known` are "site ID" and "contract ID" of earlier parts.
    """
    directory = _directory(rows, origin)
    there = _there(connection, directory)
    mistakes = [*_dangling(connection, directory, known), *_elsewhere(there), *_claimed(connection, directory)]
    same = [] if mistakes else _same_as_before(connection, directory, there)
    counted = sum(len(some) for some in rows.values())
    found = {"new": counted - len(there), "changed": len(there) - len(same), "same": same, "mistakes": mistakes}
    if dry or mistakes:
        return found
    directory_sync.write(connection, directory)
    keys = {declared_people.key_of(one) for one in directory.contacts}
    declared_people.write_contacts(directory.contacts, keys, connection, ids)
    directory_changes.lay_over(connection, directory)
    return found


def _directory(rows: Mapping[str, Sequence[Mapping[str, Any]]], origin: str) -> Directory:
    made = {kind: tuple([_declared(kind, row, origin) for row in some]) for kind, some in rows.items()}
    return Directory(
        sites=made.get("site", ()),
        contacts=made.get("contact", ()),
        contracts=made.get("contract", ()),
        services=made.get("service", ()),
        units=made.get("unit", ()),
    )


def _declared(kind: str, row: Mapping[str, Any], origin: str) -> Any:
    values: dict[str, Any] = {"origin": origin}
    for name, value in row.items():
        if name in DATES:
            value = date.fromisoformat(value)  # noqa: PLW2901
        values[name] = tuple(value) if isinstance(value, list) else value
    if kind in ("site", "contact", "service"):
        values = {"name": "" if kind == "contact" else values.get("id", "")} | values
    return KINDS[kind](**values)


def _keys(directory: Directory) -> Iterator[tuple[str, Table, str, list[str]]]:
    """(kind, table, column, keys) of the rows, in their order."""
    yield "site", site, "id", [one.id for one in directory.sites]
    yield "contact", person, "key", [declared_people.key_of(one) for one in directory.contacts]
    yield "contract", contract, "id", [one.id for one in directory.contracts]
    yield "service", service, "id", [one.id for one in directory.services]
    yield "unit", unit, "key", [serial_key(one.serial) for one in directory.units]


def _there(connection: Connection, directory: Directory) -> list[tuple[str, int, str]]:
    """(kind, place, origin) of each row that is in the store, and not retired."""
    found = []
    for kind, table, column, keys in _keys(directory):
        at = {key: place for place, key in enumerate(keys)}
        for some in batched(keys):
            query = select(table.c[column], table.c.origin).where(table.c[column].in_(some), table.c.retired.is_(False))
            if kind == "contact":
                query = query.where(table.c.kind == Kind.CONTACT.value)
            found += [(kind, at[key], origin) for key, origin in connection.execute(query).all()]
    return found


def _same_as_before(
    connection: Connection, directory: Directory, there: Sequence[tuple[str, int, str]]
) -> list[tuple[str, int]]:
    """(kind, place) of the rows that the store has just so."""
    if not there:
        return []
    differing = set(directory_sync.differing(connection, directory))
    keys = {kind: keys for kind, _, _, keys in _keys(directory)}
    return [(kind, place) for kind, place, _ in there if (kind, keys[kind][place]) not in differing]


def _elsewhere(there: Sequence[tuple[str, int, str]]) -> Iterator[tuple[str, int, str]]:
    for kind, place, origin in there:
        if origin and not origin.startswith(declared_people.IMPORT):
            yield kind, place, f"stands in {origin}; change it there"


def _dangling(connection: Connection, directory: Directory, known: Collection[str]) -> Iterator[tuple[str, int, str]]:
    """Sites and contracts that are named and are nowhere."""
    sites = {one.id for one in directory.sites} | {"", *_of("site ", known)}
    contracts = {one.id for one in directory.contracts} | {"", *_of("contract ", known)}
    named = {one.site for one in directory.contacts} | {one.site for one in directory.contracts}
    named |= {one.site for one in directory.units}
    sites |= _present(connection, site, named - sites)
    covering = {one.contract for one in directory.units} | {one.contract for one in directory.services}
    contracts |= _present(connection, contract, covering - contracts)
    tables: dict[str, Sequence[Any]] = {
        "contact": directory.contacts,
        "contract": directory.contracts,
        "unit": directory.units,
    }
    for kind, some in tables.items():
        for place, one in enumerate(some):
            if one.site not in sites:
                yield kind, place, f"there is no site {one.site!r}"
    under: dict[str, Sequence[Any]] = {"service": directory.services, "unit": directory.units}
    for kind, some in under.items():
        for place, each in enumerate(some):
            if each.contract not in contracts:
                yield kind, place, f"there is no contract {each.contract!r}"


def _of(kind: str, known: Collection[str]) -> Iterator[str]:
    return (one.removeprefix(kind) for one in known if one.startswith(kind))


def _present(connection: Connection, table: Table, keys: set[str]) -> set[str]:
    found: set[str] = set()
    for some in batched(sorted(keys)):
        query = select(table.c.id).where(table.c.id.in_(some), table.c.retired.is_(False))
        found |= set(connection.execute(query).scalars().all())
    return found


def _claimed(connection: Connection, directory: Directory) -> Iterator[tuple[str, int, str]]:
    """Addresses that another contact has, who would keep his others.

    A contact without id is known by any of his addresses: his row is found again when the first one changed.
    """
    wanted = {where: place for place, one in enumerate(directory.contacts) for where in one.addresses}
    named = (person.c.kind, person.c.declared, person.c.retired, person.c.key, person.c.name, person.c.origin)
    for some in batched(wanted):
        # What the person is, is looked at here: asked for it SQLite would begin with all contacts.
        query = select(address.c.address, *named).join_from(address, person, person.c.id == address.c.person)
        for row in connection.execute(query.where(address.c.address.in_(some), address.c.former.is_(False))).all():
            contact = row.kind == Kind.CONTACT.value and row.declared and not row.retired
            if contact and not _same(directory.contacts[wanted[row.address]], row):
                whose = f"{row.name or row.key} ({row.origin or 'a file'})"
                yield "contact", wanted[row.address], f"{row.address} is an address of {whose}"


def _same(mine: DeclaredContact, other: Any) -> bool:
    """Whether a row of the import is that person."""
    if other.key == declared_people.key_of(mine):
        return True
    imported = str(other.origin).startswith(declared_people.IMPORT)
    return not mine.id and imported and other.key in mine.addresses
