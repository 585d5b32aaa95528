"""Morning papers over days: once each, whatever was restarted or set back; and what a look costs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from sitmail.store.database import Database
from tests.letters.desks import sqlite_store
from tests.letters.script import every_case, read
from tests.services.small_desk import ANNA, JANE, SmallDesk
from tests.store.test_plans import Statements, plays, scans, sqlite_plan

HOUR = timedelta(hours=1)
DESK = {"desk": 'morning = "08:00"\ndefault_owner = "anna"'}
PAPER = "morning"


def papers(desk: SmallDesk) -> list[str]:
    return [row["recipient"] for row in desk.rows("outbox") if row["purpose"] == PAPER]


def forgets(desk: SmallDesk) -> None:
    """As a start does."""
    desk.runtime.desk.memory.forget()


def test_restarts_and_a_clock_that_jumps_bring_no_second_one(small_desk: Callable[..., SmallDesk]) -> None:
    desk = small_desk(**DESK)
    desk.say(JANE, "It stopped.", subject="Printer")
    owners = {row["owner"] for row in desk.rows("incident")}
    desk.wait(4 * 24 * HOUR)  # until Friday: since Thursday it has waited too long
    first = papers(desk)
    assert len(owners) == 1
    assert ANNA in first
    for step in (timedelta(), -2 * HOUR, HOUR, HOUR, HOUR):
        forgets(desk)
        desk.now += step
        desk.wait(timedelta())
        assert papers(desk) == first
    forgets(desk)
    desk.now += 30 * 24 * HOUR - HOUR  # a Sunday
    desk.wait(timedelta())
    assert papers(desk) == first
    desk.wait(24 * HOUR)
    assert papers(desk).count(ANNA) == first.count(ANNA) + 1


def test_nothing_is_asked_until_the_next_hour(small_desk: Callable[..., SmallDesk]) -> None:
    desk = small_desk(**DESK)
    desk.say(JANE, "It stopped.", subject="Printer")
    desk.wait(24 * HOUR)
    heard = Statements()
    with heard.listening():
        desk.wait(2 * HOUR)
    about_papers = [one for one in heard.seen if "notice.key IN" in one or "incident.owner IN" in one]
    assert heard.seen
    assert about_papers == []


def test_who_had_nothing_to_read_is_not_thought_of_again(small_desk: Callable[..., SmallDesk]) -> None:
    desk = small_desk(**DESK)
    desk.wait(24 * HOUR)
    rows = [row for row in desk.rows("notice") if row["purpose"] == PAPER]
    assert papers(desk) == []
    assert len(rows) == len(desk.runtime.desk.policy.engineers) * 2  # of Monday and of Tuesday
    assert {row["dropped"] for row in rows} == {"there was nothing to say"}


def test_each_statement_finds_its_rows_by_an_index(sqlite_template: Path, database: Database) -> None:
    cases = [read(name) for name in every_case() if name.startswith("paper/")]
    heard = plays(cases, lambda folder: sqlite_store(folder, sqlite_template))
    asked = {alike: one for alike, one in heard.seen.items() if "notice.key IN" in alike or "max(" in alike}
    asked |= {alike: one for alike, one in heard.seen.items() if '"update".' in alike or "FROM incident" in alike}
    with database.read() as connection:
        found = {alike: scans(sqlite_plan(connection, *one), one[1]) for alike, one in asked.items()}
    assert any("temporary_owner IN" in alike for alike in asked)
    assert {alike: steps for alike, steps in found.items() if steps and "count(*)" not in alike} == {}
