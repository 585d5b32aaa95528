"""The hour of a morning paper: whose it is, by which clock, on which days, and what it is worth later."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from sitmail.domain.engineers import Engineer
from sitmail.domain.hours import Calendar
from sitmail.domain.mornings import due, end_of_day, hour_of, last_evening, mornings, next_due
from sitmail.domain.policy import Mailbox, Policy
from sitmail.domain.presence import EVERYBODY_HERE, Presence

BERLIN = ZoneInfo("Europe/Berlin")
ANNA = Engineer("anna", "Anna", ("anna@example.com",), timezone="Europe/Berlin")
EVERY_DAY = dict.fromkeys(range(7), ((9 * 3600, 17 * 3600),))


def policy(engineer: Engineer = ANNA, morning: str = "08:00", **calendar: object) -> Policy:
    office = Calendar("office", "UTC", **calendar)  # type: ignore[arg-type]
    engineers = {engineer.id: engineer}
    box = Mailbox("support@example.com")
    return Policy("Desk", (box,), engineers=engineers, calendars={"office": office}, calendar="office", morning=morning)


def first(desk: Policy, now: datetime) -> datetime:
    return next(mornings(ANNA, desk, now)).at


def at(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("own", "desks", "every", "role", "hour"),
    [
        ("", "", "", "engineer", ""),
        ("", "08:00", "", "engineer", "08:00"),
        ("07:30", "08:00", "", "engineer", "07:30"),
        ("07:30", "", "", "engineer", "07:30"),
        ("off", "08:00", "", "engineer", ""),
        ("", "", "digest", "admin", "08:00"),
        ("", "", "all", "admin", ""),
        ("", "", "", "admin", ""),
    ],
)
def test_whose_hour(own: str, desks: str, every: str, role: str, hour: str) -> None:
    engineer = replace(ANNA, morning=own, every_incident=every, role=role)
    assert hour_of(engineer, policy(engineer, desks)) == hour


@pytest.mark.parametrize(
    ("now", "hour", "expected"),
    [
        ("2026-03-02 05:00", "08:00", "2026-03-02 07:00"),  # Berlin's winter
        ("2026-03-02 10:59", "08:00", "2026-03-02 07:00"),  # worth something until noon
        ("2026-03-02 11:00", "08:00", "2026-03-03 07:00"),
        ("2026-03-06 11:00", "08:00", "2026-03-09 07:00"),  # the weekend
        ("2026-07-01 05:00", "08:00", "2026-07-01 06:00"),  # summer
        ("2026-03-29 00:00", "02:30", "2026-03-29 01:00"),  # skipped that night: the moment of the change
        ("2026-10-24 23:00", "02:30", "2026-10-25 00:30"),  # shown twice: the first
    ],
)
def test_by_his_own_clock(now: str, hour: str, expected: str) -> None:
    desk = policy(morning=hour, week=EVERY_DAY if hour == "02:30" else dict.fromkeys(range(5), ((32400, 61200),)))
    assert first(desk, at(now)) == at(expected)


def test_no_two_papers_have_one_day_and_no_working_day_has_none() -> None:
    """A year of a desk that works every day, in a zone whose clock jumps; each look finds what is due."""
    desk = policy(morning="02:30", week=EVERY_DAY)
    now, seen = at("2026-01-01 00:00"), []
    while now < at("2027-01-01 00:00"):
        seen += [one.day for one in due(desk, EVERYBODY_HERE, now) if one.day not in seen]
        following = next_due(desk, EVERYBODY_HERE, now)
        assert following is not None
        assert now < following <= now + timedelta(hours=26)
        now = following
    assert seen == [date(2026, 1, 1) + timedelta(days=at_) for at_ in range(len(seen))]
    assert len(seen) == 365


def test_holidays_and_hours_of_single_days() -> None:
    free = date(2026, 3, 3)
    assert first(policy(holidays=frozenset({free})), at("2026-03-03 05:00")) == at("2026-03-04 07:00")
    saturday = date(2026, 3, 7)
    desk = policy(exceptions={saturday: ((36_000, 43_200),)})
    assert first(desk, at("2026-03-07 05:00")) == at("2026-03-07 07:00")


def test_who_is_away_gets_it_when_he_is_back_in_its_time() -> None:
    desk, now = policy(), at("2026-03-02 07:00")
    away = Presence(now, {"anna": at("2026-03-02 09:00")})
    assert due(desk, away, now) == []
    assert next_due(desk, away, now) == at("2026-03-02 09:00")
    assert [one.day for one in due(desk, EVERYBODY_HERE, at("2026-03-02 09:00"))] == [date(2026, 3, 2)]
    longer = Presence(now, {"anna": at("2026-03-02 12:00")})
    assert next_due(desk, longer, now) == at("2026-03-03 07:00")


def test_since_when_he_has_not_seen_what_came() -> None:
    monday = next(mornings(ANNA, policy(), at("2026-03-02 05:00")))
    assert last_evening(policy(), monday) == at("2026-02-27 17:00")
    assert end_of_day(ANNA, policy(), monday.day) == at("2026-03-02 23:00")
    round_the_clock = policy(week=dict.fromkeys(range(7), ((0, 86400),)))
    assert last_evening(round_the_clock, monday) == monday.at - timedelta(hours=24)
