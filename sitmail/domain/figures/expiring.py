"""What of contracts ends soon: their days, their incidents, and what was prepaid."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import NamedTuple

from sitmail.domain.figures.tables import Cell, Column, Kind, Table, share
from sitmail.domain.prepaid import quantity
from sitmail.domain.sentence import Sentence

LITTLE = 0.2  # what is left of a pool, or of what was prepaid, when it runs out
NOTES = (Sentence("Little is left: a fifth, or less. Days are included."),)
Called = Callable[[str], str]


class Contract(NamedTuple):
    """Days are ISO, "" is open.  `incidents` None: any number."""

    id: str
    site: str
    product: str
    last_day: str
    incidents: int | None
    used: int


class Service(NamedTuple):
    """What was prepaid for a contract: minutes, or (`by_incident`) incidents."""

    name: str
    contract: str
    site: str
    amount: int
    used: int
    by_incident: bool
    expires: str


def ending(found: Iterable[Contract], today: date, days: int, site: Called, product: Called) -> Table:
    """Contracts whose last day comes within so many days."""
    until = (today + timedelta(days=days)).isoformat()
    columns = (
        Column(Sentence("contract")),
        Column(Sentence("customer")),
        Column(Sentence("product")),
        Column(Sentence("last day"), Kind.DATE),
        Column(Sentence("days left"), Kind.COUNT),
    )
    some = sorted(
        (one for one in found if one.last_day and today.isoformat() <= one.last_day <= until),
        key=lambda one: (one.last_day, one.id),
    )
    rows = tuple(
        (one.id, site(one.site), product(one.product), last := date.fromisoformat(one.last_day), (last - today).days)
        for one in some
    )
    return Table("contracts", Sentence("Contracts that end"), columns, rows)


def pools(found: Iterable[Contract], today: date, site: Called) -> Table:
    """Contracts in force of whose incidents little is left, the least first."""
    some = [
        one for one in found if one.incidents and _in_force(one.last_day, today) and _little(one.incidents, one.used)
    ]
    rows = (
        (one.id, site(one.site), max(0, one.incidents - one.used), one.incidents, _left(one.incidents, one.used))
        for one in some
        if one.incidents
    )
    return Table("pools", Sentence("Incidents that run out"), _balance(Sentence("contract")), _least_first(rows))


def services(found: Iterable[Service], today: date, days: int, site: Called) -> Table:
    """What was prepaid and runs out, or expires within so many days with something left."""
    until = (today + timedelta(days=days)).isoformat()
    rows = []
    for one in found:
        soon = bool(one.expires) and one.expires <= until and one.used < one.amount
        if not _in_force(one.expires, today) or not one.amount or not (soon or _little(one.amount, one.used)):
            continue
        left = quantity(max(0, one.amount - one.used), by_incident=one.by_incident)
        whole = quantity(one.amount, by_incident=one.by_incident)
        ends = date.fromisoformat(one.expires) if one.expires else None
        rows.append((one.name, site(one.site), left, whole, _left(one.amount, one.used), ends))
    columns = (
        *_balance(Sentence("prepaid"), Kind.TEXT),
        Column(Sentence("last day"), Kind.DATE),
    )
    return Table("prepaid", Sentence("Prepaid services that run out"), columns, _least_first(rows))


def _balance(head: str, kind: Kind = Kind.COUNT) -> tuple[Column, ...]:
    return (
        Column(head),
        Column(Sentence("customer")),
        Column(Sentence("left"), kind),
        Column(Sentence("of"), kind),
        Column(Sentence("share left"), Kind.SHARE, bar=True),
    )


def _least_first(rows: Iterable[tuple[Cell, ...]]) -> tuple[tuple[Cell, ...], ...]:
    return tuple(sorted(rows, key=lambda row: (row[4], str(row[0]))))


def _in_force(last_day: str, today: date) -> bool:
    return not last_day or last_day >= today.isoformat()


def _little(whole: int, used: int) -> bool:
    return _left(whole, used) <= LITTLE


def _left(whole: int, used: int) -> float:
    return share(max(0, whole - used), whole) or 0.0
