"""`/merge N`: the log of an incident goes into incident N, and its people take part in N (behaviour 3.5).

Customers of different sites never come into each other's sight: then it is refused.
"""

from __future__ import annotations

from dataclasses import replace

from sitmail.domain.decision_builder import customers
from sitmail.domain.effects import Enrol
from sitmail.domain.engineer.duplicates import CLOSED_AS, may_join, stands_alone
from sitmail.domain.engineer.linking import add_link, other_incident
from sitmail.domain.engineer.request import Request
from sitmail.domain.engineer.verbs import close
from sitmail.domain.facts import Case
from sitmail.domain.incident import Move, Status, moved
from sitmail.domain.joining import of_the_site
from sitmail.domain.links import LinkKind
from sitmail.domain.people import Person
from sitmail.domain.sentence import Sentence, beside
from sitmail.domain.trust import Power
from sitmail.domain.update import LegKind

WITH_US = frozenset({Status.NEW, Status.ACTIVE})  # the next step is ours


def merge(request: Request, argument: str) -> str:
    """`/merge N`."""
    request.need_open()
    other = other_incident(request, argument)
    name = request.policy.reference(other.incident.number)
    if not other.incident.open:
        raise ValueError(Sentence("%(incident)s is closed; /reopen there comes first, or /dup here", incident=name))
    stands_alone(request, other)
    _see_each_other(request, other)
    waits_for_us = request.incident.status in WITH_US
    close(request, CLOSED_AS)
    request.incident = replace(request.incident, merged_into=other.incident.number)
    request.merged_into = name
    if waits_for_us and other.incident.status not in WITH_US:
        _active_again(request, other)
    request.joins += _carried_over(request.case, other)
    if request.joins:
        request.powers.add(Power.ADD_SAME_SITE)
    linked = add_link(request, LinkKind.MERGED, other)
    return beside(linked, Sentence("what comes to either number belongs there"))


def _see_each_other(request: Request, other: Case) -> None:
    """Raises ValueError with a sentence where a customer of one may not read what is written about the other."""
    here, there = ([party.person for party in customers(case)] for case in (request.case, other))
    both = {person.id for person in here} & {person.id for person in there}
    name = request.policy.reference(other.incident.number)
    number = other.incident.number
    for person in (*here, *there):
        if person.id not in both and not of_the_site(person.address, person, other, request.policy):
            raise ValueError(
                Sentence(
                    "%(address)s is of another site than the contact of %(incident)s, and each would read of the "
                    "other; /parent %(number)s or /dup %(number)s keeps them apart",
                    address=person.address,
                    incident=name,
                    number=number,
                )
            )
    joining = {person.id for person in may_join(request.case, other, request.policy)}
    left_out = [person for person in here if person.id not in both | joining]
    if left_out:
        raise ValueError(
            Sentence(
                "%(address)s may not take part in %(incident)s; /parent %(number)s or /dup %(number)s keeps them apart",
                address=left_out[0].address,
                incident=name,
                number=number,
            )
        )


def _carried_over(case: Case, other: Case) -> list[Enrol]:
    """Everybody who takes part here and not there: customers, vendors with their own reference, watchers."""
    number = other.incident.number
    there = {party.person.id for party in other.parties}
    joins = []
    for party in case.parties:
        if party.person.id not in there and not party.watches:
            role = "participant" if party.role == "contact" else party.role
            joins.append(Enrol(number, party.person, role, party.leg, party.reference))
    return joins


def _active_again(request: Request, other: Case) -> None:
    """What came with this one is not answered yet."""
    status = moved(other.incident.status, Move.CUSTOMER_WROTE) or other.incident.status
    request.others[other.incident.number] = replace(
        other.incident, status=status, next_action="", next_action_at=None, customer_hold=False
    )


def newly_told(request: Request) -> list[Person]:
    """Customers who read of a merge by a letter about the other incident, in which they are new."""
    if not request.merged_into:
        return []
    return [one.person for one in request.joins if one.leg is LegKind.PUBLIC]
