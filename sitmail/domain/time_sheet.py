"""The time sheet of a promise: which spells of the updates log counted, hour by hour, so that anybody can add it up.

It is the same fold that runs the clock (`sla.follow`), watched as it moves.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from sitmail.domain.hours import Calendar
from sitmail.domain.incident import Status
from sitmail.domain.record import record
from sitmail.domain.sla import Clock, Entry, Progress, Term, clock, follow


@record
class Spell:
    """From one moment to another: the status in it, and the open hours that counted, none where the clock stood still.

    `seconds` is the working time of those hours.
    """

    begin: datetime
    end: datetime
    status: Status
    seconds: int = 0
    hours: tuple[tuple[datetime, datetime], ...] = ()


@record
class TimeSheet:
    """`term` is what was promised, `clock` how it stands; for a target met again and again of its present time."""

    term: Term
    clock: Clock
    spells: tuple[Spell, ...]


def time_sheet(term: Term, log: Iterable[Entry], calendar: Calendar, now: datetime) -> TimeSheet:
    """The sheet of a term from its whole log, up to a moment."""
    term = replace(term, progress=None)
    entries = [entry for entry in log if entry.at <= now]
    at = follow(term, (), calendar, now)
    spells: list[Spell] = []
    begin = term.started
    for entry in entries:
        after = follow(replace(term, progress=at), [entry], calendar, now)
        if _turned(at, after):
            spells += _spell(at, begin, after.latest, calendar)
            begin = after.latest
        if after.period != at.period:
            spells = []
        at = after
        if at.met is not None:
            break
    stand = clock(term, entries, calendar, now)
    if at.met is None and stand.state not in ("met", "off"):
        spells += _spell(at, begin, now, calendar)
    return TimeSheet(term, stand, tuple(spells))


def _turned(at: Progress, after: Progress) -> bool:
    """Whether another spell begins: the clock began or ceased to run, its time began anew, or the status is another."""
    return (at.since is None) != (after.since is None) or at.period != after.period or at.status is not after.status


def _spell(at: Progress, begin: datetime, end: datetime, calendar: Calendar) -> Sequence[Spell]:
    if end <= begin:
        return ()
    if at.since is None:
        return (Spell(begin, end, at.status),)
    return (Spell(begin, end, at.status, calendar.between(begin, end), tuple(calendar.openings(begin, end))),)
