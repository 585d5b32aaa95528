"""The same words for the customers of several incidents, by a list or a search: each reads them in a thread of his own.

No customer learns of another: words that name one of them, or repeat what one of them wrote, stop the mail, as those
on the parent of a storm do (`storm_words`).  Who has several of these incidents gets the words once for each, since
each is a conversation of its own; their author is told that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from sitmail.domain.engineer.carry_out import Verdict
from sitmail.domain.engineer.request import Request
from sitmail.domain.engineer.storm_words import belongs_to_one
from sitmail.domain.numbered_commands import NumberedWords
from sitmail.domain.sentence import Sentence


def wrong(requests: Sequence[Request], said: Sequence[NumberedWords]) -> Iterator[tuple[str, str]]:
    """What in words for several belongs to one of the customers alone, each with the sentence that refuses it."""
    by_number = {request.case.incident.number: request for request in requests}
    for one in said:
        readers = [by_number[number] for number in one.numbers if number in by_number and not one.internal]
        cases = [request.case for request in readers if request.words and request.readers()]
        if len(cases) > 1:
            first = readers[0]
            yield from belongs_to_one(one.words, "", cases, first.facts, first.policy)


def twice(requests: Sequence[Request], said: Sequence[NumberedWords]) -> Iterator[Verdict]:
    """Who gets the same words more than once."""
    by_number = {request.case.incident.number: request for request in requests}
    for one in said:
        there = [by_number[number] for number in one.numbers if number in by_number and not one.internal]
        people = Counter(person.id for request in there if request.words for person in request.readers())
        names = {person.id: person.name or person.address for request in there for person in request.readers()}
        several = [names[person] for person, count in people.items() if count > 1 and person]
        if several:
            says = Sentence("once for each incident, so more than once: %(names)s", names=", ".join(several[:20]))
            yield Verdict("", True, says)
