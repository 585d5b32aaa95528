"""Working time by hand and by a slow oracle: real calendars with breaks, public holidays, exceptions, clock changes."""

from __future__ import annotations

import tomllib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitmail.config.public_holidays import PublicHolidays
from sitmail.domain.hours import Calendar, zone
from tests.domain.minute_oracle import DAYS, Oracle, easter
from tests.examples import examples

BY_HAND = tomllib.loads(Path(__file__).with_name("working_time_by_hand.toml").read_text("utf-8"))
YEARS = range(2024, 2031)


def hours(written: list[str]) -> tuple[tuple[int, int], ...]:
    def seconds(clock: str) -> int:
        return int(clock[:2]) * 3600 + int(clock[3:]) * 60

    return tuple((seconds(one[:5]), seconds(one[6:])) for one in written)


def built(name: str, written: dict[str, Any]) -> Calendar:
    return Calendar(
        name,
        written["timezone"],
        {n: hours(written["week"][day]) for n, day in enumerate(DAYS) if day in written["week"]},
        frozenset(date.fromisoformat(day) for day in written.get("holidays", [])),
        PublicHolidays(written["holidays_of"]) if "holidays_of" in written else None,
        {date.fromisoformat(day): hours(several) for day, several in written.get("exceptions", {}).items()},
    )


CALENDARS = {name: built(name, written) for name, written in BY_HAND["calendar"].items()}


def moment(text: str, calendar: str) -> datetime:
    if text.endswith("Z"):
        return datetime.fromisoformat(text)
    return datetime.fromisoformat(text).replace(tzinfo=zone(CALENDARS[calendar].timezone)).astimezone(UTC)


def oracle(name: str) -> Oracle:
    """With the public holidays of the package written out, so that only the arithmetic is compared."""
    written = dict(BY_HAND["calendar"][name])
    of = written.pop("holidays_of", "")
    public = [day.isoformat() for year in YEARS for day in (PublicHolidays(of).days(year) if of else ())]
    return Oracle(written | {"holidays": [*written.get("holidays", []), *public]})


ORACLES = {name: oracle(name) for name in CALENDARS}


@pytest.mark.parametrize("row", BY_HAND["row"], ids=lambda row: f"{row['calendar']}-{row['start']}-{row['minutes']}")
def test_by_hand(row: dict[str, Any]) -> None:
    calendar = CALENDARS[row["calendar"]]
    start, end = moment(row["start"], row["calendar"]), moment(row["end"], row["calendar"])
    assert calendar.add(start, row["minutes"] * 60) == end, row["why"]
    assert calendar.between(start, end) == row["minutes"] * 60, row["why"]
    assert ORACLES[row["calendar"]].add(start, row["minutes"]) == end, "the oracle disagrees with the row"


names = st.sampled_from(sorted(CALENDARS))
minutes_of_2026 = st.integers(0, 365 * 24 * 60 - 1).map(
    lambda minute: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
)


@examples(60)
@given(names, minutes_of_2026, st.integers(1, 1500))
def test_the_oracle_agrees(name: str, start: datetime, minutes: int) -> None:
    end = CALENDARS[name].add(start, minutes * 60)
    assert ORACLES[name].add(start, minutes) == end
    assert ORACLES[name].between(start, end) == minutes


@examples(10_000)
@given(names, st.integers(0, 6 * 365 * 86_400), st.integers(1, 60 * 86_400))
def test_add_and_between_are_inverse(name: str, second: int, seconds: int) -> None:
    start = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=second)
    calendar = CALENDARS[name]
    end = calendar.add(start, seconds)
    assert calendar.between(start, end) == seconds
    assert calendar.between(start, end - timedelta(seconds=1)) == seconds - 1


@pytest.mark.parametrize("year", YEARS)
def test_public_holidays_are_those_of_the_country(year: int) -> None:
    friday, monday = easter(year) - timedelta(days=2), easter(year) + timedelta(days=1)
    for of in ("GB-ENG", "DE-BY", "NZ"):
        assert {friday, monday, date(year, 12, 25)} <= PublicHolidays(of).days(year)
    assert monday not in PublicHolidays("US").days(year)
    assert date(year, 1, 6) in PublicHolidays("DE-BY").days(year)
    assert date(year, 1, 6) not in PublicHolidays("DE-HH").days(year)


def test_a_calendar_with_other_holidays_or_exceptions_is_another_one() -> None:
    """A clock that was followed by the one is followed anew by the other."""
    week = {0: ((0, 3600),)}
    plain = Calendar("x", week=week)
    others = [
        Calendar("x", week=week, public=PublicHolidays("GB")),
        Calendar("x", week=week, public=PublicHolidays("GB-SCT")),
        Calendar("x", week=week, exceptions={date(2026, 12, 24): ((0, 60),)}),
        Calendar("x", week=week, exceptions={date(2026, 12, 24): ()}),
    ]
    assert len({one.digest for one in (plain, *others)}) == 5


def test_hours_of_a_single_day_are_hours() -> None:
    with pytest.raises(ValueError, match="hours begin and end within one day"):
        Calendar("x", exceptions={date(2026, 12, 24): ((3600, 60),)})
