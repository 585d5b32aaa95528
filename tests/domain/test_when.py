"""Durations and dates in commands, as people write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitmail.domain.hours import Calendar, Span
from sitmail.domain.when import duration, moment, until

NOW = datetime(2026, 11, 21, 13, 0, tzinfo=UTC)  # a Saturday, 14:00 in Berlin
DESK = Calendar("desk", "Europe/Berlin")


def berlin(text: str, now: datetime = NOW) -> str:
    return moment(text, now, "Europe/Berlin").strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-12-24", "2026-12-24 08:00"),  # 09:00 there
        ("2026-12-24 14:00", "2026-12-24 13:00"),
        ("2026-12-24T14:00", "2026-12-24 13:00"),
        ("2027-07-01 14:00", "2027-07-01 12:00"),  # summer time
        ("24 dec 14:00", "2026-12-24 13:00"),
        ("24 Dec", "2026-12-24 08:00"),
        ("Dec 24, 2027 at 2pm", "2027-12-24 13:00"),
        ("24th december 2:30 PM", "2026-12-24 13:30"),
        ("24. d 14:00", "2026-12-24 13:00"),
        ("1 jan", "2027-01-01 08:00"),
        ("1 aug", "2027-08-01 07:00"),
        ("friday", "2026-11-27 08:00"),
        ("FRI", "2026-11-27 08:00"),
        ("f 12am", "2026-11-26 23:00"),
        ("until friday at 14:00", "2026-11-27 13:00"),
        ("tu", "2026-11-24 08:00"),
        ("saturday", "2026-11-28 08:00"),  # written on one: the next
        ("saturday 15:00", "2026-11-21 14:00"),  # still to come today
        ("saturday 14:00", "2026-11-28 13:00"),
        ("tomorrow", "2026-11-22 08:00"),
        ("tomorrow 12pm", "2026-11-22 11:00"),
        ("today 14:30", "2026-11-21 13:30"),
        ("14:30", "2026-11-21 13:30"),
        ("14:00", "2026-11-22 13:00"),
        ("0:00", "2026-11-21 23:00"),
    ],
)
def test_moments(text: str, utc: str) -> None:
    assert berlin(text) == utc


def test_the_day_is_the_writers() -> None:
    late = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)  # Sunday in Berlin, Saturday in New York
    assert berlin("tomorrow", late) == "2026-11-23 08:00"
    assert moment("tomorrow", late, "America/New_York") == datetime(2026, 11, 22, 14, 0, tzinfo=UTC)


def test_a_time_that_is_skipped_is_the_moment_of_the_skip() -> None:
    assert berlin("2027-03-28 02:30") == "2027-03-28 01:00"


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "t", "s", "ma 3", "3 j", "dec", "24", "2027", "30 feb", "29 feb", "2026-13-01", "13/12/2026", "12/24",
        "next friday", "in a while", "25:00", "14:60", "13pm", "0am", "14:00 15:00", "tomorrow friday", "14.30",
        "friday 14", "24 dec 26", "24 dec 2026 2027", "2h", "\u0662\u0664 dec", "x" * 100_000, "tomorrow " * 1000,
    ],
)  # fmt: skip
def test_what_is_no_date_is_refused_with_two_examples(text: str) -> None:
    with pytest.raises(
        ValueError, match=r'^".*" is no date I can read; write for example 2026-11-22, or friday 14:00\.$'
    ):
        berlin(text)


@pytest.mark.parametrize("text", ["today", "today 14:00", "2026-11-21", "2026-11-20 23:00", "1 nov", "0001-01-01"])
def test_the_past_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=rf'^"{text}" lies in the past; write for example 2026-11-22, or'):
        berlin(text)


@pytest.mark.parametrize("text", ["9999-12-31", "24 dec 2037", "2037-01-01"])
def test_what_is_far_away_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=rf'^"{text}" is more than ten years away; write for example'):
        berlin(text)


def test_a_zone_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match='"Mars" is no time zone'):
        moment("friday", NOW, "Mars")


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("2h 30m", Span(9000)),
        ("2 hours  30 Minutes", Span(9000)),
        ("1 day", Span(days=1)),
        ("3 weeks", Span(weeks=3)),
        ("90sec", Span(90)),
        ("1hr", Span(3600)),
    ],
)
def test_durations(text: str, span: Span) -> None:
    assert duration(text) == span


@pytest.mark.parametrize("text", ["", "friday", "2 months", "two days", "1 days hours"])
def test_what_is_no_duration_is_refused_with_two_examples(text: str) -> None:
    with pytest.raises(ValueError, match=rf'^"{text}" is no duration; write for example 2h 30m, or 3d\.$'):
        duration(text)


def test_until_takes_working_time_or_a_date() -> None:
    assert until("2h 30m", NOW, "Europe/Berlin", DESK) == datetime(2026, 11, 23, 10, 30, tzinfo=UTC)
    assert until("1w", NOW, "Europe/Berlin", DESK) == datetime(2026, 11, 27, 16, 0, tzinfo=UTC)
    assert until("24 dec", NOW, "Europe/Berlin", DESK) == datetime(2026, 12, 24, 8, 0, tzinfo=UTC)
    with pytest.raises(ValueError, match=r'^"0" is no time at all; write for example 2d, or friday 14:00'):
        until("0", NOW, "Europe/Berlin", DESK)


WORDS = ["24", "29", "feb", "dec", "fri", "2026-12-24", "14:00", "2pm", "today", "0", "t", "at", "9999", ":", "-", "2h"]


@given(st.lists(st.sampled_from(WORDS) | st.text()))
def test_whatever_is_written_is_in_the_future_or_refused(words: list[str]) -> None:
    try:
        assert until(" ".join(words), NOW, "Europe/Berlin", DESK) > NOW
    except ValueError as refusal:
        assert "; write for example " in str(refusal)
