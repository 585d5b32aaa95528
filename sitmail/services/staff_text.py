"""What somebody read in our letters: what their answers may repeat, and what an engineer's must not pass on.

Programs quote without marks, or below, or between; but what we wrote is known, word by word.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from sitmail.domain.article_letters import ARTICLES, for_customers
from sitmail.domain.facts import Case, Facts, Party
from sitmail.domain.memory import Said
from sitmail.domain.note_footers import without_footers
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.people import Person
from sitmail.domain.update import Direction, Event, LegKind
from sitmail.store import articles, told_before

# Letters that quote what their reader wrote himself.
RETURNING = frozenset(
    {
        NoticePurpose.VERDICT,
        NoticePurpose.CROSSED,
        NoticePurpose.STEPS_ASKED,
        NoticePurpose.CONFIRM,
        NoticePurpose.CONFIRM_WAITS,
        NoticePurpose.ARTICLE,
    }
)
# And those that show what stands in logs, which are asked themselves, or what was said elsewhere in public.
SHOWING = RETURNING | ARTICLES
SHOWING |= {NoticePurpose.SHOW, NoticePurpose.HELD, NoticePurpose.REPORT, NoticePurpose.REPORT_DUE}
NOT_SAID = (Event.REFUSED, Event.RECALLED, Event.LATER)  # meant for the customer, whom it did not reach, or not yet
ARTICLES_READ = 20
LONG = 60_000  # characters


class Asked(NamedTuple):
    """Whose mail is compared with what was said about which incidents; `elsewhere`: he may quote a letter of that."""

    reader: Person
    numbers: tuple[int, ...] = ()
    elsewhere: int = 0


class Before(NamedTuple):
    """What was said before, for all mails of a batch."""

    letters: Mapping[tuple[int, int], list[told_before.Letter]]  # by incident (0: none) and reader
    entries: Mapping[int, list[told_before.Entry]]  # by incident
    published: Mapping[int, Sequence[str]] = {}  # articles for customers, by whom letters told of them


def read(connection: Connection, asked: Iterable[Asked | None], whole: bool = False) -> Before:
    """Reads it for every mail that has something to be compared with; `whole`: all of the logs, not the latest part."""
    some = [one for one in asked if one is not None]
    pairs = {(number, one.reader.id) for one in some for number in one.numbers}
    pairs |= {(one.elsewhere, one.reader.id) for one in some if one.reader.staff}  # 0: letters about none
    pairs |= {(0, one.reader.id) for one in some if one.reader.staff}
    numbers = {number for one in some for number in one.numbers}
    letters = told_before.letters(connection, pairs)
    told = {reader for (about, reader), found in letters.items() if not about and any(p in ARTICLES for p, _ in found)}
    published = {reader: _published(connection, reader) for reader in told}
    return Before(letters, told_before.entries(connection, numbers, whole), published)


def _published(connection: Connection, reader: int) -> list[str]:
    """What customers may read of the articles that letters told him of lately: to quote that tells them nothing new."""
    return [text for one in articles.shown_to(connection, reader, ARTICLES_READ) if (text := for_customers(one))]


def to_staff(
    before: Before, asked: Asked, cases: Mapping[int, Case], names: Mapping[int, str], partner_leg: int = 0
) -> Said:
    """What letters told this engineer about these incidents and about none, and what their logs hold.

    `names` are those of engineers.  Nothing of the incident elsewhere is public here.  `partner_leg`: for words to that
    partner, who knows what stands there.
    """
    told = _Told(asked.reader.id, partner_leg)
    told.public += before.published.get(asked.reader.id, ())
    if asked.elsewhere:
        told.internal += map(_of_others, _letters(before, asked.elsewhere, asked.reader))
    for number in (0, *asked.numbers):
        letters = _letters(before, number, asked.reader)
        told.internal += map(_of_others, letters)
        told.secret += [text for purpose, text in letters if purpose not in SHOWING]
    for number in asked.numbers:
        entries = before.entries.get(number, ())
        for entry in reversed(entries):
            told.take(entry)
        told.take_notes(entries, names)
        told.harmless += _known_outside(cases[number])
    return Said(told.internal, told.public, told.habits, told.secret, told.notes, told.harmless, told.updates)


class _Told:
    """What one reader was told, sorted by who else may know it."""

    def __init__(self, reader: int, partner_leg: int = 0) -> None:
        self._reader, self._partner_leg = reader, partner_leg
        self.internal: list[str] = []
        self.public: list[str] = []
        self.habits: list[str] = []  # what was set apart in the reader's own mails
        self.secret: list[str] = []
        self.notes: list[str] = []
        self.updates: list[str] = []  # internal, of others
        self.harmless: list[str] = []

    def take(self, entry: told_before.Entry) -> None:
        """What engineers quoted is no more public than the letters they had; what he noted himself is no letter."""
        apart = [_ends(text) for text in (entry.quoted, entry.signature, entry.doubtful) if text]
        if entry.author == self._reader:
            self.habits += apart
            if entry.event == Event.LATER:  # looked through when it was kept; letters may have shown it to him since
                self.public.append(_ends(entry.text))
        if self._known(entry):
            self.public.append(_ends(entry.text))
            (self.public if _outside(entry) else self.internal).extend(apart)
        elif entry.author != self._reader and entry.event not in NOT_SAID:
            self.internal += [*filter(None, (_ends(entry.text),)), *apart]
        if entry.signature and not _outside(entry):
            self.harmless.append(entry.signature)

    def take_notes(self, entries: Sequence[told_before.Entry], names: Mapping[int, str]) -> None:
        """Words for staff alone, whoever wrote them, without what stands below every mail."""
        noted = [one for one in entries if not self._known(one) and not _outside(one)]
        words = [(one, _ends(text)) for one in noted for text in (one.text, one.doubtful) if text]
        bodies = without_footers([(names.get(one.author or 0, ""), text) for one, text in words])
        for (one, _), body in zip(words, bodies, strict=True):
            (self.notes if one.author == self._reader else self.secret).append(body)
            if one.author != self._reader and one.leg == LegKind.INTERNAL:
                self.updates.append(body)

    def _known(self, entry: told_before.Entry) -> bool:
        """Whether those may know it for whom he writes."""
        return entry.leg == LegKind.PUBLIC or bool(self._partner_leg and entry.leg_id == self._partner_leg)


def beside_partners(
    before: Before, asked: Asked, facts: Facts, partners: Iterable[Party], names: Mapping[int, str]
) -> dict[int, Said]:
    """`to_staff` for words to each of these partners, by person."""
    return {one.person.id: to_staff(before, asked, facts.cases, names, one.leg_id) for one in partners}


def _outside(entry: told_before.Entry) -> bool:
    """Somebody outside said it, and no partner: customers may know it."""
    return entry.direction == Direction.IN and entry.leg != LegKind.VENDOR


def _known_outside(case: Case) -> list[str]:
    """What is in no update, and customers know."""
    site = case.site.name if case.site else ""
    people = [f"{party.person.name} <{party.person.address}>, {site}" for party in case.parties]
    return [case.incident.title, *people]


def _letters(before: Before, number: int, reader: Person) -> list[told_before.Letter]:
    """(purpose, text), the latest first."""
    return [(purpose, _ends(text)) for purpose, text in reversed(before.letters.get((number, reader.id), ()))]


def to_customer(before: Before, asked: Asked) -> Said:
    """What somebody outside was written about an incident, and what is public of its log; of partners the letters."""
    told = _Told(asked.reader.id)
    for number in asked.numbers:
        told.public += [text for _, text in _letters(before, number, asked.reader)]
        if asked.reader.partner:
            continue
        for entry in reversed(before.entries.get(number, ())):
            told.take(entry)
    return Said(public=told.public)


def by_others(before: Before, case: Case, staff: Collection[int]) -> str:
    """What people outside wrote about an incident lately: words, title, their names.  `staff` are ids of engineers."""
    names = [party.person.name for party in case.parties if not party.person.staff]
    texts = [one.text for one in before.entries.get(case.incident.number, ()) if one.author not in staff]
    return "\n".join([case.incident.title, case.incident.closure_reason, *names, *texts])


def apart(before: Before, numbers: Iterable[int], but: int, staff: Collection[int]) -> dict[int, str]:
    """What people outside wrote about each of these incidents lately.  `staff` are ids of engineers."""
    of = {number: before.entries.get(number, ()) for number in numbers if number != but}
    return {number: "\n".join(one.text for one in rows if one.author not in staff) for number, rows in of.items()}


def _of_others(letter: tuple[str, str]) -> str:
    """A letter without its reader's own words, which he may well send again: he was asked to."""
    purpose, text = letter
    if purpose not in RETURNING:
        return text
    return "\n".join(line for line in text.split("\n") if not line.startswith(">"))


def _ends(text: str) -> str:
    """The beginning and the end of a very long letter: its middle is a customer's text, and comparing it costs time."""
    return text if len(text) <= LONG else f"{text[: LONG // 2]}\n{text[-LONG // 2 :]}"
