"""How often and when a customer was really asked: logs and letters, and where the wait stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sitmail.domain.asked import Entry, Left, Letter, asked
from sitmail.domain.incident import Status
from sitmail.domain.update import Event

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
JANE, JOHN = 1, 2
WAITS, CLOSING = Status.AWAITING_CUSTOMER, Status.AWAITING_CLOSURE


def at(hours: float) -> datetime:
    return NOON + timedelta(hours=hours)


def entry(number: int, hours: float, event: str = Event.CHASED, status: Status = WAITS, **more: object) -> Entry:
    return replace(Entry(number, at(hours), status, event), **more)  # type: ignore[arg-type]


def letter(made: float, state: Left = Left.SENT, sent: float | None = None, person: int = JANE) -> Letter:
    return Letter(person, at(made), state, at(made if sent is None else sent) if state is Left.SENT else None)


OPENED = entry(1, -5, "opened", Status.ACTIVE, from_customer=True)
ANSWER = entry(2, 0, Event.ANSWER, to_customer=True)
RESOLVED = entry(2, 0, Event.CHANGED, CLOSING)


@pytest.mark.parametrize(
    ("log", "letters", "attempts", "steps", "state", "base"),
    [
        ([OPENED, ANSWER], [letter(0)], [0], 0, Left.SENT, 0),
        ([OPENED, ANSWER], [letter(0, sent=30)], [30], 0, Left.SENT, 30),
        ([OPENED, ANSWER], [letter(0, Left.WAITS)], [], 0, Left.WAITS, 0),
        ([OPENED, ANSWER], [letter(0, Left.WAITS), letter(0, person=JOHN)], [], 0, Left.WAITS, 0),  # the contact counts
        ([OPENED, ANSWER], [letter(0, person=JOHN)], [0], 0, Left.SENT, 0),
        ([OPENED, ANSWER], [letter(0, Left.LOST)], [], 0, Left.LOST, 0),
        ([OPENED, ANSWER, entry(3, 1, Event.BOUNCE, bounced=JANE)], [letter(0)], [], 0, Left.LOST, 0),
        ([OPENED, ANSWER, entry(3, 1, Event.BOUNCE, bounced=JOHN)], [letter(0)], [0], 0, Left.SENT, 0),
        ([OPENED, ANSWER, entry(3, 9)], [letter(0), letter(9)], [0, 9], 1, Left.SENT, 9),
        ([OPENED, ANSWER, entry(3, 9)], [letter(0), letter(9, Left.NEVER)], [0], 0, Left.NEVER, 9),  # done again
        ([OPENED, ANSWER, entry(3, 9, Event.CALL_ASKED)], [letter(0)], [0], 1, Left.SENT, 9),
        ([OPENED, ANSWER, entry(3, 9, "call-out", attempt=True)], [letter(0)], [0, 9], 0, Left.SENT, 9),
        ([OPENED, ANSWER, entry(3, 9), replace(ANSWER, number=4, at=at(10))],
         [letter(0), letter(9), letter(10)], [0, 9, 10], 0, Left.SENT, 10),  # his own words begin the ladder anew
        ([OPENED, ANSWER, entry(3, 9), entry(4, 10, "email-in", from_customer=True)],
         [letter(0), letter(9)], [], 0, Left.SENT, 10),  # thanks
        ([OPENED, ANSWER, entry(3, 9, Event.AUTOMATIC)], [letter(0)], [0], 0, Left.SENT, 0),
        ([OPENED, RESOLVED], [letter(0)], [0], 0, Left.SENT, 0),
        ([OPENED, RESOLVED, entry(3, 1, "email-in", CLOSING, from_customer=True)], [letter(0)], [0], 0, Left.SENT, 0),
        ([OPENED, ANSWER, RESOLVED], [letter(-1), letter(0)], [0], 0, Left.SENT, 0),  # of another wait
        ([OPENED, entry(2, 0, Event.CHANGED)], [], [], 0, Left.SENT, 0),  # /wait alone asks nothing
    ],
)  # fmt: skip
def test_where_a_wait_stands(
    log: list[Entry], letters: list[Letter], attempts: list[float], steps: int, state: Left, base: float
) -> None:
    found = asked(log, letters, JANE)
    assert found is not None
    assert [*found.attempts] == [at(one) for one in attempts]
    assert (found.steps, found.state, found.base) == (steps, state, at(base))


def test_what_was_asked_last_is_what_is_quoted() -> None:
    later = replace(ANSWER, number=4, at=at(3))
    active = replace(ANSWER, status=Status.ACTIVE)
    hers = entry(3, 1, "email-in", Status.ACTIVE, from_customer=True)
    wait = entry(4, 2, Event.CHANGED)
    for log, words in (
        ([OPENED, ANSWER], 2),
        ([OPENED, ANSWER, entry(3, 1), later], 4),
        ([OPENED, RESOLVED], 0),
        ([OPENED, active, wait], 2),  # it was asked before, and is still open
        ([OPENED, active, hers, wait], 0),
    ):
        found = asked(log, [], JANE)
        assert found is not None and found.words == words


def test_a_letter_that_waits_is_said_once_for_each_letter() -> None:
    said = entry(3, 8, Event.UNSENT)
    for log, unsent in (
        ([OPENED, ANSWER], False),
        ([OPENED, ANSWER, said], True),
        ([OPENED, ANSWER, said, entry(4, 9)], False),
    ):
        found = asked(log, [letter(0, Left.WAITS)], JANE)
        assert found is not None and found.unsent == unsent
