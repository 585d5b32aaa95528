"""Business time: opening hours in a zone, and durations measured in them.

All moments are aware.  Arithmetic is done in UTC, so that a night in which the clocks change has its real length.
Time is counted in whole seconds.  Durations and dates in commands are read by `when`; targets are followed by `sla`.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Mapping
from dataclasses import field
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from sitmail.domain.record import record

DAY = 86_400
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
LONGEST_SPAN = 3660 * DAY  # ten years; anything longer is a typing mistake
HORIZON = 100  # years that `Calendar.add` looks ahead before it gives up
SPAN = re.compile(r"\s*".join(rf"(?:([0-9]{{1,9}})\s*{unit})?" for unit in "wdhms"), re.IGNORECASE | re.ASCII)
OFFICE_HOURS: Mapping[int, tuple[tuple[int, int], ...]] = dict.fromkeys(range(5), ((9 * 3600, 17 * 3600),))


def quoted(text: str) -> str:
    """A text that somebody wrote, shortened, made printable and quoted, for use in a sentence."""
    shown = "".join(c if c.isprintable() else " " for c in text.strip()[:60])
    return f'"{shown[:40]}..."' if len(shown) > 40 else f'"{shown}"'


@record
class Span:
    """A duration as written: `30m`, `2h`, `1w 2d 3h 30m`.  In working time a calendar says how long d and w are."""

    seconds: int = 0
    days: int = 0
    weeks: int = 0

    @classmethod
    def parse(cls, text: str) -> Span:
        """Reads weeks, days, hours, minutes, seconds in this order, each at most once; `0` needs no unit.

        Raises ValueError with a sentence for people.
        """
        written = text.strip()
        if written == "0":
            return cls()
        found = SPAN.fullmatch(written) if written and len(written) <= 80 else None
        if found is None:
            raise ValueError(f"{quoted(text)} is no duration; write for example 30m, 2h, 3d or 1w 2d.")
        weeks, days, hours, minutes, seconds = (int(number or 0) for number in found.groups())
        span = cls(seconds + 60 * minutes + 3600 * hours, days, weeks)
        if span.wall() > LONGEST_SPAN:
            raise ValueError(f"{quoted(text)} is longer than ten years; write for example 3d or 1w 2d.")
        return span

    def wall(self) -> int:
        """Seconds of wall time: a day has 24 hours."""
        return self.seconds + DAY * (self.days + 7 * self.weeks)


def zone(name: str) -> ZoneInfo:
    """The time zone of that name.  Raises ValueError with a sentence for people."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # OSError: the name of a folder of zones, such as Europe
        raise ValueError(f"{quoted(name)} is no time zone; write for example Europe/Berlin or UTC.") from None


def epoch(moment: datetime) -> int:
    """Whole seconds since 1970, UTC."""
    return (moment - EPOCH) // SECOND


def instant(day: date, seconds: int, local: ZoneInfo) -> int:
    """When the wall clock first shows so many seconds after midnight of that day: seconds since 1970.

    A time that the clock shows twice means the first of the two; a time that it skips means the moment of the change.
    Times thus keep their order in UTC, and a day that was skipped (Pacific/Apia, 2011-12-30) has no opening hours.
    """
    wall = datetime(day.year, day.month, day.day) + timedelta(seconds=seconds)
    before = wall.replace(tzinfo=local)
    after = before.replace(fold=1)
    offset, later = before.utcoffset() or timedelta(), after.utcoffset() or timedelta()
    naive = epoch(wall.replace(tzinfo=UTC))
    if offset >= later:
        return naive - offset // SECOND
    low, high = naive - later // SECOND, naive - offset // SECOND  # the change lies between these two
    while high - low > 1:
        middle = (low + high) // 2
        if (EPOCH + timedelta(seconds=middle)).astimezone(local).replace(tzinfo=None) < wall:
            low = middle
        else:
            high = middle
    return high


@record
class _Year:
    """The opening hours of one local year in UTC: their beginnings, their ends, and the total by each end."""

    begins: list[int]
    ends: list[int]
    done: list[int]

    @property
    def total(self) -> int:
        return self.done[-1] if self.done else 0

    def before(self, moment: int) -> int:
        """Seconds of this year's working time that lie before the moment."""
        place = bisect_right(self.begins, moment) - 1
        if place < 0:
            return 0
        return self.done[place] - max(0, self.ends[place] - moment)

    def at(self, seconds: int) -> int:
        """The moment by which so many seconds (1 to `total`) of this year's working time are done."""
        place = bisect_left(self.done, seconds)
        return self.ends[place] - (self.done[place] - seconds)


class PublicHolidays(Protocol):
    """The public holidays of a country.  `edition` changes where other days may be known than before."""

    @property
    def edition(self) -> str: ...

    def days(self, year: int) -> frozenset[date]: ...


@record
class Calendar:
    """Opening hours.  `week` maps 0 (Monday) .. 6 to intervals in seconds after local midnight (0 to 86400).

    A day of `exceptions` has the hours named there, none if it names none, whatever weekday or holiday it is.
    Raises ValueError with a sentence for people: an interval outside the day, an unknown zone, never open.
    """

    name: str
    timezone: str = "UTC"
    week: Mapping[int, tuple[tuple[int, int], ...]] = field(default_factory=lambda: OFFICE_HOURS)
    holidays: frozenset[date] = frozenset()
    public: PublicHolidays | None = None  # closed, too
    exceptions: Mapping[date, tuple[tuple[int, int], ...]] = field(default_factory=dict)  # hours of single days
    day: int = 0  # seconds in `1d`; 0: the most common length of an open day
    _years: dict[int, _Year] = field(default_factory=dict, init=False, repr=False, compare=False)
    _digest: list[str] = field(default_factory=list, init=False, repr=False, compare=False)

    @property
    def digest(self) -> str:
        """A hash of zone, hours and holidays: equal for calendars that measure every span alike.  Computed once."""
        if not self._digest:
            week = sorted((day, _merged(hours)) for day, hours in self.week.items() if hours)
            known: tuple[object, ...] = (self.timezone, week, sorted(day.isoformat() for day in self.holidays))
            if self.public:
                known += (self.public.edition,)
            if self.exceptions:
                known += (sorted((day.isoformat(), _merged(hours)) for day, hours in self.exceptions.items()),)
            told = repr(known)
            self._digest.append(hashlib.sha256(told.encode()).hexdigest()[:16])
        return self._digest[0]

    def __post_init__(self) -> None:
        zone(self.timezone)
        for begin, end in (hours for day in (*self.week.values(), *self.exceptions.values()) for hours in day):
            if not 0 <= begin < end <= DAY:
                raise ValueError(f"Calendar {quoted(self.name)}: hours begin and end within one day, as 09:00-17:30.")
        if not any(self.week.values()):
            raise ValueError(f"Calendar {quoted(self.name)} is never open; give it hours, as mon = 09:00-17:00.")

    def working(self, span: Span) -> int:
        """The span in seconds of working time.  A week is `day` times the number of open weekdays (behaviour 5)."""
        if not span.days and not span.weeks:
            return span.seconds
        lengths = [sum(end - begin for begin, end in _merged(hours)) for _, hours in sorted(self.week.items()) if hours]
        day = self.day or Counter(lengths).most_common(1)[0][0]
        return span.seconds + day * (span.days + span.weeks * len(lengths))

    def add(self, start: datetime, seconds: int) -> datetime:
        """The moment (UTC) at which so much working time has passed since `start`.

        If that is the end of an opening, it is that end and not the beginning of the next one.
        Raises ValueError where that is more than a hundred years away.
        """
        if seconds <= 0:
            return start.astimezone(UTC)
        moment, left = epoch(start), seconds
        first = (start - timedelta(days=1)).year  # a day, because local years begin within a day of UTC's
        for number in range(first, min(first + HORIZON, 9998)):
            year = self._year(number)
            done = year.before(moment)
            if left <= year.total - done:
                return EPOCH + timedelta(seconds=year.at(done + left))
            left -= year.total - done
        raise ValueError(f"Calendar {quoted(self.name)} is not open for so long within a hundred years.")

    def between(self, start: datetime, end: datetime) -> int:
        """Seconds of working time between two moments; 0 if `end` is not later."""
        begin, finish = epoch(start), epoch(end)
        if finish <= begin:
            return 0
        years = range((start - timedelta(days=1)).year, (end + timedelta(days=1)).year + 1)
        return sum(year.before(finish) - year.before(begin) for year in map(self._year, years))

    def openings(self, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
        """The open hours between two moments, from beginning to end (UTC), cut off at both."""
        begin, finish = epoch(start), epoch(end)
        found: list[tuple[datetime, datetime]] = []
        for number in range((start - timedelta(days=1)).year, (end + timedelta(days=1)).year + 1):
            year = self._year(number)
            for one, other in zip(year.begins, year.ends, strict=True):
                first, last = max(one, begin), min(other, finish)
                if first < last and found and found[-1][1] == EPOCH + timedelta(seconds=first):  # over New Year's night
                    found[-1] = found[-1][0], EPOCH + timedelta(seconds=last)
                elif first < last:
                    found.append((EPOCH + timedelta(seconds=first), EPOCH + timedelta(seconds=last)))
        return found

    def _year(self, number: int) -> _Year:
        """The opening hours of that year.  Computed once, in about a millisecond; lookups are binary searches."""
        if number not in self._years:
            self._years[number] = self._opened(number)
        return self._years[number]

    def open_on(self, day: date) -> bool:
        """Whether that day is a working day."""
        return bool(self._hours_on(day))

    def _hours_on(self, day: date) -> tuple[tuple[int, int], ...]:
        if day in self.exceptions:
            return self.exceptions[day]
        if day in self.holidays or (self.public and day in self.public.days(day.year)):
            return ()
        return self.week.get(day.weekday(), ())

    def _opened(self, number: int) -> _Year:
        local = zone(self.timezone)
        begins: list[int] = []
        ends: list[int] = []
        for ordinal in range(date(number, 1, 1).toordinal(), date(number, 12, 31).toordinal() + 1):
            day = date.fromordinal(ordinal)
            for hours in _merged(self._hours_on(day)):
                begin, end = instant(day, hours[0], local), instant(day, hours[1], local)
                if ends and begin == ends[-1]:  # open past midnight: one interval
                    ends[-1] = end
                elif begin < end:
                    begins.append(begin)
                    ends.append(end)
        done, total = [], 0
        for begin, end in zip(begins, ends, strict=True):
            total += end - begin
            done.append(total)
        return _Year(begins, ends, done)


def _merged(hours: tuple[tuple[int, int], ...]) -> list[tuple[int, int]]:
    """The intervals in order, with overlapping ones joined."""
    merged: list[tuple[int, int]] = []
    for begin, end in sorted(hours):
        if merged and begin <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((begin, end))
    return merged


ROUND_THE_CLOCK = Calendar("round the clock", "UTC", dict.fromkeys(range(7), ((0, DAY),)))
