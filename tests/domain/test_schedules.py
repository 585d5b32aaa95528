"""When reports are due: by weekday, by day of the month, over changes of the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitmail.domain.figures.schedules import Schedule

BERLIN = "Europe/Berlin"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "now", "last", "following"),
    [
        ("08:00", "2026-03-02 07:00", "2026-03-02 07:00", "2026-03-03 07:00"),
        ("08:00", "2026-03-02 06:59", "2026-03-01 07:00", "2026-03-02 07:00"),
        ("mon 8:00", "2026-03-04 12:00", "2026-03-02 07:00", "2026-03-09 07:00"),
        ("mon-fri 08:00", "2026-03-07 12:00", "2026-03-06 07:00", "2026-03-09 07:00"),
        ("sat-mon 08:00", "2026-03-04 12:00", "2026-03-02 07:00", "2026-03-07 07:00"),
        ("1st 07:30", "2026-03-02 12:00", "2026-03-01 06:30", "2026-04-01 05:30"),  # the clocks change between
        ("31st 07:30", "2026-03-02 12:00", "2026-02-28 06:30", "2026-03-31 05:30"),
        ("last 18:00", "2026-03-02 12:00", "2026-02-28 17:00", "2026-03-31 16:00"),
        ("02:30", "2026-03-29 12:00", "2026-03-29 01:00", "2026-03-30 00:30"),  # a time that is skipped
    ],
)
def test_the_last_moment_and_the_next(written: str, now: str, last: str, following: str) -> None:
    schedule = Schedule.parse(written)
    assert (schedule.last(at(now), BERLIN), schedule.next(at(now), BERLIN)) == (at(last), at(following))


@pytest.mark.parametrize("written", ["", "8", "25:00", "8:60", "32nd 08:00", "0 08:00", "monday", "mon", "never 08:00"])
def test_what_is_no_time_is_refused_with_examples(written: str) -> None:
    with pytest.raises(ValueError, match="expected a time such as"):
        Schedule.parse(written)


@given(
    st.sampled_from(["08:00", "mon 00:00", "fri-tue 23:59", "1st 02:30", "30th 12:00", "last 02:30"]),
    st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),
)
def test_from_one_moment_the_next_is_the_other_way_round(written: str, now: datetime) -> None:
    schedule = Schedule.parse(written)
    following = schedule.next(now, BERLIN)
    assert schedule.last(now, BERLIN) <= now < following
    assert schedule.last(following, BERLIN) == following
    assert schedule.last(following - timedelta(seconds=1), BERLIN) == schedule.last(now, BERLIN)
