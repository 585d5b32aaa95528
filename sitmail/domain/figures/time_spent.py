"""Where the time of incidents went (S4-16): in which status, with whom, waiting for whom, and how much was noted.

`Spell`s are added up; working time is that of each incident's calendar.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from sitmail.domain.figures.numbers import Meter
from sitmail.domain.figures.spells import Spell
from sitmail.domain.figures.tables import Cell, Column, Kind, Table, share, total
from sitmail.domain.sentence import Sentence

NOTES = (
    Sentence(
        "Working time is counted by each incident's calendar, wall time round the clock; closed incidents take none."
    ),
    Sentence(
        "Waiting for the customer: the statuses in which his answer is awaited, and on hold where he asked for it."
    ),
    Sentence("Time noted is what engineers wrote behind /time and /event."),
)


@dataclass
class Sum:
    """What spells add up to, in seconds; `noted` are minutes."""

    incidents: set[int] = field(default_factory=set)
    worked: int = 0
    wall: int = 0
    customer: int = 0
    vendor: int = 0
    noted: int = 0


def sums(spells: Iterable[Spell], key: Callable[[Spell], str], calendar: Callable[[int], Meter]) -> dict[str, Sum]:
    """By key; `calendar` measures the working time of an incident."""
    found: dict[str, Sum] = {}
    for spell in spells:
        one = found.get(name := key(spell))
        if one is None:
            one = found[name] = Sum()
        worked = calendar(spell.incident).between(spell.begin, spell.end)
        one.incidents.add(spell.incident)
        one.worked += worked
        one.wall += spell.end - spell.begin
        if spell.for_customer:
            one.customer += worked
        elif spell.for_vendor:
            one.vendor += worked
    return found


def by_status(found: Mapping[str, Sum], called: Callable[[str], str], order: Mapping[str, int]) -> Table:
    """How long incidents were in each status."""
    columns = (
        Column(Sentence("status")),
        Column(Sentence("incidents"), Kind.COUNT),
        Column(Sentence("working time"), Kind.WORKED),
        Column(Sentence("wall time"), Kind.WALL),
        Column(Sentence("share of working time"), Kind.SHARE, bar=True),
    )
    whole = sum(one.worked for one in found.values())
    rows = tuple(
        (called(key), len(one.incidents), one.worked, one.wall, share(one.worked, whole))
        for key, one in sorted(found.items(), key=lambda each: order.get(each[0], len(order)))
    )
    every: set[int] = set().union(*(one.incidents for one in found.values())) if found else set()
    sums_up = total(Sentence("together"), columns, rows, (2, 3))
    last: tuple[Cell, ...] = (sums_up[0], len(every), *sums_up[2:4], 1.0 if whole else None) if len(rows) > 1 else ()
    return Table("time-by-status", Sentence("Time in each status"), columns, rows, last)


def split(found: Mapping[str, Sum], head: tuple[str, str, str], called: Callable[[str], str]) -> Table:
    """Working time by something else.  `head`: the name of the table's file, its title, its first column."""
    columns = (
        Column(head[2]),
        Column(Sentence("incidents"), Kind.COUNT),
        Column(Sentence("working time"), Kind.WORKED, bar=True),
        Column(Sentence("waiting for customer"), Kind.WORKED),
        Column(Sentence("waiting for vendor"), Kind.WORKED),
        Column(Sentence("time noted"), Kind.WALL),
    )
    ordered = sorted(found.items(), key=lambda one: (-one[1].worked, -one[1].noted, str(called(one[0]))))
    rows = tuple(
        (called(key), len(one.incidents), one.worked, one.customer, one.vendor, 60 * one.noted) for key, one in ordered
    )
    every: set[int] = set().union(*(one.incidents for one in found.values())) if found else set()
    sums_up = total(Sentence("together"), columns, rows, (2, 3, 4, 5))
    last: tuple[Cell, ...] = (sums_up[0], len(every), *sums_up[2:]) if len(rows) > 1 else ()
    return Table(head[0], head[1], columns, rows, last)
