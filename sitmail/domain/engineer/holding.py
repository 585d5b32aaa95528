"""`/hold D [firm]`: nothing is done until D, or, if it is not firm, until the customer writes.

It is our pause, so the clocks run on.  When the time is over it is active again (`time_rules`).  What is to be done
next (`/next`) has a time of its own, at which the owner is reminded; the pause goes on.
"""

from __future__ import annotations

from dataclasses import replace

from sitmail.domain import when
from sitmail.domain.engineer.request import Request
from sitmail.domain.incident import NO_HOLD, Incident, Move, Status
from sitmail.domain.sentence import Moment, Sentence

FIRM = "firm"
ENDED = Sentence("your answer ended the hold, as it awaits the customer now; /keep leaves it on hold")
UNTIL_WHEN = Sentence("until when? Write a time behind it, such as /hold 3d or /hold friday 14:00")


def ended(request: Request, after: Incident) -> None:
    """Says to who answers that it is on hold no more, where no line of his says so."""
    if request.words and request.case.incident.holds and not after.holds and not request.status_named:
        request.beside.append(ENDED)


def hold(request: Request, argument: str) -> str:
    request.need_open()
    words = argument.split()
    firm = FIRM in [one.lower() for one in (words[:1] + words[-1:])]
    written = " ".join(one for one in words if one.lower() != FIRM)
    if written.lower() in ("", "until"):
        raise ValueError(UNTIL_WHEN)
    until = when.until(written, request.now, request.zone(), request.calendar())
    held = {**NO_HOLD, "hold_until": until, "hold_firm": firm}
    request.incident = replace(request.incident, status=request.move(Move.SET, Status.ON_HOLD), **held)
    request.status_named = True
    moment = Moment(until, request.zone())
    if firm:
        return Sentence("on hold until %(moment)s, whatever the customer writes; clocks run on", moment=moment)
    return Sentence("on hold until %(moment)s, or until the customer writes; clocks run on", moment=moment)
