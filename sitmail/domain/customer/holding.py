"""A customer's `/hold until D`: we pause because he asked, so clocks stand still, and whatever he writes ends it.

It stops the clocks of what we promised, so that it needs as much proof as to confirm a closure.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sitmail.domain import when
from sitmail.domain.customer.notices import seen_by_customers, tell_customers
from sitmail.domain.customer.participants import UNPROVEN
from sitmail.domain.customer.request import CustomerRequest, Missing
from sitmail.domain.decision_builder import customers
from sitmail.domain.incident import NO_HOLD, Move, Status, moved
from sitmail.domain.sentence import Moment, Sentence
from sitmail.domain.who_is_told import Happening

UNTIL_WHEN = Sentence("until when? Write a date behind the line, such as /hold until friday")
CLOSED = Sentence("it is closed, so there is nothing to pause")
NOT_HERE = Sentence("this desk does not pause by a line; please write it in your own words")


def hold(request: CustomerRequest, argument: str) -> None:
    """Raises ValueError with a sentence for the writer, `Missing` where he has not said until when."""
    builder, incident = request.builder, request.incident
    if argument.strip().lower() in ("", "until"):
        raise Missing(UNTIL_WHEN)
    if not incident.open and request.words:
        raise ValueError(CLOSED)  # his words open it again
    if not incident.open:
        request.refused.append((f"/hold {argument}", CLOSED))
        return
    if not request.may_close():
        raise ValueError(UNPROVEN)
    until = _until(request, argument)
    zone = request.person.timezone or builder.policy.timezone
    if request.held_firmly and incident.hold_until is not None and incident.hold_until >= until:
        there = Moment(incident.hold_until, zone)
        request.done.append(Sentence("It is paused until %(moment)s already.", moment=there))
        return
    to = moved(incident.status, Move.SET, Status.ON_HOLD) or incident.status
    asked = {**NO_HOLD, "customer_hold": True, "hold_until": until, "next_action": "", "next_action_at": None}
    request.incident = incident.having(status=to, **asked)
    request.reason = "the customer asked us to pause"
    request.done.append(
        Sentence(
            "We pause until %(moment)s. Whatever you write before that ends the pause.", moment=Moment(until, zone)
        )
    )


def _until(request: CustomerRequest, argument: str) -> datetime:
    """The moment, within the days that the desk allows.  Raises ValueError with a sentence."""
    builder = request.builder
    policy, days = builder.policy, builder.policy.closing.hold_days
    if not days:
        raise ValueError(NOT_HERE)
    zone = request.person.timezone or policy.timezone
    until = when.until(argument, builder.now, zone, policy.calendar_named(request.incident.calendar))
    if until > builder.now + timedelta(days=days):
        raise ValueError(Sentence("%(days)s days at most; write a nearer date, such as /hold until friday", days=days))
    return until


def tell_of_pause(request: CustomerRequest) -> None:
    """The other customers hear of it; who reads words of his reads it there."""
    before, after = request.case.incident, request.incident
    if not after.customer_hold or after.hold_until == before.hold_until:
        return
    gone = {request.person.id, *(person.id for person in request.left)}
    others = [party.person for party in customers(request.case) if party.person.id not in gone]
    seen = seen_by_customers(before, after, request.builder.policy)
    tell_customers(request.builder, others, Happening.STATUS_CHANGED, after, **seen)
