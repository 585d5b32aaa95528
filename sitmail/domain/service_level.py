"""What is promised, and what happens with time, as the configuration says it: service levels, closing, escalation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from sitmail.domain.hours import Span
from sitmail.domain.record import record


@record
class Target:
    """What a service level promises for one priority.  A missing span is no promise."""

    priority: str
    spans: Mapping[str, Span]  # first_response problem action_plan resolution update review, in this order
    warn_at: tuple[float, ...] = (0.75, 0.9)  # fractions of the promised time


@record
class ServiceLevel:
    name: str
    calendar: str = ""
    summary: str = ""  # what is agreed, as customers read it
    priority: str = ""  # of new incidents; "" is the desk's usual one
    priority_at_most: str = ""  # whatever a customer wishes
    owner: str = ""  # who gets its incidents, where no route and no request type says
    team: str = ""
    counted: str = "opening"  # opening chain: from when the targets of the chain are counted
    reopen: bool = True
    reopen_days: int | None = None
    presume_after: Span | None = None
    attempts: int | None = None
    engineer_period: int | None = None  # minutes, as in `Prepaid`
    customer_period: int | None = None
    targets: Mapping[str, Target] = field(default_factory=dict)  # by priority


@record
class Closing:
    default: str = "solved"
    presume_after: Span = Span(days=1)
    chase_after: Span = Span(days=2)
    attempts: int = 1
    reopen: bool = True
    reopen_days: int = 30
    customer_may_close: bool = False
    defer_at_most: str = ""  # the highest priority of what development may have; "": the lowest there is
    hold_days: int = 90  # for how long a customer may have us pause
    closed_for_good: str = "new"  # new hold: what becomes of words about an incident that no words open again
    require: tuple[str, ...] = ()  # what an incident must have before it is resolved: its fields, and extra ones
    listed_days: int = 90  # so long after closing colleagues may read it, where a contract lets them
    unresponsive: str = "ask"  # ask close: what becomes of an incident whose customer does not answer
    unresponsive_status: str = "no-longer-relevant"


@record
class Chase:
    """A step while an incident waits for its customer, so much working time after the one before it.

    `to` are roles (`chasing.ROLES`) and ids of engineers.  "" matches every priority, every service level.
    """

    after: Span = Span(days=2)
    to: tuple[str, ...] = ("contact",)
    priority: str = ""
    service_level: str = ""
    id: str = ""


@record
class Escalation:
    """What else happens when a part of a promised time is used.  "" matches every priority, every promised target.

    `to` are roles (`escalation.ROLES`) and ids of engineers; they are told again each `repeat` of working time, `times`
    at most.
    """

    id: str = ""
    priority: str = ""
    target: str = ""
    at: float = 1.0
    to: tuple[str, ...] = ()
    set_priority: str = ""
    set_status: str = ""
    set_owner: str = ""
    event: str = ""
    repeat: Span | None = None
    times: int = 3
    even_when_quiet: bool = False  # told in the quiet hours of its readers, too
