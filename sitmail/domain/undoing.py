"""`/undo`: what a command mail did, and how it is taken back (behaviour 3.5).

When a mail of an engineer's with commands is applied, the inverse of its effects is kept with it (`services/undoing`).
Whoever wrote it takes them back within a day, all or none; what was sent by email stays sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sitmail.domain.people import Person
from sitmail.domain.record import record

FOR = timedelta(days=1)
# Verbs whose effects can all be taken back; a mail with any other can not be undone.  What was sent stays sent.
UNDOABLE = frozenset(
    {"take", "assign", "temp", "colleague", "back", "status", "research", "wait", "hold", "next", "later"}
    | {"priority", "severity", "type", "reason", "title", "product", "unit", "contract", "field", "tag", "verify"}
    | {"cc", "watch", "time", "close", "resolve", "reopen", "unsupported", "dup", "merge", "split", "parent"}
)
CHANGING_NOTHING = frozenset(
    {"note", "public", "keep", "help", "show", "why", "files", "who", "search", "queue", "report", "recall", "kb"}
)


class StepKind(StrEnum):
    """What takes an effect back."""

    FIELDS = "fields"  # an incident's fields get their former values
    END_LINK = "end-link"
    RENEW_LINK = "renew-link"
    WITHDRAW = "withdraw"  # who joined leaves
    ENROL_AGAIN = "enrol-again"  # who was taken off takes part again
    TAKE_TIME = "take-time"  # what was noted as spent is taken back
    JOIN_AGAIN = "join-again"  # an incident that was split off is a part of the one it came from


@record
class Step:
    """One of them, about an incident; which of the other fields count depends on the kind.

    `change` is what the mail changed: {field: [old, new]}, as the log keeps it.  `other` and `link_kind` are
    those of a link that ended, `role` and `leg` those of who was taken off.
    """

    kind: StepKind
    incident: int
    link: int = 0
    other: int = 0
    link_kind: str = ""
    person: int = 0
    role: str = ""
    leg: str = ""
    minutes: int = 0
    change: Mapping[str, Any] = field(default_factory=dict)


@record
class Deed:
    """The last command mail of an engineer that was carried out: its lines, and what takes it back.

    `steps` None: it cannot be taken back.
    """

    id: int
    at: datetime
    lines: str
    steps: tuple[Step, ...] | None = None
    people: Mapping[int, Person] = field(default_factory=dict)  # who takes part again

    @property
    def incidents(self) -> tuple[int, ...]:
        """Of which something is taken back."""
        return tuple(dict.fromkeys(step.incident for step in self.steps or ()))

    @property
    def concerned(self) -> set[int]:
        """Those, and the other ends of links."""
        return {*self.incidents, *(step.other for step in self.steps or ())} - {0}


@record
class KeepDeed:
    """The effect: what a decision does is kept, so that its author can take it back.  `undoable`: all of it can be."""

    by: Person
    lines: str
    undoable: bool


@record
class Undone:
    """A deed was taken back."""

    deed: int


@record
class RenewLink:
    """A link that ended goes on."""

    link: int
