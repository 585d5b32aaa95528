"""What staff see of the levels of a priority: in the incident on the terminal, in its JSON, and by /why."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sitmail.cli import show
from sitmail.services.reports import conversation
from tests.services.small_desk import ANNA, BOB, JANE, SmallDesk

Desks = Callable[..., SmallDesk]
LEVELS = '[[priority]]\nid = "medium"\nfollowup = "2h"\nwarning = "4h"\nlate = "6h"\n'


def test_staff_see_levels_and_customers_do_not(small_desk: Desks) -> None:
    desk = small_desk(more=LEVELS)
    desk.say(JANE, "It stopped.", subject="Printer")
    owner = ANNA if desk.rows("incident")[0]["owner"] == "anna" else BOB
    desk.wait(timedelta(hours=3))
    desk.say(owner, "/due late 1h pin", answers=desk.last(owner, "assigned"))
    desk.say(owner, "/why", answers=desk.last(owner, "assigned"))
    with desk.runtime.database.read() as connection:
        found = conversation.incident(connection, desk.runtime.desk.policy, 1)
    assert found["targets"] == []
    assert found["levels"] == [
        {"name": "followup", "due": "2026-03-02T11:00:01Z", "state": "reached", "pinned": False},
        {"name": "warning", "due": "2026-03-02T13:00:01Z", "state": "running", "pinned": False},
        {"name": "late", "due": "2026-03-02T13:00:02Z", "state": "running", "pinned": True},
    ]
    shown = "\n".join(show.incident(found))
    assert "pinned" in shown and "reached" in shown
    why = " ".join(desk.last(owner).text.split())
    assert "Followup level Expected: 2h, round the clock" in why and "Reached:" in why
    assert not [one for one in desk.letters if one.to == JANE and "level" in one.text.replace("/level", "")]
