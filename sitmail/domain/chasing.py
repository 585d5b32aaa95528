"""When the customer does not answer: he is asked again, his owner is told, or the incident is closed (S2-26, S2-27).

Each look at an incident does one step at most, and each step begins a wait of its own, counted from the moment at which
the letter really left: nothing comes in quick succession, and a relay that is down closes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sitmail.domain.asked import Asked, Left
from sitmail.domain.customer.notices import seen_by_customers, told_outside
from sitmail.domain.decision_builder import changes, concerned, customers
from sitmail.domain.effects import Decision, Effect, Enrol, Log, LookAgain, Tell
from sitmail.domain.endings import Ending, Rule
from sitmail.domain.escalating import CLOCK
from sitmail.domain.facts import Case, Facts
from sitmail.domain.fixed_bugs import left_to_development
from sitmail.domain.incident import Incident, Move, Status, moved
from sitmail.domain.moments import moment
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.outside_readers import hears
from sitmail.domain.people import Person
from sitmail.domain.policy import Policy
from sitmail.domain.pools import followed
from sitmail.domain.service_level import Chase
from sitmail.domain.staff_readers import managers, told_as, told_inside
from sitmail.domain.update import Direction, Event, LegKind
from sitmail.domain.waits import FOLLOWED, ladder, letters_that_ask, seconds_before, waiting
from sitmail.domain.who_is_told import Happening

ROLES = ("contact", "contact-manager", "owner", "manager")
REST = timedelta(hours=1)  # between two looks at a letter that has not left; and after a time in which nobody looked
ENOUGH = 2  # attempts after which a customer is called unresponsive
AGAIN = Chase(to=("contact",))


def decide(
    case: Case, found: Asked | None, manager: Person | None, facts: Facts, policy: Policy, now: datetime
) -> Decision:
    """What becomes of an incident whose time is over.  `manager` is the one that the directory gives the contact."""
    incident, look = case.incident, case.incident.follow_up_at
    if look is None or found is None or incident.status not in FOLLOWED:
        return _look_again(incident, None)
    calendar = policy.calendar_named(incident.calendar)
    if now - look > REST:  # nobody looked: mail that waited meanwhile comes first
        return _look_again(incident, calendar.add(now, int(REST.total_seconds())))
    if found.state is Left.WAITS:
        return _unsent(case, found, facts, policy, now)
    due = calendar.add(found.base, incident.follow_up_wait)
    if due > now:
        return _look_again(incident, due)
    if found.state is Left.LOST:
        return _given_back(case, "lost", found, Rule.CHASED, facts, policy)
    resolved = incident.status is Status.AWAITING_CLOSURE
    if resolved and len(found.attempts) >= letters_that_ask(incident, policy):
        status = policy.dictionary.closing_of(incident.resolution) if incident.resolution else ""
        return _closed(case, status or policy.closing.default, found, Rule.PRESUMED, facts, policy, now)
    contact = next((one.person for one in case.parties if one.role == "contact"), None)
    if contact is None or not hears(contact, NoticePurpose.CHASED, policy):
        return _given_back(case, "nobody", found, Rule.CHASED, facts, policy)
    if resolved:
        return _step(case, AGAIN, found, contact, manager, facts, policy, now)
    if not found.words and not found.attempts:
        return _given_back(case, "unasked", found, Rule.CHASED, facts, policy)
    steps = ladder(incident, policy)
    if found.steps < len(steps):
        return _step(case, steps[found.steps], found, contact, manager, facts, policy, now)
    if len(found.attempts) < ENOUGH:
        return _step(case, AGAIN, found, contact, manager, facts, policy, now)
    if policy.closing.unresponsive == "close":
        return _closed(case, policy.closing.unresponsive_status, found, Rule.UNRESPONSIVE, facts, policy, now)
    return _given_back(case, "unresponsive", found, Rule.UNRESPONSIVE, facts, policy)


def _decision(rule: Rule, incident: Incident, effects: Sequence[Effect]) -> Decision:
    return Decision(rule, Ending.APPLIED, rule.meaning, tuple(effects), incident.number)


def _look_again(incident: Incident, at: datetime | None) -> Decision:
    return _decision(Rule.CHASED, incident, [LookAgain(incident.number, at)])


def _log(before: Incident, after: Incident, event: Event, text: str) -> Log:
    change = changes(before, after)
    return Log(before.number, LegKind.INTERNAL, event, Direction.NONE, actor=CLOCK, text=text, change=change)


def _tried(found: Asked) -> dict[str, Any]:
    return {"tried": [at.isoformat() for at in found.attempts]}


# --- a step


def _step(
    case: Case,
    step: Chase,
    found: Asked,
    contact: Person,
    manager: Person | None,
    facts: Facts,
    policy: Policy,
    now: datetime,
) -> Decision:
    """Who is asked again, and which of our own people are asked to ring; without either the contact is asked."""
    before = case.incident
    outside = [contact] if "contact" in step.to else []
    if "contact-manager" in step.to and manager is not None and hears(manager, NoticePurpose.CHASED, policy):
        outside += [manager] if manager.id != contact.id else []
    inside = _staff(step, before, facts, policy)
    outside = outside if outside or inside else [contact]
    if contact in outside:
        others = [one for one in _outside(case) if one.id not in {person.id for person in outside}]
        outside += [one for one, _ in told_outside(Happening.CHASED, before, others, policy)]
    after = waiting(before, policy, now, seconds_before(found.steps + 1, before, policy))
    names = ", ".join(person.name or person.address for person in (*outside, *inside))
    event, text = (Event.CHASED, f"asked again: {names}") if outside else (Event.CALL_ASKED, f"asked to ring: {names}")
    cause = f"chase:{before.updates + 1}"
    effects: list[Effect] = [_log(before, after, event, text)]
    detail = {"confirm": before.status is Status.AWAITING_CLOSURE, **_tried(found)}
    words = (found.words,) if found.words else ()
    first = before.status is Status.AWAITING_CLOSURE and not found.attempts  # nothing has asked him yet
    purpose = NoticePurpose.RESOLVED if first else NoticePurpose.CHASED
    for person in outside:
        if case.party(person) is None:
            effects.append(Enrol(before.number, person, "participant"))
        told = Tell(person, purpose, before.number, (), detail, cause, expires=after.follow_up_at, quotes=words)
        effects.append(told)
    if inside:
        effects += _ask_staff(case, "call", found, inside, facts, policy, cause=cause)
    return _decision(Rule.CHASED, before, effects)


def _staff(step: Chase, incident: Incident, facts: Facts, policy: Policy) -> list[Person]:
    """The owner (who is away or missing: whom it concerns) and his manager, and engineers by their ids."""
    found: list[Person] = []
    for name in step.to:
        if name == "owner":
            found += concerned(incident, None, facts, policy)
        elif name == "manager":
            owner = policy.engineers.get(incident.owner)
            found += [facts.staff[owner.manager]] if owner and owner.manager in facts.staff else []
        elif name in facts.staff:
            found.append(facts.staff[name])
    return list({person.id: person for person in found}.values())


def _ask_staff(
    case: Case, why: str, found: Asked, readers: Sequence[Person], facts: Facts, policy: Policy, *, cause: str
) -> list[Effect]:
    contact = next((one.person for one in case.parties if one.role == "contact"), None)
    closed, active = not case.incident.open, case.incident.status is Status.ACTIVE
    told = closed and any(
        hears(one, purpose, policy)
        for one, purpose in told_outside(Happening.CLOSED, case.incident, _outside(case), policy)
    )
    detail = {
        "why": why,
        "closed": closed,
        "told": told,
        "active": active,
        "phone": contact.phone if contact else "",
        **_tried(found),
    }
    purpose, number = NoticePurpose.UNANSWERED, case.incident.number
    if readers:
        return [Tell(person, purpose, number, (), detail, cause) for person in readers]
    told_of_it = told_inside(Happening.UNRESPONSIVE, case.incident, case, facts, policy)
    above_told: list[Effect] = []
    if why in _LAST:
        above = managers(case.incident, [one for one, _ in told_of_it], facts, policy)
        there = {one.id for one, _ in told_of_it}
        managed = [one for one in told_as(Happening.UNRESPONSIVE, above, policy) if one[0].id not in there]
        owner = {"owner": policy.engineers[case.incident.owner].name} if case.incident.owner in policy.engineers else {}
        detail_above = {**detail, "above": True, **owner}
        above_told = [Tell(person, letter, number, (), detail_above, cause) for person, letter in managed]
    return [*(Tell(person, letter, number, (), detail, cause) for person, letter in told_of_it), *above_told]


def _outside(case: Case) -> list[Person]:
    return [party.person for party in customers(case)]


def _unsent(case: Case, found: Asked, facts: Facts, policy: Policy, now: datetime) -> Decision:
    """The letter that asks waits for a relay, and the customer's time for the letter; staff hear of it once."""
    before = case.incident
    effects: list[Effect] = [LookAgain(before.number, now + REST)]
    if not found.unsent:
        effects.append(_log(before, before, Event.UNSENT, "the letter that asks the customer has not left"))
        effects += _ask_staff(case, "unsent", found, (), facts, policy, cause=f"unsent:{found.last}")
    return _decision(Rule.CHASED, before, effects)


# --- the end of the wait


def _given_back(case: Case, why: str, found: Asked, rule: Rule, facts: Facts, policy: Policy) -> Decision:
    """The next step is the owner's: it is active again, and he is told why."""
    before = case.incident
    status = moved(before.status, Move.SET, Status.ACTIVE) or before.status
    if why == "nobody" and before.status is Status.AWAITING_CLOSURE:
        status = before.status  # such as one that stands for many: their customers are asked
    after = replace(before, status=status, follow_up_at=None, follow_up_wait=0)
    log = _log(before, after, Event.CHANGED, f"{_SAYS[why]}{_when(found, policy)}")
    now_so = replace(case, incident=after)
    told = _ask_staff(now_so, why, found, (), facts, policy, cause=f"given:{before.updates + 1}")
    return _decision(rule, before, [log, *told])


_LAST = ("unresponsive", str(Rule.UNRESPONSIVE))  # he was asked for the last time: managers hear of that
_SAYS = {
    "unresponsive": "the customer does not answer",
    "lost": "our letter did not reach the customer",
    "nobody": "there is nobody who can be asked again",
    "unasked": "nothing was asked",
}


def _closed(case: Case, status: str, found: Asked, rule: Rule, facts: Facts, policy: Policy, now: datetime) -> Decision:
    """Closed without an answer; the customer hears it, whatever he said about feedback, and so does the owner."""
    before = case.incident
    after = replace(
        before,
        status=moved(before.status, Move.CLOSE) or before.status,
        closing_status=status,
        closed=now,
        closure_requested=None,
        next_action="",
        next_action_at=None,
        follow_up_at=None,
        follow_up_wait=0,
    )
    effects: list[Effect] = [_log(before, after, Event.CLOSED, f"{rule}: no answer{_when(found, policy)}")]
    effects += followed(before, after)
    cause = f"closed:{before.updates + 1}"
    seen = {**seen_by_customers(before, after, policy), "unanswered": str(rule), **_tried(found)}
    seen |= left_to_development(after, case.links)
    for person, purpose in told_outside(Happening.CLOSED, after, _outside(case), policy):
        effects.append(Tell(person, purpose, before.number, (), seen, cause))
    closed = replace(case, incident=after)
    effects += _ask_staff(closed, str(rule), found, (), facts, policy, cause=cause)
    return _decision(rule, before, effects)


def _when(found: Asked, policy: Policy) -> str:
    """When he was asked, for the log."""
    moments = ", ".join(moment(at, policy.timezone) for at in found.attempts)
    return f"; asked {moments}" if moments else ""
