"""Queues: searches with a name, which engineers ask for by it (S1-01).  What a search is: `domain/incident_search`."""

from __future__ import annotations

from sitmail.domain.choices import Choice, named
from sitmail.domain.record import record
from sitmail.domain.sentence import Sentence


@record
class Queue:
    """`search` as it stands behind /search; the incidents are listed by what is due first."""

    name: str
    search: str


# A row of the configuration with one of these names takes its place.
BUILT_IN = (
    Queue("mine", "owner:me open"),
    Queue("unowned", "owner:none open"),
    Queue("late", "late open"),
    Queue("open", "open"),
)


def with_built_in(declared: tuple[Queue, ...]) -> tuple[Queue, ...]:
    names = {one.name for one in declared}
    return (*(one for one in BUILT_IN if one.name not in names), *declared)


def queue_named(word: str, queues: tuple[Queue, ...]) -> Queue:
    """The queue of that name, or of an unambiguous beginning of it.  Raises ValueError with a sentence."""
    name = named(word, Sentence("queue"), [Choice(one.name, one.name) for one in queues])
    return next(one for one in queues if one.name == name)
