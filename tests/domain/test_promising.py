"""What is promised, and the levels of a priority: by which hours they are counted, and who needs a service level."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from sitmail.domain.hours import ROUND_THE_CLOCK, Calendar, Span
from sitmail.domain.incident import Incident, Status
from sitmail.domain.priorities import Priority
from sitmail.domain.promising import promised
from sitmail.domain.sla import TimedTarget
from tests.domain.desk_at_hand import POLICY

H = 3600
DESK, NIGHT = Calendar("desk"), Calendar("night", week={0: ((0, 6 * H),)})
OPENED = datetime(2026, 11, 16, 9, tzinfo=UTC)
INCIDENT = Incident(1, "support@example.com", "Printer", Status.ACTIVE, "high", OPENED, OPENED, calendar="night")


@pytest.mark.parametrize(
    ("basis", "seconds", "calendar"),
    [("all", 24 * H, ROUND_THE_CLOCK.name), ("business", 8 * H, "desk"), ("contract", 6 * H, "night")],
)
def test_a_level_is_counted_by_its_basis(basis: str, seconds: int, calendar: str) -> None:
    priority = Priority("high", "High", {TimedTarget.LATE: Span(days=1)}, basis)
    policy = replace(
        POLICY, calendars={"desk": DESK, "night": NIGHT}, calendar="desk", priorities=(priority,), service_levels={}
    )
    (found,) = promised(INCIDENT, policy)
    assert (found.target, found.seconds, found.calendar, found.started) == ("late_level", seconds, calendar, OPENED)
    assert promised(replace(INCIDENT, priority="low"), policy) == []
    elsewhere = replace(INCIDENT, calendar="one of last year")
    assert [one.calendar for one in promised(elsewhere, policy)] == [{"night": "desk"}.get(calendar, calendar)]
