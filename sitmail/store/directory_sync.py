"""Writes what the configuration and the directory files declare into the tables, at start and at every reload.

New rows are inserted and changed ones updated.  Rows that are declared no more are marked as retired, and used again if
they return.  People who are known only by their mail stay as they are until their address is declared; then their row
becomes that of the declared contact and keeps its history.  There may be a hundred thousand contacts: they are written
in parts, with bulk statements, and nothing is done if nothing has changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial
from itertools import chain
from typing import Any

from sqlalchemy import Column, Connection, RowMapping, Table, and_, bindparam, delete, insert, select, update

from sitmail.domain.directory import Directory
from sitmail.domain.policy import Policy
from sitmail.domain.serials import serial_key
from sitmail.store import declared_people, directory_changes
from sitmail.store.batches import batched
from sitmail.store.declared_people import IMPORT
from sitmail.store.ids import Ids
from sitmail.store.rows import shared
from sitmail.store.schema import contract, contract_contact, mailbox, meta, service, site, site_domain, unit

DIGEST = "directory"  # key in `meta`
EDITION = 5  # of this code: another one reads an unchanged directory again
PART = 1_000  # rows of one step
Step = Callable[[Connection, Ids], None]


def sync(connection: Connection, directory: Directory, policy: Policy, ids: Ids) -> bool:
    """Makes the tables agree with what is declared; False if it is what was declared the last time.

    StoreError if two contacts claim one address.
    """
    now = digest(directory, policy)
    if noted(connection) == now:
        return False
    for step in steps(directory, policy, now):
        step(connection, ids)
    return True


def steps(directory: Directory, policy: Policy, now: str) -> Iterator[Step]:
    """All that is to be done, in steps that may each have a transaction of their own: mail goes on between them.

    `now` is the digest of what is declared.  A sync that ended in the middle is done again by the next one.
    """
    yield _begin
    for sites in batched(directory.sites, PART):
        yield partial(_write_part, Directory(sites=tuple(sites)))
    for contracts in batched(directory.contracts, PART):
        yield partial(_write_part, Directory(contracts=tuple(contracts)))
    for services in batched(directory.services, PART):
        yield partial(_write_part, Directory(services=tuple(services)))
    for units in batched(directory.units, PART):
        yield partial(_write_part, Directory(units=tuple(units)))
    keys = {declared_people.key_of(one) for one in directory.contacts}
    for contacts in batched(directory.contacts, PART):
        yield partial(_write_contacts, Directory(contacts=tuple(contacts)), keys)
    yield partial(_last, directory, policy, keys, now)


def _begin(connection: Connection, _ids: Ids) -> None:
    _note(connection, "")


def _write_part(part: Directory, connection: Connection, _ids: Ids) -> None:
    write(connection, part)
    directory_changes.lay_over(connection, part)


def _write_contacts(part: Directory, keys: Collection[str], connection: Connection, ids: Ids) -> None:
    declared_people.write_contacts(part.contacts, keys, connection, ids)
    directory_changes.lay_over(connection, part)


def _last(
    directory: Directory, policy: Policy, contacts: Collection[str], now: str, connection: Connection, ids: Ids
) -> None:
    """The staff, who is declared no more, and what was changed by mail."""
    boxes = {box.address: {"name": box.name} for box in policy.mailboxes}
    bring(connection, mailbox, "address", boxes)
    _retire_gone(connection, mailbox, "address", boxes)
    for owner in _retire_gone(connection, site, "id", {one.id for one in directory.sites}):
        connection.execute(delete(site_domain).where(site_domain.c.site == owner))
    for owner in _retire_gone(connection, contract, "id", {one.id for one in directory.contracts}):
        connection.execute(delete(contract_contact).where(contract_contact.c.contract == owner))
    _retire_gone(connection, service, "id", {one.id for one in directory.services})
    _retire_gone(connection, unit, "key", {serial_key(one.serial) for one in directory.units})
    declared_people.write_staff(connection, policy, ids)
    declared_people.retire_gone(connection, policy, contacts)
    directory_changes.forget_gone(connection, contacts)
    _note(connection, now)


def write(connection: Connection, directory: Directory) -> None:
    """Writes sites, contracts, prepaid services and units; others stay as they are."""
    before = declared_people.site_facts(connection, [one.id for one in directory.sites])
    bring(connection, site, "id", _sites(directory))
    declared_people.follow_sites(connection, before)
    _pairs(connection, site_domain, _domains(directory), site_domain.c.site, {one.id for one in directory.sites})
    bring(connection, contract, "id", _contracts(directory))
    whose = {one.id for one in directory.contracts}
    _pairs(connection, contract_contact, _named(directory), contract_contact.c.contract, whose)
    bring(connection, service, "id", _services(directory))
    bring(connection, unit, "key", _units(directory))


def differing(connection: Connection, directory: Directory) -> Iterator[tuple[str, str]]:
    """(kind, key) of each site, contract, service, unit and contact for which an import would change something."""
    for kind, table, key, wanted in (
        ("site", site, "id", _sites(directory)),
        ("contract", contract, "id", _contracts(directory)),
        ("service", service, "id", _services(directory)),
        ("unit", unit, "key", _units(directory)),
    ):
        yield from ((kind, name) for some in _differing(connection, table, key, wanted) for name in some)
    whose = {one.id for one in directory.sites}
    for pairs in _differing_pairs(connection, site_domain, _domains(directory), site_domain.c.site, whose):
        yield from (("site", owner) for _, owner in pairs)
    whose = {one.id for one in directory.contracts}
    for pairs in _differing_pairs(connection, contract_contact, _named(directory), contract_contact.c.contract, whose):
        yield from (("contract", owner) for owner, _ in pairs)
    yield from (("contact", key) for key in declared_people.differing(connection, directory.contacts))


def digest(directory: Directory, policy: Policy) -> str:
    """A hash of all that is declared."""
    people = (
        policy.mailboxes,
        *policy.engineers.items(),
        *((one.kind, one.id, one.name, one.addresses) for one in policy.partners),
    )
    rows = (directory.sites, directory.contacts, directory.contracts, directory.services, directory.units)
    found = hashlib.sha256()
    for one in chain((EDITION, people), *rows):  # one by one: there may be many
        found.update(repr(one).encode("utf-8", "backslashreplace"))
    return found.hexdigest()


def noted(connection: Connection) -> str:
    """The digest of what was declared the last time, "" if there is none, or the sync ended in the middle."""
    return connection.execute(select(meta.c.value).where(meta.c.key == DIGEST)).scalar() or ""


def _note(connection: Connection, found: str) -> None:
    """Keeps the digest of what is written; "": it is being written."""
    if connection.execute(update(meta).where(meta.c.key == DIGEST).values(value=found)).rowcount == 0:
        connection.execute(insert(meta).values(key=DIGEST, value=found))


def _domains(directory: Directory) -> set[tuple[str, str]]:
    return {(domain, one.id) for one in directory.sites for domain in one.domains}


def _named(directory: Directory) -> set[tuple[str, str]]:
    return {(one.id, each) for one in directory.contracts for each in one.contacts or ()}


def _sites(directory: Directory) -> dict[str, dict[str, Any]]:
    return {one.id: shared(one, site, but=("id",)) for one in directory.sites}


def _contracts(directory: Directory) -> dict[str, dict[str, Any]]:
    return {
        one.id: shared(one, contract, but=("id",))
        | {
            "starts": one.starts.isoformat() if one.starts else "",
            "expires": one.expires.isoformat() if one.expires else "",
            "last_day": one.last_day.isoformat() if one.last_day else "",
            "everybody": one.contacts is None,
        }
        for one in directory.contracts
    }


def _services(directory: Directory) -> dict[str, dict[str, Any]]:
    return {
        one.id: shared(one, service, but=("id",))
        | {
            "by_incident": one.time is None,
            "amount": one.incidents if one.time is None else one.time,
            "starts": one.starts.isoformat() if one.starts else "",
            "expires": one.expires.isoformat() if one.expires else "",
            "customer_order": one.order,
        }
        for one in directory.services
    }


def _units(directory: Directory) -> dict[str, dict[str, Any]]:
    return {
        serial_key(one.serial): shared(one, unit)
        | {"warranty_until": one.warranty_until.isoformat() if one.warranty_until else ""}
        for one in directory.units
    }


def bring(connection: Connection, table: Table, key: str, wanted: Mapping[str, Mapping[str, Any]]) -> None:
    """Makes rows of a table of declared things agree: insert or update by that key; other rows and columns stay."""
    if not wanted:
        return
    fresh, changed = _differing(connection, table, key, wanted)
    if fresh:
        connection.execute(insert(table), [{key: name, "retired": False, **values} for name, values in fresh.items()])
    if changed:
        names = [*next(iter(wanted.values())), "retired"]
        change = update(table).where(table.c[key] == bindparam("the_key"))
        values = [{"the_key": name, "retired": False, **values} for name, values in changed.items()]
        connection.execute(change.values({name: bindparam(name) for name in names}), values)


def _differing(
    connection: Connection, table: Table, key: str, wanted: Mapping[str, Mapping[str, Any]]
) -> tuple[dict[str, Mapping[str, Any]], dict[str, Mapping[str, Any]]]:
    """Of those wanted, what is not in the table, and what is there with other values, or retired."""
    rows: dict[str, RowMapping] = {}
    for some in batched(wanted):
        query = select(table).where(table.c[key].in_(some))
        rows |= {row[key]: row for row in connection.execute(query).mappings().all()}
    fresh = {name: values for name, values in wanted.items() if name not in rows}
    changed = {
        name: values
        for name, values in wanted.items()
        if (row := rows.get(name)) is not None
        and (row["retired"] or any(row[field] != value for field, value in values.items()))
    }
    return fresh, changed


def _retire_gone(connection: Connection, table: Table, key: str, wanted: Collection[str]) -> list[str]:
    """Marks what files declare no more, and returns its keys.  What was imported stays."""
    query = select(table.c[key]).where(table.c.retired.is_(False))
    if "origin" in table.c:
        query = query.where(~table.c.origin.startswith(IMPORT))
    gone = [name for name in connection.execute(query).scalars() if name not in wanted]
    retire(connection, table, key, gone)
    return gone


def retire(connection: Connection, table: Table, key: str, gone: Iterable[Any]) -> None:
    """Those stay in the table, and are found by id only."""
    values = [{"the_key": name} for name in gone]
    if values:
        connection.execute(update(table).where(table.c[key] == bindparam("the_key")).values(retired=True), values)


def _differing_pairs(
    connection: Connection, table: Table, wanted: set[tuple[str, str]], owner: Column[str], whose: set[str]
) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """Of a table that is nothing but pairs, as far as its `owner` column names one of `whose`: too many, too few."""
    present = {
        (row[0], row[1])
        for some in batched(sorted(whose))
        for row in connection.execute(select(table).where(owner.in_(some))).all()
    }
    return present - wanted, wanted - present


def _pairs(
    connection: Connection, table: Table, wanted: set[tuple[str, str]], owner: Column[str], whose: set[str]
) -> None:
    """Makes such a table agree."""
    names = [column.name for column in table.columns]
    gone, fresh = _differing_pairs(connection, table, wanted, owner, whose)
    if gone:
        one = and_(table.c[names[0]] == bindparam("a"), table.c[names[1]] == bindparam("b"))
        connection.execute(delete(table).where(one), [{"a": first, "b": second} for first, second in gone])
    if fresh:
        connection.execute(insert(table), [dict(zip(names, pair, strict=True)) for pair in sorted(fresh)])
