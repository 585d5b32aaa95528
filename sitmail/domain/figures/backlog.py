"""What is open: by status and age, the oldest, and whether it grows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sitmail.domain.figures.incidents import Row
from sitmail.domain.figures.periods import Period
from sitmail.domain.figures.tables import Cell, Column, Curve, Kind, Table
from sitmail.domain.hours import EPOCH, SECOND, instant
from sitmail.domain.sentence import Sentence

DAY = 86_400
# Ages in days: below each.
AGES: tuple[tuple[str, int], ...] = (
    (Sentence("up to 1 day"), 1),
    (Sentence("up to 1 week"), 7),
    (Sentence("up to 1 month"), 30),
    (Sentence("up to 3 months"), 91),
    (Sentence("older"), 10**6),
)
OLDEST = 10
MOST_DAYS, MOST_WEEKS = 31, 190  # a longer trend goes by weeks, and then by months
NOTES = (
    Sentence(
        "Ages and statuses are those of this moment, whatever the period; an age counts from opening, round the clock."
    ),
    Sentence(
        "The trend counts openings, closings and reopenings by the log; what was open at each end follows from them."
    ),
)


def by_age(rows: Iterable[Row], now: int, called: Callable[[str], str], order: Mapping[str, int]) -> Table:
    """Open incidents: a row for each status, a column for each age."""
    counts: dict[str, Counter[int]] = {}
    for row in rows:
        days = (now - row.opened) / DAY
        place = next(at for at, (_, most) in enumerate(AGES) if days < most)
        counts.setdefault(row.status, Counter())[place] += 1
    columns = (
        Column(Sentence("status")),
        *(Column(name, Kind.COUNT) for name, _ in AGES),
        Column(Sentence("open"), Kind.COUNT, bar=True),
    )
    ordered = sorted(counts.items(), key=lambda one: order.get(one[0], len(order)))
    lines: tuple[tuple[Cell, ...], ...] = tuple(
        (called(status), *(found[at] for at in range(len(AGES))), found.total()) for status, found in ordered
    )
    sums: Counter[int] = sum(counts.values(), Counter())
    last: tuple[Cell, ...] = ()
    if len(lines) > 1:
        last = (Sentence("together"), *(sums[at] for at in range(len(AGES))), sums.total())
    return Table("open", Sentence("Open now, by age"), columns, lines, last)


def oldest(
    rows: Iterable[Row],
    reference: Callable[[int], str],
    titles: Mapping[int, str],
    now: int,
    status: Callable[[str], str],
    owner: Callable[[str], str],
) -> Table:
    """The oldest open ones."""
    columns = (
        Column(Sentence("incident")),
        Column(Sentence("title")),
        Column(Sentence("status")),
        Column(Sentence("owner")),
        Column(Sentence("open days"), Kind.COUNT),
    )
    found = first_opened(rows)
    lines = tuple(
        (
            reference(one.number),
            titles.get(one.number, ""),
            status(one.status),
            owner(one.owner),
            (now - one.opened) // DAY,
        )
        for one in found
    )
    return Table("oldest", Sentence("The oldest"), columns, lines)


def first_opened(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda one: (one.opened, one.number))[:OLDEST]


# --- the trend


class Moved(NamedTuple):
    """An entry of the log that opened an incident, closed it or opened it again."""

    at: int
    by: int  # what it does to the number of open ones: 1 or -1
    again: bool = False


def steps(span: Period, today: date) -> list[tuple[str, int, int]]:
    """The trend's steps: a name, and from when until before when."""
    last = min(span.last, today)
    local = ZoneInfo(span.zone)
    days = (last - span.first).days + 1
    found, first = [], span.first
    while first <= last:
        following = _following(first, days)
        end = min(following, last + timedelta(days=1))
        name = first.isoformat() if days <= MOST_WEEKS else f"{first:%Y-%m}"
        found.append((name, instant(first, 0, local), instant(end, 0, local)))
        first = following
    return found


def _following(day: date, days: int) -> date:
    if days <= MOST_DAYS:
        return day + timedelta(days=1)
    if days <= MOST_WEEKS:
        return day + timedelta(days=7 - day.weekday())
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def trend(
    moves: Iterable[Moved], parts: Sequence[tuple[str, int, int]], open_now: int, days: int
) -> tuple[Table, Curve]:
    """`moves` from the trend's first moment until now; counted back from what is open now."""
    opened, closed, again, after = [0] * len(parts), [0] * len(parts), [0] * len(parts), 0
    ends = [end for _, _, end in parts]
    for one in moves:
        place = next((at for at, end in enumerate(ends) if one.at < end), len(parts))
        if place == len(parts):
            after += one.by
        elif one.by < 0:
            closed[place] += 1
        elif one.again:
            again[place] += 1
        else:
            opened[place] += 1
    left = [0] * len(parts)
    level = open_now - after
    for at in range(len(parts) - 1, -1, -1):
        left[at] = level
        level -= opened[at] + again[at] - closed[at]
    columns = (
        Column(_step(days)),
        Column(Sentence("opened"), Kind.COUNT),
        Column(Sentence("closed"), Kind.COUNT),
        Column(Sentence("opened again"), Kind.COUNT),
        Column(Sentence("open at the end"), Kind.COUNT, bar=True),
    )
    names = tuple(name for name, _, _ in parts)
    rows = tuple(zip(names, opened, closed, again, left, strict=True))
    last = (Sentence("together"), sum(opened), sum(closed), sum(again), None)
    table = Table("trend", Sentence("Opened and closed"), columns, rows, last)
    lines = (
        (Sentence("opened"), tuple(opened)),
        (Sentence("closed"), tuple(closed)),
        (Sentence("open at the end"), tuple(left)),
    )
    return table, Curve(Sentence("Opened, closed and open"), names, lines)


def _step(days: int) -> str:
    if days <= MOST_DAYS:
        return Sentence("day")
    return Sentence("week from") if days <= MOST_WEEKS else Sentence("month")


def day_of(moment: int, zone: str) -> date:
    local: datetime = (EPOCH + moment * SECOND).astimezone(ZoneInfo(zone))
    return local.date()
