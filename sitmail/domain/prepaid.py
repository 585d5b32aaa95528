"""Prepaid services of contracts: what is drawn from them when an incident is closed (behaviour 5).

Pure.  A service holds an amount of time, counted in minutes, or a number of incidents.  What a closing demands is what
the incident comes to now, less what earlier closings came to; below 0 it is given back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sitmail.domain.record import record
from sitmail.domain.sentence import Sentence
from sitmail.domain.time_spent import shown

REFUSE, WARN, ALLOW = "refuse", "warn", "allow"  # what becomes of a demand that is more than what is left
DRAWN, WAITING, REFUSED, REPLACED = "drawn", "waiting", "refused", "replaced"  # states of a bill


@record
class Prepaid:
    """How it is counted.  Periods are minutes: time is rounded up to whole ones, an engineer's and then the customer's.

    `approve`: nothing is drawn before a manager said yes.  `tell_customer`: who reads that an incident is closed reads
    how much time was spent.
    """

    engineer_period: int = 1
    customer_period: int = 1
    overdraft: str = WARN
    approve: bool = False
    tell_customer: bool = False


@record
class Service:
    """`amount` that was paid for, `used` of it: minutes, or (`by_incident`) incidents.  Days are ISO, "" is open."""

    id: str
    contract: str
    name: str
    amount: int
    used: int = 0
    by_incident: bool = False
    starts: str = ""
    expires: str = ""
    rate: str = ""  # the price of an hour, or of an incident, as it is written
    order: str = ""  # the customer's

    @property
    def left(self) -> int:
        return self.amount - self.used

    def valid(self, day: str) -> bool:
        return self.starts <= day and (not self.expires or day <= self.expires)


@record
class Bill:
    """What a closing came to: minutes, or (`by_incident`) incidents; below 0 it was given back."""

    contract: str
    by_incident: bool
    amount: int


@record
class Draw:
    """From a service, or (below 0) back to it."""

    service: str
    amount: int


@record
class Settled:
    """The draws of a demand, and what of it could not be drawn: `short` where nothing may be overdrawn.

    `overdrawn` are the services of which less than nothing is left by it.
    """

    draws: tuple[Draw, ...] = ()
    short: int = 0
    overdrawn: tuple[str, ...] = ()


def rounded_up(minutes: int, period: int) -> int:
    return -(-minutes // period) * period


def billed(spent: Iterable[int], engineer_period: int, customer_period: int) -> int:
    """What the minutes of each engineer come to: those of each are rounded up, and then their sum.

    An engineer who took back more than he noted took it from his colleagues.
    """
    each = [rounded_up(minutes, engineer_period) if minutes > 0 else minutes for minutes in spent]
    return rounded_up(max(0, sum(each)), customer_period)


def in_order(services: Iterable[Service], day: str) -> list[Service]:
    """Those that are valid on that day, in the order in which they are drawn from: what ends first comes first."""
    return sorted(
        (one for one in services if one.valid(day)), key=lambda one: (not one.expires, one.expires, one.starts, one.id)
    )


def demand(
    services: Iterable[Service], contract: str, before: Sequence[Bill], minutes: int, day: str, duplicate: bool = False
) -> Bill | None:
    """What is still to be drawn under that contract; None: nothing.  `minutes` is what `billed` says.

    It is counted by time or by incident as it was before, else as the first service with something left; a `duplicate`
    is no incident of its own.
    """
    mine = [one for one in before if one.contract == contract]
    valid = in_order(services, day)
    if mine:
        by_incident = mine[-1].by_incident
    else:
        first = next((one for one in valid if one.left > 0), valid[0] if valid else None)
        by_incident = first is not None and first.by_incident
    wanted = int(not duplicate) if by_incident else minutes
    amount = wanted - sum(one.amount for one in mine if one.by_incident == by_incident)
    return Bill(contract, by_incident, amount) if amount else None


def settle(bill: Bill, services: Sequence[Service], drawn: Sequence[Draw], overdraft: str, day: str) -> Settled:
    """How a bill is drawn.  `drawn` is what the incident drew from each of these services, the first before the others.

    Given back is to where it was drawn last, and never more than was drawn.
    """
    if bill.amount < 0:
        return _given_back(-bill.amount, [one for one in drawn if one.amount > 0])
    valid = [one for one in in_order(services, day) if one.by_incident == bill.by_incident]
    wanted, draws = bill.amount, []
    for one in valid:
        if (part := min(max(0, one.left), wanted)) > 0:
            draws.append(Draw(one.id, part))
            wanted -= part
    if not wanted or not valid or overdraft == REFUSE:
        return Settled(tuple(draws), wanted)
    last = valid[-1].id
    before = next((one.amount for one in draws if one.service == last), 0)
    draws = [*(one for one in draws if one.service != last), Draw(last, before + wanted)]
    return Settled(tuple(draws), overdrawn=(last,))


def _given_back(amount: int, drawn: Sequence[Draw]) -> Settled:
    draws = []
    for one in reversed(drawn):
        if (part := min(one.amount, amount)) > 0:
            draws.append(Draw(one.service, -part))
            amount -= part
    return Settled(tuple(draws))


def quantity(amount: int, *, by_incident: bool) -> str:
    """`1h 30m`, or `1 incident`."""
    if not by_incident:
        return shown(amount)
    if amount == 1:
        return Sentence("%(count)s incident", count=amount)
    return Sentence("%(count)s incidents", count=amount)


def used_up(services: Iterable[Service], day: str) -> bool:
    """Whether a contract with prepaid services has nothing left of them on that day."""
    some = list(services)
    return bool(some) and not any(one.left > 0 for one in some if one.valid(day))
