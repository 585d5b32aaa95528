"""What is promised when an incident opens, or what its service level depends on changes: effects, nothing else."""

from __future__ import annotations

from collections.abc import Iterator

from sitmail.domain import priorities
from sitmail.domain.effects import Promise
from sitmail.domain.escalation import unowned_promise
from sitmail.domain.hours import Calendar
from sitmail.domain.incident import Incident
from sitmail.domain.policy import Policy
from sitmail.domain.record import record
from sitmail.domain.service_level import ServiceLevel
from sitmail.domain.sla import CHAIN, LATE, TIMINGS, TimedTarget

TIMING = ("priority", "cycle", "service_level", "calendar")  # another one of these makes other promises
COUNTED_IN_CHAIN = "chain"  # how a service level may count: else each target from the opening


def level_of(incident: Incident, policy: Policy) -> tuple[ServiceLevel | None, Calendar | None]:
    """By the names that the incident has; None where the configuration has them no more."""
    return policy.service_levels.get(incident.service_level), policy.calendars.get(incident.calendar)


def promised(incident: Incident, policy: Policy) -> list[Promise]:
    """The targets of its service level and priority become terms, as they are today."""
    level, calendar = level_of(incident, policy)
    started = incident.cycle_opened or incident.opened
    found = []
    for one in promises(level, incident.priority, calendar) if calendar else ():
        told = (one.target, one.seconds, one.calendar, one.warn_at, started, incident.cycle, one.after)
        found.append(Promise(incident.number, *told))
    found += _levels(incident, policy)
    desk = policy.calendars[policy.calendar]
    if seconds := unowned_promise(policy, desk):
        owned = (TimedTarget.UNOWNED, seconds, desk.name, (LATE,), started, incident.cycle)
        found.append(Promise(incident.number, *owned))
    return found


def _levels(incident: Incident, policy: Policy) -> Iterator[Promise]:
    """The levels of its priority, whatever its service level promises."""
    priority = policy.priority_named(incident.priority)
    started = incident.cycle_opened or incident.opened
    desk = policy.calendar_named("")
    counted = priorities.counted_by(priority.basis, policy.calendars.get(incident.calendar, desk), desk)
    for target, span in priority.levels.items():
        if seconds := priorities.level_seconds(span, priority.basis, counted):
            yield Promise(incident.number, target, seconds, counted.name, (), started, incident.cycle)


@record
class Promised:
    """What a service level promises: so many seconds of a calendar's working time, "" is wall time."""

    target: str
    seconds: int
    calendar: str
    warn_at: tuple[float, ...]
    after: str = ""  # the target whose being met begins its time


def promises(level: ServiceLevel | None, priority: str, calendar: Calendar) -> list[Promised]:
    """What a service level promises for a priority, in the order of `TIMINGS`; nothing for 0 or no span.

    Counted in a chain, each step begins when the one before it that is promised was met.
    """
    target = level.targets.get(priority) if level else None
    if level is None or target is None:
        return []
    found: list[Promised] = []
    before = ""
    for name, timing in TIMINGS.items():
        span = target.spans.get(name)
        seconds = 0 if span is None else span.wall() if timing.wall else calendar.working(span)
        if seconds <= 0:
            continue
        chained = level.counted == COUNTED_IN_CHAIN and name in CHAIN
        counted = "" if timing.wall else calendar.name
        found.append(Promised(str(name), seconds, counted, target.warn_at, before if chained else ""))
        before = str(name) if chained else before
    return found
