"""A clock that is set back by two hours: what is counted and gathered by time must not stop for as long."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.letters.test_promises_kept_in_time import Weeks

BACK = timedelta(hours=-2)
LIMITS = {"automatic_per_minute": 3, "automatic_per_incident_day": 1_000, "acks_per_sender_hour": 1_000}


@pytest.fixture
def desk(tmp_path: Path, sqlite_template: Path) -> Weeks:
    return Weeks(1, tmp_path, sqlite_template, LIMITS)


def opened(desk: Weeks, number: int) -> list[str]:
    """Who hears what when somebody writes."""
    before = len(desk.desk.letters)
    desk._mail("c@acme.example.net", "support@example.com", f"Trouble {number}", f"Word{number} broke.")
    return [one.purpose for one in desk.desk.letters[before:]]


def test_customers_are_thanked_within_a_minute(desk: Weeks) -> None:
    assert [opened(desk, number) for number in range(3)] == [["acknowledgement", "assigned"]] * 3
    desk._set_clock(BACK)
    for number in range(3, 9):
        opened(desk, number)
        desk.desk.pass_time(timedelta(minutes=1), asleep=False)
        assert sum(one.purpose == "acknowledgement" for one in desk.desk.letters) == number + 1


def test_staff_hear_of_changes_within_minutes(desk: Weeks) -> None:
    opened(desk, 1)
    letter = desk.desk.letters[-1]
    desk._mail(
        letter.recipient, letter.reply_to, "Re:", "/assign bob" if "anna" in letter.recipient else "/assign anna"
    )
    owner = desk.desk.letters[-2] if desk.desk.letters[-1].purpose == "verdict" else desk.desk.letters[-1]
    assert owner.purpose == "assigned"
    desk._mail(letter.recipient, letter.reply_to, "Re:", "/priority high")
    desk.desk.pass_time(timedelta(minutes=6), asleep=False)
    assert told(desk, owner.recipient) == 1
    desk._set_clock(BACK)
    desk._mail(letter.recipient, letter.reply_to, "Re:", "/priority medium")
    desk.desk.pass_time(timedelta(minutes=6), asleep=False)
    assert told(desk, owner.recipient) == 2


def told(desk: Weeks, who: str) -> int:
    return sum((one.purpose, one.recipient) == ("changed_staff", who) for one in desk.desk.letters)
