"""The words by which a text is found: small letters, without accents, cut down to their stems.

Both databases get these words and compare them as they are, so that both find the same.  A text is taken to be in the
language of most of its small words; what somebody searches for may be in any of the three
(docs/decisions/search-by-stems.md).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

from Stemmer import Stemmer

from sitmail.domain.common_words import COMMON_WORDS, LANGUAGES

LANGUAGE_NAMES = {"en": "english", "de": "german", "fr": "french"}
LONGEST = 40  # letters of a word that count
MOST = 15_000  # words of a text: PostgreSQL tells no more places apart
LARGEST = 400_000  # bytes of them all: PostgreSQL takes 1 MB with the places
REMEMBERED = 100_000  # stems of a language
_WORD = re.compile(r"\w+")


def folded(text: str) -> str:
    """In small letters and without accents: "Größe" is "grosse"."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe").replace("æ", "ae"))
    return "".join(letter for letter in apart if not unicodedata.combining(letter)).casefold()


_COMMON = frozenset(folded(word.decode()) for word in COMMON_WORDS)
_SMALL = {name: frozenset(folded(word) for word in words) for name, words in LANGUAGES.items()}
_OWN = {
    name: words - frozenset().union(*(others for other, others in _SMALL.items() if other != name))
    for name, words in _SMALL.items()
}


class _Stems(dict[str, str]):
    """The stem of each word of a language, as far as they were asked for."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self._stem = Stemmer(LANGUAGE_NAMES[language], 0).stemWord

    def __missing__(self, word: str) -> str:
        if len(self) >= REMEMBERED:
            self.clear()
        found = self[word] = str(self._stem(word[:LONGEST]))[:LONGEST]
        return found


@cache
def _stems(language: str) -> _Stems:
    return _Stems(language)


def stemmed(text: str) -> str:
    """The words of a text, between blanks and in its order, as the index keeps them."""
    words = _WORD.findall(folded(text))[:MOST]
    stem = _stems(_language(words)).__getitem__
    found = " ".join(map(stem, words))
    return found if len(found) < LARGEST // 4 else _cut(found)


def _cut(words: str) -> str:
    return words.encode()[:LARGEST].decode(errors="ignore").rpartition(" ")[0]


def _language(words: Iterable[str]) -> str:
    there = set(words)
    return max(_OWN, key=lambda name: len(there & _OWN[name]))


Phrase = tuple[tuple[str, ...], ...]


def phrases(words: Iterable[str]) -> tuple[Phrase, ...]:
    """What each of the words somebody searches for may look like: in some language, one or several words in a row.

    Small words count only where there are no others, or in a row.
    """
    found = [_WORD.findall(folded(word)) for word in words]
    telling = [one for one in found if len(one) > 1 or (one and one[0] not in _COMMON)]
    return tuple(_alternatives(one) for one in telling or found if one)


def _alternatives(row: list[str]) -> Phrase:
    return tuple(dict.fromkeys(tuple(map(_stems(name).__getitem__, row)) for name in LANGUAGE_NAMES))
