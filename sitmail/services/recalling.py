"""Mails of engineers that wait for `send_delay` (`domain/recalling`): they rest in the inbox, and come again once.

A row of `held` with the decision says why a mail comes again: its time is over, or somebody recalled it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from sitmail.domain.endings import Ending, Rule
from sitmail.domain.notice_purposes import PURPOSES
from sitmail.domain.recall_values import DELAYED, RECALLED, Delay, Left, Pending, Recall, Recallable
from sitmail.domain.recalling import CLOSING
from sitmail.services.notifications import WAITING as UNTOLD
from sitmail.services.unit_of_work import PendingDecision, UnitOfWork
from sitmail.store import directory_lookup
from sitmail.store.inbox import WAITING
from sitmail.store.schema import held, inbox, notice, outbox, person

SPOKEN = tuple(str(one) for one, traits in PURPOSES.items() if traits.outside and not traits.automatic) + tuple(
    str(one) for one in CLOSING
)
LAST = 50  # letters that are looked through


def delay(unit: UnitOfWork, entry: PendingDecision, effect: Delay) -> None:
    """The mail rests; one row for each incident, and one where it is about none yet."""
    assert entry.arrival is not None
    mail = entry.arrival.id
    unit.connection.execute(update(inbox).where(inbox.c.id == mail).values(not_before=effect.leaves))
    for number in effect.numbers or (None,):
        row = {"incident": number, "person": effect.by.id, "question": {"words": effect.words}}
        unit.connection.execute(held.insert().values(**row, **_decided(unit, mail, DELAYED, Rule.STAFF_DELAYED, "")))


def recall(unit: UnitOfWork, _entry: PendingDecision, effect: Recall) -> None:
    """It comes again at once, to end as recalled; unless it is leaving already."""
    mine = (inbox.c.id == effect.mail, inbox.c.ending == str(Ending.WAITING), inbox.c.not_before > unit.now)
    if unit.connection.execute(update(inbox).where(*mine).values(not_before=None)).rowcount == 1:
        decision = " ".join((RECALLED, *map(str, effect.numbers)))
        row = _decided(unit, effect.mail, decision, Rule.STAFF_RECALLED, effect.by)
        unit.connection.execute(held.insert().values(**row))


def _decided(unit: UnitOfWork, mail: int, decision: str, rule: Rule, by: str) -> dict[str, Any]:
    row = {"id": unit.key("held"), "inbox": mail, "reason": str(rule), "since": unit.now, "decision": decision}
    return row | {"decided_by": by or "the clock", "decided": unit.now}


def ready(connection: Connection, now: datetime) -> tuple[bool, datetime | None]:
    """Whether some come again by now, and when the next does."""
    rests = (WAITING, inbox.c.not_before.is_not(None))
    moments = connection.execute(select(inbox.c.not_before).where(*rests)).scalars().all()
    return any(one <= now for one in moments), min((one for one in moments if one > now), default=None)


def recallable(connection: Connection, numbers: Collection[int], now: datetime) -> Recallable:
    """What waits, on whatever incident, the last first; and what left last of these."""
    rests = select(inbox.c.id, inbox.c.not_before).where(WAITING, inbox.c.not_before > now)
    leaving = {row.id: row.not_before for row in connection.execute(rests)}
    query = select(held.c.inbox, held.c.incident, held.c.person, held.c.question)
    query = query.where(held.c.inbox.in_(leaving), held.c.decision == DELAYED).order_by(held.c.id)
    found: dict[int, Pending] = {}
    for mail, incident, author, question in connection.execute(query) if leaving else ():
        before = found.get(mail)
        about = (*(before.numbers if before else ()), *((incident,) if incident else ()))
        found[mail] = Pending(mail, author, leaving[mail], about, question["words"])
    left = {number: one for number in numbers if (one := _left(connection, number)) is not None}
    return Recallable(tuple(reversed(found.values())), left)


def _left(connection: Connection, number: int) -> Left | None:
    """The letters of the last moment at which somebody outside was told something, and those that still wait for it."""
    query = select(outbox.c.made, outbox.c.sent, person.c.name, outbox.c.recipient)
    query = query.join_from(outbox, person, outbox.c.person == person.c.id)
    query = query.where(outbox.c.incident == number, outbox.c.outside, outbox.c.purpose.in_(SPOKEN))
    rows = connection.execute(query.order_by(outbox.c.id.desc()).limit(LAST)).all()
    if not rows:
        return None
    last = [row for row in rows if row.made == rows[0].made]
    untold = select(notice.c.person).where(UNTOLD, notice.c.incident == number, notice.c.purpose.in_(SPOKEN))
    readers = directory_lookup.persons(connection, set(connection.execute(untold).scalars())).values()
    on_their_way = [row.name or row.recipient for row in last if row.sent is None]
    on_their_way += [one.name or one.address for one in readers]
    sent = [row.name or row.recipient for row in last if row.sent is not None]
    return Left(rows[0].made, tuple(sent), tuple(on_their_way))
