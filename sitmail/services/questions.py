"""Did you write this?  One question is open at a time for each person; other mails in his name wait for their turn.

A question is about one held mail, or about several that only a setting asks for (behaviour 7): those are proved
somewhat, so that one yes may answer for all that the letter lists.  When a question is over (answered, or its time is
up) the next leaves.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select, text, update

from sitmail.domain import effects as e
from sitmail.domain.facts import Proof
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.people import Person
from sitmail.domain.policy import NOTHING
from sitmail.domain.question_effects import Answered, Ask, AskAgain, AskNext
from sitmail.domain.trust import CONFIRM_WITHIN
from sitmail.services.answered_mail import reply_fields
from sitmail.services.unit_of_work import PendingDecision, UnitOfWork
from sitmail.store import directory_lookup
from sitmail.store.schema import confirmation, held, notice

TOGETHER = 20  # mails that one yes answers for, at most
LISTED = 10  # mails that wait, by name
# Written out, not compared: only so do both databases see that their partial index serves.
_TO_ASK = text("held.decision = '' AND held.asked IS NULL AND held.question IS NOT NULL")

_OPEN = (confirmation.c.answered.is_(None), confirmation.c.proposal.is_(False))


class _Waiting(NamedTuple):
    """A held mail whose author is to be asked."""

    id: int
    incident: int | None
    shared: bool
    question: Any  # a mapping: what the letter shows of it


def ask(unit: UnitOfWork, entry: PendingDecision, effect: Ask) -> None:
    """Asks about the mail that this decision holds, or tells once for each question that it waits for its turn."""
    row = unit.rows["held"][-1]
    row["question"], row["shared"] = dict(effect.question), effect.shared
    waiting = _Waiting(row["id"], row["incident"], effect.shared, effect.question)
    opened = entry.facts.open_questions.get(effect.person.id, 0)
    if not opened:
        row["asked"] = unit.now
        proved = entry.facts.proof is not Proof.NONE  # else it may be a forger's
        answers = reply_fields(entry, _purpose(effect.person), effect.person) if proved else {}
        _issue(unit, effect.person, [waiting], [], answers=answers)
        return
    _tell_that_it_waits(unit, effect.person, waiting.incident, effect.question, opened)


def _tell_that_it_waits(
    unit: UnitOfWork, person: Person, number: int | None, question: Mapping[str, Any], opened: int
) -> None:
    """Once for each question that is open, however many mails come meanwhile."""
    cause, key = f"waits:{opened}", notice.c.key
    # a range, not LIKE: only so does the index of keys serve
    told = select(notice.c.id).where(key > f"{cause}:", key < f"{cause};").limit(1)
    if unit.connection.execute(told).scalar() is not None:
        return
    detail = {"mails": [dict(question)] if question else []}
    purpose = NoticePurpose.CONFIRM_WAITS if person.staff else NoticePurpose.CONFIRM_CUSTOMER_WAITS
    unit.tells.append(e.Tell(person, purpose, number, detail=detail, cause=cause))


def answered(unit: UnitOfWork, _entry: PendingDecision, effect: Answered) -> None:
    """The question is over."""
    _close(unit, effect.confirmation)


def ask_again(unit: UnitOfWork, entry: PendingDecision, effect: AskAgain) -> None:
    """About the same mails; they wait for their turn if another question is open meanwhile."""
    before = entry.facts.confirmation
    assert before is not None
    _close(unit, before.id)
    unit.connection.execute(update(held).where(held.c.id.in_(before.mails)).values(asked=None))
    other = entry.facts.open_questions.get(effect.person.id, 0)
    if other in (0, before.id):
        rows = [one for one in _to_ask(unit.connection, effect.person) if one.id in before.mails]
        _issue(unit, effect.person, rows, [], why=effect.why)
        return
    _tell_that_it_waits(unit, effect.person, None, {}, other)


def ask_next(unit: UnitOfWork, entry: PendingDecision, effect: AskNext) -> None:
    """The question before is over: the next leaves, unless another was opened meanwhile."""
    before = entry.facts.confirmation
    if entry.facts.open_questions.get(effect.person.id, 0) in (0, before.id if before else 0):
        _next(unit, effect.person)


def expired(unit: UnitOfWork, now: datetime) -> None:
    """A tick: questions whose time is up make room for the mails that waited."""
    persons = _with_turns(unit.connection, now)
    for person in directory_lookup.persons(unit.connection, persons).values():
        _next(unit, person)


def next_turn(connection: Connection, now: datetime) -> datetime | None:
    """When the first open question ends behind which a mail waits."""
    people = _people_to_ask(connection)
    if not people:
        return None
    ends = func.max(confirmation.c.expires, type_=confirmation.c.expires.type)
    query = select(ends).where(confirmation.c.person.in_(people), *_OPEN)
    found = [at for (at,) in connection.execute(query.group_by(confirmation.c.person)) if at is not None]
    return max(min(found, default=now), now)


def _with_turns(connection: Connection, now: datetime) -> list[int]:
    """Persons of whom mails wait while no question to them is open."""
    people = _people_to_ask(connection)
    if not people:
        return []
    query = select(confirmation.c.person).where(confirmation.c.person.in_(people), *_OPEN, confirmation.c.expires > now)
    return sorted(people - set(connection.execute(query).scalars()))


def _people_to_ask(connection: Connection) -> set[int]:
    return set(connection.execute(select(held.c.person).where(_TO_ASK).distinct()).scalars())


def _to_ask(connection: Connection, person: Person) -> list[_Waiting]:
    """The held mails of a person that wait for a question, the oldest first."""
    query = select(held.c.id, held.c.incident, held.c.shared, held.c.question)
    query = query.where(held.c.person == person.id, _TO_ASK).order_by(held.c.id).limit(100)
    return [_Waiting(*row) for row in connection.execute(query)]


def _next(unit: UnitOfWork, person: Person) -> None:
    """The oldest that waits; if only a setting asks for it, with all others alike."""
    waiting = _to_ask(unit.connection, person)
    if not waiting:
        return
    alike = [one for one in waiting if one.shared][:TOGETHER] if waiting[0].shared else waiting[:1]
    others = [one for one in waiting if one not in alike]
    _mark(unit, [one.id for one in alike])
    _issue(unit, person, alike, others)


def _issue(
    unit: UnitOfWork,
    person: Person,
    mails: Sequence[_Waiting],
    others: Sequence[_Waiting],
    why: str = "",
    answers: Mapping[str, Any] = NOTHING,
) -> None:
    """Opens a question, with its letter; `answers` is what `answered_mail` says of the mail in question."""
    key = unit.key("confirmation")
    expires = unit.now + CONFIRM_WITHIN
    if why:
        _mark(unit, [one.id for one in mails])
    unit.put(
        "confirmation",
        {
            "id": key,
            "person": person.id,
            "mails": [one.id for one in mails],
            "issued": unit.now,
            "expires": expires,
            "changes": [],
            "proposal": False,
        },
    )
    numbers = {one.incident for one in mails}
    unit.tells.append(
        e.Tell(
            person,
            _purpose(person),
            numbers.pop() if len(numbers) == 1 else None,
            detail={
                "mails": [dict(one.question) for one in mails],
                "others": [str(one.question.get("subject", "")) for one in others[:LISTED]],
                "waiting": len(others),
                "again": why,
                **answers,
            },
            cause=f"confirm:{key}",
            number=key,
            expires=expires,
        )
    )


def _purpose(person: Person) -> NoticePurpose:
    return NoticePurpose.CONFIRM if person.staff else NoticePurpose.CONFIRM_CUSTOMER


def _mark(unit: UnitOfWork, mails: Collection[int]) -> None:
    unit.connection.execute(update(held).where(held.c.id.in_(mails)).values(asked=unit.now))


def _close(unit: UnitOfWork, number: int) -> None:
    unit.connection.execute(update(confirmation).where(confirmation.c.id == number).values(answered=unit.now))
