"""`/undo`: takes back what its writer's last command mail did, within a day, all of it or nothing (behaviour 3.5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from sitmail.domain import pools
from sitmail.domain.authority import acts_on
from sitmail.domain.customer.notices import happened_to, seen_by_customers, tell_customers
from sitmail.domain.decision_builder import DecisionBuilder, changes, customers, on_call
from sitmail.domain.effects import Enrol, Log, Retract, Withdraw
from sitmail.domain.engineer.linking import both_entries
from sitmail.domain.engineer.request import Request
from sitmail.domain.facts import Case
from sitmail.domain.incident import Incident, Status
from sitmail.domain.link_effects import EndLink
from sitmail.domain.links import Link, LinkKind
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.promising import TIMING, promised
from sitmail.domain.sentence import Sentence, beside, listed
from sitmail.domain.shown_changes import before_of, described, plain_values
from sitmail.domain.staff_readers import told_with_a_part
from sitmail.domain.time_spent import Spent
from sitmail.domain.trust import Power
from sitmail.domain.undoing import FOR, Deed, RenewLink, Step, StepKind, Undone
from sitmail.domain.update import Direction, Event, LegKind
from sitmail.domain.who_is_told import Happening

MANY = 5  # more incidents than this want a confirmation
AS_SPLIT = 2  # updates of an incident in which nobody wrote since it was split off
INSTEAD = {  # what takes those back that `/undo` does not
    "away": Sentence("/back takes back what you planned"),
    "due": Sentence("/due sets another time"),
    "link": Sentence("/link del takes it off"),
    "block": Sentence("/block del takes it back"),
    "event": Sentence("what was logged stays in the log"),
    "met": Sentence("what was logged stays in the log"),
    "review": Sentence("what was logged stays in the log"),
}
_MOMENTS = frozenset(one.name for one in fields(Incident) if "datetime" in str(one.type))
_CYCLE = frozenset({"cycle", "cycle_opened"})  # what was opened again stays another cycle: promises of it were made


def undo(request: Request, _argument: str) -> str:
    deed = request.facts.deed
    if deed is None:
        raise ValueError(Sentence("there is no command email of yours that could be undone"))
    if deed.steps is None:
        says = Sentence("your last command email cannot be undone: %(lines)s", lines=deed.lines)
        verbs = {line.lstrip("/").partition(" ")[0].lower() for line in deed.lines.split("; ")}
        raise ValueError(beside(says, *(how for verb, how in INSTEAD.items() if verb in verbs)))
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
    if case is None:
        raise ValueError(Sentence("%(incident)s is another team's by now", incident=name))
    for step in steps:
        if not _as_it_was_left(case, step):
            what = _changed_since(request, case, step)
            says = Sentence("%(incident)s has changed since, and nothing was undone", incident=name)
            raise ValueError(Sentence("%(says)s: %(what)s", says=says, what=what) if what else says)
    was_his = acts_on(request.engineer, _restored(case.incident, steps))  # he gave it away
    if not (was_his or acts_on(request.engineer, case.incident)):
        raise ValueError(Sentence("%(incident)s is another team's by now", incident=name))
    reopened = _restored(case.incident, steps).open
    if any(one.kind is StepKind.TAKE_TIME for one in steps) and not (case.incident.open or reopened):
        raise ValueError(Sentence("%(incident)s is closed by now, and takes no time", incident=name))


def _changed_since(request: Request, case: Case, step: Step) -> str:
    """What it was left as, and what it is now, where colleagues are told of that."""
    now = plain_values(case.incident)
    left = {name: pair[1] for name, pair in step.change.items() if name in now}
    return listed(described(left, now, request.policy))


def _restored(incident: Incident, steps: Sequence[Step]) -> Incident:
    """With the values from before, the last change first."""
    for step in reversed(steps):
        if step.kind is StepKind.FIELDS:
            former = {name: _value(name, pair[0]) for name, pair in step.change.items() if name not in _CYCLE}
            incident = replace(incident, **former)
    return incident


def _as_it_was_left(case: Case, step: Step) -> bool:
    match step.kind:
        case StepKind.FIELDS:
            return all(getattr(case.incident, name) == _value(name, pair[1]) for name, pair in step.change.items())
        case StepKind.END_LINK:
            return any(link.id == step.link for link in case.links)
        case StepKind.JOIN_AGAIN:
            return case.incident.open and case.incident.updates == AS_SPLIT
        case StepKind.WITHDRAW | StepKind.RENEW_LINK | StepKind.ENROL_AGAIN | StepKind.TAKE_TIME:
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
    after = _restored(before, steps)
    joined = any(step.kind is StepKind.JOIN_AGAIN for step in steps)
    if joined:
        after = _joined_again(after, case, builder.now)
    if after == before:
        return
    event = Event.CHANGED if before.open == after.open else Event.REOPENED if after.open else Event.CLOSED
    entry = _entry(builder, request, before.number, event, f"/undo {deed.lines}")
    log = builder.log(replace(entry, change=changes(before, after)))
    builder.do(*pools.followed(before, after))
    if any(getattr(after, name) != getattr(before, name) for name in TIMING):
        builder.do(Retract(before.number), *promised(after, builder.policy))
    what = happened_to(before, after)
    if after.open or not joined:
        readers = [party.person for party in customers(case)]
        seen = seen_by_customers(before, after, builder.policy)
        tell_customers(builder, readers if seen else [], what, after, **seen)
    what = Happening.STATUS_CHANGED if what is Happening.OWNER_CHANGED else what
    for person, purpose in told_with_a_part(what, after, case, builder.facts, builder.policy):
        if person.id != request.actor.id:
            changed = before_of(before, after)
            builder.tell(person, purpose, before.number, log, by=request.actor.name, before=changed)
    _tell_others(builder, request, before, after, log)


def _tell_others(builder: DecisionBuilder, request: Request, before: Incident, after: Incident, log: int) -> None:
    """Whose it is no more, and who looks after what nobody owns."""
    facts, changed = builder.facts, before_of(before, after)
    for name in {before.owner, before.temporary_owner} - {after.owner, after.temporary_owner, request.actor.key}:
        former = facts.staff.get(name)
        builder.tell(former, NoticePurpose.CHANGED_STAFF, before.number, log, by=request.actor.name, before=changed)
    if after.open and after.unowned and not before.unowned:
        for person in (one for one in on_call(after, facts, builder.policy) if one.id != request.actor.id):
            builder.tell(person, NoticePurpose.UNOWNED, before.number, log)


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
    elif step.kind is StepKind.TAKE_TIME:
        spent = Spent(-step.minutes, "/undo")
        entry = _entry(builder, request, number, Event.TIME, spent.text)
        builder.log(replace(entry, duration=spent.minutes))
    elif step.kind is StepKind.ENROL_AGAIN:
        person = request.facts.deed.people.get(step.person) if request.facts.deed else None
        if person is not None and case.party(person) is None:
            builder.do(Enrol(number, person, step.role, LegKind(step.leg)))
            builder.log(_entry(builder, request, number, Event.JOINED, person.address or person.name))
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
