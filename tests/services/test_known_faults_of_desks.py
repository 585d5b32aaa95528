"""Faults that desks are known for, each with what ours does instead: those about time, and about settings.

Clocks that forget holidays, broken promises that nobody hears of, reviews that are due each minute, targets of another
priority, settings that are read by nobody, one calendar for the whole world.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import BaseModel

from sitmail.config.settings import Settings
from tests.services.small_desk import ANNA, BOB, JANE, KIM, MIA, Letter, SmallDesk

Desks = Callable[..., SmallDesk]
SOURCE = Path(__file__).parents[2] / "sitmail"
ALWAYS = """
[[calendar]]
name = "always"
week = { mon = ["00:00-24:00"], tue = ["00:00-24:00"], wed = ["00:00-24:00"] }
[[service_level]]
name = "standard"
calendar = "always"
"""


def opened(desk: SmallDesk, writer: str = JANE, words: str = "It stopped.") -> str:
    """An incident; who owns it."""
    desk.say(writer, words, subject="Printer")
    return ANNA if desk.rows("incident")[-1]["owner"] == "anna" else BOB


def told(desk: SmallDesk, purpose: str) -> list[Letter]:
    return [one for one in desk.letters if one.purpose == purpose]


def said(letter: Letter) -> str:
    """Its text as one line."""
    return " ".join(letter.text.split())


def due(desk: SmallDesk, target: str, incident: int = 1) -> datetime:
    terms = [row for row in desk.rows("term") if row["incident"] == incident and row["target"] == target]
    found: datetime = terms[-1]["due"]
    return found


def test_public_holidays_do_not_count_nor_does_the_hour_after_closing(small_desk: Desks) -> None:
    office = '[[calendar]]\nname = "office"\nholidays_of = "GB-ENG"\n[[service_level]]\nname = "standard"\n'
    desk = small_desk(more=office + 'target = [{ priority = "medium", resolution = "9h" }]')
    desk.now = datetime(2026, 4, 2, 16, 30, tzinfo=UTC)  # the Thursday before Easter; the office closes at five
    opened(desk)
    assert due(desk, "resolution") == datetime(2026, 4, 8, 9, 30, 1, tzinfo=UTC)  # half an hour, Tuesday, half an hour


def test_a_broken_promise_is_told_with_its_time_to_who_must_know(small_desk: Desks) -> None:
    desk = small_desk(more=ALWAYS + 'target = [{ priority = "medium", first_response = "4h" }]')
    owner = opened(desk)
    desk.wait(timedelta(hours=5))
    assert sorted(one.to for one in told(desk, "sla_late")) == sorted({owner, MIA})
    assert all("was due Mon 2 Mar 2026, 13:00 (UTC)" in said(one) for one in told(desk, "sla_late"))
    assert [row["event"] for row in desk.rows("update")].count("sla-late") == 1


def test_a_review_is_due_after_its_time_and_once(small_desk: Desks) -> None:
    desk = small_desk(more=ALWAYS + 'target = [{ priority = "medium", review_every = "2d", warn_at = [] }]')
    owner = opened(desk)
    desk.wait(timedelta(days=2) - timedelta(minutes=1))
    assert not told(desk, "sla_late")
    desk.wait(timedelta(days=9))
    assert sorted(one.to for one in told(desk, "sla_late")) == sorted({owner, MIA})


def test_targets_are_those_of_the_priority(small_desk: Desks) -> None:
    both = 'target = [{ priority = "medium", resolution = "8h" }, { priority = "high", resolution = "2h" }]'
    desk = small_desk(more=ALWAYS + both)
    owner = opened(desk)
    start = desk.rows("incident")[0]["opened"]
    assert due(desk, "resolution") == start + timedelta(hours=8)
    desk.say(owner, "/priority high", answers=desk.last(owner, "assigned"))
    assert due(desk, "resolution") == start + timedelta(hours=2)


def test_after_the_last_target_of_the_chain_nothing_is_due_and_it_does_not_begin_again(small_desk: Desks) -> None:
    steps = (
        'counted = "chain"\ntarget = [{ priority = "medium", problem = "1h", action_plan = "1h", resolution = "1h" }]'
    )
    desk = small_desk(more=ALWAYS + steps)
    owner = opened(desk)
    for line in ("/met problem", "/met action-plan", "/close solved"):
        desk.say(owner, line, answers=desk.last(owner, "assigned"))
    desk.say(JANE, "Thanks!", answers=desk.last(JANE))
    desk.wait(timedelta(days=9))
    assert {row["target"]: row["state"] for row in desk.rows("term")} == dict.fromkeys(
        ("problem", "action_plan", "resolution"), "met"
    )
    assert not told(desk, "sla_late") and desk.rows("incident")[0]["next_deadline"] is None


def test_each_site_has_a_calendar_and_a_zone_of_its_own(small_desk: Desks) -> None:
    calendars = '[[calendar]]\nname = "office"\n[[calendar]]\nname = "tokyo"\ntimezone = "Asia/Tokyo"\n'
    level = '[[service_level]]\nname = "standard"\ntarget = [{ priority = "medium", first_response = "2h" }]'
    there = '[[site]]\nid = "globex"\ncalendar = "tokyo"\ntimezone = "Asia/Tokyo"\n'
    desk = small_desk(more=calendars + level, people=there)
    opened(desk, JANE)
    opened(desk, KIM)
    assert due(desk, "first_response", 1) == datetime(2026, 3, 2, 11, 0, 1, tzinfo=UTC)
    assert due(desk, "first_response", 2) == datetime(2026, 3, 3, 2, 0, tzinfo=UTC)  # the office in Tokyo is closed
    assert "by Mon 2 Mar 2026, 11:00 (UTC) at the latest" in said(desk.last(JANE))
    assert "by Tue 3 Mar 2026, 11:00 (Asia/Tokyo) at the latest" in said(desk.last(KIM))


def test_a_contract_for_everybody_is_for_everybody_of_its_site_on_its_days_while_something_is_left(
    small_desk: Desks,
) -> None:
    strict = '[[mailbox]]\naddress = "support@example.com"\nintake = "strict"\n'
    ended = '[[contract]]\nid = "old"\nsite = "globex"\nincidents = 9\nexpires = 2026-03-01\n'
    desk = small_desk(more=strict, people='[[contract]]\nid = "acme"\nsite = "acme"\nincidents = 1\n' + ended)
    for writer, what in ((KIM, "Printer"), (JANE, "Printer"), (JANE, "Lamp")):
        desk.say(writer, "It stopped.", subject=what)
    assert [(row["ending"], re.split("[:;]", row["reason"])[0]) for row in desk.rows("inbox")] == [
        ("held", f"nothing covers {KIM}"),  # nine are left of a contract that has ended; the other is Acme's
        ("new", "covered by contract acme"),
        ("held", f"nothing covers {JANE}"),  # nothing is left
    ]


# --- settings that nobody reads

DECLARED = ("tables", "rows", "settings", "dictionary_rows", "partner_rows", "directory_keys", "example")


def keys_of(model: type[BaseModel], seen: set[type]) -> list[str]:
    """Every key that may be written, without those that are known to have no effect yet."""
    found = []
    for name, field in model.model_fields.items():
        extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
        if not extra.get("later"):
            found.append(name)
        for inner in re.findall(r"sitmail\.config\.\w+\.\w+", str(field.annotation)):
            module, _, cls = inner.rpartition(".")
            kind = getattr(__import__(module, fromlist=[cls]), cls, None)
            if isinstance(kind, type) and issubclass(kind, BaseModel) and kind not in seen:
                seen.add(kind)
                found += keys_of(kind, seen)
    return found


@pytest.mark.slow
def test_every_setting_is_read_by_somebody() -> None:
    files = [path for path in SOURCE.rglob("*.py") if not (path.parent.name == "config" and path.stem in DECLARED)]
    words = set(re.findall(r"\w+", "\n".join(path.read_text("utf-8") for path in files)))
    keys = set(keys_of(Settings, set()))
    assert {"fold_within", "quiet", "followup", "presume_after"} <= keys, "found by its name"
    assert keys - words == set()
