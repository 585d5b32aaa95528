"""`/undo` after every verb that it takes back: the incident, its people, links and promises are as before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sitmail.domain.undoing import UNDOABLE
from tests.services.small_desk import ANNA, JANE, JOHN, SmallDesk

Desks = Callable[..., SmallDesk]
LINES = {
    "take": "/take",
    "assign": "/assign bob",
    "temp": "/temp bob",
    "colleague": "/colleague bob",
    "back": "/back",
    "status": "/status research",
    "research": "/research",
    "wait": "/wait 3d",
    "hold": "/hold 3d firm",
    "next": '/next "ring them" tomorrow',
    "later": "/later 2h\nDoes it print?",
    "priority": "/priority critical",
    "severity": "/severity outage",
    "type": "/type bug",
    "reason": "/reason network/dns",
    "title": "/title Another",
    "product": "/product router",
    "unit": "/unit SN-1",
    "contract": "/contract acme-2",
    "field": "/field version=7",
    "tag": "/tag spring",
    "verify": "/verify real",
    "cc": f"/cc add {JOHN}",
    "watch": "/watch",
    "time": "/time 15m rang them",
    "close": "/close solved",
    "resolve": "/type bug\n/resolve solved",
    "reopen": "/reopen",
    "unsupported": "/unsupported",
    "dup": "/dup 2",
    "merge": "/merge 2",
    "split": "/split 1#3",
    "parent": "/parent 2",
}
FIRST = {"take": "/assign bob", "back": "/temp bob", "reopen": "/close solved"}  # another mail, before
MORE = """
[[severity]]
id = "outage"
name = "Outage"
[[request_type]]
id = "bug"
name = "Fault"
service_level = "quick"
[[reason]]
id = "network"
name = "Network"
specific = ["dns"]
[[product]]
id = "router"
name = "Router"
[[field]]
id = "version"
name = "Version"
[[service_level]]
name = "usual"
default = true
[[service_level.target]]
priority = "medium"
first_response = "4h"
[[service_level.target]]
priority = "critical"
first_response = "1h"
[[service_level]]
name = "quick"
[[service_level.target]]
priority = "medium"
first_response = "30m"
"""
PEOPLE = """
[[contract]]
id = "acme-1"
site = "acme"
service_level = "quick"
[[contract]]
id = "acme-2"
site = "acme"
service_level = "usual"
[[unit]]
serial = "SN-1"
item = "printer"
site = "acme"
contract = "acme-1"
"""
NOT_COMPARED = {"updates", "updated", "next_deadline", "linked"}


def state(desk: SmallDesk) -> dict[str, Any]:
    """What people and rules see of the first incident."""
    row = {name: value for name, value in desk.incident(1).items() if name not in NOT_COMPARED}
    terms = [
        (one["target"], one["seconds"], one["calendar"], one["started"])
        for one in desk.rows("term")
        if one["incident"] == 1 and one["ended"] is None
    ]
    links = [(one["kind"], one["incident"], one["other"]) for one in desk.rows("link") if one["ended"] is None]
    spent = sum(one["duration"] or 0 for one in desk.log(1))
    return {**row, "people": desk.people(1), "terms": sorted(terms), "links": links, "spent": spent}


def test_every_verb_that_can_be_undone_is_tried() -> None:
    assert LINES.keys() == UNDOABLE


@pytest.mark.parametrize("verb", sorted(LINES))
def test_all_is_as_before(small_desk: Desks, verb: str) -> None:
    desk = small_desk(more=MORE, people=PEOPLE)
    desk.say(JANE, "It stopped.", subject="Printer")
    desk.say(JOHN, "It is cold.", subject="Coffee")
    desk.say(ANNA, "Since when?\n/keep", answers=next(one for one in desk.letters if one.to == ANNA))
    desk.say(JANE, "Since Monday. And the lamp is red.", answers=desk.last(JANE, "answer"))
    letter = desk.last(ANNA, "customer_wrote")
    if verb in FIRST:
        desk.say(ANNA, FIRST[verb], answers=letter)
    before = state(desk)
    done = desk.say(ANNA, LINES[verb], answers=letter)
    assert str(done.decision.ending) == "applied", done.decision
    assert verb == "watch" or state(desk) != before, "it changed something"
    done = desk.say(ANNA, "/undo", answers=letter)
    assert str(done.decision.ending) == "applied", (done.decision, desk.last(ANNA).text)
    after = state(desk)
    if verb == "reopen":  # closed as it was, in another cycle
        assert (before.pop("cycle"), after.pop("cycle")) == (1, 2)
        for one in (before, after):
            one.pop("cycle_opened"), one.pop("terms")
    assert after == before
