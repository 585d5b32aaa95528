"""The clock of a target, computed from short updates logs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitmail.domain.hours import ROUND_THE_CLOCK, Calendar, Span
from sitmail.domain.incident import PAUSED, Status
from sitmail.domain.promising import promises
from sitmail.domain.service_level import ServiceLevel, Target
from sitmail.domain.sla import Clock, Entry, Term, clock, period

H = 3600
DESK = Calendar("desk", "UTC")  # Monday to Friday, 09:00 to 17:00


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """November 2026; the 16th and the 23rd are Mondays."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


OPENED = Entry(at(16, 9), Status.NEW)
TAKEN = Entry(at(16, 9, 10), Status.ACTIVE)


def term(target: str = "resolution", hours: int = 8, **other: object) -> Term:
    values = {"calendar": "desk", "warn_at": (0.75, 0.9), "cycle": 1, "started": at(16, 9)} | other
    return Term(1, target, hours * H, **values)  # type: ignore[arg-type]


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


def promised_to(level: ServiceLevel | None, priority: str) -> list[tuple[str, int, str, str]]:
    return [(one.target, one.seconds, one.calendar, one.after) for one in promises(level, priority, DESK)]


SPANS = {
    "first_response": Span(H),
    "problem": Span(2 * H),
    "action_plan": Span(days=1),
    "resolution": Span(days=2),
    "update": Span(days=3),
    "review": Span(weeks=4),
}


def test_promises_of_a_level() -> None:
    spans = {"first_response": Span(H), "resolution": Span(days=2)}
    level = ServiceLevel("gold", targets={"high": Target("high", spans, (0.8,)), "low": Target("low", {})})
    assert [one.warn_at for one in promises(level, "high", DESK)] == [(0.8,), (0.8,)]
    assert promised_to(level, "high") == [("first_response", H, "desk", ""), ("resolution", 16 * H, "desk", "")]
    assert promised_to(level, "low") == promised_to(level, "medium") == promised_to(None, "high") == []
    nothing = ServiceLevel("none", targets={"high": Target("high", {"resolution": Span()})})
    assert promised_to(nothing, "high") == []


def test_a_review_is_counted_on_the_wall_and_all_else_in_working_time() -> None:
    level = ServiceLevel("gold", targets={"high": Target("high", SPANS)})
    assert promised_to(level, "high")[4:] == [("update", 24 * H, "desk", ""), ("review", 28 * 24 * H, "", "")]


def test_in_a_chain_each_step_begins_when_the_one_before_it_is_met() -> None:
    level = ServiceLevel("gold", counted="chain", targets={"high": Target("high", SPANS)})
    afters = {target: after for target, _, _, after in promised_to(level, "high")}
    assert afters == {
        "first_response": "",
        "problem": "first_response",
        "action_plan": "problem",
        "resolution": "action_plan",
        "update": "",
        "review": "",
    }
    some = {name: span for name, span in SPANS.items() if name in ("problem", "resolution")}
    level = ServiceLevel("gold", counted="chain", targets={"high": Target("high", some | {"action_plan": Span()})})
    assert [(t, after) for t, _, _, after in promised_to(level, "high")] == [("problem", ""), ("resolution", "problem")]


ANSWERED = Entry(at(16, 11), Status.AWAITING_CUSTOMER, answered=True, number=2)
WROTE = Entry(at(16, 13), Status.ACTIVE, number=3)


def step(target: str, *log: Entry, now: datetime, **other: object) -> Clock:
    return clock(term(target, **other), log, DESK, now)  # type: ignore[arg-type]


def test_a_step_is_met_by_its_word_and_a_later_one_implies_it() -> None:
    says = Entry(at(16, 14), Status.ACTIVE, met=("problem",))
    plan = Entry(at(16, 15), Status.ACTIVE, met=("action_plan",))
    assert step("problem", OPENED, says, now=at(16, 16)).met_at == at(16, 14)
    assert step("action_plan", OPENED, says, now=at(16, 16)).met_at is None
    assert step("problem", OPENED, plan, now=at(16, 16)).met_at == at(16, 15)
    assert step("first_response", OPENED, plan, now=at(16, 16)).met_at is None  # words to a customer are something else
    assert step("resolution", OPENED, plan, now=at(16, 16)).met_at is None


@pytest.mark.parametrize("status", [Status.AWAITING_CLOSURE, Status.CLOSED])
def test_what_is_resolved_was_understood(status: Status) -> None:
    found = step("problem", OPENED, Entry(at(16, 14), status), Entry(at(17, 9), Status.ACTIVE), now=at(17, 10))
    assert (found.state, found.met_at) == ("met", at(16, 14))


def test_steps_pause_while_the_customer_has_the_ball() -> None:
    found = step("problem", OPENED, ANSWERED, now=at(16, 12))
    assert (found.state, found.used) == ("paused", 2 * H)
    assert step("problem", OPENED, ANSWERED, WROTE, now=at(16, 14)).used == 3 * H


def test_a_chained_step_waits_for_the_one_before_it() -> None:
    chained = {"after": "first_response", "hours": 2}
    assert step("problem", OPENED, now=at(16, 16), **chained).due is None
    found = step("problem", OPENED, Entry(at(16, 11), Status.ACTIVE, answered=True), now=at(16, 12), **chained)
    assert (found.state, found.used, found.due) == ("running", H, at(16, 13))
    waits = step("problem", OPENED, ANSWERED, now=at(16, 12), **chained)
    assert (waits.state, waits.used) == ("paused", 0)
    assert step("problem", OPENED, ANSWERED, WROTE, now=at(16, 14), **chained).due == at(16, 15)


def test_a_chained_step_may_be_met_before_its_turn() -> None:
    early = Entry(at(16, 10), Status.ACTIVE, met=("problem",))
    found = step("problem", OPENED, early, now=at(16, 12), after="first_response")
    assert (found.state, found.met_at, found.used) == ("met", at(16, 10), 0)
    plan = step("action_plan", OPENED, early, now=at(16, 12), after="problem", hours=2)
    assert plan.due == at(16, 12)


def test_an_update_is_due_anew_after_each_answer() -> None:
    answer = Entry(at(16, 11), Status.ACTIVE, answered=True, number=2)
    found = step("update", OPENED, answer, now=at(16, 12), hours=4)
    assert (found.state, found.used, found.due, period(term("update"), found.progress)) == ("running", H, at(16, 15), 2)
    assert step("update", OPENED, answer, now=at(16, 16), hours=4).late
    again = replace(answer, at=at(16, 16), number=5)
    assert not step("update", OPENED, answer, again, now=at(16, 16, 30), hours=4).late


def test_an_update_is_not_owed_while_the_customer_has_the_ball() -> None:
    found = step("update", OPENED, ANSWERED, now=at(20, 12), hours=4)
    assert (found.state, found.used, found.late) == ("paused", 0, False)
    assert step("update", OPENED, ANSWERED, WROTE, now=at(16, 14), hours=4).due == at(16, 17)


def test_an_update_that_was_late_is_no_more_once_somebody_answered() -> None:
    late = step("update", OPENED, Entry(at(17, 12), Status.AWAITING_CUSTOMER, answered=True), now=at(17, 13), hours=4)
    assert (late.state, late.late, late.missed) == ("paused", False, None)


def test_a_review_is_due_anew_after_each_and_only_closing_stops_it() -> None:
    waiting = Entry(at(16, 10), Status.AWAITING_CUSTOMER, answered=True, number=2)
    reviewed = Entry(at(18, 10), Status.AWAITING_CUSTOMER, met=("review",), number=3)
    wall = term("review", 48, calendar="")
    assert clock(wall, [OPENED, waiting], ROUND_THE_CLOCK, at(17, 9)).due == at(18, 9)
    found = clock(wall, [OPENED, waiting, reviewed], ROUND_THE_CLOCK, at(19, 9))
    assert (found.state, found.due, period(wall, found.progress)) == ("running", at(20, 10), 3)
    closed = Entry(at(19, 9), Status.CLOSED, number=4)
    assert clock(wall, [OPENED, waiting, reviewed, closed], ROUND_THE_CLOCK, at(25, 9)).state == "off"


def test_reopening_begins_an_update_anew() -> None:
    again = Entry(at(23, 9), Status.ACTIVE, cycle=2, number=9)
    found = clock(term("update", 4, cycle=2, started=at(23, 9)), [OPENED, again], DESK, at(23, 10))
    assert (found.due, period(term("update"), found.progress)) == (at(23, 13), 9)


def test_a_term_whose_moment_was_named_has_warnings_of_its_own() -> None:
    """Else nobody would be warned of the new moment where the old one's warnings were said."""
    named = replace(term(calendar=""), id=7)
    assert period(named, None) == -7
    assert period(term(), None) == 1
