"""Changes by mail or command of what a file or an import declares: they lie over it until it says the same.

A change names a row (site, contact, contract or unit), a field as it is written in directory files, and the new value.
`sitmail directory export --changes` shows them as TOML to paste.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, delete, insert, select, update

from sitmail.domain.serials import serial_key
from sitmail.store.schema import contract, contract_contact, directory_change, person, site, unit

_TABLES: dict[str, tuple[Table, str]] = {
    "site": (site, "id"),
    "contact": (person, "key"),
    "contract": (contract, "id"),
    "unit": (unit, "key"),
}


class Change(NamedTuple):
    """`kind` is the table of directory files, `key` its row's id (a contact's key), `by` who changed it."""

    kind: str
    key: str
    field: str
    value: Any
    by: str
    at: datetime


def change(connection: Connection, one: Change) -> None:
    """Lays a change over what is declared, now and after every sync."""
    same = (
        directory_change.c.kind == one.kind,
        directory_change.c.key == one.key,
        directory_change.c.field == one.field,
    )
    connection.execute(delete(directory_change).where(*same))
    connection.execute(insert(directory_change).values(declared=_value(connection, one), **one._asdict()))
    _apply(connection, one)


def changes(connection: Connection) -> list[Change]:
    """Every change that lies over what is declared."""
    columns = [directory_change.c[name] for name in Change._fields]
    return [Change(*row) for row in connection.execute(select(*columns).order_by(*columns[:3]))]


def lay_over(connection: Connection) -> None:
    """After a sync: what is declared as it was changed needs its change no more, everything else gets it again."""
    for one in changes(connection):
        if _value(connection, one) == one.value:
            same = [directory_change.c[name] == getattr(one, name) for name in ("kind", "key", "field")]
            connection.execute(delete(directory_change).where(*same))
        else:
            _apply(connection, one)


def _value(connection: Connection, one: Change) -> Any:
    """What the row says now."""
    if (one.kind, one.field) == ("contract", "contacts"):
        named = select(contract_contact.c.address).where(contract_contact.c.contract == one.key)
        return sorted(connection.execute(named).scalars())
    table, key = _TABLES[one.kind]
    return connection.execute(select(table.c[one.field]).where(table.c[key] == _key(one))).scalar()


def _apply(connection: Connection, one: Change) -> None:
    if (one.kind, one.field) == ("contract", "contacts"):
        connection.execute(delete(contract_contact).where(contract_contact.c.contract == one.key))
        rows = [{"contract": one.key, "address": each} for each in one.value]
        if rows:
            connection.execute(insert(contract_contact), rows)
        connection.execute(update(contract).where(contract.c.id == one.key).values(everybody=False))
        return
    table, key = _TABLES[one.kind]
    connection.execute(update(table).where(table.c[key] == _key(one)).values({one.field: one.value}))


def _key(one: Change) -> str:
    return serial_key(one.key) if one.kind == "unit" else one.key
