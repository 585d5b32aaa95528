"""`/dup N`: what is asked here is asked in incident N already, so that this one is closed (behaviour 3.5).

Its customers read that it is closed, and nothing of the other's.  Those of the same site take part in the other from
now on, where its mailbox lets colleagues read along.
"""

from __future__ import annotations

from sitmail.domain.decision_builder import customers
from sitmail.domain.effects import Enrol
from sitmail.domain.engineer.linking import add_link, other_incident
from sitmail.domain.engineer.request import Request
from sitmail.domain.engineer.verbs import close
from sitmail.domain.facts import Case
from sitmail.domain.joining import no_reader, of_the_site
from sitmail.domain.links import LinkKind, of_kind
from sitmail.domain.people import Person
from sitmail.domain.policy import Policy
from sitmail.domain.sentence import Sentence, beside, listed

CLOSED_AS = "duplicate"


def dup(request: Request, argument: str) -> str:
    """`/dup N`."""
    request.need_open()
    other = other_incident(request, argument)
    stands_alone(request, other)
    close(request, CLOSED_AS)
    request.goes_on = other.incident.open
    linked = add_link(request, LinkKind.DUPLICATE, other)
    if not other.incident.open:
        return beside(linked, Sentence("that one is closed, so that nobody was added to it"))
    joining = may_join(request.case, other, request.policy)
    request.joins += [Enrol(other.incident.number, person, "participant") for person in joining]
    if not joining:
        return linked
    names = listed([person.address for person in joining])
    return beside(linked, Sentence("takes part there from now on: %(names)s", names=names))


def stands_alone(request: Request, other: Case) -> None:
    """Raises ValueError with a sentence: nothing is the duplicate of a duplicate, and nobody's parent is one."""
    number, reference = request.case.incident.number, request.policy.reference
    name = reference(other.incident.number)
    for end, says in _OF_ANOTHER:
        if found := of_kind(other.links, other.incident.number, end):
            raise ValueError(Sentence(says.message, incident=name, other=reference(found[0])))
    for end, says in _WITH_OTHERS:
        if found := of_kind(request.case.links, number, end):
            raise ValueError(Sentence(says.message, other=reference(found[0])))


_OF_ANOTHER = (
    ("merged-into", Sentence("%(incident)s was merged into %(other)s; name that one")),
    ("duplicate-of", Sentence("%(incident)s is a duplicate of %(other)s itself; name that one")),
)
_WITH_OTHERS = (
    ("duplicate", Sentence("others are duplicates of it, such as %(other)s; make the other one a duplicate of it")),
    ("child", Sentence("it is the parent of others, such as %(other)s; /parent in these comes first")),
)


def may_join(case: Case, other: Case, policy: Policy) -> list[Person]:
    """The customers of an incident who may take part in another: of its site, and not there yet."""
    if policy.mailbox(other.incident.mailbox).cc == "none":
        return []
    return [
        party.person
        for party in customers(case)
        if other.party(party.person) is None
        and not no_reader(party.person.address, party.person, policy)
        and of_the_site(party.person.address, party.person, other, policy)
    ]
