"""When time passes: what is decided about warnings of SLA targets, and about next actions whose time has come."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sitmail.domain.decision_builder import changes, concerned
from sitmail.domain.effects import Decision, Effect, Log, Tell, Warned
from sitmail.domain.endings import Ending, Rule
from sitmail.domain.engineer.waiting_answer import departing
from sitmail.domain.escalating import CLOCK, escalated
from sitmail.domain.facts import Case, Facts
from sitmail.domain.incident import Incident, Move, Status, moved
from sitmail.domain.moments import moment
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.people import Person
from sitmail.domain.policy import Policy
from sitmail.domain.sla import LATE, TIMINGS
from sitmail.domain.sla_outlook import Breach, Outlook, Warn
from sitmail.domain.update import Direction, Event, LegKind

HOLD_OVER = "the hold is over"
# What a reminder does not change: nobody owns it, it is worked on, or the customer is still to answer.
STAYING = frozenset({Status.NEW, Status.ACTIVE, Status.RESEARCH, Status.AWAITING_CUSTOMER, Status.AWAITING_CLOSURE})


def decide(case: Case, outlook: Outlook, facts: Facts, policy: Policy, now: datetime) -> Decision:
    """What is due on one incident at this moment; no effects where nothing is."""
    effects: list[Effect] = []
    number = case.incident.number
    effects += [Warned(number, target, threshold, cycle) for target, threshold, cycle in outlook.skipped]
    for breach in outlook.breaches:
        effects += _recorded(case.incident, breach, policy)
    logs = len(outlook.breaches)
    for warn in outlook.warnings:
        effects += _warning(case, warn, logs, facts, policy)
        logs += 1
    steps = escalated(case, outlook, logs, facts, policy, now)
    effects += steps
    logs += sum(isinstance(one, Log) for one in steps)
    if case.incident.answer_at is not None and case.incident.answer_at <= now:
        sent = departing(case, logs, facts, policy)
        effects += sent
        logs += sum(isinstance(one, Log) for one in sent)
    if case.incident.open and _due(case.incident, now):
        effects += _awake(case, logs, facts, policy, now)
    return Decision(Rule.TICK, Ending.APPLIED, Rule.TICK.meaning, tuple(effects), number)


def _recorded(incident: Incident, breach: Breach, policy: Policy) -> list[Effect]:
    due, met = (moment(at, policy.timezone) for at in (breach.due, breach.met_at))
    text = f"{breach.target.replace('_', ' ')} due {due}, met {met}"
    return [
        Warned(incident.number, breach.target, LATE, breach.cycle),
        Log(incident.number, LegKind.INTERNAL, Event.SLA_LATE, Direction.NONE, actor=CLOCK, text=text),
    ]


def _warning(case: Case, warn: Warn, log: int, facts: Facts, policy: Policy) -> list[Effect]:
    incident = case.incident
    late = warn.late and TIMINGS[warn.target].marks_late
    event = Event.SLA_LATE if late else Event.SLA_WARNING
    purpose = NoticePurpose.SLA_LATE if late else NoticePurpose.SLA_WARNING
    purpose = NoticePurpose.LEVEL_REACHED if warn.late and not late else purpose
    detail = {"target": warn.target, "due": warn.due.isoformat(), "threshold": warn.threshold}
    cause = f"sla:{warn.target}:{warn.threshold}:{warn.cycle}"
    expires = None if warn.late else warn.due  # after that it is late, which is said by itself
    readers = _readers(incident, case, facts, policy, late=late)
    return [
        Warned(incident.number, warn.target, warn.threshold, warn.cycle),
        Log(
            incident.number,
            LegKind.INTERNAL,
            event,
            Direction.NONE,
            actor=CLOCK,
            text=f"{warn.target.replace('_', ' ')} due {moment(warn.due, policy.timezone)}",
            change={"late": (incident.late, True)} if late else {},
        ),
        *(Tell(person, purpose, incident.number, (log,), detail, cause=cause, expires=expires) for person in readers),
    ]


def _readers(incident: Incident, case: Case, facts: Facts, policy: Policy, *, late: bool) -> list[Person]:
    """Those it concerns; what is late also reaches their managers, whatever escalations are written."""
    people = concerned(incident, case, facts, policy)
    if late:
        owners = [e for e in (incident.owner, incident.temporary_owner) if e in policy.engineers]
        below = owners or [p.key for p in people]
        managers = {policy.engineers[e].manager for e in below if e in policy.engineers}
        people = [*people, *(facts.staff[m] for m in sorted(managers) if m in facts.staff)]
    return list({person.id: person for person in people}.values())


def _due(incident: Incident, now: datetime) -> bool:
    return _reminds(incident, now) or _hold_over(incident, now)


def _reminds(incident: Incident, now: datetime) -> bool:
    return incident.next_action_at is not None and incident.next_action_at <= now


def _hold_over(incident: Incident, now: datetime) -> bool:
    return incident.holds and incident.hold_until is not None and incident.hold_until <= now


def _awake(case: Case, log: int, facts: Facts, policy: Policy, now: datetime) -> list[Effect]:
    """A wait is over: it is active again, unless it was resolved, or is on hold for longer.  Or a reminder is due.

    The owner knows.
    """
    before = case.incident
    reminds, over = _reminds(before, now), _hold_over(before, now)
    status = before.status
    if over or (status not in STAYING and not before.holds):
        status = moved(before.status, Move.CUSTOMER_WROTE) or before.status
    if over and before.unowned:
        status = Status.NEW
    after = replace(before, status=status)
    after = (after.having(next_action="", next_action_at=None) if reminds else after).tidied()
    label = before.next_action if reminds else HOLD_OVER
    moment = before.next_action_at if reminds else before.hold_until
    effects: list[Effect] = [
        Log(
            before.number,
            LegKind.INTERNAL,
            Event.CHANGED,
            Direction.NONE,
            actor=CLOCK,
            text=f"the time is over: {label or 'next action'}",
            change=changes(before, after),
        )
    ]
    cause = f"woke:{moment.isoformat() if moment else ''}"
    woke = {"woke": label}
    for person in concerned(after, case, facts, policy):
        effects.append(Tell(person, NoticePurpose.CHANGED_STAFF, before.number, (log,), woke, cause=cause))
    return effects
