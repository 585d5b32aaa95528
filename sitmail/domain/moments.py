"""How a moment is written wherever people read it: in one way, in words, with its zone; never as RFC 3339 text."""

from __future__ import annotations

from datetime import datetime, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_TWO = tuple(f"{number:02d}" for number in range(60))


@lru_cache(maxsize=1024)  # both readers of a new incident are given the same moments
def moment(when: datetime, zone: str | tzinfo = "UTC") -> str:
    """ "Tue 24 Nov 2026, 14:00 (Europe/Berlin)": with the zone, for readers elsewhere."""
    here, name = (_zone(zone), zone) if isinstance(zone, str) else (zone, str(zone))
    local = when.astimezone(here)
    day = f"{_DAYS[local.weekday()]} {local.day} {_MONTHS[local.month - 1]} {local.year}"
    return f"{day}, {_TWO[local.hour]}:{_TWO[local.minute]} ({name})"


@lru_cache(maxsize=64)  # readers live in a few
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
