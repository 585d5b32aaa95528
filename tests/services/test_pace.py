"""One mail's words to very many people leave so many a minute."""

from __future__ import annotations

from datetime import timedelta

from sitmail.domain.effects import Tell
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.people import Kind, Person
from sitmail.services.notifications import Pace

CUSTOMERS = [Person(at, Kind.CONTACT, f"p{at}@example.net", "", (f"p{at}@example.net",)) for at in range(1, 6)]
ENGINEER = Person(9, Kind.ENGINEER, "anna", "", ("anna@example.com",))


def minutes(pace: Pace, *tells: Tell) -> list[float]:
    return [pace.later(one) / timedelta(minutes=1) for one in tells]


def test_those_behind_wait_for_their_minute() -> None:
    words = [Tell(one, NoticePurpose.ANSWER, 1, cause="mail:1:0") for one in CUSTOMERS]
    assert minutes(Pace(2), *words) == [0, 0, 1, 1, 2]


def test_each_mail_is_counted_by_itself_and_staff_and_automatic_letters_are_not() -> None:
    first, second = (Tell(CUSTOMERS[0], NoticePurpose.ANSWER, 1, cause=cause) for cause in ("mail:1:0", "mail:2:0"))
    copy, changed = (
        Tell(ENGINEER, NoticePurpose.ANSWER_COPY, 1, cause="mail:1:0"),
        Tell(CUSTOMERS[1], NoticePurpose.CHANGED, 1, cause="mail:1:0"),
    )
    assert minutes(Pace(1), first, copy, changed, second, first) == [0, 0, 0, 0, 1]


def test_without_a_limit_nothing_waits() -> None:
    words = [Tell(one, NoticePurpose.ANSWER, 1, cause="mail:1:0") for one in CUSTOMERS]
    assert minutes(Pace(0), *words) == [0] * 5
