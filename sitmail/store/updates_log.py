"""Reads the updates log, with its texts and files.  `services.apply` writes it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Integer, Select, bindparam, func, or_, select

from sitmail.domain.endings import REPORTED, Rule
from sitmail.domain.people import Kind
from sitmail.domain.update import Direction, Event, LegKind
from sitmail.store.prepared import Prepared, any_of
from sitmail.store.rows import RecordRows
from sitmail.store.schema import attachment, inbox, outbox, person, term, update_text
from sitmail.store.schema import update as entry

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
    """(inbox id, ending) of the mail that came back to its author by that update, because it crossed newer words."""
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
        entry.c.rule == Rule.STAFF_CROSSED.value,
    )
)
_PROBLEM = Prepared(_of_one(entry.c.number == 1))
_LATEST = Prepared(
    _of_one(entry.c.event != Event.REFUSED).order_by(entry.c.number.desc()).limit(bindparam("last", type_=Integer))
)


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
    """Incidents in whose public leg a person of ours spoke last."""
    if not numbers:
        return frozenset()
    rows = _LAST_WORDS.all(connection, numbers=numbers)
    return frozenset(number for number, ours, theirs in rows if (ours or 0) > (theirs or 0))


_LAST_WORDS = Prepared(
    select(
        entry.c.incident,
        func.max(entry.c.number).filter(entry.c.event == Event.ANSWER),
        func.max(entry.c.number).filter(entry.c.direction == Direction.IN),
    )
    .where(entry.c.incident.in_(any_of("numbers")), entry.c.leg == LegKind.PUBLIC)
    .group_by(entry.c.incident)
)


def reports(connection: Connection, numbers: Collection[int]) -> dict[int, int]:
    """How often a monitor reported each of these incidents."""
    return dict(_REPORTS.all(connection, numbers=numbers)) if numbers else {}


_REPORTS = Prepared(
    select(entry.c.incident, func.count())
    .where(entry.c.incident.in_(any_of("numbers")), or_(*(entry.c.rule == rule for rule in REPORTED)))
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


def letters_to(connection: Connection, reader: int, number: int | None, limit: int = 10) -> list[tuple[str, str]]:
    """(purpose, text) of the last letters to a person about an incident, or about none."""
    if number is None:
        return [(purpose, body) for purpose, body in _LETTERS_ABOUT_NONE.all(connection, reader=reader, limit=limit)]
    found = _LETTERS.all(connection, reader=reader, number=number, limit=limit)
    return [(purpose, body) for purpose, body in found]


def _letters(about: ColumnElement[bool]) -> Prepared:
    query = select(outbox.c.purpose, outbox.c.body).where(outbox.c.person == bindparam("reader"), about)
    return Prepared(query.order_by(outbox.c.id.desc()).limit(bindparam("limit", type_=Integer)))


_LETTERS = _letters(outbox.c.incident == bindparam("number"))
_LETTERS_ABOUT_NONE = _letters(outbox.c.incident.is_(None))


class Texts(NamedTuple):
    """What the log of an incident holds, as one reader may know it."""

    public: list[str]
    internal: list[str]  # for staff alone
    habits: list[str]  # what was set apart in the reader's own mails
    noted: list[tuple[int, str]]  # author, and words for staff alone, whoever wrote them
    signatures: list[str]  # of staff


def texts(connection: Connection, number: int, reader: int) -> Texts:
    """What engineers quoted is no more public than the letters they had; what they noted themselves is no letter."""
    found = Texts([], [], [], [], [])
    for leg, direction, author, event, text, *apart in _TEXTS.all(connection, number=number):
        outside = direction == Direction.IN and leg != LegKind.VENDOR
        _, signature, doubtful = apart
        if author == reader:
            found.habits.extend(filter(None, apart))
        if leg == LegKind.PUBLIC:
            found.public.append(text)
            (found.public if outside else found.internal).extend(filter(None, apart))
        elif author != reader and event != Event.REFUSED:
            found.internal.extend(filter(None, (text, *apart)))
        if not outside and signature:
            found.signatures.append(signature)
        if leg != LegKind.PUBLIC and not outside:
            found.noted.extend((author or 0, words) for words in (text, doubtful) if words)
    return found


_TEXTS = Prepared(
    select(entry.c.leg, entry.c.direction, entry.c.author, entry.c.event, *(update_text.c[p] for p in TEXT_PARTS))
    .join_from(entry, update_text, entry.c.id == update_text.c.update)
    .where(entry.c.incident == bindparam("number"))
)


def texts_of_others(connection: Connection, number: int) -> list[str]:
    """Everything in the log of an incident that no engineer wrote."""
    query = select(update_text.c.text).join_from(entry, update_text, entry.c.id == update_text.c.update)
    query = query.outerjoin(person, person.c.id == entry.c.author).where(entry.c.incident == number)
    query = query.where(person.c.kind.is_(None) | (person.c.kind != Kind.ENGINEER.value))
    return list(connection.execute(query).scalars())


def pictures_of(connection: Connection, author: int, number: int) -> frozenset[str]:
    """Sums of the pictures that somebody sent about an incident before."""
    query = select(attachment.c.sha256).join_from(entry, attachment, entry.c.id == attachment.c.update)
    query = query.where(entry.c.incident == number, entry.c.author == author, attachment.c.type.like("image/%"))
    return frozenset(connection.execute(query).scalars())
