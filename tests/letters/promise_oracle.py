"""When each part of each promise is used up, found from the rows of the store, importing nothing of the product.

`term` says what was promised, `update` what happened, as the rows of the store do.  Opening hours are walked by day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
STANDING = {"awaiting-customer", "awaiting-closure", "closed", "unsupported", "left-message"}
OVER = {"closed", "unsupported"}
SOLVED = {"awaiting-closure", "closed"}
STEPS = ("first_response", "problem", "action_plan", "resolution")
Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Entry:
    number: int
    at: datetime
    status: str
    answered: bool
    met: tuple[str, ...]
    cycle: int


def hours(calendar: Mapping[str, Any] | None, begin: datetime, end: datetime) -> Iterator[Span]:
    """Open hours between two moments; None is round the clock."""
    if calendar is None:
        yield begin, end
        return
    zone = ZoneInfo(calendar["timezone"])
    day = begin.astimezone(zone).date() - timedelta(days=1)
    while day <= end.astimezone(zone).date():
        for written in [] if str(day) in calendar["holidays"] else calendar["week"].get(DAYS[day.weekday()], []):
            opens, closes = (
                datetime.combine(day, datetime.min.time(), zone) + timedelta(hours=int(at[:2]), minutes=int(at[3:]))
                for at in written.split("-")
            )
            one = max(opens.astimezone(UTC), begin), min(closes.astimezone(UTC), end)
            if one[0] < one[1]:
                yield one
        day += timedelta(days=1)


def used_up(
    term: Mapping[str, Any], log: Sequence[Entry], calendar: Mapping[str, Any] | None, created: datetime, now: datetime
) -> dict[tuple[str, float, int], datetime]:
    """By target, part and period: the first moment since its creation when the clock runs and the part is used up."""
    target, again = term["target"], term["target"] in ("update", "review")
    found: dict[tuple[str, float, int], datetime] = {}
    end = min(now, term["ended"]) if term["ended"] else now
    for period, spans in _periods(term, log, end):
        left = dict.fromkeys(sorted({*term["warn_at"], 1.0}))
        used = 0.0
        for begin, finish in spans:
            # what was used up while the promise did not exist yet is found when it does, or when its clock runs again
            for part in [part for part in left if used >= round(part * term["seconds"]) and finish > created]:
                found[target, part, period if again else term["cycle"]] = max(begin, created)
                del left[part]
            for opens, closes in hours(calendar, begin, finish):
                length = (closes - opens).total_seconds()
                for part in list(left):
                    mark = round(part * term["seconds"])
                    if used + length >= mark:
                        at = max(opens + timedelta(seconds=mark - used), created)
                        if at < finish or finish == now == end == max(at, end):
                            found[target, part, period if again else term["cycle"]] = at
                            del left[part]
                used += length
    return found


def _periods(term: Mapping[str, Any], log: Sequence[Entry], end: datetime) -> Iterator[tuple[int, list[Span]]]:
    """The spells in which the clock runs, apart for each time of a target that is met again and again."""
    target, start = term["target"], term["started"]
    running: datetime | None = None if term["after"] else start
    begun, period, spans = not term["after"], 0, list[Span]()
    cycle = 1
    for entry in log:
        if entry.at > end:
            break
        if entry.cycle == term["cycle"]:
            if not begun and meets(entry, term["after"]):
                begun = True
            met = target in ("first_response", "problem", "action_plan") and meets(entry, target)
            renewed = (target == "update" and entry.answered) or (target == "review" and "review" in entry.met)
            if target in ("update", "review") and (renewed or entry.cycle != cycle):
                if running:
                    spans.append((running, entry.at))
                yield period, spans
                running, period, spans = None, entry.number, []
            still = {"first_response": OVER, "review": {"closed"}}.get(target, STANDING)
            runs = begun and not met and entry.status not in still
            if running and not runs:
                spans.append((running, entry.at))
                running = None
            elif runs and not running:
                running = max(entry.at, start)
            if met:
                yield period, spans
                return
        cycle = entry.cycle
    if running and running < end:
        spans.append((running, end))
    yield period, spans


def meets(entry: Entry, target: str) -> bool:
    if target == "first_response":
        return entry.answered
    later = STEPS[STEPS.index(target) :]
    return entry.status in SOLVED or any(one in later for one in entry.met)
