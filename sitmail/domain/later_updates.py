"""What came after the letter that an engineer answers, and a mail of his that came back because of it."""

from __future__ import annotations

from sitmail.domain.record import record


@record
class Later:
    """An update that came after the letter which an engineer's mail answers.

    `author` is a person's id, 0 for none, and `name` as staff read it; `owners`: (before, after), if the owner changed.
    """

    number: int
    event: str
    leg: str
    direction: str
    author: int
    name: str
    text: str
    proof: str
    rule: str
    owners: tuple[str, str] | None = None


@record
class Returned:
    """A mail that came back to the engineer who wrote it: its number in the inbox, and how it ended last."""

    mail: int
    ending: str
