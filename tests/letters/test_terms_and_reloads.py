"""What was promised is a fact: a reload changes later promises.  A new holiday or exception alone moves running ones,
later, never earlier."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.letters.desks import START, DirectDesk, sqlite_store
from tests.letters.script import Case, merged, named, world
from tests.letters.writing import Mail

HOURS = ["09:00-17:00"]
WEEK = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), HOURS)
MONDAY = START.replace(hour=0)
Start = Callable[..., DirectDesk]


def at(day: int, hour: int) -> datetime:
    """`day` days after the Monday on which it begins."""
    return MONDAY + timedelta(days=day, hours=hour)


def case(calendar: dict[str, Any], resolution: str = "14h", level: str = "office") -> Case:
    promised = {"name": "standard", "calendar": level, "target": [{"priority": "medium", "resolution": resolution}]}
    office = {"name": "office", "timezone": "UTC", "week": WEEK, **calendar}
    config = merged(world()["config"], {"calendar": [office], "service_level": [promised]})
    return Case("terms", "", "", (), (), False, config, world()["people"], named(config, world()["people"]))


@pytest.fixture
def start(tmp_path: Path, sqlite_template: Path) -> Iterator[Start]:
    desks: list[DirectDesk] = []

    def started(**calendar: Any) -> DirectDesk:
        desks.append(DirectDesk(tmp_path, case(calendar), sqlite_store(tmp_path, sqlite_template)))
        write(desks[-1], 1)
        return desks[-1]

    yield started
    for desk in desks:
        desk.close()


def write(desk: DirectDesk, number: int) -> None:
    raw = f"From: jane@acme.example.net\nTo: support@example.com\nSubject: Trouble {number}\nMessage-ID: <{number}@x>\n"
    raw += f"\nWord{number} broke.\n"
    sender = "jane@acme.example.net"
    desk.receive([Mail(sender, ("support@example.com",), raw.replace("\n", "\r\n").encode(), sender, f"<{number}@x>")])


def until(desk: DirectDesk, moment: datetime) -> None:
    desk.pass_time(moment - desk.now, asleep=False)


def late(desk: DirectDesk, number: int = 1) -> list[datetime]:
    """When the owner heard that it is late, to the minute."""
    told = [one for one in desk.letters if one.purpose == "sla_late" and one.recipient.startswith(("anna", "bob"))]
    return [
        one.parsed["Date"].datetime.replace(second=0) for one in told if one.parsed["X-Sitmail-Incident"] == str(number)
    ]


@pytest.mark.parametrize(
    ("before", "reloaded", "when", "due"),
    [
        ({}, {}, at(0, 12), at(1, 15)),
        ({}, {"holidays": ["2026-03-03"]}, at(0, 12), at(2, 15)),
        ({}, {"exceptions": {"2026-03-03": ["09:00-13:00"]}}, at(0, 12), at(2, 11)),
        ({}, {"holidays": ["2026-03-03"]}, at(1, 12), at(2, 15)),  # in the middle of that day
        ({"holidays": ["2026-03-03"]}, {}, at(0, 12), at(2, 15)),  # it is no holiday after all: no earlier
        ({"holidays": ["2026-03-03"]}, {}, at(2, 12), at(2, 15)),  # else it would be late since yesterday
        ({"holidays": ["2026-03-03", "2026-03-04"]}, {"holidays": ["2026-03-03"]}, at(0, 12), at(3, 15)),
        ({}, {"exceptions": {"2026-03-02": ["09:00-22:00"]}}, at(0, 12), at(1, 15)),
        ({}, {"holidays": ["2026-03-02"]}, at(1, 12), at(2, 15)),  # yesterday was one
    ],
)
def test_holidays_and_exceptions_move_what_runs_later(
    start: Start, before: dict[str, Any], reloaded: dict[str, Any], when: datetime, due: datetime
) -> None:
    desk = start(**before)
    until(desk, when)
    desk.reload(case(reloaded))
    until(desk, due - timedelta(minutes=5))
    assert late(desk) == []
    until(desk, at(12, 12))
    assert late(desk) == [due]


def test_what_closed_a_day_for_a_while_closes_it_only_for_what_ran_meanwhile(start: Start) -> None:
    desk = start()
    until(desk, at(0, 11))
    desk.reload(case({"holidays": ["2026-03-03"]}))
    write(desk, 2)
    until(desk, at(0, 12))
    desk.reload(case({}))
    write(desk, 3)
    until(desk, at(12, 12))
    assert [late(desk, number) for number in (1, 2, 3)] == [[at(2, 15)], [at(3, 9)], [at(2, 10)]]


def test_a_calendar_that_is_configured_no_more_still_measures_what_was_promised_by_it(start: Start) -> None:
    desk = start()
    until(desk, at(0, 12))
    desk.reload(case({"name": "other", "week": {"sat": HOURS}}, level="other"))
    until(desk, at(12, 12))
    assert late(desk) == [at(1, 15)]


def test_another_time_for_a_target_is_promised_to_later_incidents(start: Start) -> None:
    desk = start()
    until(desk, at(0, 12))
    desk.reload(case({}, "4h"))
    write(desk, 2)
    until(desk, at(12, 12))
    assert (late(desk), late(desk, 2)) == ([at(1, 15)], [at(0, 16)])


def test_other_hours_of_a_week_are_counted_for_later_incidents(start: Start) -> None:
    desk = start()
    until(desk, at(0, 12))
    desk.reload(case({"week": {day: ["08:00-12:00"] for day in WEEK}}))
    until(desk, at(12, 12))
    assert late(desk) == [at(1, 15)]
