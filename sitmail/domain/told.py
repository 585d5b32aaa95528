"""Who is told what an engineer did: customers their part, colleagues theirs, and he himself what came of his lines."""

from __future__ import annotations

from typing import Any

from sitmail.domain.draft import Draft, customers, staff_of
from sitmail.domain.errand import Errand
from sitmail.domain.incident import LABELS, Incident
from sitmail.domain.people import Person
from sitmail.domain.update import LegKind


def tell(draft: Draft, errand: Errand, actor: Person, before: Incident, after: Incident, logs: list[int]) -> None:
    _tell_customers(draft, errand, before, after, logs)
    facts, work = draft.facts, errand.work
    owner = facts.staff.get(after.owner)
    if owner and after.owner != before.owner and owner.id != actor.id:
        draft.tell(owner, "assigned", after.number, *logs, by=actor.name)
    inside = [*staff_of(after, work.case, facts), *(p for p, role, _ in work.joins if role == "watcher")]
    purpose = "answer_copy" if errand.words else "note" if errand.note else "changed_staff"
    said = describe(before, after, draft)
    if logs and (errand.words or errand.note or said):
        for person in inside:
            if person.id != actor.id:
                draft.tell(person, purpose, after.number, *logs, by=actor.name, changed=said)
    former = facts.staff.get(before.owner)
    if former and after.owner != before.owner and former.id != actor.id:
        draft.tell(former, "changed_staff", after.number, *logs, by=actor.name, changed=said)


def _tell_customers(draft: Draft, errand: Errand, before: Incident, after: Incident, logs: list[int]) -> None:
    facts, policy, number = draft.facts, draft.policy, after.number
    gone = {p.id for p in errand.work.leaves}
    parties = [p.person for p in customers(errand.work.case) if p.person.id not in gone]
    joining = [p for p, role, leg in errand.work.joins if leg is LegKind.PUBLIC]
    seen: dict[str, Any] = {}
    if LABELS[after.status].customer != LABELS[before.status].customer:
        seen["status"] = LABELS[after.status].customer
    if after.owner != before.owner and after.owner in policy.engineers:
        seen["owner"] = policy.engineers[after.owner].name
    if not after.open and before.open:
        seen["closing_status"] = after.closing_status
    public = [logs[0]] if errand.words else []
    purpose = "answer" if public else "customer_closed" if "closing_status" in seen else "changed"
    for person in (*parties, *joining):
        if person in joining and not public:
            draft.tell(person, "joined", number)
        elif public or seen:
            draft.tell(person, purpose, number, *public, **seen)
    if errand.kept_back and facts.engineer:
        draft.tell(facts.engineer, "verdict", number, kept_back=[a.name for a in errand.kept_back], leg=errand.leg)


def answer_actor(draft: Draft, errand: Errand, actor: Person, rows: list[list[Any]]) -> None:
    """The one letter that goes to the actor anyway, if he asked for anything."""
    number = errand.work.case.incident.number or None
    if draft.mail.unanswerable:
        return
    for purpose, detail in errand.work.letters:
        draft.tell(actor, purpose, number, verdicts=rows, **detail)
    if any(row[0] for row in rows) and not errand.work.letters:
        logs = () if errand.log is None else (errand.log,)
        draft.tell(actor, "verdict", number, *logs, verdicts=rows, leg=errand.leg)


def describe(before: Incident, after: Incident, draft: Draft) -> list[str]:
    """What changed, for colleagues: "owner: Anna -> Bob"."""
    engineers = draft.policy.engineers

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
