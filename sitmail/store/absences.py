"""Who is away: one row an absence, which is open until it was ended and everything was given back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from sitmail.domain.absences import Absence
from sitmail.domain.incident import Status
from sitmail.store.ids import Ids
from sitmail.store.rows import RecordRows
from sitmail.store.schema import absence, incident
from sitmail.store.schema import update as entry

_ABSENCE = RecordRows(Absence, absence)


def open_absences(connection: Connection) -> dict[str, Absence]:
    """By engineer; there are as many rows as people on holiday."""
    rows = connection.execute(select(*_ABSENCE.columns).where(absence.c.ended.is_(None)).order_by(absence.c.engineer))
    return {one.engineer: one for one in map(_ABSENCE.record, map(tuple, rows))}


def begin(connection: Connection, ids: Ids, engineer: str, now: datetime, until: datetime) -> None:
    """He is away until then; an absence that is open already gets the new end."""
    its = (absence.c.engineer == engineer, absence.c.ended.is_(None))
    if connection.execute(update(absence).where(*its).values(until=until)).rowcount:
        return
    key = ids.take(connection, "absence", 1).start
    connection.execute(insert(absence).values(id=key, engineer=engineer, since=now, until=until))


def cut_short(connection: Connection, engineer: str, now: datetime) -> None:
    """He is here again; the clock gives everything back."""
    its = (absence.c.engineer == engineer, absence.c.ended.is_(None), absence.c.until > now)
    connection.execute(update(absence).where(*its).values(until=now))


def handed(connection: Connection, number: int, substitute: str, now: datetime) -> None:
    connection.execute(update(absence).where(absence.c.id == number).values(handed=now, substitute=substitute))


def ended(connection: Connection, number: int, now: datetime) -> None:
    connection.execute(update(absence).where(absence.c.id == number).values(ended=now))


def open_of(connection: Connection, owner: str, temporary: str, limit: int = 200) -> list[int]:
    """Open incidents of an owner that have this temporary owner ("": none), the oldest first."""
    query = select(incident.c.number).where(
        incident.c.owner == owner, incident.c.temporary_owner == temporary, incident.c.status != Status.CLOSED.value
    )
    return list(connection.execute(query.order_by(incident.c.number).limit(limit)).scalars())


def updates_since(connection: Connection, numbers: list[int], since: datetime) -> dict[int, int]:
    """How many updates by people or machines each of these incidents got since then."""
    query = select(entry.c.incident, func.count()).where(
        entry.c.incident.in_(numbers), entry.c.received >= since, entry.c.author.is_not(None)
    )
    rows = connection.execute(query.group_by(entry.c.incident)).all()
    return {row[0]: row[1] for row in rows}
