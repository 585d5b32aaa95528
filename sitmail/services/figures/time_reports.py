"""The report about where the time went (S4-16)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from sqlalchemy import select

from sitmail.domain.figures import time_spent
from sitmail.domain.figures.incidents import Row
from sitmail.domain.figures.numbers import Meter
from sitmail.domain.figures.spells import Spell, spells
from sitmail.domain.figures.tables import Figures, Table
from sitmail.domain.sentence import Sentence
from sitmail.services.figures import rows
from sitmail.services.figures.asking import ORDER, Asking
from sitmail.store.schema import incident

Meters = Callable[[int], Meter]
# How it may be split: the title, the head of the first column, what an incident is split by, and its name.
WAYS: Mapping[str, tuple[str, str, Callable[[Row], str], Callable[[Asking, str], str]]] = {
    "owner": (Sentence("Time by owner"), Sentence("owner"), lambda row: row.owner, Asking.engineer),
    "reason": (
        Sentence("Time by reason"),
        Sentence("reason"),
        lambda row: row.reason,
        lambda asking, key: asking.code("reason", key),
    ),
    "customer": (Sentence("Time by customer"), Sentence("customer"), lambda row: row.site, Asking.site),
    "product": (
        Sentence("Time by product"),
        Sentence("product"),
        lambda row: row.product,
        lambda asking, key: asking.code("product", key),
    ),
}


def make(asking: Asking) -> Figures:
    by = asking.question.by
    found = {row.number: row for row in rows.incidents(asking.connection, *asking.alive)}
    meters = {calendar: asking.meter(calendar) for calendar in {row.calendar for row in found.values()}}

    def meter(number: int) -> Meter:
        return meters[found[number].calendar]

    every = list(spells_of(asking))
    tables = []
    if by in ("", "status"):
        sums = time_spent.sums(every, lambda spell: spell.status, meter)
        tables.append(time_spent.by_status(sums, asking.status, ORDER))
    if by != "status":
        tables.append(_split(asking, by or "owner", found, every, meter))
    return asking.figures(Sentence("Where the time went"), tables, time_spent.NOTES)


def _split(asking: Asking, by: str, found: Mapping[int, Row], every: Iterable[Spell], meter: Meters) -> Table:
    """By whoever owned it at the time, or by what the incident is sorted by now; noted time by who noted it."""
    title, head, of, called = WAYS[by]
    sums = time_spent.sums(every, lambda one: one.owner if by == "owner" else of(found[one.incident]), meter)
    for number, who, minutes in rows.noted(asking.connection, asking.start, asking.until, asking.counted):
        if by == "owner":
            key = who
        elif number in found:
            key = of(found[number])
        else:
            continue
        sums.setdefault(key, time_spent.Sum()).noted += minutes
    return time_spent.split(sums, (f"by-{by}", title, head), lambda key: called(asking, key))


def spells_of(asking: Asking) -> Iterable[Spell]:
    """The spells of all incidents that are counted, within the period and until now."""
    span = asking.span
    return spells(rows.log(asking.connection, *asking.alive), span.start, span.until)


def calendars(asking: Asking) -> Meters:
    """What measures the working time of an incident."""
    query = select(incident.c.number, incident.c.calendar).where(*asking.alive)
    of = {number: asking.meter(calendar) for number, calendar in rows.every(asking.connection, query)}
    return of.__getitem__
