"""A slow second reading of working time, minute by minute, that imports nothing of the product.

It asks the wall clock of each minute whether the desk is open.  It is right wherever opening hours do not begin or end
within an hour that the clock shows twice or skips.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTE = timedelta(minutes=1)


class Oracle:
    """`calendar` as written in TOML: timezone, week, holidays (all of them, by date), exceptions."""

    def __init__(self, calendar: dict[str, Any]) -> None:
        self.zone = ZoneInfo(calendar["timezone"])
        self.week = {day: [hours.split("-") for hours in calendar["week"].get(day, [])] for day in DAYS}
        self.closed = {str(day) for day in calendar.get("holidays", [])}
        self.other = {
            day: [hours.split("-") for hours in several] for day, several in calendar.get("exceptions", {}).items()
        }

    def open(self, moment: datetime) -> bool:
        """Whether the wall there shows an open minute."""
        wall = moment.astimezone(self.zone)
        day = wall.date().isoformat()
        if day in self.other:
            hours = self.other[day]
        elif day in self.closed:
            hours = []
        else:
            hours = self.week[DAYS[wall.weekday()]]
        shown = wall.strftime("%H:%M")
        return any(begin <= shown < end for begin, end in hours)

    def add(self, start: datetime, minutes: int) -> datetime:
        """The first moment by which so many open minutes have passed."""
        moment = start.astimezone(UTC)
        while minutes:
            minutes -= self.open(moment)
            moment += MINUTE
        return moment

    def between(self, start: datetime, end: datetime) -> int:
        """Open minutes between two moments."""
        moment, found = start.astimezone(UTC), 0
        while moment < end:
            found += self.open(moment)
            moment += MINUTE
        return found


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Meeus, Jones, Butcher)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)
