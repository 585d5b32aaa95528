"""Which question about prepaid services a manager's mail answers."""

from __future__ import annotations

from sqlalchemy import Connection

from sitmail.domain.effects import Tell
from sitmail.domain.facts import AskedBill, Facts
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.short_answers import NO, YES, words_of
from sitmail.services.hints import Arrival
from sitmail.services.notifications import notice_key
from sitmail.store import prepaid

LONGEST = 400  # characters of his words that are looked at


def cause(bill: int) -> str:
    """Of the notice that asks about a bill."""
    return f"prepaid:{bill}"


def may_answer(text: str) -> bool:
    """Whether there is a yes in it, or it begins with no: for few mails the question is looked up."""
    said = words_of(text[:LONGEST])
    return bool(said) and (said[0] in NO or not YES.isdisjoint(said))


def answered(connection: Connection, facts: Facts, arrival: Arrival) -> AskedBill | None:
    """The bill that the letter is about which he answers; the last one, where his program does not name the letter."""
    person, number = facts.engineer, facts.number
    if person is None or not number:
        return None
    asked = prepaid.asked(connection, number, person.id)
    if not asked:
        return None
    if not arrival.answers:
        return asked[-1]
    keys = {notice_key(Tell(person, NoticePurpose.PREPAID_ASKED, number, cause=cause(one.id))): one for one in asked}
    letters = prepaid.letters(connection, keys)
    return next((keys[letters[one]] for one in arrival.answers if one in letters), None)
