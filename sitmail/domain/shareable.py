"""What `/share` may make public: a note of staff, or what a partner wrote (behaviour 3).

Never what nothing proves the writer of, what a mail was refused with, or what a machine said.  What goes out are the
very words of that update and nothing of who wrote them: its author is not named, its page and its files stay.
"""

from __future__ import annotations

from sitmail.domain.people import Person
from sitmail.domain.record import record
from sitmail.domain.sentence import Sentence
from sitmail.domain.update import Direction, Event, LegKind

# A note with commands has the event of what they did.
NOTES = frozenset({Event.NOTE, Event.ASSIGNED, Event.CLOSED, Event.REOPENED})
PUBLIC = Sentence("customers have that already")
UNPROVED = Sentence("nothing proves who wrote that, so it stays for staff")
OURS = Sentence("that is what we wrote to a partner; say it to the customer in words of your own")
NO_NOTE = Sentence("that is no note and no partner's words; only those are shared")
NO_WORDS = Sentence("there are no words in it")


@record
class Shareable:
    """An update as its sharer may want it; `files` are the names of those that stay."""

    incident: int
    number: int
    leg: LegKind
    event: str
    direction: Direction
    author: Person | None
    proof: str
    text: str
    files: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return f"{self.incident}#{self.number}"


def refusal(one: Shareable) -> str:
    """Why it cannot be shared; "" if it can."""
    if one.leg is LegKind.PUBLIC:
        return UNPROVED if one.direction is Direction.IN and one.proof == "none" else PUBLIC
    if one.leg is LegKind.VENDOR and one.direction is Direction.OUT:
        return OURS
    if one.leg is LegKind.VENDOR and one.proof == "none":
        return UNPROVED
    partners = one.leg is LegKind.VENDOR and one.author is not None and one.author.partner
    note = one.leg is LegKind.INTERNAL and one.author is not None and one.author.staff
    if not partners and not (note and one.direction is Direction.NONE and one.event in NOTES):
        return NO_NOTE
    return "" if one.text.strip() else NO_WORDS
