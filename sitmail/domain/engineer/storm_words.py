"""What an engineer says on the parent of a storm leaves to the customer of each child, each in a thread of his own.

A child gets the words as an answer of its own, with its own status; so the mail acts on as many incidents, and needs
the yes that this needs (behaviour 7).  No customer learns of another: what names one of them stops the mail.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from sitmail.domain.authority import acts_on
from sitmail.domain.engineer.children import asked_now, is_over_now
from sitmail.domain.engineer.request import Request
from sitmail.domain.facts import Case, Facts
from sitmail.domain.leak_guard import SHOWN, TELLING
from sitmail.domain.links import of_kind
from sitmail.domain.policy import Policy
from sitmail.domain.sentence import Sentence
from sitmail.domain.storm import CHANNEL
from sitmail.domain.word_runs import shared_runs, squeezed

NAMED = Sentence("the other customers would read that; take it out")
SAID = Sentence("a customer wrote that about %(incident)s, and the others would read it; say it in words of your own")
SHORT = 4  # letters: a shorter name may be any word


def with_children(requests: Sequence[Request]) -> list[Request]:
    """The requests, each followed by those of the children to whose customers its words leave, too."""
    found: list[Request] = []
    for request in requests:
        found.append(request)
        found += [_part(request, case) for case in request.children]
    return found


def find_children(request: Request) -> None:
    """Notes which incidents its words leave to, and that the next step stays with us."""
    incident = request.case.incident
    if incident.channel != CHANNEL or not request.words:
        return
    numbers = of_kind(request.case.links, incident.number, "child")
    there = (request.facts.cases[number] for number in numbers if number in request.facts.cases)
    open_ = [case for case in there if case.incident.open and acts_on(request.engineer, case.incident)]
    request.children = tuple(case for case in open_ if _part(request, case).readers())
    request.keep = request.keep or bool(request.children)


def _part(request: Request, case: Case) -> Request:
    part = Request(
        case, request.actor, request.engineer, request.facts, request.policy, request.now, case.incident, part=True
    )
    part.words, part.attachments = request.words, request.attachments
    if is_over_now(request.case.incident, request.incident):
        part.incident = asked_now(case.incident, request.incident)
        part.status_named = part.incident is not case.incident
    return part


def wrong(request: Request) -> Iterator[tuple[str, str]]:
    """What in its words belongs to one of the customers alone, each with the sentence that refuses it."""
    if len(request.children) > 1:
        yield from belongs_to_one(
            request.words, request.incident.title, request.children, request.facts, request.policy
        )


def belongs_to_one(
    words: str, title: str, cases: Sequence[Case], facts: Facts, policy: Policy
) -> Iterator[tuple[str, str]]:
    """What in words for the customers of all these incidents belongs to one of them; the title is no secret."""
    for name in dict.fromkeys(_names(cases, policy)):
        if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", words, re.IGNORECASE):
            yield name, NAMED
    lines, known_to_all = words.split("\n"), squeezed(title)
    for case in cases:
        number = case.incident.number
        known = squeezed(facts.storms.said.get(number, ""))
        for run in shared_runs(lines, known, known_to_all) if known else ():
            if run.telling >= TELLING:
                yield run.words[:SHOWN], Sentence(SAID.message, incident=policy.reference(number))


def _names(cases: Sequence[Case], policy: Policy) -> Iterator[str]:
    """References, people with their addresses, and sites where the incidents are of several."""
    sites = {case.site.name or case.site.id for case in cases if case.site}
    for case in cases:
        yield policy.reference(case.incident.number).strip("[]")
        for party in case.parties:
            if not party.person.staff:
                yield from (one for one in (party.person.name, *party.person.addresses) if len(one) >= SHORT)
    yield from (one for one in sorted(sites) if len(sites) > 1 and len(one) >= SHORT)
