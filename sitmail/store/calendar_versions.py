"""Calendars as they were: one row for each that promises were made by."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Connection, select, update

from sitmail.domain.hours import Calendar
from sitmail.store import ids
from sitmail.store.prepared import add
from sitmail.store.schema import calendar_version


class Version(NamedTuple):
    """`digest` is of the calendar as it was configured; `added`: holidays or exceptions have closed it since."""

    digest: str
    added: bool
    calendar: Calendar


def versions(connection: Connection) -> dict[int, Version]:
    """By id; read at a start and a reload."""
    rows = connection.execute(select(calendar_version)).mappings()
    return {row["id"]: Version(row["digest"], row["added"], _unpacked(row["name"], row["hours"])) for row in rows}


def insert(connection: Connection, calendar: Calendar, digest: str) -> int:
    (number,) = ids.of(connection).take(connection, "calendar_version", 1)
    row = {"id": number, "name": calendar.name, "digest": digest, "added": False, "hours": _packed(calendar)}
    add(connection, calendar_version, [row])
    return number


def close(connection: Connection, number: int, calendar: Calendar) -> None:
    """It is closed on more days than before."""
    row = calendar_version.c.id == number
    connection.execute(update(calendar_version).where(row).values(hours=_packed(calendar), added=True))


def _packed(calendar: Calendar) -> dict[str, Any]:
    """As JSON can hold it; public holidays are not in it."""
    return {
        "timezone": calendar.timezone,
        "week": {str(day): hours for day, hours in calendar.week.items()},
        "holidays": sorted(day.isoformat() for day in calendar.holidays),
        "exceptions": {day.isoformat(): hours for day, hours in calendar.exceptions.items()},
    }


def _unpacked(name: str, found: Mapping[str, Any]) -> Calendar:
    def hours(several: list[list[int]]) -> tuple[tuple[int, int], ...]:
        return tuple((begin, end) for begin, end in several)

    return Calendar(
        name,
        timezone=found["timezone"],
        week={int(day): hours(several) for day, several in found["week"].items()},
        holidays=frozenset(map(date.fromisoformat, found["holidays"])),
        exceptions={date.fromisoformat(day): hours(several) for day, several in found["exceptions"].items()},
    )
