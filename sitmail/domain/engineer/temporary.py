"""The verbs by which an incident is somebody's for a while (/temp, /colleague, /back), and an engineer is away (/away).

The owner stays the owner.  What happens to the incidents of who is away is decided in `domain/absences`, when the clock
next looks.
"""

from __future__ import annotations

from dataclasses import replace

from sitmail.domain import when
from sitmail.domain.authority import Reach
from sitmail.domain.choices import Choice, named
from sitmail.domain.effects import Away, Back
from sitmail.domain.engineer.request import Request
from sitmail.domain.hours import ROUND_THE_CLOCK
from sitmail.domain.incident import Move, Status
from sitmail.domain.moments import moment
from sitmail.domain.presence import stand_in


def temp(request: Request, argument: str) -> str:
    """Somebody else looks after it for a while."""
    request.need_open()
    name = _give_for_a_while(request, argument)
    request.incident = replace(request.incident, status=request.move(Move.TAKEN))
    return f"{name} looks after it for now; /back ends that"


def colleague(request: Request, argument: str) -> str:
    """A colleague is asked: what is written with it is a note, and a note of his is the answer."""
    request.need_open()
    name = _give_for_a_while(request, argument)
    request.incident = replace(
        request.incident,
        status=request.move(Move.SET, Status.AWAITING_COLLEAGUE),
        next_action="",
        next_action_at=None,
        customer_hold=False,
    )
    request.status_named = True
    request.public = False
    return f"{name} is asked, and looks after it until then"


def back(request: Request, _argument: str) -> str:
    """Gives an incident back to its owner; where there is nothing to give back, its writer is here again."""
    incident = request.incident
    if incident.temporary_owner:
        request.need_open()
        if not request.may_act():
            raise ValueError("it is not yours for a while, so there is nothing to give back")
        asked = incident.status is Status.AWAITING_COLLEAGUE
        status = request.move(Move.SET, Status.ACTIVE) if asked else incident.status
        request.incident = replace(incident, temporary_owner="", status=status)
        return "its owner has it again"
    if request.facts.presence.here(request.engineer.id):
        raise ValueError("nobody has it for a while, and you are not away")
    request.effects.append(Back(request.engineer.id))
    return "you are here again; what happened meanwhile comes in a letter"


def away(request: Request, argument: str) -> str:
    """Its writer is away until a moment."""
    if not argument:
        raise ValueError("until when? write it behind the command, such as /away until friday")
    calendar = request.policy.calendars.get(request.policy.calendar, ROUND_THE_CLOCK)
    until = when.until(argument.strip().removeprefix("until "), request.now, request.zone(), calendar)
    request.effects.append(Away(request.engineer.id, until))
    other = stand_in(request.engineer.id, request.policy, request.facts.presence)
    who = (
        f"{request.policy.engineers[other].name} stands in"
        if other
        else "nobody stands in: you have no substitute here"
    )
    return f"you are away until {moment(until, request.zone())}; {who}. /back ends it"


def needs_presence(request: Request, engineer: str) -> None:
    """Raises ValueError if work is given to somebody who is away by who may not do that."""
    presence, policy = request.facts.presence, request.policy
    if presence.here(engineer) or engineer == request.engineer.id or request.may(Reach.AGAINST_PRESENCE):
        return
    until = moment(presence.away[engineer], request.zone())
    other = stand_in(engineer, policy, presence)
    instead = f"; {policy.engineers[other].name} stands in (/assign {other})" if other else ""
    raise ValueError(
        f"{policy.engineers[engineer].name} is away until {until}{instead}; a manager may assign it all the same"
    )


def _give_for_a_while(request: Request, argument: str) -> str:
    """Makes an engineer the temporary owner; returns his name."""
    if not argument:
        raise ValueError("to whom? write an engineer, such as /temp bob")
    word = argument.strip().lstrip("@")
    engineers = request.policy.engineers
    by_address = next((e.id for e in engineers.values() if word.lower() in e.addresses), "")
    me = request.engineer.id if word.lower() == "me" else ""
    who = me or by_address or named(word, "engineer", [Choice(e.id, e.name) for e in engineers.values()])
    if who == request.incident.owner:
        raise ValueError(f"{engineers[who].name} owns it already")
    needs_presence(request, who)
    owner = request.incident.owner or request.engineer.id
    request.incident = replace(request.incident, owner=owner, temporary_owner=who if who != owner else "")
    return engineers[who].name
