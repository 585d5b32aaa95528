"""What a customer wrote once, as `/split` makes an incident of it; read for a mail that holds that verb alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from sitmail.domain.mail import Attachment
from sitmail.domain.people import Person
from sitmail.domain.record import record
from sitmail.domain.update import Origin


@record
class Written:
    """An update of a customer's; `author` is who wrote it, and `files` are known by their sums alone."""

    incident: int
    number: int
    author: Person
    text: str
    quoted: str
    signature: str
    doubtful: str
    proof: str
    origin: Origin
    files: tuple[Attachment, ...] = ()

    @property
    def id(self) -> str:
        return f"{self.incident}#{self.number}"


@record
class Splittable:
    """The updates of customers that a mail may want to split off.

    `named` are those whose numbers it names, by incident and number, and `answered` is the latest one that the reader
    of the letter knew which it answers.
    """

    named: Mapping[tuple[int, int], Written] = field(default_factory=dict)
    answered: Written | None = None


NOTHING = Splittable()
