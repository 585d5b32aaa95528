"""Nothing goes out in bulk when quiet hours or a downtime end, and nothing stale goes out at all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from sitmail.domain.effects import Tell
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.services.desk import staff
from sitmail.services.notifications import tell
from tests.services.small_desk import ANNA, BOB, JANE, MIA, Letter, SmallDesk

Desks = Callable[..., SmallDesk]
MANY = 40
LIMITS = 'acks_per_sender_hour = 100\nfold_within = "5m"'
NIGHT = """
[[calendar]]
name = "always"
week = { mon = ["00:00-24:00"], tue = ["00:00-24:00"], wed = ["00:00-24:00"] }
[[service_level]]
name = "standard"
calendar = "always"
target = [{ priority = "medium", resolution = "14h", warn_at = [0.95] }]
[[priority]]
id = "medium"
followup = "14h"
[[escalation]]
target = "resolution"
to = ["owner"]
repeat = "1h"
times = 5
[[engineer]]
id = "anna"
quiet = "22:00-07:00"
"""  # opened at nine, late at eleven in the evening


def night(small_desk: Desks) -> SmallDesk:
    desk = small_desk(desk='default_owner = "anna"', limits=LIMITS, more=NIGHT)
    for number in range(MANY):
        desk.say(JANE, "It stopped.", subject=f"Printer {number}", to="support@example.com")
        row = desk.rows("incident")[-1]
        if row["owner"] != "anna":
            desk.say(BOB, "/assign anna", answers=desk.last(BOB))
    return desk


def told(desk: SmallDesk, who: str) -> list[Letter]:
    return [one for one in desk.letters if one.to == who and one.purpose not in ("assigned", "verdict")]


@pytest.mark.parametrize("asleep", [False, True], ids=["quiet hours", "downtime"])
def test_forty_that_are_late_by_night_make_one_digest_in_the_morning(small_desk: Desks, asleep: bool) -> None:
    desk = night(small_desk)
    before = len(told(desk, ANNA))
    if asleep:
        desk.now = desk.now.replace(hour=7, minute=0, second=0) + timedelta(days=1)
        desk.wait(timedelta(minutes=1))
    else:
        desk.wait(timedelta(hours=21))  # until six
        assert len(told(desk, ANNA)) == before
        desk.wait(timedelta(hours=1, minutes=5))
    (late,) = told(desk, ANNA)[before:]
    assert (late.purpose, late.row.made.hour) == ("digest", 7)
    for number in range(1, MANY + 1):
        assert late.text.count(f"[SIT-{number}] Printer {number - 1}\n") == 1
    assert late.text.count("LATE; resolution by") == MANY
    assert late.text.count("escalated to you; resolution by") == MANY  # the last reminder alone
    assert late.text.count("look at it; followup level by") == MANY
    assert "soon late" not in late.text  # stale by now


def test_the_manager_is_told_meanwhile(small_desk: Desks) -> None:
    desk = night(small_desk)
    desk.wait(timedelta(hours=15))
    late = [one for one in desk.letters if one.to == MIA]
    assert {one.purpose for one in late} <= {"sla_late", "digest"}
    assert {one.row.made.hour for one in late} == {23}
    assert all(any(f"[SIT-{number}] " in one.text for one in late) for number in range(1, MANY + 1))


def test_forty_warnings_after_a_downtime_are_one_digest_at_once(small_desk: Desks) -> None:
    desk = night(small_desk)
    before = len(told(desk, ANNA))
    desk.now = desk.now.replace(hour=22, minute=20, second=0)  # nobody looked since the morning
    desk.reopen(limits=LIMITS, more=NIGHT.replace('quiet = "22:00-07:00"', ""))
    desk.wait(timedelta(minutes=1))
    (soon,) = told(desk, ANNA)[before:]
    assert soon.purpose == "digest" and soon.text.count("soon late; resolution by") == MANY


def test_a_flood_is_no_flood_of_digests(small_desk: Desks) -> None:
    """What comes shortly after a digest waits for the next one, but for the few that leave one by one."""
    desk = night(small_desk)
    with desk.runtime.database.read() as connection:
        anna = staff(connection, desk.runtime.desk)["anna"]
    made = []
    for batch in range(20):
        changed = {"changed": [f"title: {batch}"]}
        tells = [Tell(anna, NoticePurpose.CHANGED_STAFF, n, (), changed, f"flood:{batch}") for n in range(1, MANY + 1)]
        desk.now += timedelta(seconds=1)
        job = desk.runtime.database.write(
            lambda connection, items: [tell(connection, desk.runtime.desk, items[0], desk.now)], tells
        )
        made += [one.purpose for one in job.result()]
    assert made[0] == "digest" and len(made) <= 11
