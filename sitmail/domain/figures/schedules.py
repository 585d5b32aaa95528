"""When a report of `[[report]]` is due: "08:00", "mon 08:00", "mon-fri 08:00", "1st 07:30", "last 18:00".

Times are those of a zone.  What was due while the desk was down is due once, the last of it, and about its own period.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from sitmail.domain.hours import EPOCH, SECOND, instant, zone
from sitmail.domain.record import record

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LAST = 31  # of a month; a shorter one ends earlier
EXAMPLES = "expected a time such as 08:00, mon 08:00, mon-fri 08:00, 1st 07:30 or last 18:00"
_AT = re.compile(
    r"(?:(?P<first>mon|tue|wed|thu|fri|sat|sun)(?:-(?P<until>mon|tue|wed|thu|fri|sat|sun))?\s+"
    r"|(?P<day>[0-9]{1,2})(?:st|nd|rd|th|\.)?\s+|(?P<last>last)\s+)?"
    r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})",
    re.ASCII,
)


@record
class Schedule:
    """`weekdays` (0 is Monday), or `day` of the month where that is not 0; `seconds` after midnight."""

    seconds: int
    weekdays: frozenset[int] = frozenset(range(7))
    day: int = 0

    @classmethod
    def parse(cls, text: str) -> Schedule:
        """Raises ValueError with a sentence."""
        found = _AT.fullmatch(" ".join(text.lower().split()))
        if found is None or int(found["hour"]) > 23 or int(found["minute"]) > 59:
            raise ValueError(EXAMPLES)
        seconds = 3600 * int(found["hour"]) + 60 * int(found["minute"])
        if found["last"] or found["day"]:
            day = LAST if found["last"] else int(found["day"])
            if not 1 <= day <= LAST:
                raise ValueError(EXAMPLES)
            return cls(seconds, day=day)
        if not found["first"]:
            return cls(seconds)
        first = DAYS.index(found["first"])
        until = DAYS.index(found["until"]) if found["until"] else first
        return cls(seconds, frozenset((first + more) % 7 for more in range((until - first) % 7 + 1)))

    def holds(self, day: date) -> bool:
        if not self.day:
            return day.weekday() in self.weekdays
        following = day + timedelta(days=1)
        return day.day == self.day or (day.day < self.day and following.month != day.month)

    def last(self, now: datetime, timezone: str) -> datetime:
        """The latest moment at which it was due."""
        today = now.astimezone(zone(timezone)).date()
        return next(at for at in self._moments(today + timedelta(days=1), -1, timezone) if at <= now)

    def next(self, now: datetime, timezone: str) -> datetime:
        """The first moment behind now."""
        today = now.astimezone(zone(timezone)).date()
        return next(at for at in self._moments(today - timedelta(days=1), 1, timezone) if at > now)

    def _moments(self, day: date, step: int, timezone: str) -> Iterator[datetime]:
        local = zone(timezone)
        while True:
            if self.holds(day):
                yield (EPOCH + instant(day, self.seconds, local) * SECOND).astimezone(UTC)
            day += timedelta(days=step)


@record
class ScheduledReport:
    """A row of `[[report]]`: `question` as behind /report, `to` ids of engineers, `at` as it is written.

    `sites`: it is the service report, to each admin contact about the own site; `question` is its period.
    """

    id: str
    name: str
    question: str
    to: tuple[str, ...]
    at: str
    zone: str
    language: str = ""
    csv: bool = True
    sites: bool = False

    @property
    def schedule(self) -> Schedule:
        return Schedule.parse(self.at)

    @property
    def key(self) -> str:
        """By what the store knows when it was last due; with another time it begins anew."""
        return f"schedule:{self.id}:{self.at}:{self.zone}"
