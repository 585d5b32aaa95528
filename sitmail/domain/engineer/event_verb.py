"""`/event TYPE [DURATION] TEXT`: something happened, and the log has it.

A small function as in `engineer/verbs`.  What a type means stands in `domain/event_types`.
"""

from __future__ import annotations

from dataclasses import replace

from sitmail.domain.engineer.deferring import bug_fixed
from sitmail.domain.engineer.request import Request
from sitmail.domain.event_types import LoggedEvent, typed
from sitmail.domain.incident import Move
from sitmail.domain.sentence import Moment, Sentence, beside
from sitmail.domain.time_spent import leading, shown
from sitmail.domain.trust import Power
from sitmail.domain.update import Event
from sitmail.domain.waits import FOLLOWED


def event(request: Request, argument: str) -> str:
    if argument.lower().split()[:1] == [str(Event.BUG_FIXED)]:
        return bug_fixed(request, argument)
    if not request.case.incident.open:
        request.need_open()
    kind, rest = typed(request.policy.dictionary.event_types, argument)
    spent = leading(rest, request.calendar())
    if kind.duration_required and not spent.minutes:
        raise ValueError(
            Sentence(
                "how long did it take? write it behind the event type, such as /event %(type)s 15m %(words)s",
                type=kind.id,
                words=spent.words[:40] or "...",
            )
        )
    logged = LoggedEvent(kind, spent.minutes, spent.words)
    request.events.append(logged)
    if kind.visible:
        request.powers.add(Power.ANSWER)
    said = Sentence("logged as '%(type)s'", type=Sentence(kind.name))
    if spent.minutes:
        said = Sentence("logged as '%(type)s', %(time)s", type=Sentence(kind.name), time=shown(spent.minutes))
    return beside(beside(beside(said, _told(request, logged)), _answered(request, logged)), _attempted(request, logged))


def _told(request: Request, logged: LoggedEvent) -> str:
    if not logged.type.visible:
        return ""
    why = request.unheard()
    return Sentence("nobody outside is told: %(why)s", why=why) if why else Sentence("the customer is told")


def _answered(request: Request, logged: LoggedEvent) -> str:
    """A response makes him the owner where nobody is, as an answer by mail does."""
    if not logged.type.counts_as_response or request.incident.owner or not request.first_reply_owns():
        return ""
    status = request.move(Move.TAKEN)
    request.incident = replace(request.incident, owner=request.engineer.id, status=status)
    return Sentence("you are the owner")


def _attempted(request: Request, logged: LoggedEvent) -> str:
    """The customer, for whom we wait, has as long to answer as after a letter that asks."""
    incident = request.incident
    waits = incident.status in FOLLOWED and incident.follow_up_wait > 0
    if not logged.type.counts_as_attempt or not waits or request.resolved:
        return ""
    until = request.calendar().add(request.now, incident.follow_up_wait)
    return Sentence("the customer's answer is awaited until %(moment)s", moment=Moment(until, request.zone()))
