"""Which calendar measures a promise: the first that is there, as it was then, closed where the present one closes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitmail.domain.calendar_versions import closed_as_well
from sitmail.domain.facts import Contract, Site
from sitmail.domain.hours import Calendar
from sitmail.domain.opening import calendar_name
from sitmail.domain.service_level import ServiceLevel
from tests.domain import desk_at_hand
from tests.examples import examples

HOUR = 3600
FIRST = date(2026, 3, 2)
NAMES = ("of contract", "of site", "of level", "of desk")
POLICY = replace(
    desk_at_hand.POLICY,
    calendars={name: Calendar(name) for name in NAMES},
    calendar="of desk",
    service_levels={"gold": ServiceLevel("gold", calendar="of level"), "plain": ServiceLevel("plain")},
)


@pytest.mark.parametrize(
    ("contract", "site", "level", "found"),
    [
        ("of contract", "of site", "gold", "of contract"),
        ("", "of site", "gold", "of site"),
        ("", "", "gold", "of level"),
        ("", "", "plain", "of desk"),
        (None, None, "plain", "of desk"),
        (None, None, "", "of desk"),
        ("gone", "of site", "gold", "of site"),  # configured no more
        ("gone", "gone", "plain", "of desk"),
    ],
)
def test_the_first_calendar_that_is_there(contract: str | None, site: str | None, level: str, found: str) -> None:
    covered = None if contract is None else Contract("c", site="s", service_level=level, calendar=contract)
    home = None if site is None else Site("s", name="s", calendar=site)
    assert calendar_name(POLICY, level, covered, home) == found


days = st.integers(0, 13).map(lambda number: FIRST + timedelta(days=number))
hours = st.lists(st.tuples(st.integers(0, 11), st.integers(12, 24)), max_size=2, unique_by=lambda one: one[0]).map(
    lambda several: tuple((begin * HOUR, end * HOUR) for begin, end in several)
)


@st.composite
def calendars(draw: Any) -> Calendar:
    week = {day: draw(hours) for day in range(7)} | {0: ((9 * HOUR, 17 * HOUR),)}
    return Calendar(
        "office",
        week=week,
        holidays=frozenset(draw(st.sets(days, max_size=3))),
        exceptions=draw(st.dictionaries(days, hours, max_size=3)),
    )


@examples(60)
@given(
    former=calendars(), present=calendars(), other=calendars(), start=st.integers(0, 13 * 24), span=st.integers(1, 60)
)
def test_what_was_promised_is_due_no_earlier(
    former: Calendar, present: Calendar, other: Calendar, start: int, span: int
) -> None:
    moment = datetime(2026, 3, 2, tzinfo=UTC) + timedelta(hours=start)
    due = former.add(moment, span * HOUR)
    closed = closed_as_well(former, present)
    assert closed.add(moment, span * HOUR) >= due
    assert closed_as_well(closed, other).add(moment, span * HOUR) >= closed.add(moment, span * HOUR)
    assert closed_as_well(former, former).digest == former.digest
    assert closed_as_well(closed, present).digest == closed.digest


@examples(40)
@given(former=calendars(), present=calendars(), day=days)
def test_a_day_is_open_when_it_was_and_is(former: Calendar, present: Calendar, day: date) -> None:
    """Of the present calendar only what is not as on other days of the week counts."""
    special = present.exceptions.get(day, () if day in present.holidays else None)
    assert open_hours(closed_as_well(former, present), day) == {
        hour
        for hour in open_hours(former, day)
        if special is None or any(begin <= hour * HOUR < end for begin, end in special)
    }


def open_hours(calendar: Calendar, day: date) -> set[int]:
    begin = datetime(day.year, day.month, day.day, tzinfo=UTC)
    found = calendar.openings(begin, begin + timedelta(days=1))
    return {hour for hour in range(24) if any(a <= begin + timedelta(hours=hour) < b for a, b in found)}


def test_public_holidays_close_as_well() -> None:
    class Public:
        edition = "1"

        def days(self, year: int) -> frozenset[date]:
            return frozenset({date(year, 3, 3)})

    present = replace(Calendar("office"), public=Public())
    closed = closed_as_well(Calendar("office"), present)
    tuesday = datetime(2026, 3, 3, tzinfo=UTC)
    assert closed.between(tuesday, tuesday + timedelta(days=1)) == 0
    assert closed.between(tuesday, tuesday + timedelta(days=2)) == 8 * HOUR
