"""The updates log: legs, events, and one entry of it.  Append-only; an incident's row is only its summary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from enum import StrEnum
from typing import Any

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


class Event(StrEnum):
    """What an update records.  A closed list; configured event types refine `NOTE` and come with their own verb."""

    OPENED = "opened"
    CUSTOMER = "email-in"  # words of a contact or participant
    ANSWER = "email-out"  # words of an engineer to the customer
    NOTE = "note"
    VENDOR = "vendor"
    CHANGED = "changed"  # commands without words
    ASSIGNED = "assigned"
    CLOSURE_REQUESTED = "closure-requested"
    CLOSED = "closed"
    REOPENED = "reopened"
    REFUSED = "refused"  # a mail of which nothing was applied; internal
    AUTOMATIC = "auto"  # a machine spoke
    BOUNCE = "bounce"
    SLA_WARNING = "sla-warning"
    SLA_LATE = "sla-late"
    DELIVERY_FAILED = "delivery-failed"
    JOINED = "joined"
    LEFT = "left"


@record
class Update:
    """One entry, as read back.  `change` maps a field of the incident to (old, new)."""

    id: int
    incident: int
    number: int
    leg: LegKind
    event: Event
    direction: Direction
    author: int
    received: datetime
    text: str = ""
    quoted: str = ""
    change: Mapping[str, Any] = field(default_factory=dict)
    message_id: str = ""
    rule: str = ""
    proof: str = "none"

    @property
    def reference(self) -> str:
        """What people quote: 1234#7 (S3-06)."""
        return f"{self.incident}#{self.number}"
