"""What an engineer read in our letters: lines that his answers may hold by mistake, and that must not leave.

Programs quote without marks, or below, or between; but what was written to staff is known, word by word.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from sitmail.domain.facts import Case, Said
from sitmail.domain.leak_guard import bare, runs, words_of
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.store import updates_log

# Letters that quote what their reader wrote himself.
RETURNING = frozenset({NoticePurpose.VERDICT, NoticePurpose.CONFIRM})
LONG = 60_000  # characters
SHORTEST_LINE = 8  # characters: a shorter line of a staff letter may well be written again


def to(connection: Connection, person: int, numbers: Iterable[int | None], words: str) -> Said:
    """What letters told this engineer about these incidents (None: about none), less what was said in public anyway.

    Runs of words, which find a line that his program broke or joined, only where `words` quote a letter at all.
    """
    texts: list[str] = []
    public: list[str] = []
    for number in numbers:
        texts += [
            _of_others(purpose, _ends(text)) for purpose, text in updates_log.letters_to(connection, person, number)
        ]
        public += map(_ends, updates_log.public_texts(connection, number)) if number is not None and texts else []
    lines = {line for text in texts for line in _lines(text)} - {line for text in public for line in _lines(text)}
    if not lines or lines.isdisjoint(_lines(words)):
        return Said(frozenset(lines))
    found = {run for text in texts for run in runs(words_of(text))}
    return Said(frozenset(lines), frozenset(found - {run for text in public for run in runs(words_of(text))}))


def by_others(connection: Connection, case: Case) -> str:
    """All that people outside wrote about an incident: words, title, their names."""
    names = [party.person.name for party in case.parties if not party.person.staff]
    texts = updates_log.texts_of_others(connection, case.incident.number)
    return "\n".join([case.incident.title, case.incident.closure_reason, *names, *texts])


def _of_others(purpose: str, text: str) -> str:
    """A letter without its reader's own words, which he may well send again: he was asked to."""
    if purpose not in RETURNING:
        return text
    return "\n".join(line for line in text.split("\n") if not line.startswith(">"))


def _ends(text: str) -> str:
    """A letter without the middle, if it is very long: that is a customer's text, and learning it costs time."""
    return text if len(text) <= LONG else f"{text[: LONG // 2]}\n{text[-LONG // 2 :]}"


def _lines(text: str) -> Iterable[str]:
    return (found for line in text.split("\n") if len(found := bare(line)) >= SHORTEST_LINE)
