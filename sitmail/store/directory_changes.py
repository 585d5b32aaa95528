"""Changes by mail or command of what a file or an import declares: they lie over it until it says the same.

A change names a row (site, contact, contract or unit), a field as it is written in directory files, and the new value.
`sitmail directory export --changes` shows them as TOML to paste.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, delete, insert, select, update

from sitmail.domain.directory import Directory
from sitmail.domain.people import Kind
from sitmail.domain.serials import serial_key
from sitmail.store.declared_people import IMPORT, follow_sites, site_facts
from sitmail.store.schema import address, contract, contract_contact, directory_change, person, site, unit

_TABLES: dict[str, tuple[Table, str]] = {
    "site": (site, "id"),
    "contact": (person, "id"),
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
    same = [directory_change.c[name] == getattr(one, name) for name in ("kind", "key", "field")]
    before = connection.execute(select(directory_change.c.declared).where(*same)).one_or_none()
    declared = _value(connection, one) if before is None else before.declared
    connection.execute(delete(directory_change).where(*same))
    connection.execute(insert(directory_change).values(declared=declared, **one._asdict()))
    _apply(connection, one)


def name(connection: Connection, which: str, where: str, by: str, at: datetime, *, undo: bool = False) -> None:
    """A contract names one more contact (an address), or one fewer."""
    named = set(_named(connection, which)) - {where}
    value = sorted(named if undo else {*named, where})
    change(connection, Change("contract", which, "contacts", value, by, at))


def changes(connection: Connection) -> list[Change]:
    """Every change that lies over what is declared."""
    columns = [directory_change.c[name] for name in Change._fields]
    return [Change(*row) for row in connection.execute(select(*columns).order_by(*columns[:3]))]


def lay_over(connection: Connection, part: Directory) -> None:
    """After these rows were written: what is declared as it was changed needs its change no more; others come back.

    Of a list only what was added or taken off lies over what is declared now.
    """
    written = {("site", one.id) for one in part.sites} | {("contract", one.id) for one in part.contracts}
    written |= {("contact", one.id or one.addresses[0]) for one in part.contacts}
    written |= {("unit", serial_key(one.serial)) for one in part.units}
    columns = [directory_change.c[name] for name in Change._fields]
    for *fields, declared in connection.execute(select(*columns, directory_change.c.declared)).all():
        one = Change(*fields)
        if (one.kind, serial_key(one.key) if one.kind == "unit" else one.key) not in written:
            continue
        now = _value(connection, one)
        if isinstance(one.value, list):
            one = one._replace(value=_merged(now, declared or [], one.value))
            one = one if one.kind == "contact" else one._replace(value=sorted(one.value))
        same = [directory_change.c[name] == getattr(one, name) for name in ("kind", "key", "field")]
        if now == one.value:
            connection.execute(delete(directory_change).where(*same))
        else:
            connection.execute(update(directory_change).where(*same).values(value=one.value, declared=now))
            _apply(connection, one)


def forget_gone(connection: Connection, contacts: Collection[str]) -> None:
    """Who was taken off by mail and is declared no more needs no change; `contacts` are the keys of the rest."""
    for one in changes(connection):
        if (one.kind, one.field, one.value) == ("contact", "retired", True) and one.key not in contacts:
            theirs = person.c.id == _key(connection, one)
            row = connection.execute(select(person.c.declared, person.c.origin).where(theirs)).one_or_none()
            if row is not None and row.declared and not row.origin.startswith(IMPORT):
                same = [directory_change.c[name] == getattr(one, name) for name in ("kind", "key", "field")]
                connection.execute(delete(directory_change).where(*same))


def _merged(now: Iterable[str], before: Iterable[str], changed: Iterable[str]) -> list[str]:
    """What is declared now, with what was added to, and without what was taken off, what was declared before.

    In the order of the change; the named contacts of a contract have theirs by the alphabet.
    """
    added, gone = set(changed) - set(before), set(before) - set(changed)
    wanted = (set(now) | added) - gone
    return [*(one for one in changed if one in wanted), *(one for one in now if one in wanted - set(changed))]


def _value(connection: Connection, one: Change) -> Any:
    """What the row says now."""
    if (one.kind, one.field) == ("contract", "contacts"):
        return _named(connection, one.key)
    if (one.kind, one.field) == ("contact", "addresses"):
        query = select(address.c.address).where(address.c.person == _key(connection, one), address.c.former.is_(False))
        return list(connection.execute(query.order_by(address.c.place)).scalars())
    table, key = _TABLES[one.kind]
    return connection.execute(select(table.c[one.field]).where(table.c[key] == _key(connection, one))).scalar()


def _named(connection: Connection, which: str) -> list[str]:
    """The addresses that a contract names."""
    query = select(contract_contact.c.address).where(contract_contact.c.contract == which)
    return sorted(connection.execute(query).scalars())


def _apply(connection: Connection, one: Change) -> None:
    if (one.kind, one.field) == ("contract", "contacts"):
        connection.execute(delete(contract_contact).where(contract_contact.c.contract == one.key))
        rows = [{"contract": one.key, "address": each} for each in one.value]
        if rows:
            connection.execute(insert(contract_contact), rows)
        connection.execute(update(contract).where(contract.c.id == one.key).values(everybody=False))
        return
    if (one.kind, one.field) == ("contact", "addresses"):
        _set_addresses(connection, _key(connection, one), one.value)
        return
    before = site_facts(connection, [one.key]) if one.kind == "site" else {}
    table, key = _TABLES[one.kind]
    connection.execute(update(table).where(table.c[key] == _key(connection, one)).values({one.field: one.value}))
    if before:
        follow_sites(connection, before)


def _set_addresses(connection: Connection, number: str | int | None, wanted: list[str]) -> None:
    """The addresses of a contact, the first of them the registered one; others were theirs once."""
    if number is None:
        return
    mine = address.c.person == number
    had = set(connection.execute(select(address.c.address).where(mine)).scalars())
    connection.execute(update(address).where(mine, address.c.address.notin_(wanted)).values(former=True))
    for place, where in enumerate(wanted):
        if where in had:
            connection.execute(
                update(address).where(mine, address.c.address == where).values(place=place, former=False)
            )
        else:
            connection.execute(insert(address).values(address=where, person=number, place=place))


def _key(connection: Connection, one: Change) -> str | int | None:
    """By which its row is found.  A contact's key may be an engineer's or a stranger's, too: the contact is meant."""
    if one.kind == "unit":
        return serial_key(one.key)
    if one.kind != "contact":
        return one.key
    theirs = (person.c.key == one.key, person.c.kind.in_([Kind.CONTACT.value, Kind.STRANGER.value]))
    found: int | None = connection.execute(select(person.c.id).where(*theirs).order_by(person.c.kind).limit(1)).scalar()
    return found
