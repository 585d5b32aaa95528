"""Whether and how a contact is asked after closing how the desk did: what `[feedback]` says, and what he was asked."""

from __future__ import annotations

from typing import Any

from sitmail.domain.hours import Span
from sitmail.domain.record import record

DAY = 86_400
USUALLY = ("sent-information", "solved", "reported-bug", "action-taken", "unsolved", "escalated")


@record
class Feedback:
    """`after` None: nobody is asked.  `question` "": the usual one.  `every`: seconds until somebody is asked again."""

    after: Span | None = None
    question: str = ""
    scale: int = 5
    low: int = 2
    every: int = 30 * DAY
    closed_as: tuple[str, ...] = USUALLY


def shown(scale: int) -> dict[str, Any]:
    """What a letter says of a scale: the best number first."""
    return {"scale": scale, "numbers": list(range(scale, 0, -1))}


@record
class Asked:
    """What a contact was asked about an incident: `scale` as it was then.  `explained`: he was told the scale again."""

    person: int
    scale: int
    score: int | None = None
    explained: bool = False
