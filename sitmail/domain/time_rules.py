"""When time passes: what is decided about warnings of SLA targets, and about next actions whose time has come."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sitmail.domain.customer.notices import told_of_change
from sitmail.domain.decision_builder import changes
from sitmail.domain.effects import Decision, Effect, Log, Tell, Warned
from sitmail.domain.endings import Ending, Rule
from sitmail.domain.engineer.waiting_answer import departing
from sitmail.domain.escalating import CLOCK, escalated
from sitmail.domain.facts import Case, Facts
from sitmail.domain.incident import Incident, Move, Status, moved
from sitmail.domain.moments import moment
from sitmail.domain.policy import Policy
from sitmail.domain.sla import LATE, TIMINGS, TimedTarget
from sitmail.domain.sla_outlook import Breach, Outlook, Warn
from sitmail.domain.staff_readers import Told, managers, told_as, told_inside
from sitmail.domain.update import Direction, Event, LegKind
from sitmail.domain.who_is_told import Happening

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
    detail = {"target": warn.target, "due": warn.due.isoformat(), "threshold": warn.threshold}
    cause = f"sla:{warn.target}:{warn.threshold}:{warn.cycle}"
    expires = None if warn.late else warn.due  # after that it is late, which is said by itself
    readers = _readers(_happened(warn, late=late), incident, case, facts, policy)
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
        *(
            Tell(one, purpose, incident.number, (log,), detail, cause=cause, expires=expires)
            for one, purpose in readers
        ),
    ]


def _happened(warn: Warn, *, late: bool) -> Happening:
    if late:
        return Happening.REVIEW_DUE if warn.target == TimedTarget.REVIEW else Happening.LATE
    return Happening.LEVEL_REACHED if warn.late else Happening.WARNING


def _readers(what: Happening, incident: Incident, case: Case, facts: Facts, policy: Policy) -> list[Told]:
    """Those it concerns; what is late also reaches their managers, whatever escalations are written."""
    people = told_inside(what, incident, case, facts, policy)
    above = told_as(what, managers(incident, [one for one, _ in people], facts, policy), policy)
    there = {one.id for one, _ in people}
    return [*people, *(told for told in above if told[0].id not in there)]


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
    what = Happening.FOLLOW_UP_DUE if before.status is status else Happening.STATUS_CHANGED
    for person, purpose in told_inside(what, after, case, facts, policy):
        effects.append(Tell(person, purpose, before.number, (log,), woke, cause=cause))
    for person, purpose, seen in told_of_change(case, after, policy):
        effects.append(Tell(person, purpose, before.number, (), seen, cause=cause))
    return effects
