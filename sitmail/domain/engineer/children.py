"""When an incident is resolved or closed, the customer of each of its children is asked, too (behaviour 3.5).

Each in his own thread and language, by the letter that asks whether it works; a yes closes that child, any other words
make it alone active again.
"""

from __future__ import annotations

from dataclasses import replace

from sitmail.domain.customer.notices import tell_customers
from sitmail.domain.decision_builder import DecisionBuilder, changes, customers
from sitmail.domain.effects import Log
from sitmail.domain.engineer.request import Request
from sitmail.domain.facts import Case, Facts
from sitmail.domain.incident import Incident, Move, Status, moved
from sitmail.domain.links import of_kind
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.outside_readers import hears
from sitmail.domain.people import Person
from sitmail.domain.policy import Policy
from sitmail.domain.sentence import Sentence, listed
from sitmail.domain.shown_changes import before_of
from sitmail.domain.staff_readers import told_with_a_part
from sitmail.domain.update import Direction, Event, LegKind
from sitmail.domain.who_is_told import Happening

SOLVED_AS = frozenset({"solved", "action-taken", "sent-information"})  # with others there is nothing to ask about


def open_children(case: Case, facts: Facts) -> list[Case]:
    """The incidents whose parent this is, and on which we work."""
    numbers = of_kind(case.links, case.incident.number, "child")
    return [one for number in numbers if (one := facts.cases.get(number)) is not None and one.incident.open]


def to_ask(request: Request) -> list[Case]:
    """The children whose customers are asked by what the lines of the mail do."""
    return _askable(request, request.incident)[0] if request.case.links else []


def ask(builder: DecisionBuilder, request: Request, before: Incident, after: Incident) -> None:
    """Asks the customers of the children whether theirs is solved, too, where their parent just became so.

    Who was asked, and who could not be, is told to the engineer (`Request.beside`).
    """
    if not request.case.links or before is after:
        return
    asked, left = _askable(request, after)
    told = {case.incident.number for case in request.children}  # by words that ask, too (`storm_words`)
    for child in asked:
        if child.incident.number not in told:
            _ask(builder, request, child, after)
    reference = builder.policy.reference
    if asked:
        names = listed([reference(child.incident.number) for child in asked])
        request.beside.append(Sentence("the customers of its children are asked, too: %(names)s", names=names))
    if left:
        names = listed([reference(child.incident.number) for child in left])
        request.beside.append(Sentence("these children stay as they are, and nobody was asked: %(names)s", names=names))


def _askable(request: Request, after: Incident) -> tuple[list[Case], list[Case]]:
    """The children whose customers are asked when the incident becomes so, and those that stay as they are."""
    if not is_over_now(request.case.incident, after):
        return [], []
    waiting = [
        child
        for child in open_children(request.case, request.facts)
        if child.incident.status is not Status.AWAITING_CLOSURE  # asked already
    ]
    asked = [child for child in waiting if _solved(after) and _readers(child, request.policy)]
    return asked, [child for child in waiting if child not in asked]


def is_over_now(before: Incident, after: Incident) -> bool:
    """Whether it was resolved or closed just now."""
    return _over(after) and not _over(before)


def asked_now(child: Incident, parent: Incident) -> Incident:
    """The child whose customer is asked whether it is solved, too; itself where its parent was not solved."""
    if not _solved(parent):
        return child
    return replace(
        child,
        status=moved(child.status, Move.SET, Status.AWAITING_CLOSURE) or child.status,
        resolution=parent.resolution,
        closure_requested=None,
        next_action="",
        next_action_at=None,
        customer_hold=False,
    )


def _over(incident: Incident) -> bool:
    return incident.status in (Status.AWAITING_CLOSURE, Status.CLOSED)


def _solved(incident: Incident) -> bool:
    return incident.open or incident.closing_status in SOLVED_AS


def _readers(case: Case, policy: Policy) -> list[Person]:
    """The customers who get the letter that asks."""
    people = [party.person for party in customers(case)]
    return [person for person in people if hears(person, NoticePurpose.RESOLVED, policy)]


def _ask(builder: DecisionBuilder, request: Request, child: Case, parent: Incident) -> None:
    policy, before = builder.policy, child.incident
    after = asked_now(before, parent)
    log = builder.log(
        Log(
            before.number,
            LegKind.INTERNAL,
            Event.CHANGED,
            Direction.NONE,
            request.actor,
            text=f"parent {policy.reference(parent.number)}",
            change=changes(before, after),
            proof=builder.facts.proof.label,
        )
    )
    tell_customers(builder, _readers(child, policy), Happening.RESOLVED, after)
    changed = before_of(before, after)
    for person, purpose in told_with_a_part(Happening.RESOLVED, after, child, builder.facts, policy):
        if person.id != request.actor.id:
            builder.tell(person, purpose, before.number, log, by=request.actor.name, before=changed)
