"""Incidents that were solved, as they help who owns a new one that is like them (S4-02).

Those of late are kept in memory by the words of their titles: a new mail costs a few looks into a dictionary, however
many incidents the store has.  What is like what is said in `similar`; here it is ordered, and put into words.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from sitmail.domain.incident import Incident
from sitmail.domain.record import record
from sitmail.domain.sentence import Sentence, beside
from sitmail.domain.similar import ENOUGH, alikeness, title_words

KEPT = 5_000  # the newest ones
WORDS = 12  # of a title that are looked up
OF_A_WORD = 20  # the newest that have it
CANDIDATES = 6
NAMED = 3  # in a letter
ENOUGH_HERE = 0.4  # of the same site or product, so many words of both are enough
SENTENCE = 160  # characters of an answer
# Closing statuses that tell how it went out, so that the next one is helped by it.
HELPFUL = frozenset({"solved", "action-taken", "sent-information"})
_END = re.compile(r"(?<=[.!?])\s|\n\s*\n|\Z")


@record
class Title:
    """What of a solved incident tells whether it is like another."""

    number: int
    words: frozenset[str]
    site: str = ""
    product: str = ""


@record
class Solved:
    """One that may be like a new incident: how it was closed, and how the last answer to its customer begins."""

    of: Title
    title: str
    closing_status: str
    resolution: str = ""
    answer: str = ""


@dataclass
class SolvedTitles:
    """The titles of incidents that were solved of late, by their words; `changed` are to be read again."""

    titles: dict[int, Title] = field(default_factory=dict)
    by_word: dict[str, deque[int]] = field(default_factory=dict)
    changed: set[int] = field(default_factory=set)
    told: dict[int, Solved] = field(default_factory=dict)  # what was read of them

    def put(self, one: Title) -> None:
        self.take(one.number)
        self.titles[one.number] = one
        for word in one.words:
            self.by_word.setdefault(word, deque(maxlen=OF_A_WORD)).append(one.number)
        if len(self.titles) > KEPT:
            self.take(next(iter(self.titles)))

    def take(self, number: int) -> None:
        self.told.pop(number, None)
        gone = self.titles.pop(number, None)
        for word in gone.words if gone else ():
            found = self.by_word.get(word, deque())
            if number in found:
                found.remove(number)
            if not found:
                self.by_word.pop(word, None)

    def near(self, title: str, site: str) -> list[Title]:
        """Those that may be like it: of its site first, then by how much is alike, then the newest."""
        if not self.by_word:
            return []
        words = frozenset(sorted(title_words(title))[:WORDS])
        shared = Counter[int]()
        for word in words & self.by_word.keys():
            shared.update(self.by_word[word])
        found = []
        for number, both in shared.items():
            one = self.titles[number]
            alike = both / (len(words) + len(one.words) - both)
            if alike >= ENOUGH_HERE:
                found.append((bool(site) and one.site == site, alike, number))
        return [self.titles[number] for _, _, number in sorted(found, reverse=True)[:CANDIDATES]]


def like(incident: Incident, candidates: Iterable[Solved], general: str = "") -> list[Solved]:
    """The solved incidents to name, of its product and site first.  `general`: what all mail there is about."""
    if not candidates:
        return []
    words = title_words(incident.title)
    found = []
    for one in candidates:
        here, alike = _here(incident, one.of, general), alikeness(words, one.of.words)
        if alike >= (ENOUGH_HERE if here else ENOUGH):
            found.append((here, alike, one.of.number, one))
    return [each[3] for each in sorted(found, key=lambda each: each[:3], reverse=True)[:NAMED]]


def _here(incident: Incident, one: Title, general: str) -> int:
    same_product = bool(one.product) and one.product == incident.product and one.product != general
    return 2 * same_product + (bool(one.site) and one.site == incident.site)


def why(incident: Incident, one: Solved, general: str = "") -> str:
    """Why they are alike."""
    words = sorted(title_words(incident.title) & one.of.words)
    product = bool(one.of.product) and one.of.product == incident.product and one.of.product != general
    return beside(
        Sentence("both titles say: %(words)s", words=", ".join(words)),
        Sentence("the same product") if product else "",
        Sentence("the same site") if one.of.site and one.of.site == incident.site else "",
    )


def rows(
    incident: Incident, found: Sequence[Solved], reference: Callable[[int], str], general: str = ""
) -> list[list[str]]:
    """For a letter: reference and title, how it was closed, its resolution, how the answer begins, why it is like."""
    return [
        [
            f"{reference(one.of.number)} {one.title}",
            one.closing_status,
            one.resolution,
            one.answer,
            why(incident, one, general),
        ]
        for one in found
    ]


def reasons(incident: Incident, found: Sequence[Solved], reference: Callable[[int], str], general: str = "") -> str:
    """The same for the rule's reason, which `/why` shows."""
    return "; ".join(f"like {reference(one.of.number)} ({why(incident, one, general)})" for one in found)


def first_sentence(text: str) -> str:
    """How an answer begins: its first sentence that is no greeting."""
    lines = [line.strip() for line in text[:2_000].split("\n")]
    if len(lines) > 1 and (lines[0].endswith(",") or not lines[1]) and len(lines[0].split()) <= 5:
        lines = lines[1:]
    said = "\n".join(lines).strip()
    end = _END.search(said)
    sentence = " ".join(said[: end.start() if end else SENTENCE].split())
    return sentence if len(sentence) <= SENTENCE else sentence[: SENTENCE - 3].rstrip() + "..."
