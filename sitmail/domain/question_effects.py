"""Effects on questions: somebody is asked at his registered address whether he wrote a mail, and answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sitmail.domain.people import Person
from sitmail.domain.record import record


@record
class Ask:
    """The author of the mail that this decision holds is asked at his registered address: did you write this?

    One question is open at a time for each person.  `question` is what the letter shows of the mail.  `shared`: only a
    setting asks, the mail is proved somewhat, so that one yes may answer for several such mails.
    """

    person: Person
    question: Mapping[str, Any]
    shared: bool = False


@record
class Answered:
    """A question was answered, and is closed."""

    confirmation: int


@record
class AskAgain:
    """A fresh question about the same mails: the yes came too late, or was no plain yes (`why`: late, unclear)."""

    person: Person
    confirmation: int
    why: str


@record
class AskNext:
    """The question before is over: the mails that waited for their turn are asked about."""

    person: Person
