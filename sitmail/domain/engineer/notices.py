"""Who is told what an engineer did: customers their part, colleagues theirs, and he himself what came of his lines."""

from __future__ import annotations

from typing import Any

from sitmail.domain.decision_builder import DecisionBuilder, customers, staff_of
from sitmail.domain.engineer.request import Request
from sitmail.domain.incident import LABELS, Incident
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.people import Person
from sitmail.domain.update import LegKind


def tell(
    builder: DecisionBuilder, request: Request, actor: Person, before: Incident, after: Incident, logs: list[int]
) -> None:
    _tell_customers(builder, request, before, after, logs)
    facts, work = builder.facts, request.work
    owner = facts.staff.get(after.owner)
    if owner and after.owner != before.owner and owner.id != actor.id:
        builder.tell(owner, NoticePurpose.ASSIGNED, after.number, *logs, by=actor.name)
    inside = [*staff_of(after, work.case, facts), *(p for p, role, _ in work.joins if role == "watcher")]
    purpose = NoticePurpose.CHANGED_STAFF
    if request.words:
        purpose = NoticePurpose.ANSWER_COPY
    elif request.note:
        purpose = NoticePurpose.NOTE
    said = describe(before, after, builder)
    if logs and (request.words or request.note or said):
        for person in inside:
            if person.id != actor.id:
                builder.tell(person, purpose, after.number, *logs, by=actor.name, changed=said)
    former = facts.staff.get(before.owner)
    if former and after.owner != before.owner and former.id != actor.id:
        builder.tell(former, NoticePurpose.CHANGED_STAFF, after.number, *logs, by=actor.name, changed=said)


def _tell_customers(
    builder: DecisionBuilder, request: Request, before: Incident, after: Incident, logs: list[int]
) -> None:
    facts, policy, number = builder.facts, builder.policy, after.number
    gone = {p.id for p in request.work.leaves}
    parties = [p.person for p in customers(request.work.case) if p.person.id not in gone]
    joining = [p for p, role, leg in request.work.joins if leg is LegKind.PUBLIC]
    seen: dict[str, Any] = {}
    if LABELS[after.status].customer != LABELS[before.status].customer:
        seen["status"] = LABELS[after.status].customer
    if after.owner != before.owner and after.owner in policy.engineers:
        seen["owner"] = policy.engineers[after.owner].name
    if not after.open and before.open:
        seen["closing_status"] = after.closing_status
    public = [logs[0]] if request.words else []
    purpose = NoticePurpose.CHANGED
    if public:
        purpose = NoticePurpose.ANSWER
    elif "closing_status" in seen:
        purpose = NoticePurpose.CUSTOMER_CLOSED
    for person in (*parties, *joining):
        if person in joining and not public:
            builder.tell(person, NoticePurpose.JOINED, number)
        elif public or seen:
            builder.tell(person, purpose, number, *public, **seen)
    if request.kept_back and facts.engineer:
        builder.tell(
            facts.engineer,
            NoticePurpose.VERDICT,
            number,
            kept_back=[a.name for a in request.kept_back],
            leg=request.leg,
        )


def answer_actor(builder: DecisionBuilder, request: Request, actor: Person, rows: list[list[Any]]) -> None:
    """The one letter that goes to the actor anyway, if he asked for anything."""
    number = request.work.case.incident.number or None
    if builder.mail.unanswerable:
        return
    for purpose, detail in request.work.letters:
        builder.tell(actor, purpose, number, verdicts=rows, **detail)
    if any(row[0] for row in rows) and not request.work.letters:
        logs = () if request.log is None else (request.log,)
        builder.tell(actor, NoticePurpose.VERDICT, number, *logs, verdicts=rows, leg=request.leg)


def describe(before: Incident, after: Incident, builder: DecisionBuilder) -> list[str]:
    """What changed, for colleagues: "owner: Anna -> Bob"."""
    engineers = builder.policy.engineers

    def name(engineer: str) -> str:
        return engineers[engineer].name if engineer in engineers else engineer or "nobody"

    said = []
    if after.owner != before.owner:
        said.append(f"owner: {name(before.owner)} -> {name(after.owner)}")
    if after.status != before.status:
        said.append(f"status: {LABELS[before.status].internal} -> {LABELS[after.status].internal}")
    for what in ("priority", "title", "team", "closing_status"):
        if getattr(after, what) != getattr(before, what):
            said.append(f"{what.replace('_', ' ')}: {getattr(before, what) or '-'} -> {getattr(after, what) or '-'}")
    return said
