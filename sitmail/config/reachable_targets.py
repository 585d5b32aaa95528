"""Finds targets of service levels that must be mistakes: they would never be due, or are in the wrong order.

With few open hours, a long target lies beyond the hundred years that are calculated, and every mail with that target
would fail.  So such a configuration is refused at the start.
"""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise

from sitmail.config.mistakes import mistake, quoted
from sitmail.config.policy import PROMISES
from sitmail.config.settings import Settings
from sitmail.domain import sla
from sitmail.domain.directory import Directory
from sitmail.domain.hours import HORIZON, Calendar
from sitmail.domain.policy import Policy


def endless(file: str, settings: Settings, policy: Policy, directory: Directory, now: datetime) -> list[str]:
    """A line for each target that would never be due under a calendar with which it can be used."""
    lines = []
    elsewhere = {site.calendar for site in directory.sites} | {one.calendar for one in directory.contracts}
    for i, level in enumerate(settings.service_level):
        names = {level.calendar or policy.calendar} | elsewhere
        for n, target in enumerate(level.target):
            for calendar in (policy.calendars[name] for name in sorted(names & policy.calendars.keys())):
                for one in sla.promises(policy.service_levels[level.name], target.priority, calendar):
                    if one.calendar and not _ends(calendar, one.seconds, now):
                        sentence = f"would take more than {HORIZON} years on the calendar {quoted(calendar.name)}"
                        place = ("service_level", i, "target", n, PROMISES[one.target])
                        lines.append(mistake(file, place, sentence))
    return lines


def out_of_order(file: str, settings: Settings, policy: Policy) -> list[str]:
    """A line for each target that would be due after a later one of its chain, counted from the opening."""
    lines = []
    for i, level in enumerate(settings.service_level):
        calendar = policy.calendars[level.calendar or policy.calendar]
        for n, target in enumerate(level.target if level.counted == "opening" else ()):
            promised = sla.promises(policy.service_levels[level.name], target.priority, calendar)
            steps = [one for one in promised if one.target in sla.CHAIN]
            for one, following in pairwise(steps):
                if one.seconds > following.seconds:
                    place = ("service_level", i, "target", n, PROMISES[one.target])
                    later = following.target.replace("_", " ")
                    lines.append(mistake(file, place, f"is longer than the {later} of the same priority"))
    return lines


def _ends(calendar: Calendar, seconds: int, now: datetime) -> bool:
    try:
        calendar.add(now, seconds)
    except ValueError:
        return False
    return True
