"""The directory as TOML: everything that is in use, or the changes that lie over what is declared, to be pasted."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from sitmail.domain.people import Kind
from sitmail.domain.time_spent import shown
from sitmail.store import directory_changes
from sitmail.store.schema import address, contract, contract_contact, person, service, site, site_domain, unit

# The keys of directory files that have a column of their name, in the order of the reference.
SITE: tuple[str, ...] = (
    "id",
    "name",
    "account_manager",
    "territory",
    "calendar",
    "timezone",
    "language",
    "internal",
    "notes",
)
SITE += ("service_level", "free_incidents", "feedback")
CONTACT = ("name", "site", "language", "level", "phone", "manager", "role", "do_not_mail", "feedback")
CONTRACT: tuple[str, ...] = (
    "id",
    "site",
    "product",
    "service_level",
    "calendar",
    "starts",
    "expires",
    "incidents",
    "named_max",
)
CONTRACT += ("visibility", "feedback")
SERVICE = ("id", "contract", "name", "starts", "expires", "rate", "notes")
UNIT = ("serial", "item", "site", "contract", "warranty_until", "notes")
USUAL = {"level": "all", "role": "contact", "visibility": "nobody", "feedback": True}  # need not be written


def lines(connection: Connection) -> Iterator[str]:
    """Every row that is not retired, with a comment that says where it comes from."""
    for row in _rows(connection, site, site.c.id):
        domains = select(site_domain.c.domain).where(site_domain.c.site == row["id"]).order_by(site_domain.c.domain)
        yield from _table("site", row, _named(row, SITE) | {"domains": list(connection.execute(domains).scalars())})
    for row in _rows(connection, contract, contract.c.id):
        values = _named(row, CONTRACT) | {"ended": row["last_day"] if row["last_day"] != row["expires"] else ""}
        if not row["everybody"]:
            named = select(contract_contact.c.address).where(contract_contact.c.contract == row["id"])
            values["contacts"] = sorted(connection.execute(named).scalars())
        yield from _table("contract", row, values)
    for row in _rows(connection, service, service.c.id):
        paid = {"incidents": row["amount"]} if row["by_incident"] else {"time": shown(row["amount"])}
        yield from _table("service", row, _named(row, SERVICE) | paid | {"order": row["customer_order"]})
    for row in _rows(connection, unit, unit.c.key):
        yield from _table("unit", row, _named(row, UNIT))
    yield from _contacts(connection)


def _contacts(connection: Connection) -> Iterator[str]:
    """One pass through both tables, sorted by person: there may be a hundred thousand."""
    query = (
        select(person, address.c.address.label("where"))
        .join(address, (address.c.person == person.c.id) & address.c.former.is_(False))
        .where(person.c.kind == Kind.CONTACT.value, person.c.retired.is_(False), person.c.declared)
        .order_by(person.c.id, address.c.place)
    )
    for _, group in groupby(connection.execute(query).mappings(), key=lambda row: row["id"]):
        rows = list(group)
        addresses = [row["where"] for row in rows]
        values: dict[str, Any] = {} if rows[0]["key"] in addresses else {"id": rows[0]["key"]}
        yield from _table("contact", rows[0], values | {"addresses": addresses} | _named(rows[0], CONTACT))


def changes(connection: Connection) -> Iterator[str]:
    """What was changed by mail or command, until the files say the same."""
    found = directory_changes.changes(connection)
    for (kind, key), group in groupby(found, key=lambda one: (one.kind, one.key)):
        some = list(group)
        yield f"[[{kind}]]  # changed by {', '.join(dict.fromkeys(one.by for one in some))}"
        yield f"{'serial' if kind == 'unit' else 'id'} = {toml(key)}"
        yield from (_changed(one) for one in some)
        yield ""


def _changed(one: directory_changes.Change) -> str:
    """A key as it stands in files; who is taken off has no key there."""
    if one.field == "retired":
        return "# take this row out" if one.value else "# this row is in use again"
    return f"{one.field} = {toml(one.value)}"


def _rows(connection: Connection, table: Any, key: Any) -> Iterator[RowMapping]:
    yield from connection.execute(select(table).where(table.c.retired.is_(False)).order_by(key)).mappings()


def _named(row: RowMapping, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: row[name] for name in names}


def _table(kind: str, row: RowMapping, values: Mapping[str, Any]) -> Iterator[str]:
    yield f"[[{kind}]]  # {row['origin'] or 'by mail'}"
    for name, value in values.items():
        kept = (name == "incidents" and value is not None) or (name == "feedback" and not value)
        if kept or (value not in ("", None, 0, False, []) and value != USUAL.get(name)):
            yield f"{name} = {toml(value)}"
    yield ""


def toml(value: Any) -> str:
    """A value on one line; JSON's texts, lists and numbers are TOML's, but for a text's DEL."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
