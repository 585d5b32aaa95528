"""What is due at a tick: each warning once, and the time of the next tick."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sitmail.domain.hours import Calendar
from sitmail.domain.incident import Status
from sitmail.domain.sla import Entry, Term
from sitmail.domain.sla_outlook import Key, Outlook, Standing, Warn, outlook

H = 3600
CALENDARS = {"desk": Calendar("desk", "UTC")}  # Monday to Friday, 09:00 to 17:00


def at(hour: int, minute: int = 0, day: int = 16) -> datetime:
    """November 2026; the 16th is a Monday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


OPENED = Entry(at(9), Status.ACTIVE)
RESPONSE = Term(1, "first_response", 4 * H, "desk", (0.5, 0.75), 1, at(9))
RESOLUTION = Term(2, "resolution", 6 * H, "desk", (0.5,), 1, at(9))


def look(
    now: datetime, *said: Key, log: tuple[Entry, ...] = (OPENED,), terms: tuple[Term, ...] = (RESPONSE,)
) -> Outlook:
    return outlook(terms, {one.id: log for one in terms}, CALENDARS, frozenset(said), now)


def warned(threshold: float, late: bool = False) -> Warn:
    return Warn("first_response", threshold, at(13), late, 1, RESPONSE)


def level(number: int, target: str, hours: int) -> Term:
    return Term(number, target, hours * H, "desk", (), 1, at(9))


@pytest.mark.parametrize(
    ("now", "log", "told", "skipped", "late"),
    [
        (at(9, 59), (OPENED,), [], [], False),
        (at(10), (OPENED,), ["followup_level"], [], False),
        (at(11, 30), (OPENED,), ["warning_level"], ["followup_level"], False),
        (at(13), (OPENED,), ["late_level"], ["followup_level", "warning_level"], True),
        # one follows up what waits for the customer, and hastens nobody else
        (at(16), (OPENED, Entry(at(9), Status.AWAITING_CUSTOMER, number=2)), ["followup_level"], [], False),
        (at(16), (OPENED, Entry(at(9), Status.AWAITING_CLOSURE, number=2)), [], [], False),
        (at(16), (OPENED, Entry(at(9), Status.ON_HOLD, customer_hold=True, number=2)), [], [], False),
    ],
)
def test_of_the_levels_that_passed_the_gravest_speaks(
    now: datetime, log: tuple[Entry, ...], told: list[str], skipped: list[str], late: bool
) -> None:
    levels = (level(1, "followup_level", 1), level(2, "warning_level", 2), level(3, "late_level", 3))
    found = look(now, log=log, terms=levels)
    assert [one.target for one in found.warnings] == told
    assert [target for target, _, _ in found.skipped] == skipped
    assert found.late is late


HALF, THREE_QUARTERS, ALL = (("first_response", part, 1) for part in (0.5, 0.75, 1.0))


@pytest.mark.parametrize(
    ("now", "said", "warnings", "skipped", "following", "state"),
    [
        (at(10), (), (), (), at(11), "running"),
        (at(10, 59), (), (), (), at(11), "running"),
        (at(11), (), (warned(0.5),), (), at(12), "warned"),
        (at(11), (HALF,), (), (), at(12), "warned"),
        (at(12, 30), (HALF,), (warned(0.75),), (), at(13), "warned"),
        (at(13), (HALF, THREE_QUARTERS), (warned(1.0, late=True),), (), None, "late"),
        (at(16, day=20), (HALF, THREE_QUARTERS, ALL), (), (), None, "late"),
        # after downtime only the highest speaks
        (at(12, 30), (), (warned(0.75),), (HALF,), at(13), "warned"),
        (at(16, day=20), (), (warned(1.0, late=True),), (HALF, THREE_QUARTERS), None, "late"),
        (at(16, day=20), (HALF,), (warned(1.0, late=True),), (THREE_QUARTERS,), None, "late"),
        # a higher one has spoken already: the lower are of no interest any more
        (at(12, 30), (THREE_QUARTERS,), (), (HALF,), at(13), "warned"),
        (at(16, day=20), (ALL,), (), (HALF, THREE_QUARTERS), None, "late"),
        # said by a term that this one replaced: not again, but the due moment changes the state
        (at(10), (HALF, THREE_QUARTERS, ALL), (), (), at(13), "running"),
    ],
)
def test_each_threshold_speaks_once(
    now: datetime,
    said: tuple[Key, ...],
    warnings: tuple[Warn, ...],
    skipped: tuple[Key, ...],
    following: datetime | None,
    state: str,
) -> None:
    found = look(now, *said)
    assert (found.warnings, found.skipped, found.next_deadline) == (warnings, skipped, following)
    assert found.states == {1: Standing(state, at(13), None)}
    assert found.late is (state == "late")


def test_a_life_of_ticks_says_each_warning_once() -> None:
    """Whoever sleeps to the next deadline, and records what he says, says everything once and then sleeps for ever."""
    now: datetime | None = at(9)
    said: set[Key] = set()
    spoken = []
    while now:
        found = look(now, *said, terms=(RESPONSE, RESOLUTION))
        spoken += [(now, warning.target, warning.threshold) for warning in found.warnings]
        said |= {(warning.target, warning.threshold, warning.cycle) for warning in found.warnings}
        assert found.skipped == ()
        assert found.next_deadline is None or found.next_deadline > now
        now = found.next_deadline
    assert spoken == [
        (at(11), "first_response", 0.5),
        (at(12), "first_response", 0.75),
        (at(12), "resolution", 0.5),
        (at(13), "first_response", 1.0),
        (at(15), "resolution", 1.0),
    ]


def test_a_pause_is_silent_and_has_no_deadline() -> None:
    log = (OPENED, Entry(at(10), Status.AWAITING_CUSTOMER, answered=True))
    found = look(at(16, day=20), log=log, terms=(RESPONSE, RESOLUTION))
    assert (found.warnings, found.skipped, found.next_deadline, found.late) == ((), (), None, False)
    assert found.states == {1: Standing("met", None, at(10)), 2: Standing("paused", None, None)}


def test_a_resumed_clock_has_a_later_deadline() -> None:
    log = (OPENED, Entry(at(10), Status.AWAITING_CUSTOMER), Entry(at(10, day=17), Status.ACTIVE))
    found = look(at(10, day=17), log=log, terms=(RESOLUTION,))
    assert (found.next_deadline, found.states[2]) == (at(12, day=17), Standing("running", at(15, day=17), None))


def test_what_was_met_late_is_met_and_keeps_its_due_moment() -> None:
    log = (OPENED, Entry(at(15), Status.ACTIVE, answered=True))
    found = look(at(16), log=log)
    assert (found.states, found.late, found.warnings) == ({1: Standing("met", at(13), at(15))}, False, ())


def test_what_was_missed_stays_late_while_it_pauses() -> None:
    log = (OPENED, Entry(at(16), Status.AWAITING_CUSTOMER))
    found = look(at(16, 30), log=log, terms=(RESOLUTION,))
    assert (found.states, found.late, found.warnings) == ({2: Standing("late", at(15), None)}, True, ())


def test_a_replaced_term_is_silent() -> None:
    old = Term(1, "resolution", H, "desk", (0.5,), 1, at(9), ended=at(9, 15))
    found = look(at(9, 20), terms=(old, RESOLUTION))
    assert (found.states[1], found.next_deadline, found.late) == (Standing("off", None, None), at(12), False)


def test_the_next_cycle_speaks_again() -> None:
    again = Term(3, "first_response", 4 * H, "desk", (0.5,), 2, at(9, day=17))
    log = (OPENED, Entry(at(10), Status.CLOSED), Entry(at(9, day=17), Status.ACTIVE, cycle=2))
    found = look(at(11, day=17), HALF, THREE_QUARTERS, ALL, log=log, terms=(again,))
    assert found.warnings == (Warn("first_response", 0.5, at(13, day=17), False, 2, again),)


def test_a_calendar_that_is_gone_is_counted_round_the_clock() -> None:
    term = Term(1, "resolution", 24 * H, "gone", (), 1, at(9))
    assert look(at(10), terms=(term,)).next_deadline == at(9, day=17)


def test_without_promises_there_is_nothing_to_wait_for() -> None:
    assert look(at(9), terms=()) == Outlook()


def test_a_moment_between_seconds_is_not_missed() -> None:
    assert look(at(11) + timedelta(microseconds=1)).warnings == (warned(0.5),)
