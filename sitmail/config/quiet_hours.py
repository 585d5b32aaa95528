"""Reads the quiet hours of an engineer: a night may be written in one, and there may be several."""

from __future__ import annotations

from typing import Annotated

from pydantic import PlainValidator

from sitmail.config.values import HOURS

DAY = 86_400
FORM = 'expected hours such as "22:00-07:00", or a list of such hours'


def quiet_hours(value: object) -> tuple[tuple[int, int], ...]:
    """Beginning and end in seconds after midnight; "" is none."""
    written = value if isinstance(value, list | tuple) else [value] if value else []
    found = tuple(one if isinstance(one, tuple) else _hours(one) for one in written)
    if sum((end - begin) % DAY or DAY for begin, end in found) >= DAY:
        raise ValueError("expected hours that leave some of the day: what waits would never be sent")
    return found


def _hours(value: object) -> tuple[int, int]:
    match = HOURS.fullmatch(value) if isinstance(value, str) else None
    if not match or int(match[2]) > 59 or int(match[4]) > 59:
        raise ValueError(FORM)
    begin, end = (int(match[i]) * 3600 + int(match[i + 1]) * 60 for i in (1, 3))
    if max(begin, end) > DAY or begin == end:
        raise ValueError(FORM)
    return begin % DAY, end


QuietHours = Annotated[tuple[tuple[int, int], ...], PlainValidator(quiet_hours)]
