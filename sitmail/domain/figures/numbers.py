"""Working time read off a table, and averages that say which they are."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta

from sitmail.domain.hours import EPOCH, SECOND, Calendar, epoch


class Meter:
    """Measures working time of one calendar between whole seconds since 1970, for very many spells.

    `Calendar.between` gives the same; here the hours are laid out once for the time that a report is about.
    """

    def __init__(self, calendar: Calendar, start: int, end: int) -> None:
        day = timedelta(days=1)
        found = calendar.openings(EPOCH + start * SECOND - day, EPOCH + max(start, end) * SECOND + day)
        self._begins = [epoch(begin) for begin, _ in found]
        self._done = [0]
        self._ends = [epoch(finish) for _, finish in found]
        for begin, finish in zip(self._begins, self._ends, strict=True):
            self._done.append(self._done[-1] + finish - begin)

    def between(self, one: int, other: int) -> int:
        return self._until(other) - self._until(one) if other > one else 0

    def _until(self, moment: int) -> int:
        place = bisect_right(self._begins, moment)
        if not place:
            return 0
        return self._done[place] - max(0, self._ends[place - 1] - moment)


def seconds(moment: datetime) -> int:
    """Whole seconds since 1970, as `hours.epoch` counts them."""
    return int(moment.timestamp() // 1)


def median(values: Sequence[int]) -> int | None:
    """The middle one; of two in the middle what lies between them."""
    if not values:
        return None
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) // 2


def ninety(values: Sequence[int]) -> int | None:
    """So much or less did nine of ten take: the smallest value that at least 90 % do not exceed."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[-(-9 * len(ordered) // 10) - 1]
