"""Finds targets of service levels, and levels of priorities, that are mistakes: never due, or in the wrong order.

With few open hours, a long target lies beyond the hundred years that are calculated, and every mail with that target
would fail.  So such a configuration is refused at the start.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise

from sitmail.config.mistakes import mistake, quoted
from sitmail.config.policy import PROMISES
from sitmail.config.settings import Settings
from sitmail.domain.directory import Directory
from sitmail.domain.hours import HORIZON, Calendar, Span
from sitmail.domain.policy import Policy
from sitmail.domain.priorities import ALL, CONTRACT, LEVELS, level_seconds
from sitmail.domain.promising import promises
from sitmail.domain.sla import CHAIN


def endless(file: str, settings: Settings, policy: Policy, directory: Directory, now: datetime) -> list[str]:
    """A line for each target that would never be due under a calendar with which it can be used."""
    lines = []
    elsewhere = {site.calendar for site in directory.sites} | {one.calendar for one in directory.contracts}
    for i, level in enumerate(settings.service_level):
        names = {level.calendar or policy.calendar} | elsewhere
        for n, target in enumerate(level.target):
            for calendar in (policy.calendars[name] for name in sorted(names & policy.calendars.keys())):
                for one in promises(policy.service_levels[level.name], target.priority, calendar):
                    if one.calendar and not _ends(calendar, one.seconds, now):
                        place = ("service_level", i, "target", n, PROMISES[one.target])
                        lines.append(mistake(file, place, _too_long(f"the calendar {quoted(calendar.name)}")))
    for i, priority in enumerate(policy.priorities if settings.priority else ()):
        counted: Iterable[Calendar] = policy.calendars.values()
        if priority.basis != CONTRACT:
            counted = () if priority.basis == ALL else (policy.calendar_named(""),)
        for key, what in LEVELS.items():
            span = priority.levels.get(what, Span())
            if any(not _ends(one, level_seconds(span, priority.basis, one), now) for one in counted):
                lines.append(mistake(file, ("priority", i, key), _too_long("its calendar")))
    return lines


def _too_long(calendar: str) -> str:
    return f"would take more than {HORIZON} years on {calendar}"


def out_of_order(file: str, settings: Settings, policy: Policy) -> list[str]:
    """A line for each target that would be due after a later one of its chain, counted from the opening."""
    lines = []
    for i, level in enumerate(settings.service_level):
        calendar = policy.calendars[level.calendar or policy.calendar]
        for n, target in enumerate(level.target if level.counted == "opening" else ()):
            promised = promises(policy.service_levels[level.name], target.priority, calendar)
            steps = [one for one in promised if one.target in CHAIN]
            for one, following in pairwise(steps):
                if one.seconds > following.seconds:
                    place = ("service_level", i, "target", n, PROMISES[one.target])
                    later = following.target.replace("_", " ")
                    lines.append(mistake(file, place, f"is longer than the {later} of the same priority"))
    for i, priority in enumerate(policy.priorities if settings.priority else ()):
        written = [(key, priority.levels[target].wall()) for key, target in LEVELS.items() if target in priority.levels]
        for (key, wall), (later, most) in pairwise(written):
            if wall > most:
                lines.append(mistake(file, ("priority", i, key), f"is longer than {later} of the same priority"))
    return lines


def _ends(calendar: Calendar, seconds: int, now: datetime) -> bool:
    try:
        calendar.add(now, seconds)
    except ValueError:
        return False
    return True
