"""How often customers were asked: what the log and the outbox know of it (`domain/asked` adds it up)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from sitmail.domain.asked import ASKING, Entry, Left, Letter
from sitmail.domain.incident import Status
from sitmail.domain.outgoing import EXPIRED
from sitmail.domain.people import Kind
from sitmail.domain.update import Direction, Event, LegKind
from sitmail.store.prepared import Prepared, any_of
from sitmail.store.schema import outbox, person, update, update_text

HIS_WORDS = frozenset({Event.CUSTOMER, Event.CLOSURE_REQUESTED, Event.REOPENED})
DELAYED = ": delayed "  # in the log's entry about a delivery report: the letter may still arrive


def entries(connection: Connection, numbers: Collection[int], types: Mapping[str, bool]) -> dict[int, list[Entry]]:
    """The logs of incidents, oldest first.  `types`: event types that engineers log, and whether each is an attempt."""
    found: dict[int, list[Entry]] = {}
    for incident, number, at, status, event, leg, direction, author, text in _LOG.all(connection, numbers=numbers):
        public = leg == LegKind.PUBLIC
        by_mail = event not in types or (event == Event.ANSWER and public)
        came_back = event == Event.BOUNCE and DELAYED not in (text or "")
        found.setdefault(incident, []).append(
            Entry(
                number=number,
                at=at,
                status=Status(status),
                event=event,
                to_customer=public and direction == Direction.OUT and by_mail,
                from_customer=public and direction == Direction.IN and event in HIS_WORDS,
                attempt=not by_mail and types[event],
                bounced=(author or 0) if came_back else 0,
            )
        )
    return found


_LOG = Prepared(
    select(
        update.c.incident,
        update.c.number,
        update.c.received,
        update.c.status,
        update.c.event,
        update.c.leg,
        update.c.direction,
        update.c.author,
        update_text.c.text,
    )
    .join_from(update, update_text, update.c.id == update_text.c.update, isouter=True)
    .where(update.c.incident.in_(any_of("numbers")), update.c.status != "")
    .order_by(update.c.incident, update.c.number)
)


def letters(connection: Connection, numbers: Collection[int], now: datetime) -> dict[int, list[Letter]]:
    """The letters to people outside that ask, by incident."""
    found: dict[int, list[Letter]] = {}
    purposes = [str(one) for one in ASKING]
    for incident, reader, made, state, sent, expires, error in _LETTERS.all(
        connection, numbers=numbers, purposes=purposes
    ):
        over = error == EXPIRED if state == "failed" else expires is not None and expires <= now
        became = (
            Left.SENT if state == "sent" else Left.NEVER if over else Left.LOST if state == "failed" else Left.WAITS
        )
        found.setdefault(incident, []).append(Letter(reader, made, became, sent))
    return found


_LETTERS = Prepared(
    select(
        outbox.c.incident,
        outbox.c.person,
        outbox.c.made,
        outbox.c.state,
        outbox.c.sent,
        outbox.c.expires,
        outbox.c.last_error,
    )
    .where(outbox.c.incident.in_(any_of("numbers")), outbox.c.outside, outbox.c.purpose.in_(any_of("purposes")))
    .order_by(outbox.c.incident, outbox.c.id)
)


def contacts_called(connection: Connection, names: Collection[str]) -> dict[str, int]:
    """The contacts of these ids, or registered addresses, as the directory has them."""
    if not names:
        return {}
    return dict(_CALLED.all(connection, kind=Kind.CONTACT.value, names=names))


_CALLED = Prepared(
    select(person.c.key, person.c.id).where(
        person.c.kind == bindparam("kind"), person.c.key.in_(any_of("names")), person.c.retired.is_(False)
    )
)
