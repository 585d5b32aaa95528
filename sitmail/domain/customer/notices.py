"""How customers are told: of what engineers did, of each other's words, and of what became of their own mail.

There is no other way: whoever has something for a contact or participant calls one of these.  Staff are told elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sitmail.domain.decision_builder import DecisionBuilder, customers
from sitmail.domain.facts import Case
from sitmail.domain.incident import Incident, Status
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.people import Person
from sitmail.domain.policy import Policy
from sitmail.domain.who_is_told import Happening, Role, purpose_of


def tell_customers(
    builder: DecisionBuilder,
    readers: Iterable[Person],
    what: Happening,
    incident: Incident,
    /,
    *logs: int,
    **detail: Any,
) -> None:
    """The notice for each reader whom the table tells of it; `logs` are places of public entries of the log."""
    for person, purpose in told_outside(what, incident, readers, builder.policy):
        builder.tell(person, purpose, incident.number, *logs, **detail)


def told_outside(
    what: Happening, incident: Incident, readers: Iterable[Person], policy: Policy
) -> Iterator[tuple[Person, NoticePurpose]]:
    """Those of them who hear of it, and by which letter."""
    for person in readers:
        role = Role.CONTACT if person.id == incident.contact else Role.PARTICIPANT
        purpose = purpose_of(what, role, person, policy.tell)
        if purpose is not None:
            yield person, purpose


def told_of_change(
    case: Case, after: Incident, policy: Policy
) -> Iterator[tuple[Person, NoticePurpose, dict[str, Any]]]:
    """What customers hear of something that the clock or a partner changed: the names of statuses and owners."""
    seen = seen_by_customers(case.incident, after, policy)
    if seen:
        for person, purpose in told_outside(
            happened_to(case.incident, after), after, [party.person for party in customers(case)], policy
        ):
            yield person, purpose, seen


def happened_to(before: Incident, after: Incident) -> Happening:
    """What a change without words is to those who are told of it."""
    if before.open != after.open:
        return Happening.REOPENED if after.open else Happening.CLOSED
    if after.status is Status.AWAITING_CLOSURE and before.status is not after.status:
        return Happening.RESOLVED
    return Happening.OWNER_CHANGED if before.owner != after.owner else Happening.STATUS_CHANGED


def answer_writer(
    builder: DecisionBuilder, writer: Person, purpose: NoticePurpose, number: int | None, /, *logs: int, **detail: Any
) -> None:
    """An automatic answer to who wrote the mail; none where the mail says that it wants none (RFC 3834 section 2)."""
    if not builder.unanswerable:
        builder.tell(writer, purpose, number, *logs, **detail)


def seen_by_customers(before: Incident, after: Incident, policy: Policy) -> dict[str, Any]:
    """What customers may know of a change: the status by its name for them, the owner's name, the closing status.

    `before` keeps the old ones, so that the notice can say when it leaves what has changed in the end.
    """
    seen: dict[str, Any] = {}
    label, old = (policy.dictionary.label(one.status).customer for one in (after, before))
    if label != old:
        seen["status"] = label
    if after.owner != before.owner and after.owner in policy.engineers:
        seen["owner"] = policy.engineers[after.owner].name
    if before.open and not after.open:
        seen["closing_status"] = policy.dictionary.closing(after.closing_status)
    paused = after.holds and after.hold_until != before.hold_until
    if paused and after.hold_until is not None:
        seen["hold"] = after.hold_until.isoformat()
    if seen:
        seen["before"] = {"status": str(before.status), "owner": before.owner}
    if paused:
        seen["before"]["hold"] = before.hold_until.isoformat() if before.hold_until else ""
    return seen
