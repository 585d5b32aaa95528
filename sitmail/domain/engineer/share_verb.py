"""`/share N#K`: an internal update becomes public, and is sent to contact and participants (behaviour 3).

It wants a yes each time, by a letter that shows the very words and names who reads them: a wrong number would give away
what was never meant for customers.  The update stays as it is; the answer, and who shared what, stand beside it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sitmail.domain.decision_builder import DecisionBuilder
from sitmail.domain.effects import Log
from sitmail.domain.engineer.request import Request
from sitmail.domain.merging import with_merged
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.policy import NOTHING
from sitmail.domain.sentence import Sentence, beside
from sitmail.domain.shareable import refusal
from sitmail.domain.update import Direction, Event, LegKind

VERB = "share"
_UPDATE = re.compile(r"(?:\[?(?:[A-Za-z]{2,10}-)?([0-9]{1,9})\]?)?\s*#([0-9]{1,9})\Z", re.ASCII)
WHICH = Sentence("which update? write its number behind the verb, as in /share 12#5; every letter names them")
NO_SUCH = Sentence("there is no such update")


def incident_named(argument: str) -> int:
    """The incident whose update a line `/share 12#5` names; 0 where it names none."""
    found = _UPDATE.fullmatch(argument.strip())
    return int(found[1]) if found and found[1] else 0


def share(request: Request, argument: str) -> str:
    request.need_open()
    found = _UPDATE.fullmatch(argument.strip())
    if found is None:
        raise ValueError(WHICH)
    number = int(found[1] or request.case.incident.number)
    update = request.facts.shareable.get((number, int(found[2])))
    if number not in with_merged(request.case.incident.number, request.facts.cases) or update is None:
        raise ValueError(NO_SUCH)
    if why := refusal(update) or request.unheard():
        raise ValueError(why)
    if update in request.shared:
        raise ValueError(Sentence("it is named twice"))
    request.shared.append(update)
    request.standard.append(update.text.strip())
    names = ", ".join(person.name or person.address for person in request.readers())
    says = Sentence("%(update)s is public, and is sent to %(names)s", update=update.id, names=names)
    files = ", ".join(update.files)
    return beside(says, Sentence("its files are not sent: %(files)s", files=files)) if files else says


def question_of(requests: Sequence[Request]) -> Mapping[str, Any]:
    """What a question about such a mail shows besides: the words, and who reads them."""
    shared = [
        [one.id, [person.name or person.address for person in request.readers()], one.text.strip(), list(one.files)]
        for request in requests
        for one in request.shared
    ]
    return {"shared": shared} if shared else NOTHING


def entries(builder: DecisionBuilder, request: Request) -> list[Log]:
    """Who made what public stands in the log, for staff."""
    number, proof = request.case.incident.number, builder.facts.proof.label
    entry = Log(number, LegKind.INTERNAL, Event.CHANGED, Direction.NONE, request.actor, proof=proof)
    return [replace(entry, text=f"made public: {one.id}") for one in request.shared]


def tell_authors(builder: DecisionBuilder, request: Request, logs: Sequence[int]) -> None:
    """Colleagues whose notes became public see what customers read."""
    for one in request.shared:
        author, actor = one.author, request.actor
        if author is not None and author.key in builder.facts.staff and author.id != actor.id:
            builder.tell(author, NoticePurpose.ANSWER_COPY, request.case.incident.number, *logs[:1], by=actor.name)
