"""What engineers watch beside single incidents: a site, a contact, a contract (`domain/watching`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum

from sitmail.domain.people import Person
from sitmail.domain.record import record


class WatchKind(StrEnum):
    SITE = "site"
    CONTACT = "contact"
    CONTRACT = "contract"


@record
class Watch:
    """`key` is the id of a site or contract, or the number of a person; `name` as letters say it."""

    kind: WatchKind
    key: str
    name: str = ""


@record
class SetWatch:
    """The effect: somebody watches it from now on, or (`off`) no longer."""

    person: Person
    watch: Watch
    off: bool = False


@record
class WatchFacts:
    """What a mail that holds `/watch` may mean by it; `watching` and `numbers` are what its writer watches now."""

    named: Mapping[tuple[str, str], Watch] = field(default_factory=dict)  # by kind, and name in lower case
    watching: tuple[Watch, ...] = ()
    numbers: tuple[int, ...] = ()


NO_WATCH = WatchFacts()
Watches = Mapping[tuple[str, str], tuple[Person, ...]]  # who watches it, by kind and key
