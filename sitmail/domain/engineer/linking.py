"""What engineers say about links between incidents: `/parent`, and what every such verb needs (behaviour 3.5).

Both incidents get an entry in their log, and the staff of both hear of it.  A parent has no parent: so nothing goes
round in a circle, and closing it asks its children alone.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sitmail.domain.authority import acts_on
from sitmail.domain.customer.notices import tell_customers
from sitmail.domain.decision_builder import DecisionBuilder, changes
from sitmail.domain.effects import Effect, Log
from sitmail.domain.engineer.request import Request
from sitmail.domain.facts import Case
from sitmail.domain.incident import Incident
from sitmail.domain.link_effects import AddLink, EndLink
from sitmail.domain.links import ENDS, Link, Linked, LinkKind, called, of_kind
from sitmail.domain.nouns import ONE_INCIDENT
from sitmail.domain.people import Person
from sitmail.domain.sentence import Sentence
from sitmail.domain.shown_changes import before_of
from sitmail.domain.staff_readers import told_with_a_part
from sitmail.domain.update import Direction, Event, LegKind
from sitmail.domain.who_is_told import Happening

NONE = frozenset({"", "-", "none", "keiner", "kein", "aucun"})
# What is so from now on, by what the other end is.
_BEGUN = {
    "parent": Sentence("its parent is %(incident)s"),
    "child": Sentence("it is the parent of %(incident)s"),
    "bug": Sentence("the bug %(incident)s is linked to it"),
    "order": Sentence("the order %(incident)s is linked to it"),
    "feature": Sentence("the feature %(incident)s is linked to it"),
    "url": Sentence("the page %(incident)s is linked to it"),
    "duplicate-of": Sentence("it is a duplicate of %(incident)s, and closed"),
    "duplicate": Sentence("%(incident)s was closed as a duplicate of it"),
    "merged-into": Sentence("it is a part of %(incident)s"),
    "merged": Sentence("%(incident)s is a part of it"),
}
_ENDED = {
    "parent": Sentence("its parent is %(incident)s no more"),
    "child": Sentence("it is the parent of %(incident)s no more"),
    "bug": Sentence("the bug %(incident)s is linked to it no more"),
    "order": Sentence("the order %(incident)s is linked to it no more"),
    "feature": Sentence("the feature %(incident)s is linked to it no more"),
    "url": Sentence("the page %(incident)s is linked to it no more"),
    "duplicate-of": Sentence("it is a duplicate of %(incident)s no more"),
    "duplicate": Sentence("%(incident)s is a duplicate of it no more"),
    "merged-into": Sentence("it is a part of %(incident)s no more"),
    "merged": Sentence("%(incident)s is a part of it no more"),
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


def reopened(request: Request, before: Incident, after: Incident) -> None:
    """What is worked on again is no duplicate any more."""
    if not before.open and after.open:
        for link in request.case.links:
            if link.end(before.number) == "duplicate-of":
                end_link(request, link)


def effects(request: Request) -> list[Effect]:
    number, by = request.case.incident.number, request.engineer.id
    found: list[Effect] = []
    for one in request.links:
        if over := one.ended or one.numbers:
            found.append(EndLink(over.id))
        if not one.ended:
            found.append(AddLink(number, one.kind, one.other, one.reference, one.detail, by))
    return [*found, *request.joins]


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
        after = request.others.get(one.other, other.incident)
        entry = _entry(builder, request, one.other, one, end, request.policy.reference(number))
        log = builder.log(replace(entry, change=changes(other.incident, after)))
        links = [_sentence(one, end, request.policy.reference(number))]
        mine = [enrol for enrol in request.joins if enrol.incident == one.other]
        joined = [enrol.person for enrol in mine if enrol.role == "participant"]
        if joined:
            log = builder.log(_joined(builder, request, one.other, joined))
            links += map(_takes_part, joined)
            tell_customers(builder, joined, Happening.JOINED, other.incident, **_merged(request))
        readers = told_with_a_part(Happening.STATUS_CHANGED, other.incident, other, builder.facts, builder.policy)
        for person, purpose in readers:
            if person.id != actor.id:
                builder.tell(
                    person,
                    purpose,
                    one.other,
                    log,
                    by=actor.name,
                    links=links,
                    before=before_of(other.incident, after),
                )


def both_entries(builder: DecisionBuilder, request: Request, link: Link, *, ended: bool) -> list[Log]:
    """The entries at both ends of a link between two incidents that ends, or goes on, as far as they are at hand."""
    one, reference = Linked(link.kind, link.other, ended=link if ended else None), request.policy.reference
    ends = ((link.incident, ENDS[link.kind][0], link.other), (link.other, ENDS[link.kind][1], link.incident))
    return [
        _entry(builder, request, at, one, end, reference(other)) for at, end, other in ends if at in builder.facts.cases
    ]


def _entry(builder: DecisionBuilder, request: Request, at: int, one: Linked, end: str, leads_to: str) -> Log:
    event = Event.UNLINKED if one.ended else Event.LINKED
    text = f"{end.replace('-', ' ')} {leads_to}"
    proof = builder.facts.proof.label
    return Log(at, LegKind.INTERNAL, event, Direction.NONE, request.actor, text=text, proof=proof)


def _merged(request: Request) -> dict[str, Any]:
    """What a customer reads who comes to the other incident with his own."""
    return {"merged": request.policy.reference(request.case.incident.number)} if request.merged_into else {}


def _joined(builder: DecisionBuilder, request: Request, at: int, people: list[Person]) -> Log:
    text, proof = ", ".join(person.address for person in people), builder.facts.proof.label
    return Log(at, LegKind.INTERNAL, Event.JOINED, Direction.NONE, request.actor, text=text, proof=proof)


def _takes_part(person: Person) -> str:
    return Sentence("%(address)s is a participant from now on", address=person.address)


def _sentence(one: Linked, end: str, reference: str) -> str:
    return Sentence((_ENDED if one.ended else _BEGUN)[end].message, incident=reference)
