"""Whether a fresh mail resembles an open incident of the same contact (S4-02).  The owner is asked; nothing is joined.

Two titles resemble each other if most words that say something are in both.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Set

from sitmail.domain.common_words import COMMON_WORDS
from sitmail.domain.record import record

ENOUGH = 0.6  # of all words of both, so many are in both
_WORD = re.compile(r"\w{3,}")


@record
class OpenIncident:
    number: int
    title: str


def looks_like(title: str, others: Iterable[OpenIncident]) -> OpenIncident | None:
    """The one of these that the title resembles most, the newest of equals; None if none does enough."""
    mine = title_words(title)
    found = [(alikeness(mine, title_words(one.title)), one.number, one) for one in others]
    best = max(found, key=lambda each: each[:2], default=None)
    return best[2] if best is not None and best[0] >= ENOUGH else None


def alikeness(mine: Set[str], theirs: Set[str]) -> float:
    """Which part of the words of both are in both."""
    both = len(mine & theirs)
    return both / (len(mine) + len(theirs) - both) if both else 0.0


def title_words(title: str) -> set[str]:
    """The words of a title that say something."""
    return {word for word in _WORD.findall(title.lower()) if word.encode() not in COMMON_WORDS}
