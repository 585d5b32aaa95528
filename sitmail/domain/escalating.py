"""When the turn of an escalation step has come: what it changes, what the log says, and who is told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sitmail.domain import escalation
from sitmail.domain.customer.notices import told_of_change
from sitmail.domain.decision_builder import changes
from sitmail.domain.effects import Effect, Log, Retract, Tell, Warned
from sitmail.domain.escalation import Turn
from sitmail.domain.facts import Case, Facts
from sitmail.domain.hours import Calendar
from sitmail.domain.incident import Incident, Move, Status, moved
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.policy import Policy
from sitmail.domain.promising import promised
from sitmail.domain.quiet_hours import EVEN_WHEN_QUIET
from sitmail.domain.shown_changes import before_of
from sitmail.domain.sla import TimedTarget
from sitmail.domain.sla_outlook import Outlook, Warn, calendar_of
from sitmail.domain.staff_readers import former_owners, told_as, told_with_a_part
from sitmail.domain.update import Direction, Event, LegKind
from sitmail.domain.who_is_told import Happening, Role

CLOCK = "the clock"


def escalated(case: Case, outlook: Outlook, logs: int, facts: Facts, policy: Policy, now: datetime) -> list[Effect]:
    """All steps that are due are done; of those that tell somebody the last of each target alone does.

    `logs` is how many entries the decision has before.
    """
    effects: list[Effect] = []
    before = incident = case.incident
    last = {warn.target: warn.threshold for warn in outlook.steps}  # in order of time
    for warn in outlook.steps:
        effects.append(Warned(before.number, warn.target, warn.threshold, warn.cycle))
        term = warn.term
        calendar = calendar_of(term, policy.calendars)
        found = escalation.turns(policy, before.priority, warn.target, term.seconds, calendar)
        for turn in found.get(warn.threshold, ()):
            after = incident if turn.again else _changed(incident, turn, policy, facts)
            if not turn.again and warn.target != TimedTarget.UNOWNED:
                effects.append(_entry(incident, after, turn, warn))
                logs += 1
            if warn.threshold == last[warn.target]:
                expires = _again_at(turn, calendar, now)
                effects += _told(replace(case, incident=after), turn, warn, logs - 1, facts, policy, expires)
            if after.owner != incident.owner:
                effects.append(_given(after, turn, warn, logs - 1, facts))
            incident = after
    effects += _others_told(case, incident, effects, facts, policy)
    if incident.priority != before.priority:
        effects += [Retract(before.number), *promised(replace(incident, updated=now), policy)]
    return effects


def _others_told(
    case: Case, after: Incident, effects: Sequence[Effect], facts: Facts, policy: Policy
) -> Iterator[Effect]:
    """Whom else the table tells of what the steps changed: customers, whose it was, colleagues who have a part."""
    before = case.incident
    if (before.owner, before.status) == (after.owner, after.status):
        return
    there = {one.person.id for one in effects if isinstance(one, Tell)}
    cause = f"escalated:{after.owner}:{after.status}:{before.updates}"
    for person, purpose, seen in told_of_change(case, after, policy):
        yield Tell(person, purpose, before.number, (), seen, cause=cause)
    former = [(Role.FORMER_OWNER, one) for one in former_owners(before, after, facts)]
    inside = told_as(Happening.OWNER_CHANGED, former, policy)
    inside += told_with_a_part(Happening.STATUS_CHANGED, after, case, facts, policy)
    detail = {"by": policy.name, "before": before_of(before, after)}
    for person, purpose in {one.id: (one, purpose) for one, purpose in inside}.values():
        if person.id not in there:
            yield Tell(person, purpose, before.number, (), detail, cause=cause)


def _changed(incident: Incident, turn: Turn, policy: Policy, facts: Facts) -> Incident:
    step = turn.step
    status = moved(incident.status, Move.SET, Status(step.set_status)) if step.set_status else None
    owner = step.set_owner if step.set_owner in policy.engineers and step.set_owner in facts.staff else incident.owner
    return replace(
        incident, priority=step.set_priority or incident.priority, status=status or incident.status, owner=owner
    )


def _entry(before: Incident, after: Incident, turn: Turn, warn: Warn) -> Log:
    used = f"{warn.threshold * 100:g} % of the time for {warn.target.replace('_', ' ')} is used"
    text = "; ".join(filter(None, (turn.step.id, used, turn.step.event)))
    return Log(
        before.number,
        LegKind.INTERNAL,
        Event.ESCALATED,
        Direction.NONE,
        actor=CLOCK,
        text=text,
        change=changes(before, after),
    )


def _again_at(turn: Turn, calendar: Calendar, now: datetime) -> datetime | None:
    """When the same is told again, if it is: what waited until then has nothing to say any more."""
    step = turn.step
    if step.repeat is None or turn.again >= step.times:
        return None
    return calendar.add(now, calendar.working(step.repeat))


def _told(
    case: Case, turn: Turn, warn: Warn, log: int, facts: Facts, policy: Policy, expires: datetime | None
) -> list[Effect]:
    """What nobody owns is told as when it opened; a customer hears what was promised, staff how it stands."""
    incident = case.incident
    cause = f"step:{turn.step.id}:{warn.target}:{warn.threshold}:{warn.cycle}"
    detail = {**_about(turn, warn), "event": turn.step.event, "again": turn.again}
    logs = () if log < 0 or turn.again or warn.target == TimedTarget.UNOWNED else (log,)
    found: list[Effect] = []
    for person in escalation.readers(turn.step, incident, case, facts, policy):
        purpose = NoticePurpose.ESCALATED if person.staff else NoticePurpose.DELAYED
        purpose = NoticePurpose.UNOWNED if person.staff and warn.target == TimedTarget.UNOWNED else purpose
        found.append(Tell(person, purpose, incident.number, logs, detail, cause=cause, expires=expires))
    return found


def _about(turn: Turn, warn: Warn) -> dict[str, Any]:
    about = {"target": warn.target, "due": warn.due.isoformat(), "threshold": warn.threshold}
    return about | ({EVEN_WHEN_QUIET: True} if turn.step.even_when_quiet else {})


def _given(incident: Incident, turn: Turn, warn: Warn, log: int, facts: Facts) -> Effect:
    about = _about(turn, warn)
    cause = f"escalated:{incident.owner}:{incident.cycle}"
    return Tell(facts.staff[incident.owner], NoticePurpose.ASSIGNED, incident.number, (log,), about, cause=cause)
