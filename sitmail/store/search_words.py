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
_MARKS = re.compile("[\u0300-\u036f]+")  # nearly all accents there are
_NO_WORD = str.maketrans({chr(code): " " for code in range(128) if not re.match(r"\w", chr(code))})


def folded(text: str) -> str:
    """In small letters and without accents: "Größe" is "grosse"."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe").replace("æ", "ae"))
    plain = _MARKS.sub("", apart)
    if not plain.isascii():
        plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return plain.casefold()


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
    words = words_in(text)[:MOST]
    stem = _stems(_language(words)).__getitem__
    found = " ".join(map(stem, words))
    return found if len(found) < LARGEST // 4 else _cut(found)


def _cut(words: str) -> str:
    return words.encode()[:LARGEST].decode(errors="ignore").rpartition(" ")[0]


def words_in(text: str) -> list[str]:
    """Folded, and not cut."""
    plain = folded(text)
    return plain.translate(_NO_WORD).split() if plain.isascii() else _WORD.findall(plain)  # a third of the time


def telling_words(text: str) -> set[str]:
    """Folded words that tell something: none of courtesy, grammar or dates, and no numbers."""
    return {word for word in words_in(text) if len(word) > 2 and not word.isdigit() and word not in _COMMON}


def stems_of(words: Iterable[str], language: str) -> list[str]:
    """Each with the language before it; `language` is one of those the desk understands."""
    return [f"{language}:{_stems(language)[word]}" for word in words]


def likely(words: Iterable[str], named: str = "") -> str:
    """The language that is named, if it is one of ours, else that of most of the small words."""
    return named[:2] if named[:2] in LANGUAGE_NAMES else _language(words)


def _language(words: Iterable[str]) -> str:
    there = set(words)
    return max(_OWN, key=lambda name: len(there & _OWN[name]))


Phrase = tuple[tuple[str, ...], ...]


def phrases(words: Iterable[str]) -> tuple[Phrase, ...]:
    """What each of the words somebody searches for may look like: in some language, one or several words in a row.

    Small words count only where there are no others, or in a row.
    """
    found = [words_in(word) for word in words]
    telling = [one for one in found if len(one) > 1 or (one and one[0] not in _COMMON)]
    return tuple(_alternatives(one) for one in telling or found if one)


def _alternatives(row: list[str]) -> Phrase:
    return tuple(dict.fromkeys(tuple(map(_stems(name).__getitem__, row)) for name in LANGUAGE_NAMES))
