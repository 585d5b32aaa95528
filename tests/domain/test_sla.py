"""The clock of a target, computed from short updates logs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitmail.domain.hours import ROUND_THE_CLOCK, Calendar, Span
from sitmail.domain.incident import PAUSED, Status
from sitmail.domain.policy import ServiceLevel, Target
from sitmail.domain.sla import Clock, Entry, Term, clock, promises

H = 3600
DESK = Calendar("desk", "UTC")  # Monday to Friday, 09:00 to 17:00


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """November 2026; the 16th and the 23rd are Mondays."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


OPENED = Entry(at(16, 9), Status.NEW)
TAKEN = Entry(at(16, 9, 10), Status.ACTIVE)


def term(target: str = "resolution", hours: int = 8, **other: object) -> Term:
    values = {"warn_at": (0.75, 0.9), "cycle": 1, "started": at(16, 9)} | other
    return Term(1, target, hours * H, "desk", **values)  # type: ignore[arg-type]


def first(*log: Entry, now: datetime, hours: int = 4) -> Clock:
    return clock(term("first_response", hours), log, DESK, now)


def resolution(*log: Entry, now: datetime, hours: int = 8, calendar: Calendar = DESK) -> Clock:
    return clock(term(hours=hours), log, calendar, now)


def test_a_clock_runs_from_the_start_and_names_its_moments() -> None:
    found = resolution(OPENED, TAKEN, now=at(16, 11), hours=10)
    assert (found.state, found.used, found.due, found.met_at, found.late) == ("running", 2 * H, at(17, 11), None, False)
    assert found.thresholds == ((0.75, at(16, 16, 30)), (0.9, at(17, 10)), (1.0, at(17, 11)))


def test_moments_that_passed_keep_their_place() -> None:
    found = resolution(OPENED, TAKEN, now=at(18, 12))
    assert found.thresholds == ((0.75, at(16, 15)), (0.9, at(16, 16, 12)), (1.0, at(16, 17)))
    assert (found.state, found.used, found.due, found.missed) == ("running", 19 * H, at(16, 17), at(16, 17))


def test_due_is_late_from_that_very_second() -> None:
    assert not resolution(OPENED, now=at(16, 17) - timedelta(seconds=1)).late
    assert resolution(OPENED, now=at(16, 17)).late


@pytest.mark.parametrize("status", sorted(PAUSED - {Status.CLOSED, Status.UNSUPPORTED}))
def test_the_resolution_pauses_while_the_ball_is_with_the_customer(status: Status) -> None:
    asked, answered = Entry(at(16, 11), status, answered=True), Entry(at(17, 10), Status.ACTIVE)
    paused = resolution(OPENED, TAKEN, asked, now=at(16, 16))
    assert (paused.state, paused.used, paused.due, paused.thresholds) == ("paused", 2 * H, None, ())
    again = resolution(OPENED, TAKEN, asked, answered, now=at(17, 11))
    assert (again.state, again.used, again.due) == ("running", 3 * H, at(17, 16))


@pytest.mark.parametrize(
    "status", [Status.RESEARCH, Status.AWAITING_COLLEAGUE, Status.AWAITING_VENDOR, Status.ON_HOLD, Status.NEW]
)
def test_what_we_wait_for_ourselves_runs(status: Status) -> None:
    assert resolution(OPENED, Entry(at(16, 10), status), now=at(16, 12)).used == 3 * H


def test_on_hold_pauses_only_if_the_customer_asked() -> None:
    asked = Entry(at(16, 10), Status.ON_HOLD, customer_hold=True)
    assert resolution(OPENED, asked, now=at(16, 12)).state == "paused"
    assert first(OPENED, asked, now=at(16, 12)).state == "running"


@pytest.mark.parametrize("status", sorted(PAUSED - {Status.CLOSED, Status.UNSUPPORTED}))
def test_the_first_response_never_pauses_before_an_answer(status: Status) -> None:
    found = first(OPENED, Entry(at(16, 10), status), now=at(16, 12))
    assert (found.state, found.used, found.due) == ("running", 3 * H, at(16, 13))


def test_the_first_answer_meets_the_first_response_for_good() -> None:
    answer = Entry(at(16, 12), Status.AWAITING_CUSTOMER, answered=True)
    again = Entry(at(17, 12), Status.ACTIVE)
    second = Entry(at(18, 12), Status.AWAITING_CUSTOMER, answered=True)
    found = first(OPENED, TAKEN, answer, again, second, now=at(20, 12))
    assert (found.state, found.used, found.met_at, found.due, found.late) == ("met", 3 * H, at(16, 12), None, False)


def test_an_acknowledgement_or_a_note_is_no_response() -> None:
    assert first(OPENED, TAKEN, Entry(at(16, 10), Status.ACTIVE), now=at(16, 11)).state == "running"


@pytest.mark.parametrize(("hour", "late"), [(12, False), (13, False), (14, True)])
def test_a_response_in_the_very_second_is_in_time(hour: int, late: bool) -> None:
    found = first(OPENED, Entry(at(16, hour), Status.ACTIVE, answered=True), now=at(20, 12))
    assert (found.met_at, found.late) == (at(16, hour), late)
    assert found.missed == (at(16, 13) if late else None)


def test_an_answer_after_hours_to_what_was_due_at_closing_time_is_late() -> None:
    found = first(OPENED, Entry(at(16, 20), Status.ACTIVE, answered=True), now=at(17, 12), hours=8)
    assert (found.used, found.missed, found.met_at) == (8 * H, at(16, 17), at(16, 20))


def test_an_answer_as_the_incident_is_opened_is_in_time() -> None:
    found = first(Entry(at(16, 9), Status.AWAITING_CUSTOMER, answered=True), now=at(16, 12))
    assert (found.state, found.used, found.met_at) == ("met", 0, at(16, 9))


def test_answers_before_the_term_are_not_its_own() -> None:
    later = term("first_response", started=at(17, 9))
    found = clock(later, [OPENED, Entry(at(16, 12), Status.AWAITING_CUSTOMER, answered=True)], DESK, at(17, 10))
    assert (found.state, found.used) == ("running", H)


def test_a_term_that_starts_in_a_pause_starts_paused() -> None:
    later = term(started=at(17, 9))
    waiting = [OPENED, Entry(at(16, 12), Status.AWAITING_CUSTOMER)]
    assert clock(later, waiting, DESK, at(17, 12)).state == "paused"
    assert clock(later, [*waiting, Entry(at(17, 11), Status.ACTIVE)], DESK, at(17, 12)).used == H


def test_closing_meets_the_resolution() -> None:
    found = resolution(OPENED, TAKEN, Entry(at(16, 12), Status.CLOSED), now=at(20, 12))
    assert (found.state, found.used, found.met_at, found.due, found.late) == ("met", 3 * H, at(16, 12), None, False)


def test_a_resolution_is_met_when_it_was_proposed_and_then_accepted() -> None:
    proposed, accepted = Entry(at(16, 16), Status.AWAITING_CLOSURE), Entry(at(19, 12), Status.CLOSED)
    waiting = resolution(OPENED, TAKEN, proposed, now=at(18, 12))
    assert (waiting.state, waiting.met_at) == ("paused", None)
    noted = Entry(at(20, 9), Status.CLOSED)
    found = resolution(OPENED, TAKEN, proposed, accepted, noted, now=at(20, 12))
    assert (found.state, found.used, found.met_at, found.late) == ("met", 7 * H, at(16, 16), False)


def test_a_resolution_that_was_refused_goes_on() -> None:
    log = (OPENED, TAKEN, Entry(at(16, 16), Status.AWAITING_CLOSURE), Entry(at(18, 12), Status.ACTIVE))
    assert resolution(*log, now=at(18, 12)).due == at(18, 13)
    found = resolution(*log, Entry(at(18, 14), Status.CLOSED), now=at(20, 12))
    assert (found.used, found.met_at, found.missed) == (9 * H, at(18, 14), at(18, 13))


def test_what_was_missed_stays_missed_while_it_pauses() -> None:
    found = resolution(OPENED, Entry(at(17, 10), Status.AWAITING_CUSTOMER), now=at(17, 12))
    assert (found.state, found.due, found.missed) == ("paused", None, at(16, 17))
    in_time = resolution(OPENED, Entry(at(16, 17), Status.AWAITING_CUSTOMER), now=at(17, 12))
    assert (in_time.state, in_time.missed) == ("paused", None)


@pytest.mark.parametrize("target", ["first_response", "resolution"])
def test_unsupported_is_off_until_it_is_supported_again(target: str) -> None:
    log = [OPENED, Entry(at(16, 10), Status.UNSUPPORTED)]
    found = clock(term(target), log, DESK, at(20, 12))
    assert (found.state, found.used, found.due, found.late) == ("off", H, None, False)
    assert clock(term(target), [*log, Entry(at(17, 9), Status.ACTIVE)], DESK, at(17, 10)).used == 2 * H


def test_closed_without_an_answer_promises_no_response_any_more() -> None:
    found = first(OPENED, Entry(at(16, 10), Status.CLOSED), now=at(20, 12))
    assert (found.state, found.used, found.met_at, found.late) == ("off", H, None, False)


def test_a_term_that_another_replaced_is_off() -> None:
    found = clock(term(ended=at(16, 11)), [OPENED], DESK, at(20, 12))
    assert (found.state, found.used, found.due, found.thresholds, found.late) == ("off", 2 * H, None, (), False)


def test_only_entries_of_the_terms_cycle_count() -> None:
    log = [
        OPENED,
        Entry(at(16, 10), Status.AWAITING_CUSTOMER, answered=True),
        Entry(at(16, 11), Status.CLOSED),
        Entry(at(17, 9), Status.ACTIVE, cycle=2),
    ]
    again = clock(term("first_response", 4, cycle=2, started=at(17, 9)), log, DESK, at(17, 11))
    assert (again.state, again.used, again.due) == ("running", 2 * H, at(17, 13))
    assert clock(term(), log, DESK, at(17, 11)).met_at == at(16, 11)


def test_the_future_does_not_count() -> None:
    log = [OPENED, Entry(at(16, 12), Status.CLOSED)]
    assert clock(term(), log, DESK, at(16, 11)).state == "running"


def test_a_log_that_goes_back_in_time_adds_nothing() -> None:
    log = (OPENED, Entry(at(16, 12), Status.AWAITING_CUSTOMER), Entry(at(16, 10), Status.ACTIVE))
    assert resolution(*log, now=at(16, 13)).used == 4 * H


def test_a_night_of_25_hours_has_25() -> None:
    always = Calendar("always", "Europe/Berlin", dict.fromkeys(range(7), ((0, 86_400),)))
    began = datetime(2026, 10, 24, 22, tzinfo=UTC)  # Sunday 00:00 in Berlin
    found = clock(term(hours=25, started=began), [], always, began)
    assert found.due == datetime(2026, 10, 25, 23, tzinfo=UTC)  # Monday 00:00


steps = st.lists(
    st.tuples(st.integers(0, 50_000), st.sampled_from(sorted(set(Status) - {Status.CLOSED})), st.booleans()),
    max_size=12,
)


@given(steps, st.integers(1, 400_000), st.sampled_from([DESK, ROUND_THE_CLOCK]))
def test_the_due_moment_is_when_nothing_is_left(
    story: list[tuple[int, Status, bool]], seconds: int, calendar: Calendar
) -> None:
    """Looking again at the due moment finds exactly the promised time used, whatever happened before."""
    moment, log = at(16, 9), []
    for wait, status, held in story:
        moment += timedelta(seconds=wait)
        log.append(Entry(moment, status, customer_hold=held))
    promised = Term(1, "resolution", seconds, "desk", (0.5,), 1, at(16, 9))
    found = clock(promised, log, calendar, moment)
    if found.due is None:
        assert found.state in ("paused", "off")
        assert found.thresholds == ()
    elif found.due > moment:
        then = clock(promised, log, calendar, found.due)
        assert (then.used, then.due, then.late) == (seconds, found.due, True)
    else:
        assert found.used >= seconds
        assert found.missed == found.due


@given(steps, st.integers(1, 400_000), st.sampled_from(["first_response", "resolution"]), st.integers(0, 12))
def test_a_log_followed_in_two_goes_brings_what_one_brings(
    story: list[tuple[int, Status, bool]], seconds: int, target: str, first: int
) -> None:
    moment, log = at(16, 9), []
    for number, (wait, status, answered) in enumerate(story, 1):
        moment += timedelta(seconds=wait - 10_000)
        log.append(Entry(moment, status, answered=answered, cycle=1 + number // 9, number=number))
    now = max([at(17, 9), *(entry.at for entry in log)])
    promised = Term(1, target, seconds, "desk", (0.5,), 1, at(16, 9))
    before = clock(promised, log[:first], DESK, now).progress
    assert before is not None
    assert before.number == len(log[:first])
    after = replace(promised, progress=before)
    assert clock(after, log[first:], DESK, now) == clock(promised, log, DESK, now)
    other = Calendar("other", "UTC", {0: ((0, 3600),)})  # another calendar: from the beginning
    assert clock(after, log, other, now) == clock(promised, log, other, now)


def test_what_lies_ahead_is_not_followed_yet() -> None:
    """A log that is ahead of the clock, as after a machine's clock was set back."""
    log = [OPENED, Entry(at(16, 12), Status.CLOSED, number=2)]
    before = clock(term(), log, DESK, at(16, 11)).progress
    assert before is not None
    assert (before.number, before.since) == (0, at(16, 9))


def test_promises_of_a_level() -> None:
    spans = {"first_response": Span(H), "action_plan": Span(days=1), "resolution": Span(days=2)}
    level = ServiceLevel("gold", targets={"high": Target("high", spans, (0.8,)), "low": Target("low", {})})
    assert promises(level, "high", DESK) == [("first_response", H, (0.8,)), ("resolution", 16 * H, (0.8,))]
    assert promises(level, "low", DESK) == []
    assert promises(level, "medium", DESK) == []
    assert promises(None, "high", DESK) == []
    nothing = ServiceLevel("none", targets={"high": Target("high", {"resolution": Span()})})
    assert promises(nothing, "high", DESK) == []
