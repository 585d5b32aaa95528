"""What an entry of the log is to those who are told of it: the rows of `domain/who_is_told` that it stands for."""

from __future__ import annotations

from collections.abc import Mapping

from sitmail.domain.effects import Log
from sitmail.domain.update import Direction, Event
from sitmail.domain.who_is_told import Happening

OF_EVENT: Mapping[str, Happening] = {
    Event.OPENED: Happening.OPENED,
    Event.CUSTOMER: Happening.WROTE,
    Event.ANSWER: Happening.ANSWERED,
    Event.ASSIGNED: Happening.OWNER_CHANGED,
    Event.CLOSURE_REQUESTED: Happening.CLOSURE_REQUESTED,
    Event.CLOSED: Happening.CLOSED,
    Event.REOPENED: Happening.REOPENED,
    Event.SLA_LATE: Happening.LATE,
    Event.DELIVERY_FAILED: Happening.NOT_DELIVERED,
}
OF_CHANGE: Mapping[str, Happening] = {  # of any other event
    "status": Happening.STATUS_CHANGED,
    "closing_status": Happening.STATUS_CHANGED,
    "owner": Happening.OWNER_CHANGED,
    "temporary_owner": Happening.OWNER_CHANGED,
}


def happenings(event: str, change: Mapping[str, object]) -> set[Happening]:
    """What an event with these changes is."""
    found = {OF_CHANGE[name] for name in change if name in OF_CHANGE}
    return found | {OF_EVENT[event]} if event in OF_EVENT else found


def logged(entry: Log, highest: str) -> set[Happening]:
    """What an entry that is written now is; `highest`: the id of the highest priority."""
    found = happenings(entry.event, entry.change)
    if entry.event == Event.VENDOR:
        found.add(Happening.VENDOR_ASKED if entry.direction is Direction.OUT else Happening.VENDOR_WROTE)
    if "priority" in entry.change and entry.change["priority"][1] == highest:
        found.add(Happening.CRITICAL)
    return found
