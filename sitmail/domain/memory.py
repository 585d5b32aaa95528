"""What was said to somebody, so that it can be found again in his mails: line by line, and by runs of words.

Programs quote with marks of many kinds or without, break lines and join them.  No judgement here: which lines are
quoted is decided by `own_words`, which words may leave the house by `leak_guard`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cached_property

from sitmail.domain.word_runs import squeezed

RUN = 5  # words: so many in a row are no accident
SHORTEST_LINE = 8  # characters: a shorter line may well be written again
BEGINNING, LOOKED_AT = 20, 20  # so many characters of so many lines show whether a quotation may be ours
BLOCKS = 20  # so many are looked for as a whole, since each search goes through all that was said
ENOUGH_LINES, ENOUGH_CHARACTERS = 3, 80  # so much of what was said is no accident

_MARKS = re.compile(r"(?:\W{0,20}\w{1,12}>)?\W*")  # what programs put before a quoted line: `> `, `| `, `Bob> `
_ADDED_LINK = re.compile(r"<(?:mailto|https?):[^<>\s]{1,300}>", re.IGNORECASE)  # as Outlook does behind addresses
_UNSEEN = dict.fromkeys(map(ord, "\xad\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\ufeff"))


def _visible(text: str) -> str:
    text = text if text.isascii() else text.translate(_UNSEEN)
    return _ADDED_LINK.sub("", text) if "<" in text else text


def bare(line: str) -> str:
    """A line as it can be found again: without marks of quotation, its white space folded."""
    line = _visible(line)
    return " ".join(line[_MARKS.match(line).end() :].split())  # type: ignore[union-attr]


def words_of(text: str) -> list[str]:
    return re.findall(r"\w+", _visible(text).lower())


def lines_of(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(found for text in texts for line in text.split("\n") if len(found := bare(line)) >= SHORTEST_LINE)


class Said:
    """What somebody was told: in letters meant for staff alone, and what is public.

    `habits` are lines that his own programs added to his mails before: signatures, banners.  `secret` are the texts
    that must not leave in any form (None: all that is internal), `notes` those that he wrote himself, `updates` the
    internal updates of others, and `harmless` what is no update and yet known outside: titles, names, signatures.
    """

    def __init__(
        self,
        internal: Iterable[str] = (),
        public: Iterable[str] = (),
        habits: Iterable[str] = (),
        secret: Iterable[str] | None = None,
        notes: Iterable[str] = (),
        harmless: Iterable[str] = (),
        updates: Iterable[str] = (),
    ) -> None:
        self.internal, self.public, self.habits = tuple(internal), tuple(public), tuple(habits)
        self.secret = self.internal if secret is None else tuple(secret)
        self.notes, self.harmless, self.updates = tuple(notes), tuple(harmless), tuple(updates)
        self._letters: dict[str, bytes] = {}
        self._lines: dict[str, frozenset[str]] = {}

    def __bool__(self) -> bool:
        return bool(self.internal or self.public)

    @cached_property
    def habitual(self) -> frozenset[str]:
        """Lines, however short, that his programs add, or that are public."""
        return frozenset(bare(line) for text in (*self.habits, *self.public) for line in text.split("\n"))

    @cached_property
    def whole(self) -> str:
        """All of it as it was written."""
        return "\n".join((*self.public, *self.internal))

    @cached_property
    def lines(self) -> frozenset[str]:
        """Lines for staff alone: for long texts, of which every line is asked for."""
        return lines_of(self.internal) - lines_of(self.public)

    def is_public(self, line: str) -> bool:
        """Whether this line, bare, stands in what is public."""
        return self._holds_line(line, self.public, self.public_letters)

    def is_internal(self, line: str) -> bool:
        """Whether this line, bare, stands in what is for staff alone."""
        return self._holds_line(line, self.internal, self.internal_letters) and not self.is_public(line)

    def _holds_line(self, line: str, texts: Sequence[str], letters: bytes) -> bool:
        """Only texts that have its letters are taken apart."""
        if len(line) < SHORTEST_LINE or (wanted := squeezed(line)) not in letters:
            return False
        return any(line in self._lines_of(text) for text in texts if wanted in self._squeezed(text))

    def _lines_of(self, text: str) -> frozenset[str]:
        if text not in self._lines:
            self._lines[text] = lines_of((text,))
        return self._lines[text]

    def _squeezed(self, text: str) -> bytes:
        if text not in self._letters:
            self._letters[text] = squeezed(text)
        return self._letters[text]

    def _joined(self, *texts: Iterable[str]) -> bytes:
        """The letters and digits of texts, as `word_runs` compares them; no run goes from one into the next."""
        return b"\n".join(self._squeezed(text) for some in texts for text in some)

    @cached_property
    def internal_letters(self) -> bytes:
        return self._joined(self.internal)

    @cached_property
    def public_letters(self) -> bytes:
        return self._joined(self.public)

    @cached_property
    def secret_letters(self) -> bytes:
        return self._joined(self.secret)

    @cached_property
    def note_letters(self) -> bytes:
        """Of his own notes."""
        return self._joined(self.notes)

    @cached_property
    def update_letters(self) -> bytes:
        """Of internal updates by others."""
        return self._joined(self.updates)

    @cached_property
    def letters_outside(self) -> bytes:
        """Of all that is known outside."""
        return self._joined(self.public, self.harmless)


NOTHING_SAID = Said()


def covered(lines: Sequence[str], known: bytes, besides: bytes = b"") -> tuple[list[int], list[int]]:
    """How many words each line has, and how many of them stand in runs of `known`, whatever the lines were there.

    Runs that stand in `besides` do not count.  Both are letters, as `Said` has them.
    """
    places = [(at, squeezed(word)) for at, line in enumerate(lines) for word in words_of(line)]
    found = bytearray(len(places))
    for start in range(len(places) - RUN + 1):
        run = b"".join([word for _, word in places[start : start + RUN]])
        if run in known and run not in besides:
            found[start : start + RUN] = b"\1" * RUN
    total, hit = [0] * len(lines), [0] * len(lines)
    for (at, _), is_known in zip(places, found, strict=True):
        total[at] += 1
        hit[at] += is_known
    return total, hit


class Remembered:
    """What is known of the lines of a mail: which of them stand in what was said.  They are looked at on demand.

    Copies of whole blocks are found at once; joined and broken lines by runs of words, which takes longer.
    """

    def __init__(self, lines: Sequence[str], said: Said) -> None:
        self.lines, self.said = lines, said
        self._bare: dict[int, str] = {}
        self._known: dict[int, bool] = {}
        self._blocks = 0
        self._runs: tuple[list[int], list[int], list[int]] | None = None

    def look_at(self, places: Sequence[int], thoroughly: bool) -> None:
        """`thoroughly`: by runs of words, even where no line is known as it stands."""
        for at in places:
            if at not in self._bare:
                self._bare[at] = bare(self.lines[at])
        self._blocks += 1
        lines = [self._bare[at] for at in places]
        if self._blocks <= BLOCKS and lines and "\n".join(lines) in self.said.whole:  # as most programs quote
            self._known.update(dict.fromkeys(places, True))
            return
        if thoroughly and (self._runs or self.said.internal):
            self._known.update((at, self._by_runs(at)) for at in places)
            return
        begun = any(self._begun(line) for line in lines[:LOOKED_AT])
        if thoroughly or begun:
            if self._blocks <= BLOCKS and self._stands_joined(lines):
                self._known.update(dict.fromkeys(places, True))
                return
            self._known.update((at, self._by_runs(at)) for at in places)
        else:
            self._known.update((at, not self._bare[at]) for at in places)

    def _stands_joined(self, lines: Sequence[str]) -> bool:
        """Whether the words of these lines stand in one text, whatever its lines are."""
        letters = squeezed(" ".join(lines))
        return bool(letters) and (letters in self.said.public_letters or letters in self.said.internal_letters)

    def _begun(self, line: str) -> bool:
        """It stands in what was said, or begins as a line there does."""
        begins = line[:BEGINNING]
        return len(begins) >= SHORTEST_LINE and begins in self.said.whole

    def known(self, at: int) -> bool:
        """It stands in what was said, or has no words."""
        return self._known.get(at, not self.lines[at].strip())

    def holds(self, at: int) -> bool:
        """The line begins as something that was said."""
        return bool(begins := bare(self.lines[at])[:BEGINNING]) and begins in self.said.whole

    def habitual(self, places: Iterable[int]) -> bool:
        """All of these lines were added to his mails before."""
        return all(not line or line in self.said.habitual for line in (bare(self.lines[at]) for at in places))

    def public(self, at: int) -> bool:
        """It stands in what is public."""
        total, public, _ = self._looked_up()
        return bool(total[at]) and (self.said.is_public(bare(self.lines[at])) or public[at] >= total[at])

    def tainted(self, at: int) -> bool:
        """Some of its words stand, in that order, in what was meant for staff alone."""
        return bool(self._looked_up()[2][at]) or self.said.is_internal(bare(self.lines[at]))

    def ours(self, places: Sequence[int]) -> bool:
        """Something of these lines is known, and no accident."""
        if self._runs is not None and any(self._runs[1][at] + self._runs[2][at] >= RUN for at in places):
            return True
        return any(self.known(at) and len(self._bare[at]) >= SHORTEST_LINE for at in places)

    def mostly_ours(self, places: Sequence[int]) -> bool:
        """So much of them is known that they quote what was said."""
        found = [at for at in places if self.known(at)]
        known, every = (sum(len(self._bare[at]) for at in these) for these in (found, places))
        return 3 * known >= every or self.enough(found)

    def enough(self, places: Sequence[int]) -> bool:
        said = [size for at in places if (size := len(self._bare[at])) >= SHORTEST_LINE]
        return len(said) >= ENOUGH_LINES and sum(said) >= ENOUGH_CHARACTERS

    def _by_runs(self, at: int) -> bool:
        total, public, internal = self._looked_up()
        if not total[at]:
            return True
        line = self._bare[at]
        return public[at] + internal[at] >= total[at] or self.said.is_public(line) or self.said.is_internal(line)

    def _looked_up(self) -> tuple[list[int], list[int], list[int]]:
        """Of each line the words, those in public runs, and those in runs for staff alone."""
        if self._runs is None:
            said = self.said
            total, public = covered(self.lines, said.public_letters)
            internal = [0] * len(total)
            if said.internal:
                internal = covered(self.lines, said.internal_letters, said.public_letters)[1]
            self._runs = total, public, internal
        return self._runs
