"""When somebody gets the morning paper: at his hour, by his own clock, on working days of the desk (behaviour 3.7).

It is worth something for a while: a desk that was down at that hour sends it until then, and not later.  Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from sitmail.domain.engineers import Engineer
from sitmail.domain.hours import EPOCH, SECOND, instant
from sitmail.domain.policy import Policy
from sitmail.domain.presence import Presence
from sitmail.domain.record import record

OFF = "off"
USUAL = "08:00"  # for an admin who wants to hear of everything once a day, where no other hour is written
WORTH = timedelta(hours=4)  # from 08:00 it is a morning paper until noon
AHEAD = 40  # days in which the next working day is looked for


@record
class Morning:
    """The paper of one day for one engineer."""

    engineer: str
    day: date
    at: datetime

    @property
    def until(self) -> datetime:
        return self.at + WORTH


def hour_of(engineer: Engineer, policy: Policy) -> str:
    """His own hour, else the desk's; "" for no paper."""
    hour = engineer.morning or policy.morning or (USUAL if engineer.every_incident == "digest" else "")
    return "" if hour == OFF else hour


def mornings(engineer: Engineer, policy: Policy, now: datetime) -> Iterator[Morning]:
    """His papers from the one whose time may be now, in order."""
    hour = hour_of(engineer, policy)
    if not hour:
        return
    zone, calendar = ZoneInfo(engineer.timezone or policy.timezone), policy.calendar_named("")
    seconds = 3600 * int(hour[:2]) + 60 * int(hour[3:])
    first = (now - WORTH).astimezone(zone).date()
    for ahead in range(AHEAD):
        day = first + timedelta(days=ahead)
        if not calendar.open_on(day):
            continue
        one = Morning(engineer.id, day, EPOCH + instant(day, seconds, zone) * SECOND)
        if one.until > now:
            yield one


def due(policy: Policy, presence: Presence, now: datetime) -> list[Morning]:
    """The papers whose time is now, of those who are here."""
    found = []
    for engineer in policy.engineers.values():
        one = next(mornings(engineer, policy, now), None)
        if one is not None and one.at <= now and presence.here(engineer.id):
            found.append(one)
    return found


def next_due(policy: Policy, presence: Presence, now: datetime) -> datetime | None:
    """The next moment after now at which a paper may be due: somebody's hour, or his return within its time."""
    found = []
    for engineer in policy.engineers.values():
        for one in mornings(engineer, policy, now):
            if one.at > now:
                found.append(one.at)
                break
            back = presence.away.get(engineer.id)
            if back is not None and now < back < one.until:
                found.append(back)
    return min(found, default=None)


def day_before(policy: Policy, day: date) -> date:
    """The last working day before that day."""
    calendar = policy.calendar_named("")
    for back in range(1, AHEAD):
        if calendar.open_on(day - timedelta(days=back)):
            return day - timedelta(days=back)
    return day - timedelta(days=1)


def last_evening(policy: Policy, one: Morning) -> datetime:
    """When the desk closed on the last working day before: since then he has not seen what came."""
    before = day_before(policy, one.day)
    calendar = policy.calendar_named("")
    start = EPOCH + instant(before, 0, ZoneInfo(calendar.timezone)) * SECOND
    open_ = calendar.openings(start, start + timedelta(days=1))
    closes = max((end for _, end in open_), default=start)
    goes_on = closes >= start + timedelta(days=1) or closes > one.at - WORTH  # round the clock there is no evening
    return (one.at - timedelta(hours=24)).astimezone(UTC) if goes_on else closes


def end_of_day(engineer: Engineer, policy: Policy, day: date) -> datetime:
    """Midnight behind that day, by his clock."""
    zone = ZoneInfo(engineer.timezone or policy.timezone)
    return EPOCH + instant(day + timedelta(days=1), 0, zone) * SECOND
