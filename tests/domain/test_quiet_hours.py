"""Quiet hours: when they end, in which zone, through nights in which clocks change, and what waits for them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from sitmail.domain.effects import Tell
from sitmail.domain.engineers import Shift, Team
from sitmail.domain.hours import Calendar
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.quiet_hours import quiet_until, waits_until
from tests.domain.desk_at_hand import ANNA, JANE, POLICY

H = 3600
NIGHT = ((22 * H, 7 * H),)
BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("quiet", "now", "end"),
    [
        (NIGHT, "2026-01-12T20:59", None),  # 21:59 in Berlin
        (NIGHT, "2026-01-12T21:00", "2026-01-13T06:00"),
        (NIGHT, "2026-01-13T05:59", "2026-01-13T06:00"),
        (NIGHT, "2026-01-13T06:00", None),
        # the night is an hour shorter, and one longer
        (NIGHT, "2026-03-28T21:00", "2026-03-29T05:00"),
        (NIGHT, "2026-10-24T20:00", "2026-10-25T06:00"),
        # several; those that touch are one
        (((0, 7 * H), (12 * H, 13 * H), (22 * H, 24 * H)), "2026-01-12T22:00", "2026-01-13T06:00"),
        (((0, 7 * H), (12 * H, 13 * H), (22 * H, 24 * H)), "2026-01-12T11:30", "2026-01-12T12:00"),
        (((13 * H, 14 * H), (12 * H, 13 * H)), "2026-01-12T11:30", "2026-01-12T13:00"),
        ((), "2026-01-12T22:00", None),
    ],
)
def test_when_they_end(quiet: tuple[tuple[int, int], ...], now: str, end: str | None) -> None:
    assert quiet_until(quiet, BERLIN, at(now)) == (at(end) if end else None)


def desk(**team: object):  # type: ignore[no-untyped-def]
    anna = replace(POLICY.engineers["anna"], quiet=NIGHT, timezone="Europe/Berlin")
    teams = {"helpdesk": Team("helpdesk", "Help desk", **team)}  # type: ignore[arg-type]
    calendars = {**POLICY.calendars, "night": Calendar("night", week=dict.fromkeys(range(7), ((20 * H, 24 * H),)))}
    return replace(POLICY, engineers={**POLICY.engineers, "anna": anna}, teams=teams, calendars=calendars)


NOW, MORNING = at("2026-01-12T21:30"), at("2026-01-13T06:00")
DUE = {"target": "resolution", "due": NOW.isoformat(), "threshold": 1.0}


@pytest.mark.parametrize(
    ("purpose", "detail", "waits"),
    [
        (NoticePurpose.SLA_LATE, DUE, True),
        (NoticePurpose.SLA_WARNING, DUE, True),
        (NoticePurpose.LEVEL_REACHED, DUE, True),
        (NoticePurpose.ESCALATED, DUE, True),
        (NoticePurpose.ESCALATED, DUE | {"even_when_quiet": True}, False),
        (NoticePurpose.UNOWNED, DUE, True),  # again
        (NoticePurpose.ASSIGNED, DUE, True),  # by a step of escalation
        (NoticePurpose.HELD, {"due": NOW.isoformat()}, True),  # reminded
        (NoticePurpose.CHANGED_STAFF, {"woke": "ring"}, True),
        # what people write, what they ask for and do
        (NoticePurpose.UNOWNED, {}, False),
        (NoticePurpose.ASSIGNED, {}, False),
        (NoticePurpose.HELD, {}, False),
        (NoticePurpose.CUSTOMER_WROTE, {}, False),
        (NoticePurpose.NOTE, {}, False),
        (NoticePurpose.CLOSURE_REQUESTED, {}, False),
        (NoticePurpose.VERDICT, {}, False),
        (NoticePurpose.CONFIRM, {}, False),
        # what is broken
        (NoticePurpose.TROUBLE, {"due": NOW.isoformat()}, False),
        (NoticePurpose.QUARANTINED, {}, False),
        (NoticePurpose.TOKEN_MISUSED, {}, False),
    ],
)
def test_what_waits(purpose: NoticePurpose, detail: dict[str, object], waits: bool) -> None:
    found = waits_until(Tell(ANNA, purpose, 1, detail=detail), desk(), NOW)
    assert found == (MORNING if waits else None)


@pytest.mark.parametrize(
    ("shifts", "waits"),
    [
        ((), True),
        ((Shift(("anna", "bob")),), True),  # always on duty: that is no shift
        ((Shift(("anna",), calendar="night"),), False),
        ((Shift(("bob",), calendar="night"),), True),
        ((Shift(("anna",), week=0, of=2), Shift(("bob",), week=1, of=2)), False),
        ((Shift(("bob",), week=0, of=2), Shift(("anna",), week=1, of=2)), True),
    ],
)
def test_who_is_on_duty_by_hours_or_by_week_has_no_quiet_hours(shifts: tuple[Shift, ...], waits: bool) -> None:
    late = Tell(ANNA, NoticePurpose.SLA_LATE, 1, detail=DUE)
    assert (waits_until(late, desk(on_duty=shifts), NOW) is not None) is waits


def test_customers_have_none() -> None:
    assert waits_until(Tell(JANE, NoticePurpose.DELAYED, 1, detail=DUE), desk(), NOW) is None
