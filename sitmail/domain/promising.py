"""What is promised when an incident opens, or what its service level depends on changes: effects, nothing else."""

from __future__ import annotations

from sitmail.domain import sla
from sitmail.domain.effects import Promise
from sitmail.domain.escalation import unowned_promise
from sitmail.domain.hours import Calendar
from sitmail.domain.incident import Incident
from sitmail.domain.policy import Policy
from sitmail.domain.service_level import ServiceLevel
from sitmail.domain.sla import LATE, TimedTarget


def level_of(incident: Incident, policy: Policy) -> tuple[ServiceLevel | None, Calendar | None]:
    """By the names that the incident has; None where the configuration has them no more."""
    return policy.service_levels.get(incident.service_level), policy.calendars.get(incident.calendar)


def promised(incident: Incident, policy: Policy) -> list[Promise]:
    """The targets of its service level and priority become terms, as they are today."""
    level, calendar = level_of(incident, policy)
    started = incident.cycle_opened or incident.opened
    found = []
    for one in sla.promises(level, incident.priority, calendar) if calendar else ():
        told = (one.target, one.seconds, one.calendar, one.warn_at, started, incident.cycle, one.after)
        found.append(Promise(incident.number, *told))
    desk = policy.calendars[policy.calendar]
    if seconds := unowned_promise(policy, desk):
        owned = (TimedTarget.UNOWNED, seconds, desk.name, (LATE,), started, incident.cycle)
        found.append(Promise(incident.number, *owned))
    return found
