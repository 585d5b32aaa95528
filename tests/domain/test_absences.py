"""Who is away by absences that overlap, who stands in for which skill, and what nobody granted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sitmail.domain.absence import OPEN_END, Absence, AbsenceKind, AbsenceState, end_of
from sitmail.domain.leave import away_already, shown
from sitmail.domain.policy import Policy
from sitmail.domain.presence import presence_at, stand_in
from tests.domain.desk_at_hand import POLICY

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def absence(number: int, since: int, until: int, engineer: str = "anna", **more: object) -> Absence:
    return Absence(number, engineer, NOW + since * DAY, NOW + until * DAY, **more)  # type: ignore[arg-type]


def with_substitutes(**chain: dict[str, object]) -> Policy:
    engineers = dict(POLICY.engineers)
    for key, values in chain.items():
        engineers[key] = replace(engineers[key], **values)  # type: ignore[arg-type]
    return replace(POLICY, engineers=engineers)


def test_absences_without_a_gap_are_one() -> None:
    there = [absence(1, 0, 3), absence(2, 3, 5), absence(3, 2, 4), absence(4, 6, 9)]
    assert end_of(there, "anna", NOW) == NOW + 5 * DAY
    assert presence_at(NOW, there, POLICY).away == {"anna": NOW + 5 * DAY}
    assert end_of(there, "anna", NOW + 5 * DAY) is None
    assert end_of(there, "bob", NOW) is None


@pytest.mark.parametrize("state", [AbsenceState.ASKED, AbsenceState.PROPOSED, AbsenceState.REFUSED])
def test_what_nobody_granted_does_not_count(state: AbsenceState) -> None:
    assert presence_at(NOW, [absence(1, 0, 3, state=state)], POLICY).here("anna")
    assert away_already([absence(1, 0, 3, state=state)], "anna", NOW)


def test_a_notice_without_an_end_is_asked_about_again_after_two_weeks() -> None:
    one = replace(absence(1, 0, 3, state=AbsenceState.PROPOSED), until=OPEN_END)
    assert away_already([one], "anna", NOW + 13 * DAY)
    assert not away_already([one], "anna", NOW + 14 * DAY)


def test_who_takes_no_new_work_is_here() -> None:
    here = presence_at(NOW, [absence(1, 0, 3, kind=AbsenceKind.WORK)], POLICY)
    assert here.here("anna") and not here.accepts("anna") and here.accepts("bob")
    assert here.idle == {"anna": NOW + 3 * DAY}


def test_the_substitute_for_a_skill_comes_first() -> None:
    policy = with_substitutes(
        anna={"substitute": "bob", "substitutes": {"networks": "nora"}}, bob={"substitutes": {"networks": "adam"}}
    )
    away = presence_at(NOW, [absence(1, 0, 3)], policy)
    assert stand_in("anna", policy, away, {"networks"}) == "nora"
    assert stand_in("anna", policy, away, {"printers"}) == "bob"
    both = presence_at(NOW, [absence(1, 0, 3), absence(2, 0, 3, "nora")], policy)
    assert stand_in("anna", policy, both, {"networks"}) == "bob"
    idle = presence_at(NOW, [absence(1, 0, 3), absence(2, 0, 3, "bob", kind=AbsenceKind.WORK)], policy)
    assert stand_in("anna", policy, idle) == ""
    three = presence_at(NOW, [absence(n, 0, 3, who) for n, who in enumerate(("anna", "nora", "bob"))], policy)
    assert stand_in("anna", policy, three, {"networks"}) == "adam"


def test_the_manager_sees_who_else_is_away_then() -> None:
    policy = with_substitutes(anna={"substitute": "bob"})
    presence = presence_at(NOW, [absence(1, 2, 4, "bob"), absence(2, 8, 9, "bob"), absence(3, 2, 4, "nora")], policy)
    detail = shown("anna", NOW + 3 * DAY, NOW + 5 * DAY, policy, presence)
    assert [one[0] for one in detail["others"]] == ["Bob Jones"]
    assert detail["instead"] == ""
    assert shown("anna", NOW + 5 * DAY, NOW + 6 * DAY, policy, presence)["instead"] == "Bob Jones"
