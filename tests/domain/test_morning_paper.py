"""Which section an incident stands in: once, in the first that fits; managers read exceptions alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sitmail.domain.dictionary import Dictionary, Reason
from sitmail.domain.engineers import Engineer
from sitmail.domain.hours import Calendar
from sitmail.domain.incident import Status
from sitmail.domain.morning_facts import Happened, Heard, OnDesk, PendingIncident, Section
from sitmail.domain.morning_paper import MOST, Reader, paper
from sitmail.domain.policy import Mailbox, Policy
from sitmail.domain.presence import EVERYBODY_HERE, Presence
from sitmail.domain.sla_outlook import Stands

NOW = datetime(2026, 3, 3, 8, tzinfo=UTC)  # a Tuesday
HOUR = timedelta(hours=1)
EVENING, MIDNIGHT = NOW - 15 * HOUR, NOW + 16 * HOUR
ANNA = Engineer("anna", "Anna", ("anna@example.com",), teams=("helpdesk",), manager="mia")
MIA = Engineer("mia", "Mia", ("mia@example.com",), role="manager")
POLICY = Policy(
    "Desk",
    (Mailbox("support@example.com"),),
    engineers={"anna": ANNA, "mia": MIA},
    calendars={"office": Calendar("office")},
    calendar="office",
)
OLD = NOW - timedelta(days=7)
QUIET = PendingIncident(
    1, "Printer", Status.ON_HOLD, "anna", "", "helpdesk", 1, "acme", "", OLD, OLD, "", None, None, late=False
)


def due(at: datetime) -> Stands:
    return Stands("resolution", "running", at, None, (), pinned=False)


def sections(
    desk: OnDesk,
    who: Engineer = ANNA,
    here: Presence = EVERYBODY_HERE,
    seen: int | None = None,
    policy: Policy = POLICY,
) -> list[Section]:
    found = paper(Reader(who, EVENING, MIDNIGHT, NOW, seen), desk, policy, here)
    return [section for section, _, lines in found.sections for _ in lines]


def alone(one: PendingIncident, **known: object) -> OnDesk:
    return OnDesk({1: one}, **{name: {1: value} for name, value in known.items()})  # type: ignore[arg-type]


def test_the_first_section_that_fits() -> None:
    active = replace(QUIET, status=Status.ACTIVE, updated=NOW - HOUR)
    heard = Heard("Jane", NOW - HOUR, "It burns.")
    today = replace(active, next_action="ring", next_action_at=NOW + HOUR)
    assert sections(alone(today, targets=[due(NOW - HOUR)], heard=heard)) == [Section.LATE]
    assert sections(alone(today, targets=[due(NOW + HOUR)], heard=heard)) == [Section.TODAY]
    assert sections(alone(today, targets=[due(NOW + 24 * HOUR)], heard=heard)) == [Section.ANSWERED]
    assert sections(alone(today, heard=replace(heard, at=EVENING - HOUR))) == [Section.PROMISED]
    assert sections(alone(replace(active, status=Status.AWAITING_VENDOR), waits=OLD)) == [Section.WAITING]
    assert sections(alone(replace(active, status=Status.AWAITING_VENDOR), waits=NOW - 9 * HOUR)) == []
    assert sections(alone(replace(active, updated=OLD))) == [Section.WAITING]
    assert sections(alone(QUIET)) == []


def test_what_nobody_owns_and_what_somebody_has_for_now() -> None:
    assert sections(alone(replace(QUIET, owner=""))) == [Section.UNOWNED]
    assert sections(alone(replace(QUIET, owner="", team="network"))) == []
    late = [due(NOW - HOUR)]
    assert sections(alone(replace(QUIET, temporary_owner="mia"), targets=late)) == []
    assert sections(alone(replace(QUIET, temporary_owner="mia"), targets=late), MIA) == [Section.LATE]


def test_a_manager_reads_exceptions() -> None:
    active = replace(QUIET, status=Status.ACTIVE, updated=NOW - HOUR)
    heard = Heard("Jane", NOW - HOUR, "It burns.")
    assert sections(alone(active, targets=[due(NOW + HOUR)], heard=heard), MIA) == []
    assert sections(alone(active, targets=[due(NOW - HOUR)]), MIA) == [Section.LATE]
    assert sections(alone(active, broken=[("resolution", NOW - HOUR)]), MIA) == [Section.BROKEN]
    assert sections(alone(active, broken=[("resolution", EVENING - HOUR)]), MIA) == []
    assert sections(alone(replace(active, updated=OLD)), MIA) == [Section.DRIFTING]
    away = Presence(NOW, {"anna": MIDNIGHT})
    assert sections(alone(QUIET), MIA, away) == [Section.ABANDONED]


def test_who_stands_in_by_skill_abandons_nothing_of_that_skill() -> None:
    away = Presence(NOW, {"anna": MIDNIGHT})
    able = replace(ANNA, substitutes={"network": "bob"})
    policy = replace(
        POLICY,
        engineers={"anna": able, "mia": MIA, "bob": replace(ANNA, id="bob", manager="")},
        dictionary=Dictionary(reasons=(Reason("cable", "Cable", skill="network"),)),
    )
    assert sections(alone(replace(QUIET, reason="cable")), MIA, away, policy=policy) == []
    assert sections(alone(QUIET), MIA, away, policy=policy) == [Section.ABANDONED]


def test_what_is_closed_is_news_at_most() -> None:
    closed = replace(QUIET, status=Status.CLOSED, next_action_at=NOW)
    away = Presence(NOW, {"anna": MIDNIGHT})
    for one in (closed, replace(closed, owner="")):
        assert sections(alone(one)) == sections(alone(one), MIA, away) == []
        news = alone(one, happened=[Happened(7, 1, "closed", "Anna", {}, answered=False)])
        assert sections(news, MIA, away, seen=6) == [Section.DESK]
        assert sections(news, MIA, away, seen=7) == []


def test_no_more_lines_than_a_letter_holds() -> None:
    many = OnDesk({n: replace(QUIET, number=n, owner="") for n in range(1, MOST + 4)})
    found = paper(Reader(ANNA, EVENING, MIDNIGHT, NOW), many, POLICY, EVERYBODY_HERE)
    assert len(found.numbers) == MOST
    assert found.more == 3
    assert [one.place for _, _, lines in found.sections for one in lines] == list(range(1, MOST + 1))
