"""Who is told what an engineer did: customers their part, colleagues theirs, and he himself what came of his lines."""

from __future__ import annotations

from typing import Any

from sitmail.domain.customer.notices import seen_by_customers, tell_customers
from sitmail.domain.decision_builder import DecisionBuilder, customers, staff_of
from sitmail.domain.departing import before_of
from sitmail.domain.engineer.request import Request
from sitmail.domain.incident import Incident
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.update import LegKind


def tell(builder: DecisionBuilder, request: Request, before: Incident, after: Incident, logs: list[int]) -> None:
    """Everybody but the actor hears his part of what changed."""
    _tell_customers(builder, request, before, after, logs)
    facts, actor = builder.facts, request.actor
    owner = facts.staff.get(after.owner)
    if owner and after.owner != before.owner and owner.id != actor.id:
        builder.tell(owner, NoticePurpose.ASSIGNED, after.number, *logs, by=actor.name)
    inside = [*staff_of(after, request.case, facts), *(one.person for one in request.joining if one.role == "watcher")]
    purpose = NoticePurpose.CHANGED_STAFF
    if request.words:
        purpose = NoticePurpose.ANSWER_COPY
    elif request.note:
        purpose = NoticePurpose.NOTE
    changed = before_of(before, after)
    if logs and (request.words or request.note or changed):
        for person in inside:
            if person.id != actor.id:
                builder.tell(person, purpose, after.number, *logs, by=actor.name, before=changed)
    former = facts.staff.get(before.owner)
    if former and after.owner != before.owner and former.id != actor.id:
        builder.tell(former, NoticePurpose.CHANGED_STAFF, after.number, *logs, by=actor.name, before=changed)


def _tell_customers(
    builder: DecisionBuilder, request: Request, before: Incident, after: Incident, logs: list[int]
) -> None:
    gone = {person.id for person in request.leaving}
    present = [party.person for party in customers(request.case) if party.person.id not in gone]
    joining = [one.person for one in request.joining if one.leg is LegKind.PUBLIC]
    seen = seen_by_customers(before, after, builder.policy)
    if request.words:
        tell_customers(builder, [*present, *joining], NoticePurpose.ANSWER, after.number, logs[0], **seen)
        return
    if seen:
        purpose = NoticePurpose.CUSTOMER_CLOSED if "closing_status" in seen else NoticePurpose.CHANGED
        known = [person for person in present if person not in joining]
        tell_customers(builder, known, purpose, after.number, **seen)
    tell_customers(builder, joining, NoticePurpose.JOINED, after.number)


def answer_actor(builder: DecisionBuilder, request: Request, rows: list[list[Any]], logs: list[int]) -> None:
    """The one letter that goes to the actor anyway, if he asked for anything or a file or words of his stayed here."""
    actor, number = request.actor, request.case.incident.number or None
    withheld = request.withheld.strip() if request.words else ""
    if request.kept_back or withheld:
        names = [file.name for file in request.kept_back]
        builder.tell(actor, NoticePurpose.VERDICT, number, kept_back=names, withheld=withheld, leg=request.leg)
    if builder.unanswerable:
        return
    for purpose, detail in request.letters:
        builder.tell(actor, purpose, number, verdicts=rows, **detail)
    if any(row[0] for row in rows) and not request.letters:
        builder.tell(actor, NoticePurpose.VERDICT, number, *logs[:1], verdicts=rows, leg=request.leg)
