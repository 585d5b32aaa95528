"""What is like what, who is asked, and when new incidents are compared at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from sitmail.domain import storms
from sitmail.domain.engineers import Shift, Team
from sitmail.domain.openings import Openings
from sitmail.domain.policy import Policy
from sitmail.domain.presence import EVERYBODY_HERE, Presence
from sitmail.domain.storm import Opened
from tests.domain.desk_at_hand import BOX, DAY, INCIDENT, NOW, POLICY


def opened(title: str, *, unit: str = "", product: str = "", policy: Policy = POLICY, contact: int = 1) -> Opened:
    incident = replace(INCIDENT, title=title, unit=unit, product=product, contact=contact)
    return storms.opened(incident, policy)


@pytest.mark.parametrize(
    "one, other, alike",
    [
        (opened("VPN is down"), opened("the vpn: down!"), True),
        (opened("VPN is down"), opened("VPN is slow"), False),
        (opened("VPN is down"), opened(""), False),
        (opened(""), opened(""), False),
        (opened("Lamp", unit="X-1"), opened("Smoke everywhere", unit="X-1"), True),
        (opened("Lamp", unit="X-1"), opened("Smoke everywhere", unit="X-2"), False),
        (opened("Lamp"), opened("Smoke everywhere"), False),
        (opened("VPN broken today", product="vpn"), opened("Slow vpn", product="vpn"), True),
        (opened("VPN broken today", product="vpn"), opened("Slow vpn", product="mail"), False),
        (opened("Broken", product="vpn"), opened("Slow", product="vpn"), False),
    ],
)
def test_the_same_unit_or_words_are_like_and_of_a_product_fewer(one: Opened, other: Opened, alike: bool) -> None:
    assert storms.like(one, other) is storms.like(other, one) is alike


def test_a_product_that_the_mailbox_names_tells_nothing() -> None:
    policy = replace(POLICY, mailboxes=(replace(BOX, product="vpn"),))
    one, other = (opened(title, product="vpn", policy=policy) for title in ("VPN broken today", "Slow vpn"))
    assert not storms.like(one, other)


def test_who_writes_twice_is_one() -> None:
    assert storms.people([opened("VPN"), opened("VPN"), opened("VPN", contact=2)]) == 2


def lead(policy: Policy = POLICY, team: str = "helpdesk", here: Presence = EVERYBODY_HERE) -> str:
    found = storms.lead(team, [replace(INCIDENT, team=team)], policy, here)
    return found.id if found else ""


def test_the_lead_is_on_duty_else_the_manager_else_the_first_who_is_here_and_may_act() -> None:
    duty = Team("helpdesk", "Help desk", on_duty=(Shift(("nora", "bob")),))
    assert lead(replace(POLICY, teams={**POLICY.teams, "helpdesk": duty})) == "bob"  # nora is of another team
    assert lead() == "mia"
    engineers = {key: one for key, one in POLICY.engineers.items() if key != "mia"}
    alone = replace(POLICY, engineers=engineers)
    assert lead(alone) == "anna"
    assert lead(alone, here=Presence(NOW, {"anna": NOW + DAY})) == "bob"
    assert lead(replace(POLICY, engineers={"nora": POLICY.engineers["nora"]})) == ""


def test_nothing_is_compared_before_enough_are_counted_and_again_when_as_many_as_lacked_came() -> None:
    openings, new = Openings(3, timedelta(minutes=10), NOW), opened("VPN is down")
    assert [openings.noted(new, NOW) for _ in range(3)] == [False, False, True]
    openings.wait(new, 2)
    assert [openings.noted(new, NOW) for _ in range(2)] == [False, True]


def test_what_is_older_than_twice_the_time_is_not_counted() -> None:
    openings, new = Openings(3, timedelta(minutes=10), NOW), opened("VPN is down")
    moments = [NOW, NOW, NOW + timedelta(minutes=11), NOW + timedelta(minutes=22), NOW + timedelta(minutes=22)]
    assert [openings.noted(new, at) for at in moments] == [False, False, True, False, True]
    assert len(openings.recent) == 2
