"""Reads the absences of an engineer: from when until when, in his time zone.

A day alone counts whole, the last one too.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import PlainValidator

from sitmail.domain.hours import EPOCH, instant

FORMS = 'expected such as "2026-12-24 to 2027-01-02", "2026-12-23 13:00 to 2026-12-23 18:00" or "2026-12-28"'
ENDS = "expected an end that comes after the beginning"
_SIDE = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}))?", re.ASCII)


class LocalStretch(NamedTuple):
    """Without zone."""

    since: datetime
    until: datetime

    def moments(self, zone: str) -> tuple[datetime, datetime]:
        """In UTC, on the clock of that zone."""
        return _moment(self.since, zone), _moment(self.until, zone)


def stretch(value: object) -> LocalStretch:
    """A text, a TOML date, or a table { from = ..., to = ... }."""
    if isinstance(value, LocalStretch):
        return value
    if isinstance(value, dict):
        if set(value) - {"from", "to"} or "from" not in value:
            raise ValueError(f"{FORMS}, or a table with from and to")
        first, last = value["from"], value.get("to", value["from"])
    elif isinstance(value, str):
        first, sign, last = value.partition(" to ")
        last = last if sign else first
    else:
        first = last = value
    since, until = _side(first), _side(last)
    begin = datetime.combine(since[0], since[1] or time())
    end = datetime.combine(until[0], until[1]) if until[1] else datetime.combine(until[0], time()) + timedelta(days=1)
    if end <= begin:
        raise ValueError(ENDS)
    return LocalStretch(begin, end)


def _side(value: Any) -> tuple[date, time | None]:
    """A day, and the time of day if there is one."""
    if isinstance(value, datetime):
        if value.tzinfo is not None:
            raise ValueError("expected no time zone: the engineer's is used")
        return value.date(), value.time()
    if isinstance(value, date):
        return value, None
    found = _SIDE.fullmatch(value.strip()) if isinstance(value, str) else None
    try:
        if found:
            return date.fromisoformat(found[1]), time.fromisoformat(found[2]) if found[2] else None
    except ValueError:
        pass
    raise ValueError(FORMS)


def _moment(local: datetime, zone: str) -> datetime:
    seconds = local.hour * 3600 + local.minute * 60 + local.second
    return EPOCH + timedelta(seconds=instant(local.date(), seconds, ZoneInfo(zone)))


AbsenceStretch = Annotated[LocalStretch, PlainValidator(stretch)]
