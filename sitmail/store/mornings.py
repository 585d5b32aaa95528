"""What morning papers are made of: the open incidents of those who read them, and what was said there last.

Read once a morning for all whose hour it is; each statement follows an index.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, func, select, text

from sitmail.domain.incident import Status
from sitmail.domain.morning_facts import PendingIncident
from sitmail.domain.update import Direction, Event, LegKind
from sitmail.store.prepared import Prepared, any_of
from sitmail.store.rows import RecordRows
from sitmail.store.schema import LENT, incident, notice, update_text, warning
from sitmail.store.schema import update as entry

AT_ONCE = 500  # numbers in one statement
_PENDING = RecordRows(PendingIncident, incident, convert={"status": Status, "contact": lambda person: person or 0})
# Written out, not compared: only so do both databases see that their partial indexes serve.
_OWNED = Prepared(
    select(*_PENDING.columns).where(incident.c.owner.in_(any_of("engineers")), text("incident.status <> 'closed'"))
)
_LENT = Prepared(select(*_PENDING.columns).where(incident.c.temporary_owner.in_(any_of("engineers")), text(LENT)))


def pending(connection: Connection, engineers: Collection[str]) -> dict[int, PendingIncident]:
    """The open incidents that these own, for now or altogether, and those that nobody owns."""
    rows = [*_OWNED.all(connection, engineers=[*engineers, ""]), *_LENT.all(connection, engineers=engineers)]
    return {one.number: one for one in map(_PENDING.record, rows)}


_BY_NUMBER = Prepared(select(*_PENDING.columns).where(incident.c.number.in_(any_of("numbers"))))


def named(connection: Connection, numbers: Collection[int]) -> dict[int, PendingIncident]:
    """These incidents, closed ones too."""
    rows = [row for some in _portions(numbers) for row in _BY_NUMBER.all(connection, numbers=some)]
    return {one.number: one for one in map(_PENDING.record, rows)}


class LoggedEntry(NamedTuple):
    id: int
    incident: int
    event: str
    author: int | None
    change: Mapping[str, Any]
    received: datetime
    direction: str
    leg: str


_LAST_ENTRY = Prepared(select(func.max(entry.c.id)))
_ENTRIES = Prepared(
    select(*(entry.c[name] for name in LoggedEntry._fields)).where(entry.c.id > bindparam("seen")).order_by(entry.c.id)
)


def last_entry(connection: Connection) -> int:
    """The id of the last entry of all logs."""
    return _LAST_ENTRY.all(connection)[0][0] or 0


def entries_after(connection: Connection, seen: int) -> list[LoggedEntry]:
    """The entries of all logs since then, in order."""
    return [LoggedEntry(*row) for row in _ENTRIES.all(connection, seen=seen)]


class LastWords(NamedTuple):
    """`author` is a person's id, or None."""

    update: int
    author: int | None
    at: datetime


_SPOKEN = Prepared(
    select(entry.c.incident, entry.c.id, entry.c.author, entry.c.received, entry.c.direction)
    .where(
        entry.c.incident.in_(any_of("numbers")),
        entry.c.received > bindparam("since"),
        entry.c.direction != Direction.NONE.value,
        entry.c.leg != LegKind.INTERNAL.value,
        *(entry.c.event != one.value for one in (Event.REFUSED, Event.AUTOMATIC, Event.BOUNCE)),
    )
    .order_by(entry.c.incident, entry.c.number)
)


def last_words(connection: Connection, numbers: Collection[int], since: datetime) -> dict[int, LastWords]:
    """The last words of these incidents since then, where somebody outside said them."""
    found: dict[int, LastWords] = {}
    for some in _portions(numbers):
        for number, key, author, at, direction in _SPOKEN.all(connection, numbers=some, since=since):
            found.pop(number, None)
            if direction == Direction.IN:
                found[number] = LastWords(key, author, at)
    return found


_TEXTS = Prepared(select(update_text.c.update, update_text.c.text).where(update_text.c.update.in_(any_of("updates"))))


def texts(connection: Connection, updates: Collection[int]) -> dict[int, str]:
    return {key: said for some in _portions(updates) for key, said in _TEXTS.all(connection, updates=some)}


_STATUSES = Prepared(
    select(entry.c.incident, entry.c.received, entry.c.status)
    .where(entry.c.incident.in_(any_of("numbers")))
    .order_by(entry.c.incident, entry.c.number)
)


def waiting_since(connection: Connection, numbers: Collection[int]) -> dict[int, datetime]:
    """Since when each of these incidents has the status that it has."""
    found: dict[int, tuple[str, datetime]] = {}
    for some in _portions(numbers):
        for number, at, status in _STATUSES.all(connection, numbers=some):
            if number not in found or (status and found[number][0] != status):
                found[number] = status, at
    return {number: at for number, (_, at) in found.items()}


_BROKEN = Prepared(
    select(warning.c.incident, warning.c.target, warning.c.said).where(
        warning.c.incident.in_(any_of("numbers")), warning.c.threshold == 1.0, warning.c.said > bindparam("since")
    )
)


def broken(connection: Connection, numbers: Collection[int], since: datetime) -> dict[int, list[tuple[str, datetime]]]:
    """Which targets of these incidents were late since then, and when that was told."""
    found: dict[int, list[tuple[str, datetime]]] = {}
    for some in _portions(numbers):
        for number, target, said in _BROKEN.all(connection, numbers=some, since=since):
            found.setdefault(number, []).append((target, said))
    return found


_LINES = Prepared(select(notice.c.key, notice.c.detail).where(notice.c.key.in_(any_of("keys"))))


def papers(connection: Connection, keys: Collection[str]) -> dict[str, Mapping[str, Any]]:
    """Of these papers those that were written, or had nothing to say: by the key of the notice, what it holds."""
    return dict(_LINES.all(connection, keys=keys)) if keys else {}


def _portions(numbers: Collection[int]) -> Iterator[list[int]]:
    every = sorted(numbers)
    for start in range(0, len(every), AT_ONCE):
        yield every[start : start + AT_ONCE]
