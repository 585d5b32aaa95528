"""Incidents counted by what they have in common: opened, closed, how fast, how many late or opened again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from sitmail.domain.figures.numbers import Meter, median, ninety
from sitmail.domain.figures.tables import Column, Kind, Table, total
from sitmail.domain.sentence import Sentence


class Row(NamedTuple):
    """What a report knows of an incident; moments are seconds since 1970."""

    number: int
    status: str
    priority: str
    owner: str
    site: str
    product: str
    reason: str
    service_level: str
    calendar: str
    opened: int
    closed: int | None
    late: bool
    cycle: int


class Span(NamedTuple):
    """The time that is asked about, from one second to before another, and now, behind which nothing has happened."""

    start: int
    end: int
    now: int

    @property
    def until(self) -> int:
        return min(self.end, self.now)

    def holds(self, moment: int | None) -> bool:
        return moment is not None and self.start <= moment < self.end


@dataclass
class _Group:
    opened: int = 0
    closed: int = 0
    late: int = 0
    again: int = 0
    took: list[int] = field(default_factory=list)


HEADS = (
    Column(Sentence("opened"), Kind.COUNT, bar=True),
    Column(Sentence("closed"), Kind.COUNT),
    Column(Sentence("median to close"), Kind.WORKED),
    Column(Sentence("90 % within"), Kind.WORKED),
    Column(Sentence("late"), Kind.COUNT),
    Column(Sentence("opened again"), Kind.COUNT),
)
NOTES = (
    Sentence("Time to close is working time by each incident's calendar, from opening to the last closing."),
    Sentence("The median is the middle one: half took longer. Nine of ten took the 90 % time or less."),
    Sentence(
        "Late: of those closed, a promise was kept too late. Opened again: of those closed, it had been closed before."
    ),
)


def grouped(
    rows: Iterable[Row],
    keys: Callable[[Row], Iterable[str]],
    span: Span,
    meters: Mapping[str, Meter],
    late: frozenset[int],
    head: tuple[str, str, str],
    called: Callable[[str], str],
) -> Table:
    """A row for each key.  `head`: the name of the table's file, its title, and the head of its first column."""
    groups: dict[str, _Group] = {}
    for row in rows:
        opened, closed = span.holds(row.opened), span.holds(row.closed)
        if not (opened or closed):
            continue
        for key in keys(row):
            group = groups.setdefault(key, _Group())
            group.opened += opened
            if closed and row.closed is not None:
                group.closed += 1
                group.took.append(meters[row.calendar].between(row.opened, row.closed))
                group.late += row.number in late
                group.again += row.cycle > 1
    name, title, first = head
    columns = (Column(first), *HEADS)
    ordered = sorted(groups.items(), key=lambda one: (-one[1].opened, -one[1].closed, str(called(one[0]))))
    lines = tuple(
        (called(key), one.opened, one.closed, median(one.took), ninety(one.took), one.late, one.again)
        for key, one in ordered
    )
    return Table(name, title, columns, lines, _total(columns, lines, groups.values()) if len(lines) > 1 else ())


def _total(columns: tuple[Column, ...], lines: tuple[tuple[object, ...], ...], groups: Iterable[_Group]) -> tuple:  # type: ignore[type-arg]
    took = [one for group in groups for one in group.took]
    sums = total(Sentence("together"), columns, lines, (1, 2, 5, 6))  # type: ignore[arg-type]
    return (*sums[:3], median(took), ninety(took), *sums[5:])
