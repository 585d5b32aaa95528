"""Whose turn it is, who stands in, and that nobody is left untold because all are away."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sitmail.domain.engineers import Shift, Team
from sitmail.domain.hours import Calendar
from sitmail.domain.policy import Policy
from sitmail.domain.presence import Presence, on_duty, stand_in
from tests.domain.desk_at_hand import POLICY

MONDAY = datetime(2024, 1, 1, tzinfo=UTC)
WEEK = timedelta(days=7)


def desk(*shifts: Shift, **more: object) -> Policy:
    return replace(POLICY, teams={**POLICY.teams, "helpdesk": Team("helpdesk", "Help desk", shifts)}, **more)


def away(*who: str, at: datetime = MONDAY) -> Presence:
    return Presence(at, dict.fromkeys(who, at + WEEK))


@pytest.mark.parametrize(
    "at, who",
    [
        (MONDAY, "anna"),
        (MONDAY + WEEK - timedelta(seconds=1), "anna"),
        (MONDAY + WEEK, "bob"),
        (MONDAY + 2 * WEEK, "anna"),
        (MONDAY - timedelta(seconds=1), "bob"),
        (MONDAY + 105 * WEEK, "bob"),
    ],
)
def test_groups_take_turns_from_monday_to_monday(at: datetime, who: str) -> None:
    policy = desk(Shift(("anna",), week=0, of=2), Shift(("bob",), week=1, of=2))
    assert on_duty("helpdesk", policy, away(at=at)) == [who]


def test_a_week_begins_at_midnight_of_the_desks_zone() -> None:
    policy = desk(Shift(("anna",), week=0, of=2), Shift(("bob",), week=1, of=2), timezone="Asia/Tokyo")
    assert on_duty("helpdesk", policy, away(at=MONDAY + WEEK - timedelta(hours=9))) == ["bob"]
    assert on_duty("helpdesk", policy, away(at=MONDAY + WEEK - timedelta(hours=9, seconds=1))) == ["anna"]


def test_a_calendar_says_when_it_is_whose_turn() -> None:
    day = Calendar("day", week=dict.fromkeys(range(5), ((9 * 3600, 17 * 3600),)))
    policy = desk(Shift(("bob",), calendar="day"), calendars={"day": day}, calendar="day")
    everybody = [one.id for one in POLICY.team_of("helpdesk")]
    assert on_duty("helpdesk", policy, away(at=MONDAY + timedelta(hours=9))) == ["bob"]
    assert on_duty("helpdesk", policy, away(at=MONDAY + timedelta(hours=17))) == everybody
    assert on_duty("helpdesk", policy, away("bob", at=MONDAY + timedelta(hours=9))) == [
        one for one in everybody if one != "bob"
    ]


def test_somebody_is_always_told() -> None:
    everybody = [one.id for one in POLICY.team_of("helpdesk")]
    assert on_duty("helpdesk", desk(Shift(("anna",))), away("anna")) == [one for one in everybody if one != "anna"]
    assert on_duty("helpdesk", desk(Shift(("anna",))), away(*everybody)) == everybody
    assert on_duty("", desk(), away()) == list(POLICY.engineers)


def test_a_stand_in_who_is_away_has_one_himself_and_a_circle_ends() -> None:
    engineers = POLICY.engineers
    chain = {"anna": "bob", "bob": "nora", "nora": "anna"}
    policy = replace(
        POLICY, engineers={key: replace(one, substitute=chain.get(key, "")) for key, one in engineers.items()}
    )
    assert stand_in("anna", policy, away("anna")) == "bob"
    assert stand_in("anna", policy, away("anna", "bob")) == "nora"
    assert stand_in("anna", policy, away("anna", "bob", "nora")) == ""
    assert stand_in("adam", policy, away("adam")) == ""
