"""What is known of open incidents when morning papers are written: values that the store fills in.  Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sitmail.domain.incident import Status
from sitmail.domain.record import record
from sitmail.domain.sla_outlook import Stands

WAITING = frozenset({Status.AWAITING_COLLEAGUE, Status.AWAITING_VENDOR, Status.AWAITING_CUSTOMER, Status.LEFT_MESSAGE})
WORKED_ON = frozenset({Status.NEW, Status.ACTIVE, Status.RESEARCH})
RUNNING = frozenset({"running", "warned", "late"})


class Section(StrEnum):
    """In the order in which they stand in the letter."""

    LATE = "late"
    TODAY = "today"
    ANSWERED = "answered"
    WAITING = "waiting"
    PROMISED = "promised"
    UNOWNED = "unowned"
    ABANDONED = "abandoned"  # of a manager's people: its owner is away, and nobody stands in
    BROKEN = "broken"  # of a manager's people: it was late since the last evening
    DRIFTING = "drifting"  # of a manager's people: nothing is planned, and nothing is timed
    DESK = "desk"  # of an admin: what happened to any other incident since his last paper


@record
class PendingIncident:
    """An open incident, as far as the paper is about it."""

    number: int
    title: str
    status: Status
    owner: str
    temporary_owner: str
    team: str
    contact: int
    site: str
    calendar: str
    opened: datetime
    updated: datetime
    next_action: str
    next_action_at: datetime | None
    next_deadline: datetime | None
    late: bool
    product: str = ""
    reason: str = ""

    @property
    def whose(self) -> str:
        """Who works on it now."""
        return self.temporary_owner or self.owner


@record
class Heard:
    """The last words of an incident, where they are a customer's or a partner's."""

    by: str
    at: datetime
    words: str


@record
class Happened:
    """An entry of the log of any incident; `who` by name, "" for the desk itself."""

    update: int  # its id
    incident: int
    event: str
    who: str
    change: Mapping[str, Sequence[Any]]
    answered: bool  # it holds our words to the customer


@record
class OnDesk:
    """What is known of the incidents of all who get a paper at this moment."""

    pending: Mapping[int, PendingIncident]
    targets: Mapping[int, Sequence[Stands]] = field(default_factory=dict)  # in force
    heard: Mapping[int, Heard] = field(default_factory=dict)
    waits: Mapping[int, datetime] = field(default_factory=dict)  # since when it has the status that it has
    broken: Mapping[int, Sequence[tuple[str, datetime]]] = field(default_factory=dict)  # targets, and when
    happened: Mapping[int, Sequence[Happened]] = field(default_factory=dict)  # to every incident, in order
    people: Mapping[int, str] = field(default_factory=dict)
    sites: Mapping[str, str] = field(default_factory=dict)

    def running(self, number: int) -> list[Stands]:
        """The targets whose time runs, the first that is due before the others."""
        found = [one for one in self.targets.get(number, ()) if one.state in RUNNING and one.due is not None]
        return sorted(found, key=lambda one: one.due or datetime.max)

    def late(self, number: int, now: datetime) -> list[Stands]:
        return [one for one in self.running(number) if one.due is not None and one.due <= now]
