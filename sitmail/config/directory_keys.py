"""The tables and keys of directory files: how each value is read, and what it means.

These are plain functions in a table instead of a pydantic model for each row, because there are desks with 100,000
contacts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from sitmail.config import patterns
from sitmail.config import values as v
from sitmail.config.mistakes import suggestion
from sitmail.domain.serials import serial_key

Reader = Callable[[Any], Any]


class Key(NamedTuple):
    """A key.  `read` raises ValueError with a sentence; `example` is shown in the example file.

    `later`: the key is accepted, but has no effect yet.
    """

    read: Reader
    example: Any
    meaning: str
    later: bool = False


def reference(value: object) -> str:
    """A regular expression, as it is written."""
    return patterns.words(value).written


def text(value: object) -> str:
    if type(value) is not str:
        raise ValueError("expected a text in quotes")
    return v.line(value) if len(value) > 200 or not value.isprintable() else value


def notes(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("expected a text in quotes")
    return value


def yes_or_no(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("expected true or false")
    return value


def count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError("expected a number, 0 or more")
    return value


def serial(value: object) -> str:
    found = text(value)
    if not serial_key(found):
        raise ValueError("expected a serial number, with letters or figures")
    return found


def several(reader: Reader, at_least: int = 0) -> Reader:
    def read_list(value: object) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise ValueError("expected a list in square brackets")
        if len(value) < at_least:
            raise ValueError("expected at least one")
        return tuple([reader(part) for part in value])

    return read_list


def one_of(*words: str) -> Reader:
    def read_word(value: object) -> str:
        if value not in words:
            near = suggestion(value, words) if isinstance(value, str) else ""
            raise ValueError(f"expected {', '.join(words[:-1])} or {words[-1]}{near}")
        return str(value)

    return read_word


TABLES: dict[str, dict[str, Key]] = {
    "site": {
        "id": Key(v.ident, "acme", "its name in contacts and contracts"),
        "name": Key(text, "Acme Ltd", "its name in letters; absent: the id"),
        "domains": Key(several(v.domain), ["acme.example"], "mail domains of its people"),
        "account_manager": Key(text, "", "id of the engineer who looks after it"),
        "territory": Key(text, "", "any word; [[route]] may ask for it"),
        "calendar": Key(text, "", "calendar whose working time is used"),
        "timezone": Key(v.timezone, "", "time zone of the times its people write and read"),
        "language": Key(v.language, "", "language of letters to its people"),
        "internal": Key(yes_or_no, False, "true: our own company; what engineers need themselves is opened there"),
        "notes": Key(notes, "", "for engineers; stands on the sheet about the customer"),
        "reference": Key(reference, r"PO-\d+", "regular expression that finds its own numbers in mails"),
        "service_level": Key(text, "", "name of its service level where no contract names one"),
        "free_incidents": Key(count, 0, "so many incidents are covered without a contract"),
        "feedback": Key(yes_or_no, True, "false: none of its people is asked how you did"),
    },
    "contact": {
        "id": Key(v.ident, "jane-doe", "they stay the same person when their addresses change"),
        "addresses": Key(several(v.address, 1), ["jane@acme.example"], "we write to the first one"),
        "name": Key(text, "Jane Doe", "their name in letters"),
        "site": Key(text, "acme", "id of the site"),
        "language": Key(v.language, "", "language of letters to them"),
        "level": Key(
            one_of("all", "important", "replies"),
            "all",
            "how much they are told: all, important (no steps between), or replies (people's words alone)",
        ),
        "phone": Key(text, "", "for engineers; stands on the sheet about the customer"),
        "manager": Key(text, "", "who is responsible for them; stands on the sheet"),
        "role": Key(one_of("contact", "admin"), "contact", "contact, or admin: whom colleagues are sent to"),
        "do_not_mail": Key(yes_or_no, False, "true: they get what people write, and no automatic letters"),
        "feedback": Key(yes_or_no, True, "false: they are not asked how you did"),
    },
    "contract": {
        "id": Key(v.ident, "acme-1", "its name"),
        "site": Key(text, "acme", "id of the site"),
        "product": Key(text, "", "id of the product; absent: all"),
        "service_level": Key(text, "", "name of the service level; absent: the default one"),
        "calendar": Key(text, "", "calendar whose working time is used; absent: the service level's"),
        "starts": Key(v.day, "2026-01-01", "first day"),
        "expires": Key(v.day, "2026-12-31", "last day"),
        "ended": Key(v.day, "2026-06-30", "last day, where it was ended early"),
        "incidents": Key(count, 100, "how many are covered; absent: any number"),
        "named_max": Key(count, 5, "how many contacts may be named in it; absent: any number"),
        "contacts": Key(several(v.address), ["jane@acme.example"], "who is covered; absent: everybody of the site"),
        "visibility": Key(one_of("nobody", "named", "all"), "nobody", "who of the site may read others' incidents"),
        "feedback": Key(yes_or_no, True, "false: nobody is asked how you did with its incidents"),
    },
    "service": {
        "id": Key(v.ident, "acme-hours", "its name"),
        "contract": Key(text, "acme-1", "id of the contract that it was bought for"),
        "name": Key(text, "Block of hours", "its name in letters; absent: the id"),
        "time": Key(v.minutes, "20h", "time that was paid for"),
        "incidents": Key(count, 0, "or so many incidents, where they are not paid by time"),
        "starts": Key(v.day, "2026-01-01", "first day"),
        "expires": Key(v.day, "2026-12-31", "last day"),
        "rate": Key(text, "90 EUR", "price of an hour, or of an incident; stands where its balance does"),
        "order": Key(text, "PO-4711", "the customer's order; stands where its balance does"),
        "notes": Key(notes, "", "for your own use"),
    },
    "unit": {
        "serial": Key(
            serial,
            "SN-1001",
            "serial number; found in mail, however hyphenated, if it has a figure",
        ),
        "item": Key(text, "router", "what it is"),
        "site": Key(text, "acme", "id of the site; absent: of nobody in particular, so that anybody may name it"),
        "contract": Key(text, "acme-1", "id of the contract that covers it"),
        "warranty_until": Key(v.day, "2027-12-31", "last day of its warranty"),
        "notes": Key(notes, "", "for engineers; stands on the sheet about the customer"),
    },
}
NEEDED = {
    "site": ("id",),
    "contact": ("addresses",),
    "contract": ("id", "site"),
    "service": ("id", "contract"),
    "unit": ("serial", "item"),
}
CALLED = {"site": "id", "contract": "id", "service": "id", "unit": "serial"}
ONE_OF = {"service": ("time", "incidents")}  # exactly one of these is needed, more than 0
