"""Letters on their way out.  Written with the decision that wants them; the courier carries them afterwards.

States: queued, sending, sent, deferred, failed.  When to try again and what a reply means is the courier's business.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, case, exists, func, select, text, update

from sitmail.domain.letter_limits import FOLDING
from sitmail.domain.outgoing import Outcome, Outgoing, Pair
from sitmail.store.prepared import Prepared, add, any_of
from sitmail.store.schema import outbox
from sitmail.store.text import storable

# Written out, not bound: only so do both databases see that their partial index serves.
UNSENT = text("outbox.state IN ('queued', 'sending', 'deferred')")


DEFAULTS: dict[str, Any] = {
    "incident": None,
    "page": b"",
    "attachments": [],
    "invite": "",
    "state": "queued",
    "attempts": 0,
    "last_error": "",
    "expires": None,
    "sent": None,
}
_COLUMNS = [column.name for column in outbox.columns]


def insert(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Puts letters in; a row names all columns but those with a default, its `id` (from the writer's ids) included."""
    add(connection, outbox, [row if len(row) == len(_COLUMNS) else {**DEFAULTS, **row} for row in rows])


def any_letter(connection: Connection) -> bool:
    """Whether a letter was ever written."""
    return connection.execute(select(outbox.c.id).limit(1)).first() is not None


def due(connection: Connection, limit: int, now: datetime) -> list[Outgoing]:
    """Letters to be tried now, oldest first, those included that a crash left in `sending`.

    A letter never overtakes an earlier one to the same person about the same incident, which waits for its next
    attempt.
    """
    return [
        _outgoing(dict(zip(Outgoing._fields, row, strict=True))) for row in _DUE.all(connection, now=now, limit=limit)
    ]


_EARLIER = outbox.alias("earlier")
_HELD_BACK = exists().where(
    text("earlier.state IN ('queued', 'sending', 'deferred')"),
    _EARLIER.c.next_attempt > bindparam("now"),
    _EARLIER.c.person == outbox.c.person,
    _EARLIER.c.incident.is_not_distinct_from(outbox.c.incident),
    _EARLIER.c.id < outbox.c.id,
)
_DUE = Prepared(
    select(*(outbox.c[name] for name in Outgoing._fields))
    .where(UNSENT, outbox.c.next_attempt <= bindparam("now"), ~_HELD_BACK)
    .order_by(outbox.c.id)
    .limit(bindparam("limit"))
)


def waiting(connection: Connection, now: datetime) -> set[Pair]:
    """Persons and incidents with a letter that waits for a later attempt."""
    return {(person, incident) for person, incident in _LATER.all(connection, now=now)}


_LATER = Prepared(
    select(outbox.c.person, outbox.c.incident).where(UNSENT, outbox.c.next_attempt > bindparam("now")).distinct()
)


# --- what left of late, for the limits


def automatic_to(
    connection: Connection, persons: Collection[int], since: datetime, purposes: Collection[str] = ()
) -> dict[int, int]:
    """How many automatic letters (of these purposes) were made for each person since then."""
    if not persons:
        return {}
    if purposes:
        return dict(_AUTOMATIC_OF.all(connection, persons=persons, purposes=purposes, since=since))
    return dict(_AUTOMATIC_TO.all(connection, persons=persons, since=since))


def counted_since(connection: Connection, persons: Collection[int], since: datetime) -> list[tuple[int, datetime, str]]:
    """To whom of these persons letters that limits count were made since then, when, and as what, the oldest first."""
    return [(person, made, kind) for person, made, kind in _COUNTED.all(connection, persons=persons, since=since)]


def automatic_about(connection: Connection, numbers: Collection[int | None], since: datetime) -> dict[int, int]:
    """How many automatic letters about each incident were made for people outside since then."""
    if not numbers:
        return {}
    return dict(_AUTOMATIC_ABOUT.all(connection, numbers=numbers, since=since))


def last_folding(
    connection: Connection, persons: Collection[int], numbers: Collection[int | None], since: datetime
) -> dict[tuple[int, int | None], datetime]:
    """(person, incident) -> when the last letter was made that others fold behind, if that was since then."""
    found: dict[tuple[int, int | None], datetime] = {}
    about = [number for number in numbers if number is not None]
    kinds = sorted(FOLDING)
    if about and persons:
        rows = _LAST_ABOUT.all(connection, numbers=about, since=since, kinds=kinds)
        found |= {(person, incident): made for person, incident, made in rows}
    if None in numbers and persons:
        rows = _LAST_TO.all(connection, persons=persons, since=since, kinds=kinds)
        found |= {(person, incident): made for person, incident, made in rows}
    return found


AUTOMATIC = text("outbox.automatic")
_MADE = outbox.c.made > bindparam("since", type_=outbox.c.made.type)
_TO = outbox.c.person.in_(any_of("persons"))
_ABOUT = outbox.c.incident.in_(any_of("numbers"))
_AUTOMATIC = select(outbox.c.person, func.count()).where(AUTOMATIC, _TO, _MADE).group_by(outbox.c.person)
_AUTOMATIC_TO = Prepared(_AUTOMATIC)
_COUNTED = Prepared(
    select(outbox.c.person, outbox.c.made, outbox.c.counted)
    .where(AUTOMATIC, _TO, _MADE, outbox.c.counted != "")
    .order_by(outbox.c.made)
)
_AUTOMATIC_OF = Prepared(_AUTOMATIC.where(outbox.c.purpose.in_(any_of("purposes"))))
_AUTOMATIC_ABOUT = Prepared(
    select(outbox.c.incident, func.count())
    .where(AUTOMATIC, text("outbox.outside"), _ABOUT, _MADE)
    .group_by(outbox.c.incident)
)
_LAST = select(
    outbox.c.person, outbox.c.incident, func.max(outbox.c.made, type_=outbox.c.made.type).label("made")
).group_by(outbox.c.person, outbox.c.incident)
_KINDS = outbox.c.counted.in_(any_of("kinds"))
_LAST_ABOUT = Prepared(_LAST.where(AUTOMATIC, _ABOUT, _MADE, _KINDS))
_LAST_TO = Prepared(_LAST.where(AUTOMATIC, _TO, outbox.c.incident.is_(None), _MADE, _KINDS))


def letter(row: Mapping[str, Any]) -> Outgoing:
    """The letter of a row as `insert` takes it, so that a fresh one reaches the courier without a SELECT."""
    whole = row if len(row) == len(_COLUMNS) else {**DEFAULTS, **row}
    return _outgoing({name: whole[name] for name in Outgoing._fields})


def _outgoing(values: dict[str, Any]) -> Outgoing:
    files = tuple([(name, type_, sha256, *(cid or [""])) for name, type_, sha256, *cid in values.pop("attachments")])
    return Outgoing(attachments=files, **values)


def mark(connection: Connection, outcomes: list[Outcome]) -> list[None]:
    """Notes what attempts led to; a job of the writer.  What is sent stays sent."""
    _MARK.run(
        connection,
        [
            {
                "key": outcome.id,
                "to": outcome.state,
                "tries": outcome.attempts,
                "next": outcome.next_attempt,
                "error": storable(outcome.error),
                "left": outcome.at if outcome.state == "sent" else None,
            }
            for outcome in outcomes
        ],
    )
    return [None] * len(outcomes)


_MARK = Prepared(
    update(outbox)
    .where(outbox.c.id == bindparam("key"), outbox.c.state != "sent")
    .values(
        state=bindparam("to"),
        attempts=bindparam("tries"),
        next_attempt=func.coalesce(bindparam("next", type_=outbox.c.next_attempt.type), outbox.c.next_attempt),
        last_error=bindparam("error"),
        sent=bindparam("left"),
        page=case((bindparam("left", type_=outbox.c.sent.type).is_not(None), b""), else_=outbox.c.page),
    )
)


def retry(connection: Connection, id: int | None, now: datetime) -> int:
    """Lets letters be tried at once, back-off or not, and tells how many: all deferred ones (None), or one that is
    deferred or has failed, whose attempts count anew.
    """
    again = update(outbox).values(state="queued", next_attempt=now, attempts=0)
    if id is None:
        again = again.where(outbox.c.state == "deferred")
    else:
        again = again.where(outbox.c.id == id, outbox.c.state.in_(("deferred", "failed")))
    return connection.execute(again).rowcount
