"""`/undo`: takes back what its writer's last command mail did, within a day, all of it or nothing (behaviour 3.5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sitmail.domain import pools
from sitmail.domain.authority import acts_on
from sitmail.domain.customer.notices import happened_to, seen_by_customers, tell_customers
from sitmail.domain.decision_builder import DecisionBuilder, changes, customers
from sitmail.domain.effects import Log, Withdraw
from sitmail.domain.engineer.linking import both_entries
from sitmail.domain.engineer.request import Request
from sitmail.domain.facts import Case
from sitmail.domain.incident import Incident, Status
from sitmail.domain.link_effects import EndLink
from sitmail.domain.links import Link, LinkKind
from sitmail.domain.sentence import Sentence
from sitmail.domain.shown_changes import before_of
from sitmail.domain.staff_readers import told_with_a_part
from sitmail.domain.trust import Power
from sitmail.domain.undoing import FOR, Deed, RenewLink, Step, StepKind, Undone
from sitmail.domain.update import Direction, Event, LegKind
from sitmail.domain.who_is_told import Happening

MANY = 5  # more incidents than this want a confirmation
AS_SPLIT = 2  # updates of an incident in which nobody wrote since it was split off
_MOMENTS = frozenset({"closed", "next_action_at", "follow_up_at", "closure_requested", "cycle_opened"})


def undo(request: Request, _argument: str) -> str:
    deed = request.facts.deed
    if deed is None:
        raise ValueError(Sentence("there is no command email of yours that could be undone"))
    if deed.steps is None:
        raise ValueError(Sentence("your last command email cannot be undone: %(lines)s", lines=deed.lines))
    if request.now - deed.at > FOR:
        raise ValueError(Sentence("that was more than a day ago: %(lines)s", lines=deed.lines))
    for number in deed.incidents:
        _may_undo(request, request.facts.cases.get(number), [one for one in deed.steps if one.incident == number])
    if len(deed.incidents) > MANY:
        request.powers.add(Power.MANY)
    request.undoing = deed
    return Sentence("undone: %(lines)s; what was sent by email stays sent", lines=deed.lines)


def _may_undo(request: Request, case: Case | None, steps: list[Step]) -> None:
    """Raises ValueError with a sentence where it is not his any more, or has changed since."""
    name = request.policy.reference(steps[0].incident)
    if case is None or not acts_on(request.engineer, case.incident):
        raise ValueError(Sentence("%(incident)s is another team's by now", incident=name))
    for step in steps:
        if not _as_it_was_left(case, step):
            raise ValueError(Sentence("%(incident)s has changed since, and nothing was undone", incident=name))


def _as_it_was_left(case: Case, step: Step) -> bool:
    match step.kind:
        case StepKind.FIELDS:
            return all(getattr(case.incident, name) == _value(name, pair[1]) for name, pair in step.change.items())
        case StepKind.END_LINK:
            return any(link.id == step.link for link in case.links)
        case StepKind.JOIN_AGAIN:
            return case.incident.open and case.incident.updates == AS_SPLIT
        case StepKind.WITHDRAW | StepKind.RENEW_LINK:
            return True


# --- what it does


def carry_out_undo(builder: DecisionBuilder, request: Request) -> None:
    """All steps of the deed; staff hear of it, and customers of whose incident is open again."""
    deed = request.undoing
    if deed is None or deed.steps is None:
        return
    for number in deed.incidents:
        steps = [one for one in deed.steps if one.incident == number]
        case = builder.facts.cases[number]
        _undo_fields(builder, request, case, steps, deed)
        for step in steps:
            _undo_others(builder, request, case, step)
    builder.do(Undone(deed.id))


def _undo_fields(builder: DecisionBuilder, request: Request, case: Case, steps: list[Step], deed: Deed) -> None:
    before = case.incident
    after = before
    for step in reversed(steps):
        if step.kind is StepKind.FIELDS:
            after = replace(after, **{name: _value(name, pair[0]) for name, pair in step.change.items()})
        elif step.kind is StepKind.JOIN_AGAIN:
            after = _joined_again(after, case, builder.now)
    if after == before:
        return
    event = Event.CHANGED if before.open == after.open else Event.REOPENED if after.open else Event.CLOSED
    entry = _entry(builder, request, before.number, event, f"/undo {deed.lines}")
    log = builder.log(replace(entry, change=changes(before, after)))
    builder.do(*pools.followed(before, after))
    what = happened_to(before, after)
    if after.open:
        readers = [party.person for party in customers(case)]
        seen = seen_by_customers(before, after, builder.policy)
        tell_customers(builder, readers if seen else [], what, after, **seen)
    what = Happening.STATUS_CHANGED if what is Happening.OWNER_CHANGED else what
    for person, purpose in told_with_a_part(what, after, case, builder.facts, builder.policy):
        if person.id != request.actor.id:
            changed = before_of(before, after)
            builder.tell(person, purpose, before.number, log, by=request.actor.name, before=changed)


def _undo_others(builder: DecisionBuilder, request: Request, case: Case, step: Step) -> None:
    number = case.incident.number
    link = next((one for one in case.links if one.id == step.link), None)
    if step.kind is StepKind.END_LINK and link is not None:
        builder.do(EndLink(link.id))
        for entry in both_entries(builder, request, link, ended=True):
            builder.log(entry)
    elif step.kind is StepKind.RENEW_LINK:
        builder.do(RenewLink(step.link))
        renewed = Link(
            step.link, number, LinkKind(step.link_kind), step.other, "", "", builder.now, request.engineer.id
        )
        for entry in both_entries(builder, request, renewed, ended=False):
            builder.log(entry)
    elif step.kind is StepKind.WITHDRAW:
        party = next((one for one in case.parties if one.person.id == step.person), None)
        if party is not None:
            builder.do(Withdraw(number, party.person))
            who = party.person.address or party.person.name
            builder.log(_entry(builder, request, number, Event.LEFT, who))


def _joined_again(incident: Incident, case: Case, now: datetime) -> Incident:
    """What was split off is a part of where it came from: its author may answer the letter with its number."""
    link = next(one for one in case.links if one.kind is LinkKind.SPLIT and one.incident == incident.number)
    return replace(incident, status=Status.CLOSED, closing_status="duplicate", closed=now, merged_into=link.other)


def _value(name: str, value: Any) -> Any:
    """A value of the log's, as the incident has it."""
    if name == "status":
        return Status(value)
    if name in _MOMENTS and isinstance(value, str):
        return datetime.fromisoformat(value)
    return tuple(value) if isinstance(value, list) else value


def _entry(builder: DecisionBuilder, request: Request, number: int, event: Event, text: str) -> Log:
    proof = builder.facts.proof.label
    return Log(number, LegKind.INTERNAL, event, Direction.NONE, request.actor, text=text, proof=proof)
