"""How often and when a customer was really asked since we wait for him: a fold over the log and the letters that left.

An attempt is a letter that left and did not come back, or a call that an engineer logged; the clock alone makes none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from sitmail.domain.incident import Status
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.record import record
from sitmail.domain.update import Event

# The letters that ask.
ASKING = (NoticePurpose.ANSWER, NoticePurpose.BEGUN, NoticePurpose.RESOLVED, NoticePurpose.CHASED)


class Left(StrEnum):
    """What became of a letter, or of the last time that we asked."""

    SENT = "sent"
    WAITS = "waits"  # for a relay that does not take it yet
    LOST = "lost"  # it came back, or was refused for good
    NEVER = "never"  # it was not written, or its time was over before it left


@record
class Entry:
    """An entry of the log.  `status` is the one after it; `bounced` the person whose letter came back, else 0.

    `to_customer`: public words of ours; `from_customer`: words of his; `attempt`: an event that counts as one.
    """

    number: int
    at: datetime
    status: Status
    event: str
    to_customer: bool = False
    from_customer: bool = False
    attempt: bool = False
    bounced: int = 0


@record
class Letter:
    """A letter to somebody outside that asks."""

    person: int
    made: datetime
    state: Left
    sent: datetime | None = None


@record
class Asked:
    """Where a wait stands.  `begun`, `last`: numbers of entries, of the wait and of the last time that we asked.

    `attempts` are when they really left; `base` is from when the running step counts; `steps` how many of the ladder
    were done; `state` what became of the last one; `words` the update that holds our question, 0 if there is none.
    """

    begun: int
    last: int
    base: datetime
    attempts: tuple[datetime, ...] = ()
    steps: int = 0
    state: Left = Left.SENT
    words: int = 0
    unsent: bool = False  # the log says already that the last letter has not left


@record
class _Turn:
    entry: Entry
    at: datetime  # never before an earlier one, however long its mail waited for us
    asks: bool  # by a letter


def asked(log: Sequence[Entry], letters: Collection[Letter], contact: int) -> Asked | None:
    """How it stands with the customer; None where the log ends in a status in which nobody waits for him."""
    turns = _turns(log)
    if not turns:
        return None
    bounced = [(entry.bounced, entry.at) for entry in log if entry.bounced]
    first = turns[0].entry
    words = 0 if first.status is Status.AWAITING_CLOSURE else _open_question(log, first.number)
    found = Asked(begun=first.number, last=first.number, base=turns[0].at, words=words)
    asking = [turn for turn in turns if turn.asks]
    for turn in turns:
        entry = turn.entry
        if entry.from_customer:  # he thanked: he is there, and has time again
            found = Asked(begun=entry.number, last=entry.number, base=turn.at, words=found.words)
            continue
        found = replace(found, last=entry.number)
        if turn.asks:
            after = next((one.at for one in asking if one.entry.number > entry.number), None)
            mine = [one for one in letters if turn.at <= one.made and (after is None or one.made < after)]
            found = _written(found, turn, _state(mine, bounced, contact))
        elif entry.attempt:
            found = replace(found, attempts=(*found.attempts, turn.at), base=turn.at, state=Left.SENT)
        else:
            called = entry.event == Event.CALL_ASKED
            found = replace(found, base=turn.at, steps=found.steps + called, state=Left.SENT)
    return replace(found, unsent=any(one.event == Event.UNSENT and one.number > found.last for one in log))


def _open_question(log: Sequence[Entry], before: int) -> int:
    """What we wrote to the customer last, before we waited for him, if he has not written since; else 0."""
    for entry in reversed(log):
        if entry.number < before and (entry.to_customer or entry.from_customer):
            return entry.number if entry.to_customer else 0
    return 0


def _turns(log: Sequence[Entry]) -> list[_Turn]:
    """What happened since it waits for the customer."""
    since = len(log)
    while since and log[since - 1].status is log[-1].status:
        since -= 1
    found: list[_Turn] = []
    closing = bool(log) and log[-1].status is Status.AWAITING_CLOSURE
    for entry in log[since:]:
        first = entry.number == log[since].number
        asks = entry.to_customer or entry.event == Event.CHASED or (first and closing)
        thanks = entry.from_customer and not closing and not first
        if asks or first or entry.attempt or thanks or entry.event == Event.CALL_ASKED:
            at = max([entry.at, *(one.at for one in found[-1:])])
            found.append(_Turn(replace(entry, from_customer=thanks), at, asks))
    return found


def _written(before: Asked, turn: _Turn, became: tuple[Left, datetime | None]) -> Asked:
    state, left = became
    chased = turn.entry.event == Event.CHASED
    steps = before.steps if chased else 0  # who writes himself begins the ladder anew
    return replace(
        before,
        attempts=(*before.attempts, left) if left else before.attempts,
        base=left or turn.at,
        steps=steps + (chased and state is not Left.NEVER),
        state=state,
        words=turn.entry.number if turn.entry.to_customer else before.words,
    )


def _state(
    letters: Iterable[Letter], bounced: Iterable[tuple[int, datetime]], contact: int
) -> tuple[Left, datetime | None]:
    """What became of the letters of one time that we asked: of the contact's, where he got one."""
    every = list(letters)
    if not every:
        return Left.NEVER, None
    counted = [one for one in every if one.person == contact] or every
    came_back = [(one, _came_back(one, bounced)) for one in counted]
    left = [one.sent for one, back in came_back if one.sent and one.state is Left.SENT and not back]
    if left:
        return Left.SENT, max(left)
    if any(one.state is Left.WAITS for one in counted):
        return Left.WAITS, None
    if all(one.state is Left.NEVER for one in counted):
        return Left.NEVER, None
    return Left.LOST, None


def _came_back(letter: Letter, bounced: Iterable[tuple[int, datetime]]) -> bool:
    return any(person == letter.person and at >= (letter.sent or letter.made) for person, at in bounced)
