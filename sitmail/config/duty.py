"""Reads who is on duty in a team: always, in turn by week, or by the hours of a calendar."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import PlainValidator

from sitmail.domain.engineers import Shift

FORMS = (
    'expected engineers such as ["alice", "bob"]; groups that take turns by week, such as [["alice"], ["bob"]]; '
    'or tables such as [{ calendar = "night", engineers = ["bob"] }]'
)


def duty(value: object) -> tuple[Shift, ...]:
    """One form for the whole list; that the engineers and calendars exist is checked in `references`."""
    rows: list[Any] = list(value) if isinstance(value, list | tuple) else [None]
    if all(isinstance(row, Shift) for row in rows):
        return tuple(rows)
    if _names(rows):
        return (Shift(tuple(rows)),)
    if all(isinstance(row, list) and row and _names(row) for row in rows):
        return tuple(Shift(tuple(row), week=week, of=len(rows)) for week, row in enumerate(rows))
    if all(isinstance(row, dict) for row in rows):
        return tuple(_by_calendar(row) for row in rows)
    raise ValueError(FORMS)


def _names(row: list[Any]) -> bool:
    return all(isinstance(name, str) and name for name in row)


def _by_calendar(row: dict[str, Any]) -> Shift:
    calendar, engineers = row.get("calendar"), row.get("engineers")
    if set(row) != {"calendar", "engineers"} or not isinstance(calendar, str) or not calendar:
        raise ValueError(FORMS)
    if not isinstance(engineers, list) or not engineers or not _names(engineers):
        raise ValueError(FORMS)
    return Shift(tuple(engineers), calendar=calendar)


Duty = Annotated[tuple[Shift, ...], PlainValidator(duty)]
