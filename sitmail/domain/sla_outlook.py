"""Which warnings the SLA targets of an incident need now, and when they must be looked at next.

Once-only is the store's unique key (incident, target, threshold, cycle); here it is only read.  No letters, no people:
who is told is decided by whoever asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime

from sitmail.domain.calendar_versions import version_name
from sitmail.domain.hours import ROUND_THE_CLOCK, Calendar
from sitmail.domain.record import record
from sitmail.domain.sla import LATE, LEVELS, TIMINGS, Clock, Entry, Progress, Term, TimedTarget, clock, period

Key = tuple[str, float, int]  # target, threshold, `sla.period`: what is said once


@record
class Warn:
    """To be said now.  `threshold` is a part of the time promised, 1.0 = all of it; `late` that all is used."""

    target: str
    threshold: float
    due: datetime
    late: bool
    cycle: int
    term: Term


@record
class Breach:
    """A promise that was kept too late, before anybody looked: it is put on record, and needs no letter any more."""

    target: str
    due: datetime
    met_at: datetime
    cycle: int


@record
class Standing:
    """How a promise stands.  `state`: running paused met warned late off; `due`: None while the clock stands still."""

    state: str
    due: datetime | None
    met_at: datetime | None
    progress: Progress | None = field(default=None, compare=False)


@record
class Stands:
    """How a promised target stands: `due` is None while its clock stands still."""

    target: str
    state: str
    due: datetime | None
    met_at: datetime | None
    warn_at: tuple[float, ...]
    pinned: bool


@record
class Outlook:
    """What a tick of the clock finds.

    `steps` are parts at which something escalates now: all are done, the last of a target is also told.  `breaches` are
    put on record.  `skipped` are thresholds that passed unsaid below one that speaks, or has spoken: record them as
    said, tell nobody.  `states` are by the term's id; what was missed keeps the due moment it missed.  `next_deadline`
    is None where no clock runs or nothing is left to say.
    """

    warnings: tuple[Warn, ...] = ()
    steps: tuple[Warn, ...] = ()
    breaches: tuple[Breach, ...] = ()
    skipped: tuple[Key, ...] = ()
    states: Mapping[int, Standing] = field(default_factory=dict)
    next_deadline: datetime | None = None
    late: bool = False


def outlook(
    terms: Iterable[Term],
    logs: Mapping[int, Sequence[Entry]],
    calendars: Mapping[str, Calendar],
    said: frozenset[Key],
    now: datetime,
) -> Outlook:
    """Looks at all terms of an incident.  `said`: what was said (or skipped) before.

    `logs` has, by the term's id, the entries of the log that its clock has not followed yet.

    Of the thresholds that passed while nobody looked only the highest of a target speaks.
    """
    warnings: list[Warn] = []
    steps: list[Warn] = []
    breaches: list[Breach] = []
    skipped: list[Key] = []
    states: dict[int, Standing] = {}
    ahead: list[datetime] = []
    late = False
    for term in terms:
        at = clock(term, logs.get(term.id, ()), calendar_of(term, calendars), now)
        found = _broken(term, at, said)
        breaches += found
        states[term.id] = Standing(_state(at, now), at.due or at.missed, at.met_at, _followed(at, found))
        late = late or (at.late and at.met_at is None and TIMINGS[term.target].marks_late)
        if at.due is None:
            continue
        cycle = period(term, at.progress)
        passed = [part for part, moment in at.thresholds if moment <= now]
        unsaid = [part for part in passed if (term.target, part, cycle) not in said]
        warns = {part: Warn(term.target, part, at.due, at.late, cycle, term) for part in unsaid}
        steps += [warn for part, warn in warns.items() if part in term.steps]
        told = [part for part in passed if _told(term, part)]
        untold = [part for part in unsaid if _told(term, part)]
        if untold and untold[-1] == told[-1]:
            warnings.append(warns[untold.pop()])
        skipped += [(term.target, part, cycle) for part in untold]
        # The due moment counts even if its warning was said (of a term that another replaced): the state changes.
        ahead += [
            moment
            for part, moment in at.thresholds
            if moment > now and (part == LATE or (term.target, part, cycle) not in said)
        ]
    warnings, lower = _gravest_level(warnings)
    skipped += lower
    return Outlook(
        tuple(warnings), tuple(steps), tuple(breaches), tuple(skipped), states, min(ahead, default=None), late
    )


def _broken(term: Term, at: Clock, said: frozenset[Key]) -> list[Breach]:
    """The times of a promise that were kept too late, and of which nothing is on record.

    What its log says at the first look was before it was promised; by another calendar all is followed anew.
    """
    before = term.progress
    if before is None or at.progress is None or before.calendar != at.progress.calendar:
        return []
    found = [Breach(term.target, due, met_at, cycle) for cycle, due, met_at in at.progress.broken]
    return [one for one in found if TIMINGS[term.target].marks_late and (term.target, LATE, one.cycle) not in said]


def _followed(at: Clock, found: Sequence[Breach]) -> Progress | None:
    """How far the log was followed, with those of its broken times that are not on record yet."""
    if at.progress is None or not at.progress.broken:
        return at.progress
    missing = {one.cycle for one in found}
    return replace(at.progress, broken=tuple(one for one in at.progress.broken if one[0] in missing))


def _gravest_level(warnings: Sequence[Warn]) -> tuple[list[Warn], list[Key]]:
    """Of the levels of a priority that passed at once the gravest speaks; the others are skipped."""
    levels = [one for name in LEVELS for one in warnings if one.target == name]
    lower = levels[:-1]
    return [one for one in warnings if one not in lower], [(one.target, one.threshold, one.cycle) for one in lower]


def _told(term: Term, part: float) -> bool:
    """Whether a part is one of the promise itself, of which its readers are warned; others are for escalation."""
    return term.target != TimedTarget.UNOWNED and (part == LATE or part in term.warn_at)


def calendar_of(term: Term, calendars: Mapping[str, Calendar]) -> Calendar:
    """The calendar that measures a term, as it was when promised; one that nobody knows any more is round the clock:
    early beats never."""
    former = calendars.get(version_name(term.calendar, term.version)) if term.version else None
    return former or calendars.get(term.calendar, ROUND_THE_CLOCK)


def _state(at: Clock, now: datetime) -> str:
    """As behaviour 6 names it: what runs may be warned, what is not kept may be late."""
    if at.late and at.met_at is None:
        return "late"
    if any(moment <= now for _, moment in at.thresholds):
        return "warned"
    return at.state
