"""Reports: what letters show, who may read what, and that each comes once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from sitmail.domain.figures.catalogue import REPORTS
from sitmail.services import process_tick
from sitmail.services.process_tick import Tick
from tests.services.small_desk import ADAM, ANNA, JANE, KIM, MIA, Letter, SmallDesk

CMD = "support+cmd@example.com"


@pytest.fixture
def story(small_desk: Callable[..., SmallDesk]) -> SmallDesk:
    """Two incidents: one went through several statuses and is closed, one is open."""
    desk = small_desk()
    desk.say(JANE, "It burns.", subject="Printer burns")
    brief = desk.last(ANNA, "assigned")
    desk.wait(timedelta(hours=1))
    desk.say(ANNA, "/time 30m rang her\nIs there a red light?", answers=brief)
    desk.wait(timedelta(hours=2))
    desk.say(JANE, "Yes, there is.", answers=desk.last(JANE, "answer"))
    desk.wait(timedelta(hours=1))
    desk.say(ANNA, "/close solved", answers=brief)
    desk.say(KIM, "Cold.", subject="Coffee is cold")
    desk.wait(timedelta(days=1))
    return desk


def ask(desk: SmallDesk, who: str, line: str) -> Letter:
    before = len(desk.letters)
    desk.say(who, line, to=CMD, proof="authenticated")
    desk.wait(timedelta(seconds=1))
    assert desk.since(before) == [(who, "report")], [one.text for one in desk.letters[before:]]
    return desk.last(who, "report")


def due(desk: SmallDesk, since: int = 0) -> list[Letter]:
    return [one for one in desk.letters[since:] if one.purpose == "report_due"]


REPORT = """
[[report]]
id = "monday"
name = "Monday figures"
report = "site"
period = "yesterday"
to = ["mia", "adam@example.com"]
at = "08:00"
timezone = "Europe/Berlin"
"""


def test_a_report_is_sent_when_it_is_due_once_to_each_reader(small_desk: Callable[..., SmallDesk]) -> None:
    desk = small_desk(more=REPORT)
    desk.say(JANE, "It burns.", subject="Printer burns")
    desk.wait(timedelta(hours=1))
    assert due(desk) == []  # 08:00 in Berlin is over, and it was not asked for then
    desk.wait(timedelta(hours=23))
    assert [(one.to, str(one.parsed["Subject"])) for one in due(desk)] == [
        (MIA, "Incidents by customer, 2 Mar 2026"),
        (ADAM, "Incidents by customer, 2 Mar 2026"),
    ]
    assert "Monday" in due(desk)[0].text and "Acme" in due(desk)[0].text
    assert due(desk)[0].parsed["Auto-Submitted"] == "auto-generated"
    desk.reopen(more=REPORT)
    desk.wait(timedelta(hours=1))
    assert len(due(desk)) == 2


def test_what_was_due_while_the_desk_was_down_is_sent_once_about_its_own_period(
    small_desk: Callable[..., SmallDesk],
) -> None:
    desk = small_desk(more=REPORT)
    desk.wait(timedelta(hours=1))
    desk.now += timedelta(days=3, hours=2)  # Thursday 5 March, 12:00
    desk.reopen(more=REPORT)
    desk.wait(timedelta(minutes=1))
    assert [(one.to, str(one.parsed["Subject"])) for one in due(desk)] == [
        (MIA, "Incidents by customer, 4 Mar 2026"),
        (ADAM, "Incidents by customer, 4 Mar 2026"),
    ]
    desk.wait(timedelta(hours=12))
    assert len(due(desk)) == 2


def test_another_hour_begins_anew_and_sends_nothing_of_the_past(small_desk: Callable[..., SmallDesk]) -> None:
    desk = small_desk(more=REPORT)
    desk.wait(timedelta(hours=1))
    desk.reopen(more=REPORT.replace('"08:00"', '"09:30"'))
    desk.wait(timedelta(hours=6))
    assert due(desk) == []
    desk.wait(timedelta(days=1))
    assert len(due(desk)) == 2


def test_two_daemons_that_find_it_due_send_it_once(small_desk: Callable[..., SmallDesk]) -> None:
    """Each has a memory of its own; the key of the run decides."""
    desk = small_desk(more=REPORT)
    desk.wait(timedelta(hours=1))
    desk.now += timedelta(days=1)
    for _ in range(2):
        desk.runtime.desk.memory.forget()
        desk.runtime.database.write(process_tick.tick, Tick(desk.runtime.desk, desk.now)).result()
    assert len([row for row in desk.rows("report_run") if row["done"] is None]) == 2


@pytest.mark.parametrize("name", REPORTS)
def test_every_report_comes(story: SmallDesk, name: str) -> None:
    letter = ask(story, ADAM, f"/report {name}")
    assert max(map(len, letter.text.splitlines())) <= 78
