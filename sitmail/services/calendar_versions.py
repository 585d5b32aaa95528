"""Which calendars running promises are measured by, when the configuration is read: the present ones, and as they were.

What closes a former one further is noted with it, so that it stays closed whatever is configured later.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from sitmail.domain.calendar_versions import closed_as_well, with_versions
from sitmail.domain.hours import Calendar
from sitmail.domain.policy import Policy
from sitmail.store import calendar_versions

AHEAD = 3  # years whose public holidays are kept with a version: hardly a promise runs for longer


def known(connection: Connection, items: list[tuple[Policy, datetime]]) -> list[Policy]:
    """A job of the writer: the policies, which then know how calendars were."""
    return [_known(connection, policy, now) for policy, now in items]


def _known(connection: Connection, policy: Policy, now: datetime) -> Policy:
    found: dict[int, Calendar] = {}
    present: dict[str, int] = {}
    for number, one in calendar_versions.versions(connection).items():
        calendar = policy.calendars.get(one.calendar.name)
        if calendar is None:  # configured no more
            found[number] = one.calendar
        elif one.digest == calendar.digest and not one.added:
            found[number], present[calendar.name] = calendar, number
        else:
            found[number] = closed_as_well(one.calendar, calendar)
            if replace(found[number], public=None).digest != one.calendar.digest:
                calendar_versions.close(connection, number, found[number])
    for name, calendar in policy.calendars.items():
        if name not in present:
            present[name] = calendar_versions.insert(connection, _settled(calendar, now), calendar.digest)
            found[present[name]] = calendar
    return replace(policy, calendars=with_versions(policy.calendars, found), calendar_versions=present)


def _settled(calendar: Calendar, now: datetime) -> Calendar:
    """With its public holidays as they are known today."""
    if calendar.public is None:
        return calendar
    days = {day for year in range(now.year, now.year + AHEAD) for day in calendar.public.days(year)}
    return replace(calendar, holidays=calendar.holidays | days, public=None)
