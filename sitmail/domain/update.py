"""The updates log: its legs, directions and events.  It is append-only; an incident's row is only its summary."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sitmail.domain.record import record


class LegKind(StrEnum):
    """Who hears what is said (behaviour 2)."""

    PUBLIC = "public"
    INTERNAL = "internal"
    VENDOR = "vendor"


class Direction(StrEnum):
    IN = "in"
    OUT = "out"
    NONE = "none"


@record
class Origin:
    """Of an entry that is a copy: what mail it came by, and when.  `inbox` is that mail's number, if it is kept."""

    received: datetime
    occurred: datetime | None
    message_id: str
    subject: str
    inbox: int | None
    page: str = ""


class Event(StrEnum):
    """What an update records.  A closed list; beside it stand the ids of `event_types`."""

    OPENED = "opened"
    CUSTOMER = "email-in"  # words of a contact or participant
    ANSWER = "email-out"  # words of an engineer to the customer
    NOTE = "note"
    TIME = "time"  # spent by an engineer, or taken back
    PREPAID = "prepaid"  # what a closing drew from prepaid services
    VENDOR = "vendor"
    LATER = "later"  # an answer that waits for its time; internal
    RECALLED = "recalled"  # words for people outside that were taken back before they left; internal
    CHANGED = "changed"  # commands without words
    ASSIGNED = "assigned"
    CLOSURE_REQUESTED = "closure-requested"
    CLOSED = "closed"
    REOPENED = "reopened"
    REFUSED = "refused"  # a mail of which nothing was applied; internal
    AUTOMATIC = "auto"  # a machine spoke
    BOUNCE = "bounce"
    TARGET_MET = "target-met"  # an engineer says so: the problem is understood, it was reviewed
    SLA_WARNING = "sla-warning"
    SLA_LATE = "sla-late"
    CHASED = "chased"  # the customer did not answer, and was asked again
    UNSENT = "unsent"  # when the customer's time was over, the letter that asks him had not left
    CALL_ASKED = "call-asked"  # one of ours was asked to ring him
    ESCALATED = "escalated"  # a step of `[[escalation]]` was done
    DELIVERY_FAILED = "delivery-failed"
    FEEDBACK_ASKED = "feedback-asked"  # after closing, how the desk did
    FEEDBACK = "feedback"  # the answer; internal, whoever else reads the incident
    JOINED = "joined"
    LEFT = "left"
    LINKED = "linked"  # to another incident, or to what stands elsewhere
    BUG_FIXED = "bug-fixed"
    UNLINKED = "unlinked"
