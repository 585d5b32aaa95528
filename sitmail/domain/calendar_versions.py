"""Calendars as they were when something was promised by them.

A promise is a fact: other hours of a week, or days that open after all, count for later ones.  What closes a day, or a
part of one, moves those that run, later and never earlier (behaviour 5).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from sitmail.domain.hours import Calendar

Hours = tuple[tuple[int, int], ...]


def version_name(calendar: str, version: int) -> str:
    """Under what name `Policy.calendars` holds a version; no configured calendar is called so."""
    return f"{calendar}\0{version}"


def closed_as_well(former: Calendar, present: Calendar) -> Calendar:
    """The former calendar, closed also where holidays and exceptions of the present one close it."""
    days = {*former.exceptions, *present.exceptions}
    exceptions: dict[date, Hours] = {}
    for day in days:
        hours = _common(_hours(former, day), _special(present, day))
        if day in former.exceptions or hours != _hours(former, day):
            exceptions[day] = hours
    return replace(former, holidays=former.holidays | present.holidays, public=present.public, exceptions=exceptions)


def _hours(calendar: Calendar, day: date) -> Hours:
    special = _special(calendar, day)
    return tuple(calendar.week.get(day.weekday(), ())) if special is None else special


def _special(calendar: Calendar, day: date) -> Hours | None:
    """The hours of a day that is not as any other of its kind; None for those that are."""
    if day in calendar.exceptions:
        return tuple(calendar.exceptions[day])
    closed = day in calendar.holidays or (calendar.public is not None and day in calendar.public.days(day.year))
    return () if closed else None


def _common(some: Hours, others: Hours | None) -> Hours:
    """When both are open."""
    if others is None:
        return some
    both = [(max(a, c), min(b, d)) for a, b in some for c, d in others]
    return tuple(sorted((begin, end) for begin, end in both if begin < end))


def with_versions(calendars: Mapping[str, Calendar], versions: Mapping[int, Calendar]) -> dict[str, Calendar]:
    return {**calendars, **{version_name(one.name, number): one for number, one in versions.items()}}
