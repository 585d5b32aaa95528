"""A storm: many people wrote about the same thing within minutes.  `storms` says what is like what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from enum import StrEnum

from sitmail.domain.record import record

CHANNEL = "storm"  # of a parent: nobody outside wrote it


class State(StrEnum):
    PROPOSED = "proposed"
    REFUSED = "refused"
    JOINED = "joined"


@record
class Opened:
    """What of a new incident tells whether it is like another; `product` only where its mailbox does not name it."""

    number: int
    contact: int
    words: frozenset[str]
    unit: str = ""
    product: str = ""


@record
class Storm:
    """`words`, `unit` and `product` are those of the incident by which it was noticed, `first` its first incident.

    `told` is how many incidents the lead was told of, `last` when one of them came; `parent` 0 before his yes.
    """

    id: int
    state: State
    title: str
    words: frozenset[str]
    unit: str
    product: str
    first: int
    lead: int
    parent: int
    told: int
    last: datetime


@record
class StormAsked:
    """A storm whose lead answers, with the incidents that belong to it."""

    storm: Storm
    members: tuple[int, ...]


@record
class StormFacts:
    """What a mail has to do with storms: nearly always nothing.

    `joinable`: whose parents a new incident may get.  `asked`: the one about which its answer decides.  `said`: what
    customers of its children wrote, by incident, where an engineer writes about a parent.
    """

    joinable: tuple[Storm, ...] = ()
    asked: StormAsked | None = None
    said: Mapping[int, str] = field(default_factory=dict)


NO_STORM = StormFacts()
