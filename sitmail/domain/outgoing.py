"""A letter on its way out, and what became of it: what store and courier say to each other.

How a row is kept belongs to `store/outbox`, when to try and try again to `sending`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal, NamedTuple

Pair = tuple[int, int | None]
EXPIRED = "expired"  # the error of a letter that could not leave while it was worth sending


class Outgoing(NamedTuple):
    """A letter of the outbox.  Its fields are columns of the table: a new one is read and written with the others.

    `page` is packed, and b"" where the letter is text alone.  `attachments` are (name, type, sha256, Content-ID), the
    last "" but for pictures in the page.  `invite` is an event for a calendar, "" in nearly all.  `attempts` counts the
    tries so far; `purpose` is a `NoticePurpose`'s text.
    """

    id: int
    person: int
    incident: int | None
    purpose: str
    sender: str
    recipient: str
    message_id: str
    head: str
    body: str
    page: bytes
    attachments: tuple[tuple[str, str, str, str], ...]
    attempts: int
    made: datetime
    expires: datetime | None
    invite: str = ""

    @property
    def pair(self) -> Pair:
        """Reader and incident: letters of a pair leave in order, one at a time."""
        return self.person, self.incident


class Outcome(NamedTuple):
    """What an attempt led to, at which moment.

    `next_attempt` (None leaves the planned one as it is) comes with deferred; `error`, for people, with deferred and
    failed.
    """

    id: int
    state: Literal["sending", "sent", "deferred", "failed"]
    at: datetime
    attempts: int
    next_attempt: datetime | None = None
    error: str = ""
