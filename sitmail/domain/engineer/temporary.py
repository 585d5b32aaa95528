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
from sitmail.domain.incident import Move, Status
from sitmail.domain.presence import stand_in
from sitmail.domain.sentence import Moment, Sentence, beside


def temp(request: Request, argument: str) -> str:
    """Somebody else looks after it for a while."""
    request.need_open()
    name = _give_for_a_while(request, argument)
    request.incident = replace(request.incident, status=request.move(Move.TAKEN))
    return Sentence("%(name)s looks after it for now; /back ends that", name=name)


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
    return Sentence("%(name)s is asked, and looks after it until then", name=name)


def back(request: Request, _argument: str) -> str:
    """Gives an incident back to its owner; where there is nothing to give back, its writer is here again."""
    incident = request.incident
    if incident.temporary_owner:
        request.need_open()
        if not request.may_act():
            raise ValueError(Sentence("it is not yours for a while, so there is nothing to give back"))
        asked = incident.status is Status.AWAITING_COLLEAGUE
        status = request.move(Move.SET, Status.ACTIVE) if asked else incident.status
        request.incident = replace(incident, temporary_owner="", status=status)
        return Sentence("its owner has it again")
    if request.facts.presence.here(request.engineer.id):
        raise ValueError(Sentence("nobody has it for a while, and you are not away"))
    request.effects.append(Back(request.engineer.id))
    return Sentence("you are here again; what happened meanwhile comes in an email")


def away(request: Request, argument: str) -> str:
    """Its writer is away until a moment."""
    if not argument:
        raise ValueError(Sentence("until when? write it behind the command, such as /away until friday"))
    calendar = request.policy.calendar_named("")
    until = when.until(argument.strip().removeprefix("until "), request.now, request.zone(), calendar)
    request.effects.append(Away(request.engineer.id, until))
    other = stand_in(request.engineer.id, request.policy, request.facts.presence)
    at = Moment(until, request.zone())
    if not other:
        return Sentence(
            "you are away until %(moment)s; nobody stands in: you have no substitute here. /back ends it", moment=at
        )
    name = request.policy.engineers[other].name
    return Sentence("you are away until %(moment)s; %(name)s stands in. /back ends it", moment=at, name=name)


def needs_presence(request: Request, engineer: str) -> None:
    """Raises ValueError if work is given to somebody who is away by who may not do that."""
    presence, policy = request.facts.presence, request.policy
    if presence.here(engineer) or engineer == request.engineer.id or request.may(Reach.AGAINST_PRESENCE):
        return
    name, until = policy.engineers[engineer].name, Moment(presence.away[engineer], request.zone())
    other = stand_in(engineer, policy, presence)
    said: str = Sentence("%(name)s is away until %(moment)s", name=name, moment=until)
    if other:
        instead = Sentence("%(name)s stands in (/assign %(id)s)", name=policy.engineers[other].name, id=other)
        said = beside(said, instead)
    raise ValueError(beside(said, Sentence("a manager may assign it all the same")))


def _give_for_a_while(request: Request, argument: str) -> str:
    """Makes an engineer the temporary owner; returns his name."""
    if not argument:
        raise ValueError(Sentence("to whom? write an engineer, such as /temp bob"))
    word = argument.strip().lstrip("@")
    engineers = request.policy.engineers
    by_address = next((e.id for e in engineers.values() if word.lower() in e.addresses), "")
    me = request.engineer.id if word.lower() == "me" else ""
    who = me or by_address or named(word, Sentence("engineer"), [Choice(e.id, e.name) for e in engineers.values()])
    if who == request.incident.owner:
        raise ValueError(Sentence("%(name)s owns it already", name=engineers[who].name))
    needs_presence(request, who)
    owner = request.incident.owner or request.engineer.id
    request.incident = replace(request.incident, owner=owner, temporary_owner=who if who != owner else "")
    return engineers[who].name
