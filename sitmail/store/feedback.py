"""Who was asked how the desk did, about which incident, and the number that was answered."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, delete, func, select, update

from sitmail.domain.feedback import Asked
from sitmail.store.prepared import Prepared, add, any_of
from sitmail.store.schema import contract, feedback, person, site

MOST = 50  # of one tick


class Due(NamedTuple):
    incident: int
    due: datetime


def wait(connection: Connection, due: Mapping[int, datetime]) -> None:
    """These incidents were closed: what nobody was asked about waits until then."""
    rows = [{"incident": number, "due": at} for number, at in due.items()]
    add(connection, feedback, [{**_NOTHING, **row} for row in rows], once=True)
    for row in rows:  # closed before, or opened and closed again before anybody was asked
        waits = (feedback.c.incident == row["incident"], feedback.c.due.is_not(None))
        connection.execute(update(feedback).where(*waits).values(due=row["due"]))


_NOTHING = {
    **{"asked": None, "person": None, "owner": "", "scale": 0},
    **{"explained": False, "score": None, "scored": None},
}


def due(connection: Connection, now: datetime) -> list[Due]:
    return [Due(*row) for row in _DUE.all(connection, now=now)]


_DUE = Prepared(
    select(feedback.c.incident, feedback.c.due)
    .where(feedback.c.due.is_not(None), feedback.c.due <= bindparam("now"))
    .order_by(feedback.c.due)
    .limit(MOST)
)


def next_due(connection: Connection) -> datetime | None:
    rows = _NEXT.all(connection)
    return rows[0][0] if rows else None


_NEXT = Prepared(select(feedback.c.due).where(feedback.c.due.is_not(None)).order_by(feedback.c.due).limit(1))


def again(connection: Connection, number: int) -> None:
    """It is open again: its next closing is another occasion."""
    connection.execute(delete(feedback).where(feedback.c.incident == number))


def settled(connection: Connection, number: int) -> None:
    """Nobody is asked about it."""
    connection.execute(update(feedback).where(feedback.c.incident == number).values(due=None))


def asked(connection: Connection, number: int, whom: int, owner: str, scale: int, now: datetime) -> None:
    values = {"due": None, "asked": now, "person": whom, "owner": owner, "scale": scale}
    connection.execute(update(feedback).where(feedback.c.incident == number).values(**values))


def explained(connection: Connection, number: int) -> None:
    connection.execute(update(feedback).where(feedback.c.incident == number).values(explained=True))


def scored(connection: Connection, number: int, score: int, now: datetime) -> None:
    connection.execute(update(feedback).where(feedback.c.incident == number).values(score=score, scored=now))


def last_asked(connection: Connection, whom: int) -> datetime | None:
    """When somebody was asked the last time, about whichever incident."""
    rows = _LAST.all(connection, person=whom)
    return rows[0][0] if rows else None


_LAST = Prepared(
    select(feedback.c.asked)
    .where(feedback.c.person == bindparam("person"), feedback.c.asked.is_not(None))
    .order_by(feedback.c.asked.desc())
    .limit(1)
)


def open_questions(connection: Connection, numbers: Collection[int]) -> dict[int, Asked]:
    """What was asked about these incidents, by their numbers."""
    return {number: Asked(*row) for number, *row in _ASKED.all(connection, numbers=numbers)} if numbers else {}


_ASKED = Prepared(
    select(feedback.c.incident, feedback.c.person, feedback.c.scale, feedback.c.score, feedback.c.explained).where(
        feedback.c.incident.in_(any_of("numbers")), feedback.c.asked.is_not(None)
    )
)


def opted_out(connection: Connection, whom: int, site_id: str, contract_id: str) -> bool:
    """Whether a contact, the site or the contract of the incident wants no such question."""
    found = 0
    for table, key, value in (
        (person, person.c.id, whom),
        (site, site.c.id, site_id),
        (contract, contract.c.id, contract_id),
    ):
        query = select(func.count()).select_from(table).where(key == value, table.c.feedback.is_(False))
        found += connection.execute(query).scalar() or 0
    return found > 0


def merge(connection: Connection, gone: int, stays: int) -> None:
    """Two records turn out to be one person's."""
    connection.execute(update(feedback).where(feedback.c.person == gone).values(person=stays))
