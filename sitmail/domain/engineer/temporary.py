"""The verbs by which an incident is somebody's for a while (/temp, /colleague, /back).  The owner stays the owner."""

from __future__ import annotations

from dataclasses import replace

from sitmail.domain.absence import OPEN_END
from sitmail.domain.authority import Reach
from sitmail.domain.choices import Choice, named
from sitmail.domain.engineer.absence_verbs import here_again
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


def back(request: Request, argument: str) -> str:
    """Gives an incident back to its owner; where there is nothing to give back, its writer is here again."""
    incident = request.incident
    absent_owner = incident.owner == request.engineer.id and not request.facts.presence.here(incident.owner)
    if incident.temporary_owner and not argument and not absent_owner:
        request.need_open()
        if not request.may_act():
            raise ValueError(Sentence("it is not yours for a while, so there is nothing to give back"))
        if not request.facts.presence.here(incident.owner):
            raise ValueError(beside(_away(request, incident.owner), Sentence("/temp WHO gives it to somebody else")))
        asked = incident.status is Status.AWAITING_COLLEAGUE
        status = request.move(Move.SET, Status.ACTIVE) if asked else incident.status
        request.incident = replace(incident, temporary_owner="", status=status)
        return Sentence("its owner has it again")
    return here_again(request, argument.strip())


def needs_presence(request: Request, engineer: str) -> None:
    """Raises ValueError if work is given to somebody who is away, or takes none, by who may not do that."""
    presence, policy = request.facts.presence, request.policy
    if presence.accepts(engineer) or engineer == request.engineer.id or request.may(Reach.AGAINST_PRESENCE):
        return
    said: str = Sentence("%(name)s takes no new work", name=policy.engineers[engineer].name)
    if not presence.here(engineer):
        said = _away(request, engineer)
    other = stand_in(engineer, policy, presence)
    if other:
        instead = Sentence("%(name)s stands in (/assign %(id)s)", name=policy.engineers[other].name, id=other)
        said = beside(said, instead)
    raise ValueError(beside(said, Sentence("a manager may assign it all the same")))


def _away(request: Request, engineer: str) -> Sentence:
    name, until = request.policy.engineers[engineer].name, request.facts.presence.away[engineer]
    if until >= OPEN_END:
        return Sentence("%(name)s is away", name=name)
    return Sentence("%(name)s is away until %(moment)s", name=name, moment=Moment(until, request.zone()))


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
