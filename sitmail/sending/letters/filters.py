"""Filters for templates: how our letters print moments, spans and sizes.

Pure functions.  The words round what they print stand in the templates.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sitmail.domain.moments import moment


def span(seconds: float, day: float = 0) -> str:
    """Seconds as "2 h 30 min", rounded to minutes, below one minute "45 s".

    Days are only printed if it is said how many seconds one has: a working day has not 24 hours.
    """
    if seconds < 60:
        return f"{max(0, round(seconds))} s"
    minutes = round(seconds / 60)
    days, minutes = divmod(minutes, round(day / 60)) if day else (0, minutes)
    hours, minutes = divmod(minutes, 60)
    parts = ((days, "d"), (hours, "h"), (minutes, "min"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count)


def size(count: int) -> str:
    """Bytes as "1.2 MB" (decimal, as mail programs print them)."""
    if count < 1000:
        return f"{count} byte{'' if count == 1 else 's'}"
    amount, unit = count / 1000, "KB"
    for bigger in ("MB", "GB"):
        if amount < 999.5:
            break
        amount, unit = amount / 1000, bigger
    return f"{amount:.1f} {unit}" if amount < 9.95 else f"{amount:.0f} {unit}"


FILTERS: Mapping[str, Callable[..., str]] = {
    "moment": moment,
    "span": span,
    "size": size,
}
