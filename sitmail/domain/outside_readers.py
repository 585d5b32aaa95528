"""Who outside the desk hears of something: machines that reported it (behaviour 3.4), and who wants no automatic mail.

Decisions ask it before they tell somebody, and whatever waits or comes of a clock passes it on its way to a letter
(`services/notifications`).  Whoever says who will read an answer asks it too, so that the sentence is true.
"""

from __future__ import annotations

from collections.abc import Iterable

from sitmail.domain.notice_purposes import PURPOSES, NoticePurpose
from sitmail.domain.people import Kind, Person
from sitmail.domain.policy import Policy
from sitmail.domain.sentence import Sentence


def hears(person: Person, purpose: NoticePurpose, policy: Policy) -> bool:
    """Whether somebody gets letters of that purpose.

    A monitor gets answers alone, where its row asks for them; a tracker, and a contact with `do_not_mail`, what people
    write.
    """
    if (person.do_not_mail or person.kind is Kind.TRACKER) and not person.staff:
        traits = PURPOSES[purpose]
        return traits.words and not traits.automatic
    if not policy.monitors or person.staff:
        return True
    monitor = policy.monitor_of(person.address)
    if monitor is None:
        return True
    traits = PURPOSES[purpose]
    return monitor.answer and traits.words and not traits.automatic


def hearing(people: Iterable[Person], policy: Policy) -> list[Person]:
    """Those of them who get an engineer's answer."""
    return [person for person in people if hears(person, NoticePurpose.ANSWER, policy)]


def unheard(people: Iterable[Person]) -> str:
    """Why none of these people gets an answer: the end of a sentence."""
    names = ", ".join(person.address for person in people)
    if not names:
        return Sentence("this incident has no contact")
    return Sentence("a monitor gets answers only if its [[monitor]] says answer = true (%(names)s)", names=names)
