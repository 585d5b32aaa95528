"""What engineers say about links between incidents: `/parent`, and what every such verb needs (behaviour 3.5).

Both incidents get an entry in their log, and the staff of both hear of it.  A parent has no parent: so nothing goes
round in a circle, and closing it asks its children alone.
"""

from __future__ import annotations

from sitmail.domain.authority import acts_on
from sitmail.domain.decision_builder import DecisionBuilder, staff_of
from sitmail.domain.effects import Effect, Log
from sitmail.domain.engineer.request import Request
from sitmail.domain.facts import Case
from sitmail.domain.link_effects import AddLink, EndLink
from sitmail.domain.links import ENDS, Link, Linked, LinkKind, called, of_kind
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.nouns import ONE_INCIDENT
from sitmail.domain.sentence import Sentence
from sitmail.domain.update import Direction, Event, LegKind

NONE = frozenset({"", "-", "none", "keiner", "kein", "aucun"})
# What is so from now on, by what the other end is.
_BEGUN = {
    "parent": Sentence("its parent is %(incident)s"),
    "child": Sentence("it is the parent of %(incident)s"),
    "bug": Sentence("the bug %(incident)s is linked to it"),
    "order": Sentence("the order %(incident)s is linked to it"),
    "feature": Sentence("the feature %(incident)s is linked to it"),
    "url": Sentence("the page %(incident)s is linked to it"),
}
_ENDED = {
    "parent": Sentence("its parent is %(incident)s no more"),
    "child": Sentence("it is the parent of %(incident)s no more"),
    "bug": Sentence("the bug %(incident)s is linked to it no more"),
    "order": Sentence("the order %(incident)s is linked to it no more"),
    "feature": Sentence("the feature %(incident)s is linked to it no more"),
    "url": Sentence("the page %(incident)s is linked to it no more"),
}
ITSELF = Sentence("that is its own number")


def parent(request: Request, argument: str) -> str:
    """`/parent N`; without a number it has none from now on."""
    request.need_open()
    before = next((one for one in request.case.links if one.end(request.case.incident.number) == "parent"), None)
    if argument.strip().lower() in NONE:
        if before is None:
            raise ValueError(Sentence("it has no parent"))
        return end_link(request, before)
    other = other_incident(request, argument)
    name = request.policy.reference(other.incident.number)
    if before is not None and before.other == other.incident.number:
        return Sentence("its parent is %(incident)s already", incident=name)
    _may_be_parent(request, other, name)
    if before is not None:
        end_link(request, before)
    return add_link(request, LinkKind.PARENT, other)


def _may_be_parent(request: Request, other: Case, name: str) -> None:
    """Raises ValueError with a sentence: a parent is open, and stands on top."""
    reference = request.policy.reference
    if not other.incident.open:
        raise ValueError(Sentence("%(incident)s is closed, and nobody works on it; a parent is open", incident=name))
    if above := of_kind(other.links, other.incident.number, "parent"):
        raise ValueError(
            Sentence("%(incident)s has a parent itself; name %(parent)s", incident=name, parent=reference(above[0]))
        )
    if below := of_kind(request.case.links, request.case.incident.number, "child"):
        raise ValueError(
            Sentence("it is the parent of others, such as %(child)s, and can have none", child=reference(below[0]))
        )


# --- what every verb about links needs


def other_incident(request: Request, argument: str) -> Case:
    """The incident that a verb names, on which its writer may act, too.

    Raises ValueError with a sentence, the same for one that does not exist and for one that is not his.
    """
    found = ONE_INCIDENT.fullmatch(argument.strip())
    if found is None:
        raise ValueError(Sentence("which one? write its number behind the verb"))
    number = int(found[1])
    if number == request.case.incident.number:
        raise ValueError(ITSELF)
    case = request.facts.cases.get(number)
    if case is None or not acts_on(request.engineer, case.incident):
        raise ValueError(Sentence("there is no other incident %(number)s that you may act on", number=number))
    return case


def add_link(request: Request, kind: LinkKind, other: Case) -> str:
    return noted(request, Linked(kind, other.incident.number))


def end_link(request: Request, link: Link) -> str:
    other = link.other_end(request.case.incident.number)
    return noted(request, Linked(link.kind, other, ended=link, reference=link.reference, detail=link.detail))


def noted(request: Request, one: Linked) -> str:
    request.links.append(one)
    return _sentence(one, ENDS[one.kind][0], _leads_to(request, one))


def _leads_to(request: Request, one: Linked) -> str:
    return request.policy.reference(one.other) if one.other else called(one.reference, one.detail)


def effects(request: Request) -> list[Effect]:
    number, by = request.case.incident.number, request.engineer.id
    found: list[Effect] = []
    for one in request.links:
        if over := one.ended or one.numbers:
            found.append(EndLink(over.id))
        if not one.ended:
            found.append(AddLink(number, one.kind, one.other, one.reference, one.detail, by))
    return found


def said(request: Request) -> list[str]:
    """A sentence about each link that began or ended, for staff of this incident."""
    return [_sentence(one, ENDS[one.kind][0], _leads_to(request, one)) for one in request.links]


def entries(builder: DecisionBuilder, request: Request, number: int) -> list[Log]:
    """The entries of this incident's log."""
    return [_entry(builder, request, number, one, ENDS[one.kind][0], _leads_to(request, one)) for one in request.links]


def tell_others(builder: DecisionBuilder, request: Request) -> None:
    """The other ends get an entry each, and their staff hear of it; whose incident is not at hand is not told."""
    number, actor = request.case.incident.number, request.actor
    for one in request.links:
        other = builder.facts.cases.get(one.other)
        if other is None:
            continue
        end = ENDS[one.kind][1]
        log = builder.log(_entry(builder, request, one.other, one, end, request.policy.reference(number)))
        links = [_sentence(one, end, request.policy.reference(number))]
        for person in staff_of(other.incident, other, builder.facts):
            if person.id != actor.id:
                builder.tell(person, NoticePurpose.CHANGED_STAFF, one.other, log, by=actor.name, links=links)


def _entry(builder: DecisionBuilder, request: Request, at: int, one: Linked, end: str, leads_to: str) -> Log:
    event = Event.UNLINKED if one.ended else Event.LINKED
    text = f"{end.replace('-', ' ')} {leads_to}"
    proof = builder.facts.proof.label
    return Log(at, LegKind.INTERNAL, event, Direction.NONE, request.actor, text=text, proof=proof)


def _sentence(one: Linked, end: str, reference: str) -> str:
    return Sentence((_ENDED if one.ended else _BEGUN)[end].message, incident=reference)
