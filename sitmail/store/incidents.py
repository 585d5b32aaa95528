"""Reads and writes incidents, their participants, the Message-IDs known with them, held mail and confirmations.

What a decision changes is decided in `services.apply`; here it is written, many rows in one statement.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, bindparam, func, select, union_all, update

from sitmail.domain.facts import Confirmation, HeldMail
from sitmail.domain.incident import Incident, Status
from sitmail.domain.update import LegKind
from sitmail.store import schema
from sitmail.store.prepared import Prepared, any_of, pair, paired
from sitmail.store.rows import RecordRows, stored
from sitmail.store.schema import (
    confirmation,
    held,
    incident,
    known_id,
    outbox,
    participation,
)


def incidents(connection: Connection, numbers: Collection[int]) -> dict[int, Incident]:
    """The summaries of these incidents; numbers that do not exist are missing."""
    if not numbers:
        return {}
    found = (_INCIDENT.record(row) for row in _INCIDENTS.all(connection, numbers=numbers))
    return {one.number: one for one in found}


_INCIDENT = RecordRows(
    Incident, incident, convert={"status": Status, "contact": lambda person: person or 0, "tags": tuple}
)
_INCIDENTS = Prepared(select(*_INCIDENT.columns).where(incident.c.number.in_(any_of("numbers"))))


class Participant(NamedTuple):
    incident: int
    person: int
    role: str
    leg: str
    level: str
    leg_id: int
    reference: str  # how a partner calls the incident


def last_owners(connection: Connection, contacts: Collection[int]) -> dict[int, str]:
    """Who owned the last incident of each of these contacts that had an owner."""
    return {person: owner for person in contacts for _, owner in _LAST_OWNER.all(connection, person=person)}


_LAST_OWNER = Prepared(
    select(incident.c.number, incident.c.owner)
    .where(incident.c.contact == bindparam("person"), incident.c.owner != "")
    .order_by(incident.c.number.desc())
    .limit(1)
)


def participants(connection: Connection, numbers: Collection[int]) -> list[Participant]:
    """Who is on the legs of these incidents now, in the order they came."""
    if not numbers:
        return []
    return [_PARTICIPANT.record(row) for row in _PARTICIPANTS.all(connection, numbers=numbers)]


_PARTICIPANT = RecordRows(
    Participant,
    participation,
    elsewhere={"leg": schema.leg.c.kind, "leg_id": schema.leg.c.id, "reference": schema.leg.c.foreign_reference},
)
_PARTICIPANTS = Prepared(
    select(*_PARTICIPANT.columns)
    .join_from(participation, schema.leg, participation.c.leg == schema.leg.c.id)
    .where(participation.c.incident.in_(any_of("numbers")), participation.c.until.is_(None))
    .order_by(participation.c.id)
)


def legs(connection: Connection, numbers: Collection[int]) -> dict[tuple[int, str], int]:
    """(incident, kind) -> id of the public and the internal leg."""
    if not numbers:
        return {}
    return {(number, kind): id_ for number, kind, id_ in _LEGS.all(connection, numbers=numbers)}


_LEGS = Prepared(
    select(schema.leg.c.incident, schema.leg.c.kind, schema.leg.c.id).where(
        schema.leg.c.incident.in_(any_of("numbers")), schema.leg.c.kind != LegKind.VENDOR
    )
)


class SeenAs(NamedTuple):
    """On which leg a mail went, and who wrote it (the id of a person, 0 if that is not known)."""

    leg: str
    author: int


class Covering(NamedTuple):
    """What the reader of a mail or letter knew by it: the updates of an incident up to `covers`, if that is told.

    `incident` 0: a letter about none, such as a digest; `at` is when it was written.
    """

    incident: int
    covers: int | None
    at: datetime


class Seen(NamedTuple):
    """Incidents by Message-ID: those where the mail itself went, and those where another mail only named it."""

    kept: Mapping[str, Mapping[int, SeenAs]]
    named: Mapping[str, Sequence[int]]
    covering: Mapping[str, Sequence[Covering]]


def by_message_id(connection: Connection, ids: Collection[str]) -> Seen:
    """The incidents with which each Message-ID was seen, the oldest first."""
    seen = Seen({}, {}, {})
    if not ids:
        return seen
    kept: dict[str, dict[int, SeenAs]] = {}
    named: dict[str, list[int]] = {}
    covering: dict[str, list[Covering]] = {}
    for message_id, number, origin, leg, person, covers, at in _BY_MESSAGE_ID.all(connection, ids=ids):
        if origin == "named":
            named.setdefault(message_id, []).append(number)
        else:
            kept.setdefault(message_id, {}).setdefault(number, SeenAs(leg, person))
            covering.setdefault(message_id, []).append(Covering(number, covers, at))
    return Seen(kept, named, covering)


_SEEN = ("message_id", "incident", "origin", "leg", "person", "covers", "at")
_BY_MESSAGE_ID = Prepared(
    select(*(known_id.c[name] for name in _SEEN))
    .where(known_id.c.message_id.in_(any_of("ids")))
    .order_by(known_id.c.incident)
)


Pairs = AbstractSet[tuple[int, int]]  # of incident and person


LATEST = 9  # Message-IDs of a conversation that are read back, besides its first


def ids_of(connection: Connection, pairs: Pairs) -> dict[tuple[int, int], list[str]]:
    """(incident, person) -> Message-IDs that person wrote or was sent there, oldest first: the first and the latest.

    References need not name all of them, and so a long conversation costs no more than a short one.
    """
    found: dict[tuple[int, int], dict[str, None]] = {}
    for size, values in paired(pairs):
        for number, person, message_id, _ in _ids_of(size).all(connection, **values):
            found.setdefault((number, person), {})[message_id] = None  # of a short one the first comes twice
    return {pair: list(ids) for pair, ids in found.items()}


@cache  # of sizes, which are few (`prepared.rounded_up`)
def _ids_of(size: int) -> Prepared:
    """Both ends of each pair's conversation, found by the index; a window function would walk through all between."""
    ends = []
    for at in range(size):
        first, latest = known_id.c.at, known_id.c.at.desc()
        ends += [_end(at, 1, first), _end(at, LATEST, latest)]
    return Prepared(union_all(*ends).order_by("at"))


def last_sent(connection: Connection, pairs: Pairs) -> dict[tuple[int, int], datetime]:
    """(incident, person) -> when the last letter about it was written to that person."""
    found: dict[tuple[int, int], datetime] = {}
    for size, values in paired(pairs):
        found |= {(number, person): at for number, person, _, at in _last_sent(size).all(connection, **values)}
    return found


@cache
def _last_sent(size: int) -> Prepared:
    return Prepared(union_all(*(_end(at, 1, known_id.c.at.desc(), known_id.c.origin == "own") for at in range(size))))


def _end(at: int, limit: int, order: ColumnElement[Any], *also: ColumnElement[bool]) -> Select[Any]:
    """The first ids, in that order, of pair number `at` of incident and person."""
    columns = (known_id.c.incident, known_id.c.person, known_id.c.message_id, known_id.c.at)
    number, person = pair(at)
    query = select(*columns).where(
        known_id.c.incident == number,
        known_id.c.person == person,
        *also,
    )
    return select(query.order_by(order).limit(limit).subquery())  # each end has a limit of its own


def held_since(connection: Connection, numbers: Collection[int]) -> dict[int, datetime]:
    """Since when these mails have been held."""
    return dict(_HELD_SINCE.all(connection, numbers=numbers)) if numbers else {}


_HELD_SINCE = Prepared(select(held.c.id, held.c.since).where(held.c.id.in_(any_of("numbers"))))


def held_mails(connection: Connection, numbers: Collection[int]) -> dict[int, HeldMail]:
    """These held mails, decided or not."""
    if not numbers:
        return {}
    found = (_HELD_MAIL.record(row) for row in _HELD_MAILS.all(connection, numbers=numbers))
    return {one.id: one for one in found}


_HELD_MAIL = RecordRows(
    HeldMail,
    held,
    elsewhere={"became": schema.inbox.c.incident},
    convert={"became": lambda number: number or 0, "approvers": tuple},
)
_HELD_MAILS = Prepared(
    select(*_HELD_MAIL.columns)
    .join_from(held, schema.inbox, held.c.inbox == schema.inbox.c.id)
    .where(held.c.id.in_(any_of("numbers")))
)


def last_general(connection: Connection, persons: Collection[int]) -> dict[int, datetime]:
    """When the last letter about no incident was written to each of these persons."""
    return dict(_LAST_GENERAL.all(connection, persons=persons)) if persons else {}


_LAST_GENERAL = Prepared(
    select(outbox.c.person, func.max(outbox.c.made, type_=outbox.c.made.type))
    .where(outbox.c.person.in_(any_of("persons")), outbox.c.incident.is_(None))
    .group_by(outbox.c.person)
)


def releases(connection: Connection, mails: Collection[int]) -> list[tuple[Any, ...]]:
    """(inbox id, held id, decision, by whom) of mails that were held, in the order in which that began."""
    return _RELEASES.all(connection, mails=mails) if mails else []


_RELEASES = Prepared(
    select(held.c.inbox, held.c.id, held.c.decision, held.c.decided_by)
    .where(held.c.inbox.in_(any_of("mails")))
    .order_by(held.c.id)
)


def confirmations(connection: Connection, ids: Collection[int]) -> dict[int, Confirmation]:
    """Questions whether somebody wrote a mail, by id."""
    if not ids:
        return {}
    found = (_CONFIRMATION.record(row) for row in _CONFIRMATIONS.all(connection, ids=ids))
    return {one.id: one for one in found}


def _changes(kept: list[list[Any]]) -> tuple[tuple[Any, ...], ...]:
    return tuple([tuple(one) for one in kept])


_CONFIRMATION = RecordRows(
    Confirmation,
    confirmation,
    convert={"answered": lambda moment: moment is not None, "mails": tuple, "changes": _changes},
)
_CONFIRMATIONS = Prepared(select(*_CONFIRMATION.columns).where(confirmation.c.id.in_(any_of("ids"))))


def asked(connection: Connection, persons: Collection[int], now: datetime) -> dict[int, int]:
    """The open question of each of these persons who has one."""
    return dict(_ASKED.all(connection, persons=persons, now=now)) if persons else {}


_ASKED = Prepared(
    select(confirmation.c.person, confirmation.c.id).where(
        confirmation.c.person.in_(any_of("persons")),
        confirmation.c.answered.is_(None),
        confirmation.c.proposal.is_(False),
        confirmation.c.expires > bindparam("now"),
    )
)


# --- writing


def summarise(connection: Connection, changed: Mapping[int, Mapping[str, Any]]) -> None:
    """Writes the summary rows; incidents that change the same fields share one bulk UPDATE."""
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for number, values in changed.items():
        if values:
            row = {f"new_{name}": value for name, value in values.items()}
            alike.setdefault(tuple(sorted(values)), []).append({"key": number, **row})
    for names, rows in alike.items():
        _summary_of(names).run(connection, rows)


def column_value(name: str, value: Any) -> Any:
    """The value for a column, out of a change in the log, in which moments are texts."""
    moment = isinstance(value, str) and isinstance(incident.c[name].type, schema.Moment)
    return datetime.fromisoformat(value) if moment else stored(value)


@cache
def _summary_of(names: tuple[str, ...]) -> Prepared:
    changes = {name: bindparam(f"new_{name}", type_=incident.c[name].type) for name in names}
    return Prepared(update(incident).where(incident.c.number == bindparam("key")).values(changes))


def settle(connection: Connection, id_: int, decision: str, by: str, now: datetime) -> bool:
    """Ends a held mail's wait; False if it was decided before."""
    query = update(held).where(held.c.id == id_, held.c.decision == "").values(remind_at=None)
    return connection.execute(query.values(decision=decision, decided_by=by, decided=now)).rowcount == 1


def leave(connection: Connection, number: int, person: int, now: datetime) -> None:
    query = update(participation).where(
        participation.c.incident == number, participation.c.person == person, participation.c.until.is_(None)
    )
    connection.execute(query.values(until=now))
