"""Time spent, as people write it behind /time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitmail.domain.hours import Calendar
from sitmail.domain.time_spent import LONGEST, read, shown
from tests.examples import examples

OFFICE = Calendar("office")  # a day of eight hours


@pytest.mark.parametrize(
    ("written", "minutes", "words"),
    [
        ("15m rang them", 15, "rang them"),
        ("15m", 15, ""),
        ("15 m: rang them", 15, "rang them"),
        ("15min - rang them", 15, "rang them"),
        ("1h", 60, ""),
        ("1h 30m", 90, ""),
        ("1h30m on site", 90, "on site"),
        ("1h30 on site", 90, "on site"),
        ("1H30", 90, ""),
        ("1h 30", 90, ""),
        ("1h 3 servers restarted", 60, "3 servers restarted"),
        ("1:30", 90, ""),
        ("0:45 on the phone", 45, "on the phone"),
        ("90", 90, ""),
        ("90 rang them", 90, "rang them"),
        ("0.5h", 30, ""),
        ("0,5h", 30, ""),
        (".5h", 30, ""),
        ("1,25 Std. vor Ort", 75, "vor Ort"),
        ("2 hours 5 minutes in the archive", 125, "in the archive"),
        ("2 heures", 120, ""),
        ("1d", 480, ""),
        ("0.5d at their office", 240, "at their office"),
        ("-15m", -15, ""),
        ("- 15m wrong incident", -15, "wrong incident"),
        ("\u221215m", -15, ""),
        ("\u20131:30", -90, ""),
        ("-0.5h", -30, ""),
        ("+15m", 15, ""),
        ("100h", LONGEST, ""),
    ],
)
def test_as_people_write_it(written: str, minutes: int, words: str) -> None:
    found = read(written, OFFICE)
    assert (found.minutes, found.words) == (minutes, words)


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("", "how much, and for what?"),
        ("rang them 15m", '"rang them 15m" begins with no time'),
        ("fifteen minutes", "begins with no time"),
        ("1.5", '"1.5" begins with no time'),  # of what?
        ("1:75", "begins with no time"),
        ("1:30:00", "begins with no time"),
        ("90s", "begins with no time"),
        ("3monkeys", "begins with no time"),
        ("50%", "begins with no time"),
        ("--15m", "begins with no time"),
        ("0m", "is no time at all"),
        ("-0:00", "is no time at all"),
        ("101h", "more than 100 hours"),
        ("999999", "more than 100 hours"),
    ],
)
def test_near_misses_get_a_sentence(written: str, says: str) -> None:
    with pytest.raises(ValueError, match="/time 15m") as refused:
        read(written, OFFICE)
    assert says in str(refused.value)


@examples(100)
@given(st.integers(-LONGEST, LONGEST).filter(bool))
def test_what_is_shown_can_be_written(minutes: int) -> None:
    assert read(shown(minutes), OFFICE).minutes == minutes
