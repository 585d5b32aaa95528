"""Effects on storms (`domain/storms`)."""

from __future__ import annotations

from sitmail.domain.record import record
from sitmail.domain.storm import State


@record
class DecideStorm:
    """Its lead said yes or no; after a yes the incident that the same decision opens is its parent."""

    storm: int
    state: State


@record
class AskLead:
    """His yes came too late: the lead is asked again, with what belongs to it by now."""

    storm: int


@record
class Adopt:
    """These incidents are children of the one that the same decision opens; `by` is an engineer's id."""

    children: tuple[int, ...]
    by: str


StormEffect = DecideStorm | AskLead | Adopt
