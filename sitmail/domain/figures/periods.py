"""The time that a report is about: `lastweek`, `2026-11`, `2026-Q4`, `30d`, `2026-01-01..2026-03-31`.

Days are the reader's.  A period is whole days, from the first to the last; what lies in the future has not happened.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta

from sitmail.domain.hours import EPOCH, SECOND, instant, quoted, zone
from sitmail.domain.record import record
from sitmail.domain.sentence import Sentence

EXAMPLES = "today, lastweek, 2026-11, 2026-Q4, 30d, 2026-01-01..2026-03-31"
LONGEST = 3660  # days
_DAY = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})", re.ASCII)
_MONTH = re.compile(r"([0-9]{4})-([0-9]{1,2})", re.ASCII)
_QUARTER = re.compile(r"([0-9]{4})-?q([1-4])", re.ASCII)
_YEAR = re.compile(r"(?:19|20)[0-9]{2}", re.ASCII)
_BACK = re.compile(r"([0-9]{1,4})([dw])", re.ASCII)
_UNTIL = re.compile(r"\s*(?:\.\.+|\u2026|\bto\b|\bbis\b)\s*")


@record
class Period:
    """From the first day to the last one, both included, in a zone; `word` as it was asked for."""

    word: str
    first: date
    last: date
    zone: str

    @property
    def start(self) -> datetime:
        return _midnight(self.first, self.zone)

    @property
    def end(self) -> datetime:
        """The moment behind it."""
        return _midnight(self.last + timedelta(days=1), self.zone)

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


def _midnight(day: date, timezone: str) -> datetime:
    return EPOCH + instant(day, 0, zone(timezone)) * SECOND


def period(word: str, now: datetime, timezone: str) -> Period:
    """What a word means to somebody in that zone.  Raises ValueError with a sentence."""
    written = " ".join(word[:80].lower().split())
    today = now.astimezone(zone(timezone)).date()
    found = _named(written, today) or _written(written, today)
    if found is None:
        raise ValueError(
            Sentence("%(text)s is no period; write for example %(examples)s", text=quoted(word), examples=EXAMPLES)
        )
    first, last = found
    if last < first:
        raise ValueError(Sentence("%(text)s ends before it begins; write the earlier day first", text=quoted(word)))
    if first > today:
        raise ValueError(
            Sentence(
                "%(text)s lies in the future; write for example %(examples)s", text=quoted(word), examples=EXAMPLES
            )
        )
    if (last - first).days >= LONGEST:
        raise ValueError(Sentence("%(text)s is longer than ten years", text=quoted(word)))
    return Period(written, first, last, timezone)


def period_ahead(word: str, now: datetime, timezone: str) -> Period:
    """Today and so many days or weeks to come: `within 90d`.  Raises ValueError with a sentence."""
    written = " ".join(word[:80].lower().split()).removeprefix("within ")
    found = _BACK.fullmatch(written)
    days = int(found[1]) * (7 if found[2] == "w" else 1) if found else 0
    if not 0 < days <= LONGEST:
        raise ValueError(
            Sentence("%(text)s is no time ahead; write for example within 90d, or within 8w", text=quoted(word))
        )
    today = now.astimezone(zone(timezone)).date()
    return Period(written, today, today + timedelta(days=days), timezone)


Days = tuple[date, date]


def _month(day: date) -> Days:
    return day.replace(day=1), _next_month(day) - timedelta(days=1)


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _quarter(day: date) -> Days:
    first = day.replace(month=3 * ((day.month - 1) // 3) + 1, day=1)
    return first, _next_month(first + timedelta(days=62)) - timedelta(days=1)


def _year(day: date) -> Days:
    return date(day.year, 1, 1), date(day.year, 12, 31)


def _week(day: date) -> Days:
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=6)


def _before(make: Callable[[date], Days]) -> Callable[[date], Days]:
    return lambda today: make(make(today)[0] - timedelta(days=1))


def _only(day: date) -> Days:
    return day, day


NAMED: Mapping[str, Callable[[date], Days]] = {
    "today": _only,
    "yesterday": _before(_only),
    "week": _week,
    "lastweek": _before(_week),
    "month": _month,
    "lastmonth": _before(_month),
    "quarter": _quarter,
    "lastquarter": _before(_quarter),
    "year": _year,
    "lastyear": _before(_year),
}
ALSO = {
    "heute": "today", "gestern": "yesterday", "woche": "week", "letzte woche": "lastweek", "monat": "month",
    "letzter monat": "lastmonth", "quartal": "quarter", "jahr": "year", "aujourd'hui": "today", "hier": "yesterday",
    "semaine": "week", "semaine dernière": "lastweek", "mois": "month", "mois dernier": "lastmonth",
    "trimestre": "quarter", "année": "year",
}  # fmt: skip


def _named(written: str, today: date) -> Days | None:
    word = ALSO.get(written, written)
    for begins in ("this ", "the "):
        word = word.removeprefix(begins)
    make = NAMED.get(re.sub(r"^last[ _-]", "last", word))
    return make(today) if make else None


def _written(written: str, today: date) -> Days | None:
    ends = _UNTIL.split(written)
    if len(ends) == 2:
        one, other = (_one(end) for end in ends)
        return (one[0], other[1]) if one and other else None
    if found := _BACK.fullmatch(written):
        days = int(found[1]) * (7 if found[2] == "w" else 1)
        return (today - timedelta(days=days - 1), today) if 0 < days < LONGEST else None
    return _one(written)


def _one(written: str) -> Days | None:
    """A day, a month, a quarter or a year as it is written."""
    try:
        if found := _DAY.fullmatch(written):
            return _only(date(int(found[1]), int(found[2]), int(found[3])))
        if found := _QUARTER.fullmatch(written):
            return _quarter(date(int(found[1]), 3 * int(found[2]), 1))
        if found := _MONTH.fullmatch(written):
            return _month(date(int(found[1]), int(found[2]), 1))
        return _year(date(int(written), 1, 1)) if _YEAR.fullmatch(written) else None
    except (ValueError, OverflowError):
        return None
