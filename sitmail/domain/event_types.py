"""What engineers log by `/event`: calls, emails that went another way, and events of the desk's own (S4-13).

The updates log keeps the id of the type as the event; what a type means is configuration.
"""

from __future__ import annotations

from collections.abc import Sequence

from sitmail.domain.choices import Choice, named
from sitmail.domain.record import record
from sitmail.domain.sentence import Sentence
from sitmail.domain.time_spent import Spent
from sitmail.domain.update import Event

# Events that the log has of itself, and that may be logged by hand, too; all others mean something to clocks and rules.
BY_HAND = frozenset({Event.CUSTOMER, Event.ANSWER, Event.NOTE})
RESERVED = frozenset(Event) - BY_HAND


@record
class EventType:
    """`visible`: customers are told.  `counts_as_response`: it keeps the promise of a first response.

    `counts_as_attempt`: it asks the customer once more, whose time to answer begins again.
    """

    id: str
    name: str
    visible: bool = False
    counts_as_response: bool = False
    counts_as_attempt: bool = False
    duration_required: bool = False


BUILT_IN = (
    EventType("call-in", "Call in"),
    EventType("call-out", "Call out", counts_as_response=True, counts_as_attempt=True),
    EventType("email-in", "Email in"),
    EventType("email-out", "Email out", counts_as_response=True, counts_as_attempt=True),
    EventType("assignment", "Assignment"),
    EventType("note", "Note"),
)


@record
class LoggedEvent:
    """One line `/event`: what happened, how many minutes it took (0: not said), and what was written about it."""

    type: EventType
    minutes: int = 0
    words: str = ""

    @property
    def text(self) -> str:
        """As it stands in the log: `15m: spoke to Jane`."""
        return Spent(self.minutes, self.words).text if self.minutes else self.words


def typed(table: Sequence[EventType], text: str) -> tuple[EventType, str]:
    """The type that a text begins with, whose name may have several words, and what stands behind it.

    Raises ValueError with a sentence.
    """
    words = text.split()
    choices = [Choice(one.id, one.name, _together(one)) for one in table]
    for count in range(min(4, len(words)), 1, -1):
        wanted = "-".join(words[:count]).lower()
        whole = next((one for one in table if wanted in (one.id.lower(), "-".join(one.name.lower().split()))), None)
        if whole is not None:
            return whole, _behind(text, count)
    id_ = named(words[0] if words else "", Sentence("event type"), choices)
    return next(one for one in table if one.id == id_), _behind(text, 1)


def _together(one: EventType) -> tuple[str, ...]:
    """`callout` is `call-out`."""
    return tuple({name.lower().replace("-", "").replace(" ", "") for name in (one.id, one.name)})


def _behind(text: str, count: int) -> str:
    """What stands behind the first words, as it was written."""
    return (text.split(maxsplit=count) + [""] * (count + 1))[count]
