"""What waits for `send_delay`, what left, and the effects: a mail waits, and is taken back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime

from sitmail.domain.people import Person
from sitmail.domain.record import record

DELAYED, RECALLED = "delayed", "recalled"  # decisions by which its mail is processed again


@record
class Delay:
    """The effect: the mail is processed again at that time.  `words` are what its author wrote, `numbers` of incidents
    about which they are.
    """

    by: Person
    leaves: datetime
    numbers: tuple[int, ...]
    words: str


@record
class Recall:
    """The effect: a mail that waits (its number in the inbox) does not leave."""

    mail: int
    numbers: tuple[int, ...]
    by: str


@record
class Pending:
    """A mail that waits to leave; `author` is a person's id."""

    mail: int
    author: int
    leaves: datetime
    numbers: tuple[int, ...]
    words: str


@record
class Left:
    """The last words that went outside about an incident: when, and to whom they are sent, or on their way."""

    at: datetime
    sent: tuple[str, ...]
    unsent: tuple[str, ...]


@record
class Recallable:
    """Every mail of engineers that waits to leave, the last first; and by incident what left last."""

    waiting: tuple[Pending, ...] = ()
    left: Mapping[int, Left] = field(default_factory=dict)


NOTHING_WAITS = Recallable()
