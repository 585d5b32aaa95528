"""The report about one incident (S4-15): its facts, its history with a snapshot at each change (S4-17), its spells."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sitmail.domain.figures.numbers import Meter
from sitmail.domain.figures.spells import CLOSED
from sitmail.domain.figures.tables import Column, Kind, Table
from sitmail.domain.hours import EPOCH, SECOND
from sitmail.domain.sentence import Moment, Sentence


class Change(NamedTuple):
    """An entry of the log that changed status or owner, with how it stood then, and until when."""

    number: int
    at: int
    until: int
    status: str
    owner: str
    by: str
    event: str


class Logged(NamedTuple):
    """An entry of the log: status and owner after it, who wrote it, and the minutes that it notes."""

    number: int
    at: int
    status: str
    owner: str
    by: str
    event: str
    minutes: int = 0


def changes(log: Sequence[Logged], now: int) -> list[Change]:
    """The entries after which status or owner were others, each until the next."""
    found: list[Logged] = []
    for one in log:
        if not found or (one.status, one.owner) != (found[-1].status, found[-1].owner):
            at = max([one.at, *(before.at for before in found[-1:])])  # moments never go backwards
            found.append(one._replace(at=at))
    ends = [*(one.at for one in found[1:]), max([now, *(one.at for one in found[-1:])])]
    return [
        Change(one.number, one.at, end, one.status, one.owner, one.by, one.event)
        for one, end in zip(found, ends, strict=True)
    ]


def history(found: Sequence[Change], meter: Meter, status: Callable[[str], str], owner: Callable[[str], str]) -> Table:
    """A snapshot at each change: when, by whom, what was then, and for how long."""
    columns = (
        Column(Sentence("since"), Kind.MOMENT),
        Column(Sentence("status")),
        Column(Sentence("owner")),
        Column(Sentence("by whom")),
        Column(Sentence("working time"), Kind.WORKED),
        Column(Sentence("wall time"), Kind.WALL),
    )
    rows = tuple(
        (
            moment(one.at),
            status(one.status),
            owner(one.owner),
            one.by,
            None if one.status == CLOSED else meter.between(one.at, one.until),
            None if one.status == CLOSED else one.until - one.at,
        )
        for one in found
    )
    return Table("history", Sentence("History"), columns, rows, shown=80)


FACTS = "facts"


def facts(values: Sequence[tuple[str, str | int | Moment]]) -> Table:
    """Names and values; a value that is "" is left out."""
    columns = (Column(Sentence("what")), Column(Sentence("value")))
    return Table(FACTS, Sentence("Facts"), columns, tuple((name, value) for name, value in values if value != ""))


def noted(log: Sequence[Logged]) -> Table:
    """The time that engineers noted, by who did."""
    minutes: dict[str, int] = {}
    for one in log:
        if one.minutes:
            minutes[one.by] = minutes.get(one.by, 0) + one.minutes
    columns = (Column(Sentence("engineer")), Column(Sentence("time noted"), Kind.WALL, bar=True))
    rows = tuple((who, 60 * some) for who, some in sorted(minutes.items(), key=lambda one: (-one[1], one[0])))
    return Table("noted", Sentence("Time noted"), columns, rows)


def targets(stands: Sequence[Mapping[str, object]], called: Callable[[str], str]) -> Table:
    """What was promised, and how it stands."""
    columns = (
        Column(Sentence("target")),
        Column(Sentence("state")),
        Column(Sentence("due"), Kind.MOMENT),
        Column(Sentence("kept"), Kind.MOMENT),
    )
    rows = tuple((called(str(one["target"])), called(str(one["state"])), one["due"], one["met"]) for one in stands)
    return Table("promises", Sentence("Promises"), columns, rows)  # type: ignore[arg-type]


def moment(at: int) -> datetime:
    return EPOCH + at * SECOND
