"""Who is away: one row an absence, open until all was given back; and what stand-ins have meanwhile."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from sitmail.domain.absence import Absence, AbsenceKind, AbsenceState, Handover
from sitmail.domain.incident import Status
from sitmail.domain.update import Event
from sitmail.store.ids import Ids
from sitmail.store.rows import RecordRows, row_of
from sitmail.store.schema import absence, handover, incident
from sitmail.store.schema import update as entry

NO_WORK = tuple(str(one) for one in (Event.AUTOMATIC, Event.REFUSED, Event.BOUNCE))
_ABSENCE = RecordRows(Absence, absence, convert={"kind": AbsenceKind, "state": AbsenceState})


def open_absences(connection: Connection) -> tuple[Absence, ...]:
    """There are as many rows as people who plan holidays."""
    rows = connection.execute(select(*_ABSENCE.columns).where(absence.c.ended.is_(None)).order_by(absence.c.engineer))
    return tuple(map(_ABSENCE.record, map(tuple, rows)))


def begin(connection: Connection, ids: Ids, one: Absence) -> int:
    """A new absence; its id is given here."""
    key = ids.take(connection, "absence", 1).start
    values = row_of(one, but=("id",)) | {"kind": str(one.kind), "state": str(one.state)}
    connection.execute(insert(absence).values(id=key, **values))
    return key


def change(connection: Connection, number: int, values: Mapping[str, Any]) -> None:
    connection.execute(update(absence).where(absence.c.id == number).values(values))


def decide(connection: Connection, number: int, state: AbsenceState) -> None:
    """The first answer counts."""
    open_ = (absence.c.id == number, absence.c.state.in_([AbsenceState.ASKED.value, AbsenceState.PROPOSED.value]))
    connection.execute(update(absence).where(*open_).values(state=state.value, handed=None))


def ended(connection: Connection, number: int, now: datetime) -> None:
    change(connection, number, {"ended": now})


def remove(connection: Connection, number: int) -> None:
    """One that was declared, has not begun, and is declared no more: it may come back."""
    connection.execute(delete(absence).where(absence.c.id == number))


def declared_before(connection: Connection, engineers: Collection[str]) -> set[tuple[str, str]]:
    """(engineer, origin) of what the configuration declared of them at any time, also of what is over."""
    query = select(absence.c.engineer, absence.c.origin).where(
        absence.c.engineer.in_(engineers), absence.c.origin != ""
    )
    return {(engineer, origin) for engineer, origin in connection.execute(query)}


def open_of(connection: Connection, owner: str, limit: int = 200) -> list[int]:
    """Open incidents of an owner, the oldest first."""
    query = select(incident.c.number).where(incident.c.owner == owner, incident.c.status != Status.CLOSED.value)
    return list(connection.execute(query.order_by(incident.c.number).limit(limit)).scalars())


def unattended(connection: Connection, away: Collection[str], limit: int) -> list[int]:
    """Open incidents of which neither owner nor temporary owner is here, the oldest first."""
    nobody = or_(incident.c.temporary_owner == "", incident.c.temporary_owner.in_(away))
    query = select(incident.c.number).where(
        incident.c.owner.in_(away), nobody, incident.c.status != Status.CLOSED.value
    )
    return list(connection.execute(query.order_by(incident.c.number).limit(limit)).scalars())


# --- what stand-ins have


def lend(connection: Connection, handovers: Iterable[Handover]) -> None:
    """Each incident is handed over once an absence; to another stand-in if the first goes away, too."""
    for one in handovers:
        its = (handover.c.absence == one.absence, handover.c.incident == one.incident)
        values = {"substitute": one.substitute, "at": one.at, "over": None}
        if not connection.execute(update(handover).where(*its).values(values)).rowcount:
            connection.execute(insert(handover).values(absence=one.absence, incident=one.incident, **values))


def lent(connection: Connection, engineer: str, limit: int) -> list[Handover]:
    """What others have for him, the oldest incident first."""
    query = select(handover.c.absence, handover.c.incident, absence.c.engineer, handover.c.substitute, handover.c.at)
    query = query.join(absence, absence.c.id == handover.c.absence)
    query = query.where(absence.c.engineer == engineer, handover.c.over.is_(None))
    return [Handover(*row) for row in connection.execute(query.order_by(handover.c.incident).limit(limit))]


def given_back(connection: Connection, handovers: Iterable[Handover], now: datetime) -> None:
    for one in handovers:
        its = (handover.c.absence == one.absence, handover.c.incident == one.incident)
        connection.execute(update(handover).where(*its).values(over=now))


def touched(connection: Connection, handovers: Iterable[Handover], people: Mapping[str, int]) -> set[int]:
    """The incidents about which the stand-in wrote, or changed something, since he has them; `people` by engineer."""
    found = set()
    for one in handovers:
        its = (entry.c.incident == one.incident, entry.c.author == people.get(one.substitute, 0))
        query = select(entry.c.id).where(*its, entry.c.received >= one.at, entry.c.event.not_in(NO_WORK)).limit(1)
        if connection.execute(query).first() is not None:
            found.add(one.incident)
    return found


def updates_since(connection: Connection, numbers: list[int], since: datetime) -> dict[int, int]:
    """How many updates by people or machines each of these incidents got since then."""
    query = select(entry.c.incident, func.count()).where(
        entry.c.incident.in_(numbers), entry.c.received >= since, entry.c.author.is_not(None)
    )
    rows = connection.execute(query.group_by(entry.c.incident)).all()
    return {row[0]: row[1] for row in rows}
