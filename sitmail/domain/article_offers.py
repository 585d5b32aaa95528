"""Which public articles may help with what somebody has just written (S0-31): good matches alone, or none.

Words are compared by their stems, without those of courtesy and grammar, and without those that stand in so many
articles that they tell nothing.  An article is offered if most of its title is in the mail, or a word of its title and
much of what it describes.  `Offer.why` says which words those were.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import field, replace
from math import log
from typing import NamedTuple

from sitmail.domain.record import record

MOST = 3  # articles in one acknowledgement
OF_TITLE = 0.6  # so much of a title is in the mail,
TITLE_WORDS = 2  # and at least so many of its words;
OF_ALL = 0.3  # or a word of the title, and so much of title and description,
WORDS = 4  # and at least so many words
COMMON = 0.1  # a word that stands in more of the articles than this tells nothing,
FEW = 10  # unless there are so few articles


class Offer(NamedTuple):
    """An article that may help; `about` is how it begins to help, `why` are the words that are in both, as stems."""

    number: int
    title: str
    about: str
    why: tuple[str, ...]


@record
class Offered:
    """A public article by its words: `titled` of its title and tags, `told` of what it describes besides.

    A word is its stem with the language before it, "en:lamp": stems of two languages that look alike are not the same.
    """

    number: int
    title: str
    language: str
    titled: frozenset[str]
    told: frozenset[str]
    about: str = ""


@record
class OfferIndex:
    """All public articles, by their numbers and by the words of their titles."""

    articles: Mapping[int, Offered] = field(default_factory=dict)
    by_title: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    weights: Mapping[str, float] = field(default_factory=dict)  # how much a word tells
    languages: frozenset[str] = frozenset()  # of words

    def __bool__(self) -> bool:
        return bool(self.articles)


def index_of(articles: Iterable[Offered]) -> OfferIndex:
    """Without the words that tell nothing, because so many of the articles have them."""
    every = list(articles)
    having = Counter(word for one in every for word in one.titled | one.told)
    common = {word for word, count in having.items() if count > COMMON * len(every) >= COMMON * FEW}
    kept = [replace(one, titled=one.titled - common, told=one.told - common) for one in every]
    by_title: dict[str, list[int]] = {}
    for one in kept:
        for word in one.titled:
            by_title.setdefault(word, []).append(one.number)
    return OfferIndex(
        {one.number: one for one in kept},
        {word: tuple(numbers) for word, numbers in by_title.items()},
        {word: log(1 + len(every) / count) for word, count in having.items()},
        frozenset(word.partition(":")[0] for word in having),
    )


def offers(words: Collection[str], index: OfferIndex, language: str) -> tuple[Offer, ...]:
    """The best of those that match well: in the reader's language first, then by how much the shared words tell."""
    written = frozenset(words)
    candidates = {number for word in written & index.by_title.keys() for number in index.by_title[word]}
    found: list[tuple[int, float, int, set[str]]] = []
    for one in map(index.articles.__getitem__, candidates):
        titled = written & one.titled
        told = written & one.told if len(titled) < OF_TITLE * len(one.titled) or len(titled) < TITLE_WORDS else set()
        if _good(one, len(titled), len(told)):
            both = {*titled, *(written & one.told)}
            weight = sum(index.weights[word] for word in (*both, *titled))
            found.append((-_in_language(one, language), -round(weight, 6), -one.number, both))
    best = [(index.articles[-number], both) for _, _, number, both in sorted(found, key=lambda one: one[:3])[:MOST]]
    return tuple(Offer(one.number, one.title, one.about, tuple(sorted(both))) for one, both in best)


def _good(one: Offered, titled: int, told: int) -> bool:
    """By how many words of its title, and of what it describes besides, are in the mail."""
    if titled >= TITLE_WORDS and titled >= OF_TITLE * len(one.titled):
        return True
    return titled > 0 and titled + told >= max(WORDS, OF_ALL * (len(one.titled) + len(one.told)))


def _in_language(one: Offered, language: str) -> int:
    """2: the reader's; 1: nobody said which; 0: another."""
    if not one.language:
        return 1
    return 2 if one.language.partition("-")[0] == language.partition("-")[0] else 0


def explained(found: Iterable[Offer]) -> str:
    """For `/why`: which articles were offered, and by which words."""
    words = {one.number: " ".join(word.rpartition(":")[2] for word in one.why[:8]) for one in found}
    return "; ".join(f"KB{number} offered: {why}" for number, why in words.items())
