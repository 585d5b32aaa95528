"""What escalates: steps of the configuration at parts of a promised time, and who is told of them (behaviour 4).

A step is due at its part of the time, and told again each `repeat` after it.  Both are parts of the same clock, so
that pauses, calendars and meeting the target hold for them, too, and each is done once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sitmail.domain.decision_builder import account_managers, on_call
from sitmail.domain.facts import Case, Facts
from sitmail.domain.hours import Calendar, Span
from sitmail.domain.incident import Incident
from sitmail.domain.people import Person
from sitmail.domain.policy import Policy
from sitmail.domain.record import record
from sitmail.domain.service_level import Escalation
from sitmail.domain.sla import LATE, LEVELS, TimedTarget

ROLES = ("owner", "temporary-owner", "team", "on-duty", "manager", "account-manager", "contact")
UNOWNED_TIMES = 72  # how often those on duty hear again of what nobody owns: a day of every twenty minutes
HIDDEN = frozenset({TimedTarget.UNOWNED, *LEVELS})  # targets that are no promise to a customer


def hidden_from(*, staff: bool) -> frozenset[TimedTarget]:
    """The targets that a letter to staff, or to others, does not show."""
    return frozenset({TimedTarget.UNOWNED}) if staff else HIDDEN


@record
class Turn:
    """A step whose turn has come: the first time (`again` 0), or told again."""

    step: Escalation
    again: int


def turns(
    policy: Policy, priority: str, target: str, seconds: int, calendar: Calendar
) -> Mapping[float, Sequence[Turn]]:
    """By part of the promised time, what is done then.  A part is rounded, so that it is the same number each time."""
    found: dict[float, list[Turn]] = {}
    for step in _steps(policy):
        if step.priority not in ("", priority) or not _of(step, target):
            continue
        found.setdefault(step.at, []).append(Turn(step, 0))
        if step.repeat is None or not step.to:
            continue
        every = calendar.working(step.repeat) / seconds
        for again in range(1, step.times + 1):
            found.setdefault(round(step.at + again * every, 6), []).append(Turn(step, again))
    return found


def _steps(policy: Policy) -> Sequence[Escalation]:
    if policy.unowned_every is None:
        return policy.escalations
    nag = Escalation(
        target=TimedTarget.UNOWNED, to=("on-duty",), at=LATE, repeat=policy.unowned_every, times=UNOWNED_TIMES
    )
    return (nag, *policy.escalations)


def _of(step: Escalation, target: str) -> bool:
    """A step that names no target is about every promise, not about what the desk watches for itself."""
    return step.target == target or (not step.target and target not in HIDDEN)


def unowned_promise(policy: Policy, calendar: Calendar) -> int:
    """Working seconds after which those on duty hear of what nobody owns; 0 where nothing says so."""
    span: Span | None = policy.unowned_every
    return 0 if span is None else calendar.working(span)


def readers(step: Escalation, incident: Incident, case: Case, facts: Facts, policy: Policy) -> list[Person]:
    """Who is told, each once: staff by role or id, and the contact."""
    found: list[Person] = []
    for name in step.to:
        if name == "contact":
            found += [party.person for party in case.parties if party.role == "contact"]
        else:
            found += _staff(name, incident, case, facts, policy)
    return list({person.id: person for person in found}.values())


def _staff(name: str, incident: Incident, case: Case, facts: Facts, policy: Policy) -> list[Person]:
    if name == "on-duty":
        return on_call(incident, facts, policy)
    if name == "account-manager":
        return account_managers(case.site, facts.staff, policy)
    owners = [one for one in (incident.owner, incident.temporary_owner) if one in policy.engineers]
    ids = {
        "owner": [incident.owner],
        "temporary-owner": [incident.temporary_owner],
        "team": [one.id for one in policy.engineers.values() if incident.team and incident.team in one.teams],
        "manager": [policy.engineers[one].manager for one in owners]
        or [policy.engineers[person.key].manager for person in on_call(incident, facts, policy)],
    }.get(name, [name])
    return [facts.staff[one] for one in ids if one in facts.staff]
