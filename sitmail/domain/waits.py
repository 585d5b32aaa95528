"""How long the desk waits for a customer before it asks again, or ends the incident (behaviour 4.1).

A wait begins with an entry of the log: the status comes to wait for the customer, we write to him again, or he
was rung.  How much working time it takes is a fact from then on; another configuration counts for later waits.  From
when it counts, and what follows it, is found out when it is over: `asked`, `chasing`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sitmail.domain.dictionary import entry as entry_of
from sitmail.domain.effects import Log
from sitmail.domain.incident import Incident, Status
from sitmail.domain.policy import Policy
from sitmail.domain.record import changed
from sitmail.domain.service_level import Chase
from sitmail.domain.update import Direction, Event, LegKind

FOLLOWED = frozenset({Status.AWAITING_CUSTOMER, Status.AWAITING_CLOSURE})
FOLLOW_UP = "follow up if the customer has not answered"  # what staff read of a wait as the next action
_TERMS = ("status", "priority", "service_level", "calendar")  # that decide how long a wait is


def ladder(incident: Incident, policy: Policy) -> tuple[Chase, ...]:
    """The steps of `[[chase]]` for an incident, in their order; none: the contact is asked again, and again."""
    return tuple(
        one
        for one in policy.chases
        if one.priority in ("", incident.priority) and one.service_level in ("", incident.service_level)
    )


def letters_that_ask(incident: Incident, policy: Policy) -> int:
    """How many letters ask whether it works before no answer means yes."""
    level = policy.service_levels.get(incident.service_level)
    attempts = policy.closing.attempts if level is None or level.attempts is None else level.attempts
    return max(1, attempts)


def seconds_before(step: int, incident: Incident, policy: Policy) -> int:
    """Working seconds that pass before the `step`th step (0 is the first); 0: the desk does nothing by itself."""
    closing, level = policy.closing, policy.service_levels.get(incident.service_level)
    if incident.status is Status.AWAITING_CLOSURE:
        span = (level and level.presume_after) or closing.presume_after
    else:
        steps = ladder(incident, policy)
        span = steps[step].after if step < len(steps) else closing.chase_after
    return policy.calendar_named(incident.calendar).working(span)


def waiting(incident: Incident, policy: Policy, now: datetime, seconds: int | None = None) -> Incident:
    """The incident with a wait that begins now: of the first step, if nothing else is said."""
    length = seconds_before(0, incident, policy) if seconds is None else seconds
    if not length:
        return incident.having(follow_up_at=None, follow_up_wait=0)
    at = policy.calendar_named(incident.calendar).add(now, length)
    return incident.having(follow_up_at=at, follow_up_wait=length)


def wait_of(entry: Log, before: Incident, policy: Policy, now: datetime) -> Mapping[str, tuple[Any, Any]]:
    """What an entry changes of the wait, as `Log.change` has it; an entry that says so itself is believed."""
    change = entry.change
    if not change and before.status not in FOLLOWED and before.follow_up_at is None:
        return change
    status = Status(change["status"][1]) if "status" in change else before.status
    if status not in FOLLOWED:
        after = before.having(follow_up_at=None, follow_up_wait=0)
    elif "follow_up_at" in change or not _begins(entry, before, status, policy):
        return change
    else:
        now_so = changed(before, {name: change[name][1] for name in _TERMS if name in change} | {"status": status})
        again = before.follow_up_wait if _attempt(entry, policy) and status is before.status else 0
        after = waiting(now_so, policy, now, again or None)
    if (after.follow_up_at, after.follow_up_wait) == (before.follow_up_at, before.follow_up_wait):
        return change
    return {
        **change,
        "follow_up_at": (_text(before.follow_up_at), _text(after.follow_up_at)),
        "follow_up_wait": (before.follow_up_wait, after.follow_up_wait),
    }


def next_of(action: str, planned: datetime | None, wait: datetime | None) -> tuple[str, datetime | None]:
    """What is next on an incident if nobody writes, and when: what its engineer planned, or the end of its `wait`."""
    return (FOLLOW_UP, wait) if wait is not None and (planned is None or wait < planned) else (action, planned)


def _begins(entry: Log, before: Incident, status: Status, policy: Policy) -> bool:
    """Whether the customer's time begins (again) with that entry."""
    if status is not before.status or _attempt(entry, policy):
        return True
    if entry.leg is not LegKind.PUBLIC:
        return False
    if entry.direction is Direction.OUT:
        return entry_of(policy.dictionary.event_types, entry.event) is None or entry.event == Event.ANSWER
    wrote = entry.event == Event.CUSTOMER and entry.direction is Direction.IN
    return wrote and status is Status.AWAITING_CUSTOMER  # thanks: he reads what we write


def _attempt(entry: Log, policy: Policy) -> bool:
    """An event that an engineer logged, which asks the customer once more."""
    if entry.event == Event.ANSWER and entry.leg is LegKind.PUBLIC:
        return False  # an answer by email, which has the name of such an event
    found = entry_of(policy.dictionary.event_types, entry.event)
    return found is not None and found.counts_as_attempt


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
