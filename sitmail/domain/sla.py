"""The clock of an SLA target, computed from the updates log each time, so that no error lasts longer than one update.

A term is what was promised, the log is what happened; everything else (how much is used, when it is due, whether it
was kept) follows from these two.  How far a log was followed is kept beside the term (`Progress`), so that an update
costs the same in a long incident as in a short one.  Who is told of a warning, and how often, is decided in
`time_rules`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from sitmail.domain.hours import Calendar
from sitmail.domain.incident import PAUSED, Status
from sitmail.domain.record import record

LATE = 1.0  # the last threshold: all the time promised is used
OVER = frozenset({Status.CLOSED, Status.UNSUPPORTED})  # here nothing is promised, and no clock of any kind runs
RESOLVED = frozenset({Status.AWAITING_CLOSURE, Status.CLOSED})


class TimedTarget(StrEnum):
    """What has a clock."""

    FIRST_RESPONSE = "first_response"
    PROBLEM = "problem"
    ACTION_PLAN = "action_plan"
    RESOLUTION = "resolution"
    UPDATE = "update"
    REVIEW = "review"
    FOLLOWUP = "followup_level"  # the levels of a priority, which no customer is promised
    WARNING = "warning_level"
    LATE = "late_level"
    UNOWNED = "unowned"  # while nobody owns it; promised by the desk to itself, and shown nowhere as a promise


LEVELS = (TimedTarget.FOLLOWUP, TimedTarget.WARNING, TimedTarget.LATE)  # from the least grave
CHAIN = (TimedTarget.FIRST_RESPONSE, TimedTarget.PROBLEM, TimedTarget.ACTION_PLAN, TimedTarget.RESOLUTION)


class MetBy(StrEnum):
    """What keeps a promise.  `AGAIN`: nothing does for good, each such entry of the log begins the time anew."""

    ANSWER = "the first answer of a person, else closing"
    STEP = "`/met` of it or of a later one, else being resolved"
    CLOSING = "closing, at the moment it was resolved"
    ANSWER_AGAIN = "each answer of a person"
    REVIEW_AGAIN = "each `/review`"
    OWNER_AGAIN = "each time that somebody owns it"

    @property
    def again(self) -> bool:
        return self in (MetBy.ANSWER_AGAIN, MetBy.REVIEW_AGAIN, MetBy.OWNER_AGAIN)


@record
class Timing:
    """How the clock of a target runs.

    `stands_still_in`: statuses in which it does not run.  `stops_on_customer_hold`: nor on hold, if the customer asked.
    `wall`: counted round the clock, not in the working time of a calendar.  `marks_late`: an incident that did not keep
    it is late.
    """

    met_by: MetBy
    stands_still_in: frozenset[Status]
    stops_on_customer_hold: bool
    wall: bool = False
    marks_late: bool = True

    def runs(self, entry: Entry) -> bool:
        """Whether the clock runs after that entry of the log."""
        if entry.owned and self.met_by is MetBy.OWNER_AGAIN:
            return False
        if entry.status is Status.ON_HOLD and entry.customer_hold:
            return not self.stops_on_customer_hold
        return entry.status not in self.stands_still_in


_DONE = OVER | {Status.AWAITING_CLOSURE}  # one follows up what waits for the customer, too
TIMINGS: Mapping[str, Timing] = {
    TimedTarget.FIRST_RESPONSE: Timing(MetBy.ANSWER, OVER, stops_on_customer_hold=False),
    TimedTarget.PROBLEM: Timing(MetBy.STEP, PAUSED, stops_on_customer_hold=True),
    TimedTarget.ACTION_PLAN: Timing(MetBy.STEP, PAUSED, stops_on_customer_hold=True),
    TimedTarget.RESOLUTION: Timing(MetBy.CLOSING, PAUSED, stops_on_customer_hold=True),
    TimedTarget.UPDATE: Timing(MetBy.ANSWER_AGAIN, PAUSED, stops_on_customer_hold=True),
    TimedTarget.REVIEW: Timing(MetBy.REVIEW_AGAIN, frozenset({Status.CLOSED}), stops_on_customer_hold=False, wall=True),
    TimedTarget.FOLLOWUP: Timing(MetBy.CLOSING, _DONE, stops_on_customer_hold=True, marks_late=False),
    TimedTarget.WARNING: Timing(MetBy.CLOSING, PAUSED, stops_on_customer_hold=True, marks_late=False),
    TimedTarget.LATE: Timing(MetBy.CLOSING, PAUSED, stops_on_customer_hold=True),
    TimedTarget.UNOWNED: Timing(MetBy.OWNER_AGAIN, OVER, stops_on_customer_hold=False, marks_late=False),
}


@record
class Progress:
    """A clock followed through the log as far as update `number`: all that later updates need of earlier ones.

    `calendar` is the digest of the calendar it was measured by: with another one the log is followed anew.  `used` are
    the working seconds of finished spells, the last of which ended at `stopped`; `since` is when the present spell
    began, None while the clock stands still.  `reached` says when each part of the time promised was used up, if that
    was in a finished spell.  `resolved`: since when the incident is resolved without a break.  `met`: when the promise
    was kept.  `latest` is the latest moment seen: moments never go backwards, whatever the log says.  `begun`: the
    target before it in the chain is met.  `period`: the update that began the present time of a target that is met
    again and again, 0 the first.  `broken` are times that were met too late: which (`period`), when due, when met.
    """

    calendar: str
    latest: datetime
    since: datetime | None
    number: int = 0
    cycle: int = 1
    status: Status = Status.NEW
    used: int = 0
    stopped: datetime | None = None
    reached: tuple[tuple[float, datetime], ...] = ()
    resolved: datetime | None = None
    met: datetime | None = None
    begun: bool = True
    period: int = 0
    broken: tuple[tuple[int, datetime, datetime], ...] = ()


@record
class Term:
    """What was promised, as it was when promised: `seconds` of the calendar's working time from `started`.

    `after`: the target whose being met begins its time, "" where that is `started`.  `pinned`: another priority leaves
    it as it is.  `ended` is set when another promise took its place.  `progress` is how far its clock was followed.
    """

    id: int
    target: str
    seconds: int
    calendar: str
    warn_at: tuple[float, ...]
    cycle: int
    started: datetime
    after: str = ""
    pinned: bool = False
    ended: datetime | None = None
    progress: Progress | None = None
    version: int = 0  # of the calendar, as it was when promised; 0: as it is
    steps: tuple[float, ...] = ()  # parts at which something escalates, as the configuration is now

    @property
    def marks(self) -> list[tuple[float, int]]:
        """The parts of the promised time that are watched, and their working seconds."""
        return [(part, round(part * self.seconds)) for part in sorted({*self.warn_at, *self.steps, LATE}) if part > 0]


@record
class Entry:
    """What a clock needs of one update: `status` after it, and whether it was a first response.

    `answered`: a public answer by a person of ours, or a logged call-out; never an acknowledgement.  `met`: the targets
    that it says are met.  `customer_hold`: on hold because the customer asked.  `number` is the update's.
    """

    at: datetime
    status: Status
    answered: bool = False
    customer_hold: bool = False
    cycle: int = 1
    number: int = 0
    met: tuple[str, ...] = ()
    owned: bool = True

    def meets(self, target: str) -> bool:
        """Whether it meets the target; a later step of the chain implies the earlier ones, being resolved all steps."""
        if target == TimedTarget.FIRST_RESPONSE:
            return self.answered
        if self.status in RESOLVED or target in self.met:
            return True
        return target in CHAIN and any(one in CHAIN[CHAIN.index(target) :] for one in map(_target, self.met))


def _target(name: str) -> TimedTarget | None:
    return TimedTarget(name) if name in list(TimedTarget) else None


@record
class Clock:
    """Where a promise stands.  `used` are working seconds consumed; `due` is None while it is paused, met or off.

    `met_at`: when it was kept, in time or not.  `missed`: the moment that passed without it being kept.
    `thresholds`: when each part of the time promised is or was used up, 1.0 being the due moment, if nothing changes;
    empty unless it runs.  `progress` is how far the log was followed.
    """

    target: str
    state: str  # running paused met off
    used: int = 0
    due: datetime | None = None
    met_at: datetime | None = None
    thresholds: tuple[tuple[float, datetime], ...] = ()
    missed: datetime | None = None
    progress: Progress | None = None

    @property
    def late(self) -> bool:
        return self.missed is not None


def follow(term: Term, log: Iterable[Entry], calendar: Calendar, until: datetime) -> Progress:
    """The clock followed through the entries of a log up to a moment, onwards from what the term knows already.

    Entries of other cycles only count as read; what was before the term only says how it began.
    """
    at = term.progress
    if at is None or at.calendar != calendar.digest:
        at = Progress(calendar.digest, term.started, None if term.after else term.started, begun=not term.after)
    for entry in log:
        if entry.at > until:
            break
        if entry.cycle == term.cycle and at.met is None:
            at = _moved(term, at, entry, calendar)
        at = replace(at, number=entry.number, cycle=entry.cycle)
    return at


def _moved(term: Term, at: Progress, entry: Entry, calendar: Calendar) -> Progress:
    """What one entry of the term's own cycle does to its clock."""
    timing = TIMINGS[term.target]
    moment, in_time = max(entry.at, at.latest), entry.at >= term.started
    met = in_time and timing.met_by in (MetBy.ANSWER, MetBy.STEP) and entry.meets(term.target)
    begun = at.begun or (in_time and entry.meets(term.after))
    runs = begun and timing.runs(entry) and not met
    if _begins_anew(timing, at, entry) and in_time:
        broken = _with_breach(term, at, moment, moment, calendar)
        at = replace(at, since=None, stopped=moment, used=0, reached=(), period=entry.number, broken=broken)
    elif met or (timing.met_by is MetBy.CLOSING and entry.status is Status.CLOSED and at.status is not Status.CLOSED):
        kept = moment if met else at.resolved or moment
        at = replace(at, broken=_with_breach(term, at, moment, kept, calendar))
    if at.since is not None and not runs:
        at = _stopped(term, at, moment, calendar)
    elif runs and at.since is None:
        at = replace(at, since=moment)
    return replace(
        at,
        latest=moment,
        status=entry.status,
        begun=begun,
        met=moment if met else None,
        resolved=(at.resolved or moment) if entry.status in RESOLVED else None,
    )


def _begins_anew(timing: Timing, at: Progress, entry: Entry) -> bool:
    """Whether the time of a target that is met again and again begins anew: it was met, or the incident reopened."""
    if not timing.met_by.again:
        return False
    met = {
        MetBy.ANSWER_AGAIN: entry.answered,
        MetBy.REVIEW_AGAIN: TimedTarget.REVIEW in entry.met,
        MetBy.OWNER_AGAIN: entry.owned,
    }[timing.met_by]
    return met or entry.cycle != at.cycle


def _with_breach(
    term: Term, at: Progress, moment: datetime, met: datetime, calendar: Calendar
) -> tuple[tuple[int, datetime, datetime], ...]:
    """The times that were met too late, with the one that was met just now if all of it was used before."""
    stopped = at if at.since is None else _stopped(term, at, moment, calendar)
    due = dict(stopped.reached).get(LATE)
    return at.broken if due is None or due >= met else (*at.broken, (period(term, at), due, met))


def _stopped(term: Term, at: Progress, moment: datetime, calendar: Calendar) -> Progress:
    """The present spell ended: its working time is used."""
    assert at.since is not None
    used = at.used + calendar.between(at.since, moment)
    known = dict(at.reached)
    crossed = {
        part: calendar.add(at.since, mark - at.used) for part, mark in term.marks if part not in known and mark <= used
    }
    return replace(at, since=None, stopped=moment, used=used, reached=tuple((known | crossed).items()))


def clock(term: Term, log: Iterable[Entry], calendar: Calendar, now: datetime) -> Clock:
    """The clock of a term at a moment; entries of later moments do not count.

    `log` has at least the entries after the term's progress.  When the clock stands still and what meets it is a row of
    `TIMINGS`.  What is met by closing is met at the moment the incident was resolved: a customer who takes days to
    confirm makes nothing late.  While his word is awaited it is paused, not met, and goes on if he objects.
    """
    stop = min(now, term.ended) if term.ended else now
    return _seen(term, follow(term, log, calendar, stop), calendar, stop, now)


def _seen(term: Term, at: Progress, calendar: Calendar, stop: datetime, now: datetime) -> Clock:
    """What the clock shows after all that was followed."""
    reached = dict(at.reached)
    used = at.used if at.since is None else at.used + calendar.between(at.since, max(stop, at.since))
    if term.ended:
        return Clock(term.target, "off", used, progress=at)
    if at.since is not None:
        thresholds = tuple(
            (part, reached.get(part) or calendar.add(at.since, mark - at.used)) for part, mark in term.marks
        )
        due = dict(thresholds)[LATE]
        missed = due if due <= now else None
        return Clock(term.target, "running", used, due, thresholds=thresholds, missed=missed, progress=at)
    state, met_at = _stands(term, at)
    missed, kept = reached.get(LATE), met_at or at.stopped
    if state == "off" or (missed and kept and missed >= kept):  # kept, or paused, in the very second
        missed = None
    return Clock(term.target, state, used, met_at=met_at, missed=missed, progress=at)


def _stands(term: Term, at: Progress) -> tuple[str, datetime | None]:
    """How a clock that does not run stands, and when its promise was kept."""
    if at.met is not None:
        return "met", at.met
    if at.status is Status.CLOSED and TIMINGS[term.target].met_by is MetBy.CLOSING:
        return "met", at.resolved
    return "off" if at.status in OVER else "paused", None


def period(term: Term, progress: Progress | None) -> int:
    """What, beside incident and target, a warning is said once for.

    A cycle; one time of a target that is met again and again; below 0 a term whose moment somebody named.
    """
    if term.calendar == "" and not TIMINGS[term.target].wall:
        return -term.id
    if TIMINGS[term.target].met_by.again:
        return progress.period if progress else 0
    return term.cycle
