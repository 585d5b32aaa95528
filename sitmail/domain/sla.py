"""The clock of a promise: a fold over the updates log, so that it is never wrong for longer than one update.

A term is what was promised, the log is what happened; everything else (how much is used, when it is due, whether it
was kept) follows from these two.  Who is told of a warning, and how often, is decided in `time_rules`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from sitmail.domain.hours import Calendar
from sitmail.domain.incident import PAUSED, Status
from sitmail.domain.policy import ServiceLevel
from sitmail.domain.record import record

LATE = 1.0  # the last threshold: all the time promised is used
OVER = frozenset({Status.CLOSED, Status.UNSUPPORTED})  # here nothing is promised, and no clock of any kind runs
RESOLVED = frozenset({Status.AWAITING_CLOSURE, Status.CLOSED})


class TimedTarget(StrEnum):
    """What has a clock.  A service level may name more targets, which are not timed yet."""

    FIRST_RESPONSE = "first_response"
    RESOLUTION = "resolution"


@record
class Timing:
    """How the clock of a target runs.

    `stands_still_in`: statuses in which it does not run.  `stops_on_customer_hold`: nor on hold, if the customer asked.
    `met_by_answer`: kept by the first answer of a person, else by closing.
    """

    stands_still_in: frozenset[Status]
    stops_on_customer_hold: bool
    met_by_answer: bool

    def runs(self, entry: Entry) -> bool:
        """Whether the clock runs after that entry of the log."""
        if entry.status is Status.ON_HOLD and entry.customer_hold:
            return not self.stops_on_customer_hold
        return entry.status not in self.stands_still_in


TIMINGS: Mapping[str, Timing] = {
    TimedTarget.FIRST_RESPONSE: Timing(OVER, stops_on_customer_hold=False, met_by_answer=True),
    TimedTarget.RESOLUTION: Timing(PAUSED, stops_on_customer_hold=True, met_by_answer=False),
}


@record
class Term:
    """What was promised, as it was when promised: `seconds` of the calendar's working time from `started`.

    `ended` is set when another promise took its place.
    """

    id: int
    target: str
    seconds: int
    calendar: str
    warn_at: tuple[float, ...]
    cycle: int
    started: datetime
    ended: datetime | None = None


@record
class Entry:
    """What a clock needs of one update: `status` after it, and whether it was a first response.

    `answered`: a public answer by a person of ours, or a logged call-out; never an acknowledgement.
    `customer_hold`: on hold because the customer asked.
    """

    at: datetime
    status: Status
    answered: bool = False
    customer_hold: bool = False
    cycle: int = 1


@record
class Clock:
    """Where a promise stands.  `used` are working seconds consumed; `due` is None while it is paused, met or off.

    `met_at`: when it was kept, in time or not.  `missed`: the moment that passed without it being kept.
    `thresholds`: when each part of the time promised is or was used up, 1.0 being the due moment, if nothing changes;
    empty unless it runs.
    """

    target: str
    state: str  # running paused met off
    used: int = 0
    due: datetime | None = None
    met_at: datetime | None = None
    thresholds: tuple[tuple[float, datetime], ...] = ()
    missed: datetime | None = None

    @property
    def late(self) -> bool:
        return self.missed is not None


class _Spell(NamedTuple):
    """A time during which the clock ran, and what was used before and by its end."""

    begin: datetime
    end: datetime
    before: int
    used: int


def clock(term: Term, log: Sequence[Entry], calendar: Calendar, now: datetime) -> Clock:
    """The clock of a term at a moment; entries of other cycles and of later moments do not count.

    When it stands still and what meets it is a row of `TIMINGS`.  What is met by closing is met at the moment the
    incident was resolved: a customer who takes days to confirm makes nothing late.  While his word is awaited it is
    paused, not met, and goes on if he objects.
    """
    stop = min(now, term.ended) if term.ended else now
    story, state, met_at = _story(term, log, stop)
    spells = _measured(story, calendar)
    used = spells[-1].used if spells else 0
    if term.ended:
        return Clock(term.target, "off", used)
    missed = _reached(spells, term.seconds, calendar)
    if state != "running":
        if missed and missed >= (spells[-1].end if met_at is None else met_at):
            missed = None  # kept, or paused, in the very second
        return Clock(term.target, state, used, met_at=met_at, missed=None if state == "off" else missed)
    marks = [(part, round(part * term.seconds)) for part in sorted({*term.warn_at, LATE}) if 0 < part <= LATE]
    thresholds = tuple(
        (part, _reached(spells, mark, calendar) or _ahead(spells, mark, calendar)) for part, mark in marks
    )
    due = thresholds[-1][1]
    return Clock(term.target, state, used, due, thresholds=thresholds, missed=due if due <= now else None)


def promises(level: ServiceLevel | None, priority: str, calendar: Calendar) -> list[tuple[str, int, tuple[float, ...]]]:
    """What a service level promises for a priority: (target, working seconds, warn_at); nothing for 0 or no span."""
    target = level.targets.get(priority) if level else None
    if target is None:
        return []
    timed = [(name, calendar.working(target.spans[name])) for name in TIMINGS if name in target.spans]
    return [(str(name), seconds, target.warn_at) for name, seconds in timed if seconds > 0]


def _story(
    term: Term, log: Sequence[Entry], stop: datetime
) -> tuple[list[tuple[datetime, datetime]], str, datetime | None]:
    """The spells in which the clock ran until `stop`, how it stands then, and when it was met.

    Moments never go backwards, whatever the log says, and what was before the term only tells how it began.
    """
    timing = TIMINGS[term.target]
    spells: list[tuple[datetime, datetime]] = []
    since: datetime | None = term.started  # None while it stands still
    resolved: datetime | None = None  # since when the incident is resolved without a break
    status, latest = Status.NEW, term.started
    for entry in log:
        if entry.cycle != term.cycle:
            continue
        if entry.at > stop:
            break
        at = latest = max(entry.at, latest)
        answer = timing.met_by_answer and entry.answered and entry.at >= term.started
        runs, status = timing.runs(entry) and not answer, entry.status
        if since and not runs:
            spells.append((since, at))
            since = None
        elif runs and not since:
            since = at
        if answer:
            return spells, "met", at
        resolved = (resolved or at) if status in RESOLVED else None
    if since:
        return [*spells, (since, max(stop, since))], "running", None
    if status is Status.CLOSED and not timing.met_by_answer:
        return spells, "met", resolved
    return spells, "off" if status in OVER else "paused", None


def _measured(spells: Sequence[tuple[datetime, datetime]], calendar: Calendar) -> list[_Spell]:
    measured: list[_Spell] = []
    used = 0
    for begin, end in spells:
        before, used = used, used + calendar.between(begin, end)
        measured.append(_Spell(begin, end, before, used))
    return measured


def _reached(spells: Sequence[_Spell], mark: int, calendar: Calendar) -> datetime | None:
    """When so much was used; None if it is not."""
    spell = next((spell for spell in spells if spell.used >= mark), None)
    return calendar.add(spell.begin, mark - spell.before) if spell else None


def _ahead(spells: Sequence[_Spell], mark: int, calendar: Calendar) -> datetime:
    """When so much will be used, if the last spell goes on."""
    return calendar.add(spells[-1].begin, mark - spells[-1].before)
