"""The sheet that a promise is added up by: it says the same as the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitmail.domain.hours import Calendar
from sitmail.domain.incident import Status
from sitmail.domain.sla import TIMINGS, Entry, Term, clock
from sitmail.domain.time_sheet import Spell, time_sheet
from tests.examples import examples

H = 3600
DESK = Calendar("desk", "UTC")  # Monday to Friday, 09:00 to 17:00


def at(day: int, hour: int) -> datetime:
    """November 2026; the 16th is a Monday."""
    return datetime(2026, 11, day, hour, tzinfo=UTC)


def term(target: str = "resolution", hours: int = 16, after: str = "") -> Term:
    return Term(1, target, hours * H, "desk", (0.5,), 1, at(16, 15), after=after)


OPENED = Entry(at(16, 15), Status.ACTIVE, number=1)
ASKED = Entry(at(17, 11), Status.AWAITING_CUSTOMER, answered=True, number=2)
WROTE = Entry(at(18, 16), Status.ACTIVE, number=3)


def test_what_counted_is_told_by_the_hour() -> None:
    found = time_sheet(term(), [OPENED, ASKED, WROTE], DESK, at(19, 10))
    assert found.spells == (
        Spell(at(16, 15), at(17, 11), Status.ACTIVE, 4 * H, ((at(16, 15), at(16, 17)), (at(17, 9), at(17, 11)))),
        Spell(at(17, 11), at(18, 16), Status.AWAITING_CUSTOMER),
        Spell(at(18, 16), at(19, 10), Status.ACTIVE, 2 * H, ((at(18, 16), at(18, 17)), (at(19, 9), at(19, 10)))),
    )
    assert found.clock.used == 6 * H


def test_a_night_and_a_weekend_are_no_open_hours() -> None:
    found = time_sheet(term(), [Entry(at(20, 16), Status.ACTIVE, number=1)], DESK, at(23, 10))
    assert [one.status for one in found.spells] == [Status.NEW, Status.ACTIVE]
    assert found.spells[-1].hours == ((at(20, 16), at(20, 17)), (at(23, 9), at(23, 10)))


def test_of_an_update_the_present_time_is_told() -> None:
    answer = Entry(at(17, 11), Status.ACTIVE, answered=True, number=2)
    found = time_sheet(term("update"), [OPENED, answer], DESK, at(17, 12))
    assert found.spells == (Spell(at(17, 11), at(17, 12), Status.ACTIVE, H, ((at(17, 11), at(17, 12)),)),)


def test_a_chained_step_has_not_begun() -> None:
    found = time_sheet(term("problem", after="first_response"), [OPENED], DESK, at(17, 12))
    assert (found.clock.state, [one.seconds for one in found.spells]) == ("paused", [0])


def test_what_is_met_ends_there() -> None:
    found = time_sheet(term("first_response"), [OPENED, ASKED, WROTE], DESK, at(19, 10))
    assert [(one.end, one.seconds) for one in found.spells] == [(at(17, 11), 4 * H)]
    assert found.clock.met_at == at(17, 11)


stories = st.lists(
    st.tuples(
        st.integers(0, 200_000),
        st.sampled_from(sorted(Status)),
        st.booleans(),
        st.sampled_from([(), ("problem",), ("action_plan",), ("review",)]),
    ),
    max_size=12,
)


@examples(300)
@given(stories, st.sampled_from(sorted(TIMINGS)), st.sampled_from(["", "first_response"]))
def test_the_sheet_adds_up_to_what_the_clock_used(
    story: list[tuple[int, Status, bool, tuple[str, ...]]], target: str, after: str
) -> None:
    moment, log = at(16, 15), []
    for number, (wait, status, answered, met) in enumerate(story, 1):
        moment += timedelta(seconds=wait)
        log.append(Entry(moment, status, answered=answered, number=number, met=met))
    now = moment + timedelta(hours=3)
    promised = term(target, after=after)
    found = time_sheet(promised, log, DESK, now)
    assert found.clock == clock(promised, log, DESK, now)
    assert sum(one.seconds for one in found.spells) == found.clock.used
    for one in found.spells:
        assert sum((end - begin).total_seconds() for begin, end in one.hours) == one.seconds
    assert all(one.end == other.begin for one, other in zip(found.spells, found.spells[1:], strict=False))


@pytest.mark.parametrize("days", [1, 30, 400])
def test_openings_add_up(days: int) -> None:
    always = Calendar("always", "Europe/Berlin", dict.fromkeys(range(7), ((0, 86_400),)))
    for calendar in (DESK, always):
        begin, end = at(16, 15), at(16, 15) + timedelta(days=days)
        found = calendar.openings(begin, end)
        assert sum((b - a).total_seconds() for a, b in found) == calendar.between(begin, end)
        assert calendar is DESK or len(found) == 1
