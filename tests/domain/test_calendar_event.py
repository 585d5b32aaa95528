"""When the calendar of an engineer is told anew of an incident, and what."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sitmail.domain.calendar_event import UNKNOWN, CalendarEvent, changed
from sitmail.domain.departing import Promised

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
UNTOLD = CalendarEvent("u")


def at(hours: int) -> datetime:
    return NOW + timedelta(hours=hours)


def told(hours: int, target: str = "resolution", sequence: int = 4) -> CalendarEvent:
    return CalendarEvent("u", sequence, target, at(hours))


def running(hours: int, state: str = "running") -> Promised:
    return Promised(state, at(hours))


GONE = CalendarEvent("u", 5)
LOST = CalendarEvent("u", 4, UNKNOWN)
STILL, MET = Promised("paused", None), Promised("met", None)
ROWS = [
    # what was told, the promises, whether it is still his, what is told now
    ("nothing is promised", UNTOLD, {}, True, None),
    ("the first", UNTOLD, {"resolution": running(2)}, True, told(2, sequence=0)),
    ("the earliest", UNTOLD, {"resolution": running(9), "problem": running(3, "warned")}, True, told(3, "problem", 0)),
    ("the same", told(2), {"resolution": running(2, "warned")}, True, None),
    ("it moves", told(2), {"resolution": running(7)}, True, told(7, sequence=5)),
    ("another comes first", told(2), {"resolution": running(2), "update": running(1)}, True, told(1, "update", 5)),
    ("the clock stands still", told(2), {"resolution": STILL}, True, GONE),
    ("kept", told(2), {"resolution": MET}, True, GONE),
    ("somebody else's", told(2), {"resolution": running(2)}, False, GONE),
    ("it was never his", UNTOLD, {"resolution": running(2)}, False, None),
    ("cancelled before", GONE, {"resolution": STILL}, True, None),
    ("and runs again", GONE, {"resolution": running(2)}, True, told(2, sequence=6)),
    ("it is late", told(-1), {"resolution": Promised("late", at(-1))}, True, None),
    ("late, another is next", told(-1), {"problem": Promised("late", at(-1)), "resolution": running(3)}, True,
     told(3, sequence=5)),
    ("late by another moment", told(5), {"resolution": Promised("late", at(-1))}, True, GONE),
    ("late, then kept", told(-1), {"resolution": MET}, True, GONE),
    ("a letter was lost", LOST, {"resolution": running(2)}, True, told(2, sequence=5)),
    ("a letter was lost, and nothing is due", LOST, {"resolution": STILL}, True, GONE),
    ("that nobody owns it is no promise", UNTOLD, {"unowned": running(1)}, True, None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "promises", "owned", "now"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS]
)
def test_what_a_calendar_is_told(
    before: CalendarEvent, promises: dict[str, Promised], owned: bool, now: CalendarEvent | None
) -> None:
    assert changed(before, promises, NOW, owned=owned) == now
