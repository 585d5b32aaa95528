"""Which steps are due at which parts of a promised time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitmail.domain.escalation import UNOWNED_TIMES, turns
from sitmail.domain.hours import Calendar, Span
from sitmail.domain.record import changed
from sitmail.domain.service_level import Escalation
from tests.domain.desk_at_hand import POLICY

H = 3600
DESK = Calendar("desk", "UTC")


def parts(*steps: Escalation, priority: str = "medium", target: str = "resolution", **desk: object) -> list[float]:
    policy = changed(POLICY, {"escalations": steps, **desk})
    return sorted(turns(policy, priority, target, 10 * H, DESK))


@pytest.mark.parametrize(
    ("step", "found"),
    [
        (Escalation(at=0.5, to=("owner",)), [0.5]),
        (Escalation(at=0.5, target="resolution", priority="medium", to=("owner",)), [0.5]),
        (Escalation(at=0.5, target="problem", to=("owner",)), []),
        (Escalation(at=0.5, priority="high", to=("owner",)), []),
        (Escalation(at=1.0, to=("owner",), repeat=Span(H), times=3), [1.0, 1.1, 1.2, 1.3]),
        (Escalation(at=1.0, repeat=Span(H), set_owner="bob"), [1.0]),  # nobody would be told again
        (Escalation(at=1.0, to=("owner",), repeat=Span(days=1), times=1), [1.0, 1.8]),  # a working day has eight hours
    ],
)
def test_parts_of_a_step(step: Escalation, found: list[float]) -> None:
    assert parts(step) == found


def test_what_nobody_owns_is_told_with_a_bound_and_by_no_step_for_promises() -> None:
    promise = Escalation(at=0.5, to=("owner",))
    found = parts(promise, target="unowned", unowned_every=Span(1200))
    assert (found[0], len(found)) == (1.0, 1 + UNOWNED_TIMES)
    assert parts(promise, unowned_every=Span(1200)) == [0.5]


@given(st.integers(60, 10**7), st.integers(1, 10**6), st.integers(1, 30))
def test_a_part_is_the_same_number_each_time(seconds: int, every: int, times: int) -> None:
    step = Escalation(at=1.0, to=("owner",), repeat=Span(every), times=times)
    policy = changed(POLICY, {"escalations": (step,)})
    assert turns(policy, "medium", "resolution", seconds, DESK) == turns(policy, "medium", "resolution", seconds, DESK)
    assert all(part >= 1.0 for part in turns(policy, "medium", "resolution", seconds, DESK))
