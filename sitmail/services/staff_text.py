"""What somebody read in our letters: what their answers may repeat, and what an engineer's must not pass on.

Programs quote without marks, or below, or between; but what we wrote is known, word by word.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from sitmail.domain.facts import Case
from sitmail.domain.memory import Said
from sitmail.domain.note_footers import without_footers
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.store import updates_log

# Letters that quote what their reader wrote himself.
RETURNING = frozenset(
    {NoticePurpose.VERDICT, NoticePurpose.CROSSED, NoticePurpose.CONFIRM, NoticePurpose.CONFIRM_WAITS}
)
# And those that show what stands in logs, which are asked themselves, or what was said elsewhere in public.
SHOWING = RETURNING | {NoticePurpose.SHOW, NoticePurpose.HELD}
LONG = 60_000  # characters
LETTERS = 40  # of the latest to a person about an incident


def to_staff(
    connection: Connection, person: int, cases: Sequence[Case], names: Mapping[int, str], elsewhere: int = 0
) -> Said:
    """What letters told this engineer about these incidents and about none, and what their logs hold.

    `names` are those of engineers.  `elsewhere` is another incident, of which he may quote a letter too: nothing of it
    is public here.
    """
    internal: list[str] = []
    public: list[str] = []
    habits: list[str] = []
    secret: list[str] = []
    notes: list[str] = []
    harmless: list[str] = []
    if elsewhere:
        internal += map(_of_others, _letters(connection, person, elsewhere))
    for case in (None, *cases):
        number = case.incident.number if case else None
        letters = _letters(connection, person, number)
        internal += map(_of_others, letters)
        secret += [text for purpose, text in letters if purpose not in SHOWING]
        if case and number is not None:
            log = updates_log.texts(connection, number, person)
            public += map(_ends, log.public)
            internal += map(_ends, log.internal)
            habits += map(_ends, log.habits)
            bodies = without_footers([(names.get(author, ""), _ends(text)) for author, text in log.noted])
            for (author, _), body in zip(log.noted, bodies, strict=True):
                (notes if author == person else secret).append(body)
            harmless += [*log.signatures, *_known_outside(case)]
    return Said(internal, public, habits, secret, notes, harmless)


def _known_outside(case: Case) -> list[str]:
    """What is in no update, and customers know."""
    site = case.site.name if case.site else ""
    people = [f"{party.person.name} <{party.person.address}>, {site}" for party in case.parties]
    return [case.incident.title, *people]


def _letters(connection: Connection, person: int, number: int | None) -> list[tuple[str, str]]:
    """(purpose, text) of the latest ones."""
    letters = updates_log.letters_to(connection, person, number, LETTERS)
    return [(purpose, _ends(text)) for purpose, text in letters]


def to_customer(connection: Connection, person: int, number: int) -> Said:
    """What somebody outside was written about an incident, and what is public of its log."""
    letters = updates_log.letters_to(connection, person, number, LETTERS)
    log = updates_log.texts(connection, number, person)
    return Said(public=[_ends(text) for text in (*(text for _, text in letters), *log.public)])


def by_others(connection: Connection, case: Case) -> str:
    """All that people outside wrote about an incident: words, title, their names."""
    names = [party.person.name for party in case.parties if not party.person.staff]
    texts = updates_log.texts_of_others(connection, case.incident.number)
    return "\n".join([case.incident.title, case.incident.closure_reason, *names, *texts])


def _of_others(letter: tuple[str, str]) -> str:
    """A letter without its reader's own words, which he may well send again: he was asked to."""
    purpose, text = letter
    if purpose not in RETURNING:
        return text
    return "\n".join(line for line in text.split("\n") if not line.startswith(">"))


def _ends(text: str) -> str:
    """The beginning and the end of a very long letter: its middle is a customer's text, and comparing it costs time."""
    return text if len(text) <= LONG else f"{text[: LONG // 2]}\n{text[-LONG // 2 :]}"
