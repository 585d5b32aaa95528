"""Writes what the configuration and the directory files declare into the tables, at start and at every reload.

New rows are inserted and changed ones updated.  Rows that are declared no more are marked as retired, and used again if
they return.  People who are known only by their mail stay as they are until their address is declared; then their row
becomes that of the declared contact and keeps its history.  There may be a hundred thousand contacts: bulk statements
are used, and nothing is done if nothing has changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
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
from sitmail.store.schema import contract, contract_contact, mailbox, meta, site, site_domain, unit

DIGEST = "directory"  # key in `meta`
EDITION = 3  # of this code: another one reads an unchanged directory again


def sync(connection: Connection, directory: Directory, policy: Policy, ids: Ids) -> bool:
    """Makes the tables agree with what is declared; False if it is what was declared the last time.

    StoreError if two contacts claim one address.  In one transaction with everything else of the reload.
    """
    now = _digest(directory, policy)
    before = connection.execute(select(meta.c.value).where(meta.c.key == DIGEST)).scalar()
    if before == now:
        return False
    bring(connection, mailbox, "address", {box.address: {"name": box.name} for box in policy.mailboxes})
    write(connection, directory)
    declared_people.sync(connection, directory, policy, ids)
    directory_changes.lay_over(connection)
    if before is None:
        connection.execute(insert(meta).values(key=DIGEST, value=now))
    else:
        connection.execute(update(meta).where(meta.c.key == DIGEST).values(value=now))
    return True


def write(connection: Connection, directory: Directory, imported: str = "") -> None:
    """Writes sites, contracts and units.  `imported` is the origin of an import, which retires nothing."""
    bring(connection, site, "id", _sites(directory), imported)
    domains = {(domain, one.id) for one in directory.sites for domain in one.domains}
    _pairs(connection, site_domain, domains, site_domain.c.site, _mine(connection, site, directory.sites, imported))
    bring(connection, contract, "id", _contracts(directory), imported)
    named = {(one.id, each) for one in directory.contracts for each in one.contacts or ()}
    whose = _mine(connection, contract, directory.contracts, imported)
    _pairs(connection, contract_contact, named, contract_contact.c.contract, whose)
    bring(connection, unit, "key", _units(directory), imported)


def _mine(connection: Connection, table: Table, declared: Iterable[Any], imported: str) -> set[str]:
    """The ids of a table whose pairs these files, or this import, may change."""
    if imported:
        return {one.id for one in declared}
    others = select(table.c.id).where(table.c.origin.startswith(IMPORT))
    imports = set(connection.execute(others).scalars())
    ids = set(connection.execute(select(table.c.id)).scalars())
    return ids - imports | {one.id for one in declared}


def _digest(directory: Directory, policy: Policy) -> str:
    declared = (EDITION, directory.sites, directory.contacts, directory.contracts, directory.units)
    people = (policy.mailboxes, *policy.engineers.items(), *policy.vendors.items())
    return hashlib.sha256(repr((declared, people)).encode("utf-8", "backslashreplace")).hexdigest()


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


def _units(directory: Directory) -> dict[str, dict[str, Any]]:
    return {
        serial_key(one.serial): shared(one, unit)
        | {"warranty_until": one.warranty_until.isoformat() if one.warranty_until else ""}
        for one in directory.units
    }


def bring(
    connection: Connection, table: Table, key: str, wanted: Mapping[str, Mapping[str, Any]], imported: str = ""
) -> None:
    """Makes a table of declared things agree: insert, update, retire by that key; other columns are left alone.

    Files retire what they declared and declare no more, and nothing that was imported; an import retires nothing.
    """
    rows = _rows(connection, table, key, wanted if imported else None)
    fresh = [{key: name, "retired": False, **values} for name, values in wanted.items() if name not in rows]
    if fresh:
        connection.execute(insert(table), fresh)
    fields = list(next(iter(wanted.values()), {}))
    changed = [
        {"the_key": name, "retired": False, **values}
        for name, values in wanted.items()
        if name in rows and (rows[name]["retired"] or any(rows[name][field] != values[field] for field in fields))
    ]
    if changed:
        names = [*fields, "retired"]
        change = update(table).where(table.c[key] == bindparam("the_key"))
        connection.execute(change.values({name: bindparam(name) for name in names}), changed)
    gone = [name for name, row in rows.items() if name not in wanted and not row["retired"]]
    if not imported:
        retire(connection, table, key, [name for name in gone if not _imported(rows[name])])


def _rows(connection: Connection, table: Table, key: str, only: Iterable[str] | None) -> dict[str, RowMapping]:
    """The rows of a table by key; `only`: those."""
    query = select(table)
    if only is None:
        return {row[key]: row for row in connection.execute(query).mappings()}
    found: dict[str, RowMapping] = {}
    for some in batched(only):
        found |= {row[key]: row for row in connection.execute(query.where(table.c[key].in_(some))).mappings()}
    return found


def _imported(row: RowMapping) -> bool:
    return str(row.get("origin", "")).startswith(IMPORT)


def retire(connection: Connection, table: Table, key: str, gone: Iterable[Any]) -> None:
    """Those stay in the table, and are found by id only."""
    values = [{"the_key": name} for name in gone]
    if values:
        connection.execute(update(table).where(table.c[key] == bindparam("the_key")).values(retired=True), values)


def _pairs(
    connection: Connection, table: Table, wanted: set[tuple[str, str]], owner: Column[str], whose: set[str]
) -> None:
    """Makes a table that is nothing but pairs agree, as far as its `owner` column names one of `whose`."""
    names = [column.name for column in table.columns]
    present = {
        (row[0], row[1])
        for some in batched(sorted(whose))
        for row in connection.execute(select(table).where(owner.in_(some)))
    }
    if gone := [{"a": first, "b": second} for first, second in present - wanted]:
        one = and_(table.c[names[0]] == bindparam("a"), table.c[names[1]] == bindparam("b"))
        connection.execute(delete(table).where(one), gone)
    if fresh := [dict(zip(names, pair, strict=True)) for pair in sorted(wanted - present)]:
        connection.execute(insert(table), fresh)
