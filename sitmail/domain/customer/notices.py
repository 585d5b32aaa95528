"""How customers are told: of what engineers did, of each other's words, and of what became of their own mail.

There is no other way: whoever has something for a contact or participant calls one of these.  Staff are told elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sitmail.domain.decision_builder import DecisionBuilder
from sitmail.domain.incident import Incident
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.people import Person
from sitmail.domain.policy import Policy


def tell_customers(
    builder: DecisionBuilder, readers: Iterable[Person], purpose: NoticePurpose, number: int, *logs: int, **detail: Any
) -> None:
    """The same notice for each reader; `logs` are places of public entries of the log."""
    for person in readers:
        builder.tell(person, purpose, number, *logs, **detail)


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
