"""The tables of partners outside the desk, one row each: vendors, bug trackers and order desks.

What their rows say to each other is checked in `partner_checks`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import PlainValidator

from sitmail.config import patterns
from sitmail.config import values as v
from sitmail.config.rows import Addresses, Entry
from sitmail.config.tables import key

Fixed = Annotated[patterns.Compiled, PlainValidator(patterns.words)]
Reference = Annotated[patterns.Compiled, PlainValidator(patterns.partners_reference)]
READ = "regular expression that finds its own number in its mails"


class Partner(Entry):
    """Somebody outside the desk who works on incidents, with the addresses they write from."""

    addresses: Addresses = key(..., "we write to the first one", example=["help@example.net"])


class Vendor(Partner):
    """Suppliers who work on incidents with us, each in a conversation of its own."""

    id: v.Ident = key(..., "its name in commands", example="acme")
    reference: Reference | None = key(None, READ, example=r"SR-\d+")


class Tracker(Partner):
    """Bug trackers that take mail: `/bug TITLE` writes to the one of the incident's product."""

    id: v.Ident = key(..., "its name", example="jira")
    addresses: Addresses = key(..., "we write to the first one", example=["bugs@example.net"])
    default: bool = key(False, "true: it gets the bugs of products without a tracker")
    reference: Reference | None = key(None, READ, example=r"\b(BUG-\d+)\b")
    fixed: Fixed | None = key(
        None,
        "regular expression that finds in its mails that a bug is fixed; who waits for it is told, once",
        example=r"status: (fixed|resolved|closed)",
    )
    steps: Literal["ask", "require", "warn"] = key(
        "ask", "a bug without steps to reproduce comes back: once, always (require), or never (warn)"
    )


class OrderDesk(Partner):
    """Desks that take orders by mail: `/order new [TYPE]` writes to them."""

    id: v.Ident = key(..., "its name", example="orders")
    addresses: Addresses = key(..., "we write to the first one", example=["orders@example.net"])
    default: bool = key(False, "true: it gets orders whose type no desk names")
    types: list[v.Ident] = key([], "types of orders that go there; empty: sro, rma and quote", example=["sro", "rma"])
    reference: Reference | None = key(None, READ, example=r"\b(SRO-\d+)\b")
