"""Reads the updates log, with its texts and files.  `services.apply` writes it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Integer, Select, bindparam, func, or_, select

from sitmail.domain.endings import Rule
from sitmail.domain.update import Direction, Event, LegKind
from sitmail.store.prepared import Prepared, any_of
from sitmail.store.rows import RecordRows
from sitmail.store.schema import attachment, inbox, incident, term, update_text
from sitmail.store.schema import update as entry
from sitmail.store.told_before import UPDATES

# What a mail said, each word in one of them.
TEXT_PARTS = ("text", "quoted", "signature", "doubtful")


class Entered(NamedTuple):
    """An update with its text, as letters show it."""

    id: int
    incident: int
    number: int
    leg: str
    event: str
    direction: str
    author: int | None
    actor: str
    received: datetime
    text: str
    doubtful: str
    page: str
    proof: str
    rule: str
    reason: str
    status: str
    change: Mapping[str, Any]
    leg_id: int | None = None  # of a partner's leg


def log(connection: Connection, numbers: Collection[int]) -> dict[int, list[Entered]]:
    """The whole updates logs of incidents, oldest first."""
    query = select(*_ENTRY.columns).join_from(entry, update_text, entry.c.id == update_text.c.update, isouter=True)
    query = query.where(entry.c.incident.in_(numbers)).order_by(entry.c.incident, entry.c.number)
    found: dict[int, list[Entered]] = {}
    for row in connection.execute(query):
        one = _ENTRY.record(row)
        found.setdefault(one.incident, []).append(one)
    return found


def brief(connection: Connection, number: int, last: int) -> list[Entered]:
    """What somebody has to know of an incident: its first update, the problem, and the `last` updates, oldest first.

    Mails that were refused are left out: nothing of them was done.
    """
    rows = [*_LATEST.all(connection, number=number, last=last), *_PROBLEM.all(connection, number=number)]
    found = {one.number: one for one in map(_ENTRY.record, rows)}
    return [found[at] for at in sorted(found)]


_SHOWN_PARTS = ("text", "doubtful", "page")
_ENTRY = RecordRows(
    Entered,
    entry,
    elsewhere={part: update_text.c[part] for part in _SHOWN_PARTS},
    convert=dict.fromkeys(_SHOWN_PARTS, lambda text: text or ""),
)


def _of_one(*which: ColumnElement[bool]) -> Select[Any]:
    query = select(*_ENTRY.columns).join_from(entry, update_text, entry.c.id == update_text.c.update, isouter=True)
    return query.where(entry.c.incident == bindparam("number"), *which)


def later(connection: Connection, number: int, after: int) -> list[Entered]:
    """The updates of an incident after that one, oldest first."""
    return [_ENTRY.record(row) for row in _LATER.all(connection, number=number, after=after)]


def since(connection: Connection, number: int, at: datetime) -> list[Entered]:
    """The updates of an incident that came after that moment, oldest first."""
    return [_ENTRY.record(row) for row in _SINCE.all(connection, number=number, at=at)]


def returned(connection: Connection, number: int, update: int) -> tuple[int, str] | None:
    """(inbox id, ending) of the mail that came back to its author by that update, and that `send` releases."""
    found = _RETURNED.all(connection, number=number, place=update)
    return (found[0][0], found[0][1]) if found else None


_LATER = Prepared(_of_one(entry.c.number > bindparam("after")).order_by(entry.c.number))
_SINCE = Prepared(_of_one(entry.c.received > bindparam("at", type_=entry.c.received.type)).order_by(entry.c.number))
_RETURNED = Prepared(
    select(inbox.c.id, inbox.c.ending)
    .join_from(entry, inbox, entry.c.inbox == inbox.c.id)
    .where(
        entry.c.incident == bindparam("number"),
        entry.c.number == bindparam("place"),
        or_(*(entry.c.rule == rule.value for rule in (Rule.STAFF_CROSSED, Rule.STAFF_RETURNED, Rule.STEPS_ASKED))),
    )
)
_PROBLEM = Prepared(_of_one(entry.c.number == 1))
_LATEST = Prepared(
    _of_one(entry.c.event != Event.REFUSED, entry.c.event != Event.RECALLED)
    .order_by(entry.c.number.desc())
    .limit(bindparam("last", type_=Integer))
)


def problem_and_answer(connection: Connection, number: int) -> tuple[str, str]:
    """The first words of somebody outside, and the last public words of ours; "" where there are none."""
    first, last = ([row[0] for row in each.all(connection, number=number)] for each in (_FIRST_PUBLIC, _LAST_PUBLIC))
    return next(iter(first), ""), next(iter(last), "")


def _public(direction: Direction) -> Select[Any]:
    query = select(update_text.c.text).join_from(entry, update_text, entry.c.id == update_text.c.update)
    which = (entry.c.leg == str(LegKind.PUBLIC), entry.c.direction == str(direction), update_text.c.text != "")
    return query.where(entry.c.incident == bindparam("number"), *which).limit(1)


_FIRST_PUBLIC = Prepared(_public(Direction.IN).order_by(entry.c.number))
_LAST_PUBLIC = Prepared(_public(Direction.OUT).order_by(entry.c.number.desc()))


def entered(connection: Connection, pairs: Collection[tuple[int, int]]) -> dict[tuple[int, int], Entered]:
    """Updates by (incident, number)."""
    if not pairs:
        return {}
    incidents, numbers = {incident for incident, _ in pairs}, {number for _, number in pairs}
    found = (_ENTRY.record(row) for row in _ENTERED.all(connection, incidents=incidents, numbers=numbers))
    wanted = frozenset(pairs)
    return {key: one for one in found if (key := (one.incident, one.number)) in wanted}


# Each alone and not as pairs: SQLite looks a list of pairs up by walking through the whole log.
_ENTERED = Prepared(
    select(*_ENTRY.columns)
    .join_from(entry, update_text, entry.c.id == update_text.c.update, isouter=True)
    .where(
        entry.c.incident.in_(any_of("incidents")),
        entry.c.number.in_(any_of("numbers")),
    )
)


class Promised(NamedTuple):
    incident: int
    target: str
    due: datetime | None
    state: str
    met: datetime | None


def promises(connection: Connection, numbers: Collection[int]) -> list[Promised]:
    """The state of the terms in force, as of the last update or tick."""
    if not numbers:
        return []
    return [_PROMISE.record(row) for row in _PROMISES.all(connection, numbers=numbers)]


_PROMISE = RecordRows(Promised, term)
_PROMISES = Prepared(
    select(*_PROMISE.columns).where(term.c.incident.in_(any_of("numbers")), term.c.ended.is_(None)).order_by(term.c.id)
)


def answered_last(connection: Connection, numbers: Collection[int]) -> frozenset[int]:
    """Incidents in whose public leg a person of ours spoke last, whatever else his answer did."""
    if not numbers:
        return frozenset()
    rows = _LAST_WORDS.all(connection, numbers=numbers)
    return frozenset(number for number, ours, theirs in rows if (ours or 0) > (theirs or 0))


_LAST_WORDS = Prepared(
    select(
        entry.c.incident,
        func.max(entry.c.number).filter(entry.c.direction == Direction.OUT),
        func.max(entry.c.number).filter(entry.c.direction == Direction.IN),
    )
    .where(entry.c.incident.in_(any_of("numbers")), entry.c.leg == LegKind.PUBLIC)
    .group_by(entry.c.incident)
)


class File(NamedTuple):
    incident: int
    update: int  # its number in the log
    leg: str
    name: str
    type: str
    size: int
    sha256: str


def files(connection: Connection, numbers: Collection[int]) -> dict[int, list[File]]:
    """The files of incidents, in the order they came."""
    if not numbers:
        return {}
    found: dict[int, list[File]] = {}
    for row in _FILES.all(connection, numbers=numbers):
        one = _FILE.record(row)
        found.setdefault(one.incident, []).append(one)
    return found


_FILE = RecordRows(
    File, attachment, elsewhere={"incident": entry.c.incident, "update": entry.c.number, "leg": entry.c.leg}
)
_FILES = Prepared(
    select(*_FILE.columns)
    .join_from(attachment, entry, attachment.c.update == entry.c.id)
    .where(entry.c.incident.in_(any_of("numbers")))
    .order_by(entry.c.incident, entry.c.number, attachment.c.place)
)


def pictures_of(connection: Connection, author: int, number: int) -> frozenset[str]:
    """Sums of the pictures that somebody sent about an incident lately."""
    query = select(attachment.c.sha256).join_from(entry, attachment, entry.c.id == attachment.c.update)
    query = query.join(
        incident, (entry.c.incident == incident.c.number) & (entry.c.number > incident.c.updates - UPDATES)
    )
    query = query.where(entry.c.number > incident.c.updates - UPDATES)
    query = query.where(incident.c.number == number, entry.c.author == author, attachment.c.type.like("image/%"))
    return frozenset(connection.execute(query).scalars())
