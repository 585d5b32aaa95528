"""What people were told and wrote about an incident before, so that it can be found again in their mails.

Only the latest is read, for all mails of a batch at once: the cost of a mail does not grow with its incident.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cache
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, null, select, union_all

from sitmail.store.prepared import Prepared, any_of, pair, paired
from sitmail.store.schema import incident, outbox, update_text
from sitmail.store.schema import update as entry

LETTERS = 40  # of the latest to a person about an incident, or about none
UPDATES = 100  # of the latest of an incident

Letter = tuple[str, str]  # purpose, text


class Entry(NamedTuple):
    """An update with all its words."""

    leg: str
    direction: str
    author: int | None
    event: str
    text: str
    quoted: str
    signature: str
    doubtful: str
    leg_id: int | None = None  # of a partner's leg


def letters(connection: Connection, pairs: Collection[tuple[int, int]]) -> dict[tuple[int, int], list[Letter]]:
    """The last letters by (incident, reader), the latest first; incident 0: those about none."""
    found: dict[tuple[int, int], list[Letter]] = {}
    about_one = {one for one in pairs if one[0]}
    for some, about in ((about_one, True), (set(pairs) - about_one, False)):
        for size, values in paired(some):
            for number, reader, _, purpose, body in _letters(size, about).all(connection, **values):
                found.setdefault((number or 0, reader), []).append((purpose, body))
    return found


@cache  # of sizes, which are few
def _letters(size: int, about_one: bool) -> Prepared:
    return Prepared(union_all(*(_latest(at, about_one) for at in range(size))).order_by("id"))


def _latest(at: int, about_one: bool) -> Select[tuple[int, int, int, str, str]]:
    """Of pair number `at`."""
    number, reader = pair(at)
    about: ColumnElement[bool] = outbox.c.incident == number if about_one else outbox.c.incident.is_(null())
    query = select(outbox.c.incident, outbox.c.person, outbox.c.id, outbox.c.purpose, outbox.c.body)
    query = query.where(about, outbox.c.person == reader).order_by(outbox.c.id.desc()).limit(LETTERS)
    return select(query.subquery())  # each has a limit of its own


def entries(connection: Connection, numbers: Collection[int], whole: bool = False) -> dict[int, list[Entry]]:
    """The last updates of incidents, or all of them."""
    found: dict[int, list[Entry]] = {}
    asked = _ALL_ENTRIES if whole else _ENTRIES
    for number, *values in asked.all(connection, numbers=numbers) if numbers else ():
        found.setdefault(number, []).append(Entry(*values))
    return found


def _columns() -> Iterable[ColumnElement[object]]:
    for name in Entry._fields:
        yield entry.c[name] if name in entry.c else update_text.c[name]


_ENTRIES = Prepared(
    select(incident.c.number, *_columns())
    .join_from(
        incident, entry, (entry.c.incident == incident.c.number) & (entry.c.number > incident.c.updates - UPDATES)
    )
    .join(update_text, entry.c.id == update_text.c.update)
    .where(incident.c.number.in_(any_of("numbers")))
)
_ALL_ENTRIES = Prepared(
    select(entry.c.incident, *_columns())
    .join_from(entry, update_text, entry.c.id == update_text.c.update)
    .where(entry.c.incident.in_(any_of("numbers")))
    .order_by(entry.c.incident, entry.c.number)
)
