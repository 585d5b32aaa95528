"""What calendars of engineers were told last, by incident and person."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import Connection, bindparam, select, update

from sitmail.domain.calendar_event import UNKNOWN, CalendarEvent
from sitmail.store.prepared import Prepared, add, any_of
from sitmail.store.rows import RecordRows
from sitmail.store.schema import calendar_event

Key = tuple[int, int]  # incident and person

_EVENT = RecordRows(CalendarEvent, calendar_event)
_TOLD = Prepared(
    select(*_EVENT.columns, calendar_event.c.incident, calendar_event.c.person).where(
        calendar_event.c.incident.in_(any_of("numbers"))
    )
)


def told(connection: Connection, numbers: Collection[int]) -> dict[Key, CalendarEvent]:
    if not numbers:
        return {}
    rows = _TOLD.all(connection, numbers=numbers)
    return {(incident, person): _EVENT.record(row) for row in rows for *_, incident, person in [row]}


def note(connection: Connection, events: Mapping[Key, CalendarEvent]) -> None:
    """Notes what letters tell."""
    rows = [
        {"one": incident, "whose": person, "now": one.sequence, "what": one.target, "at": one.due}
        for (incident, person), one in events.items()
        if one.sequence > 0
    ]
    _CHANGE.run(connection, rows)
    first = [
        {"incident": incident, "person": person, "uid": one.uid, "sequence": 0, "target": one.target, "due": one.due}
        for (incident, person), one in events.items()
        if not one.sequence
    ]
    add(connection, calendar_event, first)


def not_told(connection: Connection, keys: Collection[Key]) -> None:
    """Letters that told these never arrived, so that nobody knows what the calendars show: the next ones tell it."""
    rows = [{"one": number, "whose": person, "what": UNKNOWN, "at": None} for number, person in keys]
    _UNKNOWN.run(connection, rows)


_THESE = calendar_event.c.incident == bindparam("one"), calendar_event.c.person == bindparam("whose")
_DUE = bindparam("at", type_=calendar_event.c.due.type)
_UNKNOWN = Prepared(update(calendar_event).where(*_THESE).values(target=bindparam("what"), due=_DUE))
_CHANGE = Prepared(
    update(calendar_event).where(*_THESE).values(sequence=bindparam("now"), target=bindparam("what"), due=_DUE)
)
