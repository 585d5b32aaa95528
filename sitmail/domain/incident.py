"""An incident, and the one table of moves its status may make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sitmail.domain.record import changed, record


class Status(StrEnum):
    """Where an incident stands (behaviour 4)."""

    NEW = "new"
    ACTIVE = "active"
    RESEARCH = "research"
    LEFT_MESSAGE = "left-message"
    AWAITING_COLLEAGUE = "awaiting-colleague"
    AWAITING_VENDOR = "awaiting-vendor"
    AWAITING_CUSTOMER = "awaiting-customer"
    ON_HOLD = "on-hold"
    AWAITING_CLOSURE = "awaiting-closure"
    CLOSED = "closed"
    UNSUPPORTED = "unsupported"


@record
class Label:
    """The two names of a status (S0-16): customers only ever see the second."""

    internal: str
    customer: str


LABELS: dict[Status, Label] = {
    Status.NEW: Label("New", "Received"),
    Status.ACTIVE: Label("Active", "Active"),
    Status.RESEARCH: Label("Research needed", "Researching"),
    Status.LEFT_MESSAGE: Label("Called and left message", "We called you"),
    Status.AWAITING_COLLEAGUE: Label("Awaiting colleague", "With a specialist"),
    Status.AWAITING_VENDOR: Label("Awaiting vendor", "With our supplier"),
    Status.AWAITING_CUSTOMER: Label("Awaiting customer", "Awaiting your response"),
    Status.ON_HOLD: Label("On hold", "On hold"),
    Status.AWAITING_CLOSURE: Label("Awaiting closure", "Resolved, awaiting your word"),
    Status.CLOSED: Label("Closed", "Closed"),
    Status.UNSUPPORTED: Label("Unsupported", "Not covered"),
}

# What engineers write for a status besides its id and name: whole words, with hyphens for blanks.
ALSO_CALLED: dict[Status, tuple[str, ...]] = {
    Status.AWAITING_CUSTOMER: ("waiting", "wait", "pending", "waiting-for-customer", "waiting-customer"),
    Status.AWAITING_VENDOR: ("waiting-for-vendor", "waiting-vendor"),
    Status.AWAITING_COLLEAGUE: ("waiting-for-colleague", "waiting-colleague"),
    Status.ON_HOLD: ("hold",),
}

# Chain, first response and update clocks stand still here (behaviour 4; on-hold only if the customer asked).
PAUSED = frozenset(
    {Status.AWAITING_CUSTOMER, Status.AWAITING_CLOSURE, Status.CLOSED, Status.UNSUPPORTED, Status.LEFT_MESSAGE}
)
WORKING = frozenset(
    {
        Status.ACTIVE,
        Status.RESEARCH,
        Status.LEFT_MESSAGE,
        Status.AWAITING_COLLEAGUE,
        Status.AWAITING_VENDOR,
        Status.AWAITING_CUSTOMER,
        Status.ON_HOLD,
        Status.AWAITING_CLOSURE,
    }
)
REPORTED_BUG = "reported-bug"  # development has it
CLOSING_STATUSES = (
    "sent-information",
    "solved",
    REPORTED_BUG,
    "action-taken",
    "duplicate",
    "no-longer-relevant",
    "unsupported",
    "support-expired",
    "unsolved",
    "escalated",
)


class Move(StrEnum):
    """What may happen to a status, whoever caused it."""

    CUSTOMER_WROTE = "customer-wrote"  # S0-27
    ANSWERED = "answered"  # a public answer by a person of ours
    VENDOR_WROTE = "vendor-wrote"
    SET = "set"  # /status, /research, /wait: the engineer names the state
    TAKEN = "taken"  # it got an owner
    CLOSE = "close"
    REOPEN = "reopen"


# The state machine.  (move, from) -> to; SET is allowed among WORKING states, and its target is named by the engineer.
# What is not in the table is refused.
TRANSITIONS: dict[tuple[Move, Status], Status] = {
    **{(Move.CUSTOMER_WROTE, s): Status.ACTIVE for s in WORKING | {Status.UNSUPPORTED}},
    (Move.CUSTOMER_WROTE, Status.NEW): Status.NEW,  # without an owner it stays new; TAKEN makes it active
    **{(Move.ANSWERED, s): Status.AWAITING_CUSTOMER for s in WORKING | {Status.NEW, Status.UNSUPPORTED}},
    (Move.VENDOR_WROTE, Status.AWAITING_VENDOR): Status.ACTIVE,
    (Move.TAKEN, Status.NEW): Status.ACTIVE,
    **{(Move.TAKEN, s): s for s in WORKING | {Status.UNSUPPORTED}},
    **{(Move.CLOSE, s): Status.CLOSED for s in WORKING | {Status.NEW, Status.UNSUPPORTED}},
    (Move.REOPEN, Status.CLOSED): Status.ACTIVE,
    (Move.REOPEN, Status.UNSUPPORTED): Status.ACTIVE,
    (Move.REOPEN, Status.AWAITING_CLOSURE): Status.ACTIVE,
}
SETTABLE_FROM = WORKING | {Status.NEW, Status.UNSUPPORTED}
SETTABLE_TO = WORKING | {Status.UNSUPPORTED}


def moved(status: Status, move: Move, to: Status | None = None) -> Status | None:
    """The status after a move, or None where the table has no such move.  `to` is needed for SET only."""
    if move is Move.SET:
        return to if status in SETTABLE_FROM and to in SETTABLE_TO else None
    return TRANSITIONS.get((move, status))


NO_HOLD: Mapping[str, Any] = {"customer_hold": False, "hold_until": None, "hold_firm": False}
_CLOSED = Status.CLOSED  # asked for a dozen times a mail, and an enum is slow to give a member


@record
class Incident:
    """The summary row of an incident; its updates log is the truth.  People are engineer ids or person ids.

    `owner` and `temporary_owner` are engineers' ids ("" = none); `contact` is a person's id.  Times are aware, UTC.
    `cycle` counts reopenings: targets and warnings belong to a cycle, which began at `cycle_opened`.  `updates` is the
    number of the last update.  `reason` and `resolution` are codes of the dictionary, `general` or `general/specific`;
    `verified` says whether the problem is real, perceived or cannot-reproduce; `fields` are extra ones, and files that
    were asked for, each with its value.
    """

    number: int
    mailbox: str
    title: str
    status: Status
    priority: str
    opened: datetime
    updated: datetime
    owner: str = ""
    temporary_owner: str = ""
    team: str = ""
    contact: int = 0
    site: str = ""
    contract: str = ""
    product: str = ""
    service_level: str = ""
    free: bool = False  # it is one of the free incidents of its site
    calendar: str = ""
    closing_status: str = ""
    severity: str = ""
    request_type: str = ""
    reason: str = ""
    resolution: str = ""
    verified: str = ""
    tags: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    unit: str = ""
    channel: str = "email"
    customer_reference: str = ""
    logged_by: str = ""
    closed: datetime | None = None
    next_action: str = ""
    next_action_at: datetime | None = None
    follow_up_at: datetime | None = None  # when it is looked whether the customer has answered, or later
    follow_up_wait: int = 0  # working seconds that he has for it, from when he was really asked
    closure_requested: datetime | None = None
    closure_reason: str = ""
    reason_asked: bool = False
    customer_hold: bool = False  # on hold because the customer asked
    hold_until: datetime | None = None  # when it is worked on again, on hold
    hold_firm: bool = False  # the customer's words do not end it
    answer_at: datetime | None = None  # when an answer leaves that waits for its time
    answer_by: str = ""  # the engineer who wrote it
    late: bool = False
    merged_into: int | None = None
    cycle: int = 1
    cycle_opened: datetime | None = None
    updates: int = 0
    next_deadline: datetime | None = None
    monitor_key: str = ""  # the fingerprint of a machine's report
    linked: bool = False  # a link leads to it, or from it, or did
    reports: int = 0  # how often a machine reported it
    recovered: datetime | None = None  # when the machine said that it is over, until it reports it again
    recovery_told: datetime | None = None  # when staff were last told so

    @property
    def open(self) -> bool:
        return self.status is not _CLOSED

    @property
    def duplicate(self) -> bool:
        """Whether it is closed as one: what it asks is asked in another incident."""
        return not self.open and self.closing_status == "duplicate"

    @property
    def unowned(self) -> bool:
        return not (self.owner or self.temporary_owner)

    def reopened(self, now: datetime) -> Incident:
        """Open again after it was closed: another cycle, with promises of its own."""
        status = moved(self.status, Move.REOPEN) or self.status
        opened = replace(self, status=status, closing_status="", closed=None)
        return replace(opened, cycle=self.cycle + 1, cycle_opened=now)

    @property
    def holds(self) -> bool:
        """Whether it is on hold until a moment, whatever is due before."""
        return self.status is Status.ON_HOLD and self.hold_until is not None

    def tidied(self) -> Incident:
        """Without what its status makes void: what goes on was not resolved, nor is it on hold."""
        going_on = self.open and self.status is not Status.AWAITING_CLOSURE
        tidy = self.having(resolution="") if going_on and self.resolution else self
        return tidy if tidy.status is Status.ON_HOLD else tidy.having(**NO_HOLD)

    def having(self, **values: Any) -> Incident:
        """The incident with these values: itself, if it has them already."""
        for name, value in values.items():
            if getattr(self, name) != value:
                return changed(self, values)
        return self
