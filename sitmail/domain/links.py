"""What belongs together: links between two incidents, or of an incident to what has a reference elsewhere.

A link is kept once, as the incident that got it sees it, and seen from both ends; it ends, and is never deleted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import StrEnum

from sitmail.domain.record import record


class LinkKind(StrEnum):
    """What the other end is to the incident that has the link."""

    DUPLICATE = "duplicate"  # it was closed as one of the other
    PARENT = "parent"  # the other is its parent
    MERGED = "merged"  # its log went into the other
    SPLIT = "split"  # an update of the other became it
    PRIOR = "prior"  # it follows the other, which is closed
    BUG = "bug"  # the others are references of another system
    ORDER = "order"
    FEATURE = "feature"
    URL = "url"


# What the other end is: for who has the link, and for the incident at its other end.  `incident N --json` says these.
ENDS: dict[LinkKind, tuple[str, str]] = {
    LinkKind.DUPLICATE: ("duplicate-of", "duplicate"),
    LinkKind.PARENT: ("parent", "child"),
    LinkKind.MERGED: ("merged-into", "merged"),
    LinkKind.SPLIT: ("split-from", "split-off"),
    LinkKind.PRIOR: ("prior", "later"),
    LinkKind.BUG: ("bug", "bug"),
    LinkKind.ORDER: ("order", "order"),
    LinkKind.FEATURE: ("feature", "feature"),
    LinkKind.URL: ("url", "url"),
}
# The same in letters to staff.
LABELS = {
    "duplicate-of": "Duplicate of:",
    "duplicate": "Duplicates:",
    "parent": "Parent:",
    "child": "Children:",
    "merged-into": "Merged into:",
    "merged": "Merged with it:",
    "split-from": "Split from:",
    "split-off": "Split off:",
    "prior": "Follows:",
    "later": "Followed by:",
    "bug": "Bug:",
    "order": "Order:",
    "feature": "Feature:",
    "url": "Page:",
}


@record
class Link:
    """A link that has not ended.  `other` is the number of an incident, else 0 and `reference` says what it leads to.

    `detail` is what there is to say about it, such as the destination of an order; `by` is who made it, as the log
    names actors.
    """

    id: int
    incident: int
    kind: LinkKind
    other: int
    reference: str
    detail: str
    at: datetime
    by: str
    fixed: datetime | None = None  # when we heard that the bug is fixed

    def end(self, number: int) -> str:
        """What the other end is to incident `number`, a key of `LABELS`."""
        return ENDS[self.kind][0 if number == self.incident else 1]

    @property
    def called(self) -> str:
        """What leads elsewhere, as staff read it: its reference, and what is said about it."""
        return called(self.reference, self.detail)

    def other_end(self, number: int) -> int:
        """The incident at the other end, 0 if it leads elsewhere."""
        return self.other if number == self.incident else self.incident


@record
class Linked:
    """What a mail says about the incident at hand: it is linked to another, or that link (`ended`) is over.

    `other`, `reference` and `detail` as in `Link`.  `numbers`: the link that had no reference until now.
    """

    kind: LinkKind
    other: int = 0
    ended: Link | None = None
    reference: str = ""
    detail: str = ""
    numbers: Link | None = None


def called(reference: str, detail: str) -> str:
    """A bug or an order whose number is not known yet has what is said about it alone."""
    if not reference:
        return f'"{detail}"' if detail else "?"
    return f"{reference} ({detail})" if detail else reference


def unnumbered(links: Iterable[Link], kind: LinkKind) -> Iterator[Link]:
    """The links of that kind that lead elsewhere, and whose number is not known yet."""
    return (one for one in links if one.kind is kind and not one.other and not one.reference)


def open_bugs(links: Iterable[Link]) -> list[Link]:
    """The bugs among these that are not fixed, as far as we know."""
    return [one for one in links if one.kind is LinkKind.BUG and one.fixed is None]


def of_kind(links: Iterable[Link], number: int, end: str) -> list[int]:
    """The incidents that are `end` (as in `LABELS`) to incident `number`."""
    return [link.other_end(number) for link in links if link.other and link.end(number) == end]
