"""Effects about feedback: that somebody was asked, or not, and what he answered.  They are part of `effects.Effect`."""

from __future__ import annotations

from sitmail.domain.people import Person
from sitmail.domain.record import record


@record
class AskedFeedback:
    """Its contact is asked how the desk did, under the owner it has now; `person` None: nobody is, for good."""

    incident: int
    person: Person | None
    owner: str = ""
    scale: int = 0


@record
class FeedbackAgain:
    """It is open again, so that nobody is asked; its next closing is another occasion."""

    incident: int


@record
class Scored:
    """The answer, which takes the place of an earlier one."""

    incident: int
    score: int


@record
class ScaleExplained:
    """Who answered with a number that the scale does not have was told which it has: once."""

    incident: int


FeedbackEffect = AskedFeedback | FeedbackAgain | Scored | ScaleExplained
