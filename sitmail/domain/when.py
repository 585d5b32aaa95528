"""Reading the durations and dates that people write in commands: `2h 30m`, `friday`, `24 dec 14:00`.

Times of day and dates are in the writer's time zone (behaviour 3).  Every refusal is a sentence for the writer, with
two examples.  How much working time a duration is, is calculated in `hours`.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from sitmail.domain.hours import EPOCH, Calendar, Span, instant, quoted, zone
from sitmail.domain.sentence import Sentence

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
BEGIN_OF_WORK = 9 * 3600  # the time of a date without a time of day
LONGEST = timedelta(days=3660)
BACK = timedelta(days=90)  # a date without a year that is at most this old is a mistake, and not taken for next year's
FILLERS = frozenset({"at", "on", "until"})
UNITS = {"weeks": "w", "days": "d", "hours": "h", "hrs": "h", "minutes": "m", "mins": "m", "seconds": "s", "secs": "s"}
WORDED = re.compile(rf"\b([0-9]+)\s*({'|'.join(f'{unit}|{unit[:-1]}' for unit in UNITS)})\b", re.IGNORECASE | re.ASCII)
ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
NUMBER = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th|\.)?")
YEAR = re.compile(r"[0-9]{4}")
CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})(am|pm)?|([0-9]{1,2})(am|pm)")
HALF = re.compile(r"(?<=[0-9])\s+(?=[ap]m\b)")  # 2 pm
TEE = re.compile(r"(?<=[0-9])t(?=[0-9])")  # 2026-12-24T14:00


def duration(text: str) -> Span:
    """A duration such as `30m`, `2h 30m`, `3 days`.  Raises ValueError with a sentence for people."""
    written = " ".join(text[:200].split())
    try:
        return Span.parse(WORDED.sub(lambda m: m[1] + m[2][0].lower(), written))
    except ValueError:
        raise ValueError(
            Sentence("%(text)s is no duration; write for example 2h 30m, or 3d.", text=quoted(text))
        ) from None


def until(text: str, now: datetime, timezone: str, calendar: Calendar) -> datetime:
    """The end of a working-time duration counted from `now`, or a moment; UTC.

    Raises ValueError with a sentence for people.
    """
    words = text.split()
    try:
        span = duration(" ".join(words[1:]) if words and words[0].lower() in FILLERS else text)
    except ValueError:
        return moment(text, now, timezone)
    if not span.wall():
        raise ValueError(
            Sentence("%(text)s is no time at all; write for example 2d, or friday 14:00.", text=quoted(text))
        )
    return calendar.add(now, calendar.working(span))


def moment(text: str, now: datetime, timezone: str) -> datetime:
    """The moment (UTC) that a date, a time of day or both name to somebody in that zone; always in the future.

    A date alone means 09:00, when work begins.  A time alone is the next one to come.  A weekday is the next such day
    after today, or today if a time is given that is still to come.  A date without a year is this year's, or next
    year's if that lies more than 90 days back.  Raises ValueError with a sentence for people.
    """
    local = zone(timezone)
    today = now.astimezone(local).date()
    written = TEE.sub(" ", HALF.sub("", text[:200].lower().replace(",", " ")))
    words = [word for word in written.split() if word not in FILLERS]
    times = [word for word in words if CLOCK.fullmatch(word)]
    seconds = time_of_day(times[0]) if times else None
    days = _days([word for word in words if word not in times], today, timed=bool(times))
    examples = Sentence("write for example %(day)s, or friday 14:00.", day=str(today + timedelta(days=1)))
    if not days or len(times) > 1 or (times and seconds is None) or len(text) > 200:
        raise ValueError(Sentence("%(text)s is no date I can read; %(examples)s", text=quoted(text), examples=examples))
    if days[0] > today + LONGEST:
        raise ValueError(
            Sentence("%(text)s is more than ten years away; %(examples)s", text=quoted(text), examples=examples)
        )
    for day in (day for day in days if day >= today):
        found = EPOCH + timedelta(seconds=instant(day, BEGIN_OF_WORK if seconds is None else seconds, local))
        if found > now:
            return found
    raise ValueError(Sentence("%(text)s lies in the past; %(examples)s", text=quoted(text), examples=examples))


def days(text: str, now: datetime, timezone: str) -> list[date]:
    """The days without a time that these words may mean to somebody in that zone, the nearest first; none if they are
    not understood.  A weekday that is today means today, else the next one."""
    words = [word for word in text.lower().split() if word not in FILLERS]
    return _days(words, now.astimezone(zone(timezone)).date(), timed=True) if words else []


def time_of_day(word: str) -> int | None:
    """A time of day in seconds after midnight: 14:30, 2:30pm, 2pm."""
    found = CLOCK.fullmatch(word)
    if not found:
        return None
    hour, minute, half = int(found[1] or found[4]), int(found[2] or 0), found[3] or found[5]
    if minute > 59 or hour > (12 if half else 23) or (half and not hour):
        return None
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    return 3600 * hour + 60 * minute


def _days(words: list[str], today: date, timed: bool) -> list[date]:
    """The days that these words may mean, the nearest first; none if they are not understood."""
    if not words:
        return [today, today + timedelta(days=1)] if timed else []
    if len(words) == 1:
        return _day(words[0], today, timed)
    first, second, *rest = words
    if len(rest) > 1 or not all(YEAR.fullmatch(word) for word in rest):
        return []
    number, month = (first, second) if NUMBER.fullmatch(first) else (second, first)
    day = NUMBER.fullmatch(number)
    place = _named(month, MONTHS)
    if not day or place is None:
        return []
    if rest:
        return _existing(int(rest[0]), place + 1, int(day[1]))
    this, later = (_existing(year, place + 1, int(day[1])) for year in (today.year, today.year + 1))
    return this if this and this[0] >= today - BACK else later


def _day(word: str, today: date, timed: bool) -> list[date]:
    """One word: today, tomorrow, a weekday, or a date of RFC 3339."""
    if word in ("today", "tomorrow"):
        return [today + timedelta(days=word == "tomorrow")]
    if found := ISO.fullmatch(word):
        return _existing(int(found[1]), int(found[2]), int(found[3]))
    place = _named(word, WEEKDAYS)
    if place is None:
        return []
    distance = (place - today.weekday()) % 7
    nearest = today + timedelta(days=distance)
    if distance:
        return [nearest]
    return [today, today + timedelta(days=7)] if timed else [today + timedelta(days=7)]


def _named(word: str, names: tuple[str, ...]) -> int | None:
    """The index of the only name that begins with `word`, or None."""
    found = [place for place, name in enumerate(names) if name.startswith(word.removesuffix("."))]
    return found[0] if len(found) == 1 and word[:1].isalpha() else None


def _existing(year: int, month: int, day: int) -> list[date]:
    try:
        return [date(year, month, day)]
    except ValueError:
        return []
