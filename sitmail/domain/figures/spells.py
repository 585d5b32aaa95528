"""Spells: from when until when an incident had a status and an owner, as its log says.

One fold over the log, for all reports.  Moments never go backwards, whatever the log says; what lies outside of the
time that is asked about is cut off; time in which it is closed is no spell.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sitmail.domain.incident import Status

CLOSED = str(Status.CLOSED)
ON_HOLD = str(Status.ON_HOLD)
FOR_CUSTOMER = frozenset(map(str, (Status.AWAITING_CUSTOMER, Status.AWAITING_CLOSURE, Status.LEFT_MESSAGE)))
FOR_VENDOR = frozenset({str(Status.AWAITING_VENDOR)})


class Entry(NamedTuple):
    """What an entry of the log leaves behind: at which second, and status and owner after it."""

    incident: int
    at: int
    status: str
    owner: str
    customer_hold: bool = False


class Spell(NamedTuple):
    incident: int
    begin: int
    end: int
    status: str
    owner: str
    customer_hold: bool = False

    @property
    def for_customer(self) -> bool:
        """Whether we waited for the customer, or paused because he asked."""
        return self.status in FOR_CUSTOMER or (self.status == ON_HOLD and self.customer_hold)

    @property
    def for_vendor(self) -> bool:
        return self.status in FOR_VENDOR


def spells(log: Iterable[Entry], start: int, end: int) -> Iterator[Spell]:
    """Of logs one after the other, each in its order, what lies between two moments."""
    number, begin, status, owner, held = 0, 0, CLOSED, "", False
    for incident, at, new, now_owner, now_held in log:
        if incident != number:
            if status != CLOSED and begin < end:
                yield Spell(number, begin, end, status, owner, held)
            number, begin, status, owner, held = incident, max(at, start), new, now_owner, now_held
            continue
        if new == status and now_owner == owner and now_held == held:
            continue
        moment = max(at, begin)
        if status != CLOSED and begin < (until := min(moment, end)):
            yield Spell(number, begin, until, status, owner, held)
        begin, status, owner, held = moment, new, now_owner, now_held
    if status != CLOSED and begin < end:
        yield Spell(number, begin, end, status, owner, held)
