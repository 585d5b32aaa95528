"""Business time: opening hours in a zone, and durations measured in them.

All moments are aware; arithmetic is done in UTC, so that a night in which clocks change is as long as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Span:
    """A duration as written: `30m`, `2h`, `1w 2d 3h 30m`.  In working time a calendar says how long d and w are."""

    seconds: int = 0
    days: int = 0
    weeks: int = 0

    @classmethod
    def parse(cls, text: str) -> Span:
        """Raises ValueError with a sentence for people."""
        raise NotImplementedError

    def wall(self) -> int:
        """Seconds of wall time: a day has 24 hours."""
        return self.seconds + 86_400 * (self.days + 7 * self.weeks)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Opening hours.  `week` maps 0 (Monday) .. 6 to intervals in seconds after local midnight."""

    name: str
    timezone: str = "UTC"
    week: Mapping[int, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    holidays: frozenset[date] = frozenset()
    day: int = 0  # seconds that `1d` means; 0 = the commonest open day's length

    def working(self, span: Span) -> int:
        """Seconds of working time that `span` means here."""
        raise NotImplementedError

    def add(self, start: datetime, seconds: int) -> datetime:
        """The moment (UTC) at which so much working time has passed since `start`."""
        raise NotImplementedError

    def between(self, start: datetime, end: datetime) -> int:
        """Seconds of working time between two moments; 0 if `end` is not later."""
        raise NotImplementedError
