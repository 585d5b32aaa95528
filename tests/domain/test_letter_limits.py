"""When a notice may become a letter: the limits make it wait, and never drop it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from sitmail.domain.letter_limits import CountedAs, Gate, Sent, counted_as, leaves_at
from sitmail.domain.notice_purposes import PURPOSES, NoticePurpose
from sitmail.domain.update import LegKind
from tests.domain.desk_at_hand import NOW

GATE = Gate(
    acks_per_sender_hour=4,
    per_address_day=40,
    per_incident_day=20,
    per_minute=60,
    digest_above=10,
    fold_within=300,
)
FULL = Sent(NOW, 1000, 1000, 1000, 1000, 1000, 1000)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def leaves(name: str, sent: Sent, *, staff: bool = False, known: bool = True, monitored: bool = False, **due: object):  # type: ignore[no-untyped-def]
    purpose = NoticePurpose(name)
    counted = counted_as(purpose, PURPOSES[purpose], staff=staff, known=known, monitored=monitored)
    return leaves_at(PURPOSES[purpose], counted, sent, GATE, NOW, **due) - NOW  # type: ignore[arg-type]


@pytest.mark.parametrize("name", [n for n, p in PURPOSES.items() if (p.words or not p.automatic) and not p.first])
@pytest.mark.parametrize("staff", [True, False])
def test_what_people_write_is_told_at_once(name: str, staff: bool) -> None:
    assert leaves(name, FULL, staff=staff) == timedelta(0)


@pytest.mark.parametrize("name", [n for n, p in PURPOSES.items() if p.automatic and not p.words])
def test_all_other_mail_to_people_outside_waits_at_a_full_gate_and_for_a_time_only(name: str) -> None:
    assert timedelta(0) < leaves(name, FULL) <= HOUR


@pytest.mark.parametrize("name", [n for n, p in PURPOSES.items() if p.asked or p.at_once])
def test_what_an_engineer_asked_for_or_has_to_know_now_waits_for_nothing(name: str) -> None:
    assert leaves(name, FULL, staff=True) == timedelta(0)


@pytest.mark.parametrize(
    "name, sent, waits",
    [
        ("changed", Sent(), timedelta(0)),
        ("changed", Sent(to_person_about_incident=NOW - MINUTE), 4 * MINUTE),
        ("changed", Sent(to_person_about_incident=NOW - 5 * MINUTE), timedelta(0)),
        ("closure_noted", Sent(to_person_about_incident=NOW - MINUTE), timedelta(0)),  # he asked
        ("changed", Sent(to_person_day=40), HOUR),
        ("changed", Sent(to_person_day=39), timedelta(0)),
        ("changed", Sent(about_incident_day=20), HOUR),
        ("closure_noted", Sent(to_person_day=40), HOUR),
        ("changed", Sent(outside_minute=60), MINUTE),
        ("changed", Sent(acks_hour=4), timedelta(0)),
        ("acknowledgement", Sent(acks_hour=4), HOUR),
        ("acknowledgement_stranger", Sent(acks_hour=4), HOUR),
        ("acknowledgement", Sent(acks_hour=3), timedelta(0)),
    ],
)
def test_limits_to_people_outside(name: str, sent: Sent, waits: timedelta) -> None:
    assert leaves(name, sent) == waits


@pytest.mark.parametrize(
    "known, sent, waits",
    [
        (True, Sent(outside_minute=59, strangers_minute=30), timedelta(0)),
        (False, Sent(outside_minute=59, strangers_minute=29), timedelta(0)),
        (False, Sent(outside_minute=30, strangers_minute=30), MINUTE),
        (False, Sent(outside_minute=60, strangers_minute=0), MINUTE),
    ],
)
def test_strangers_share_a_part_of_each_minute(known: bool, sent: Sent, waits: timedelta) -> None:
    name = "acknowledgement" if known else "acknowledgement_stranger"
    assert leaves(name, sent, known=known) == waits


@pytest.mark.parametrize(
    "sent, waits",
    [
        (Sent(to_person_day=1000, about_incident_day=1000, outside_minute=1000), timedelta(0)),
        (Sent(staff_folding=9), timedelta(0)),
        (Sent(staff_folding=10), 5 * MINUTE),
        (Sent(to_person_about_incident=NOW - MINUTE), 4 * MINUTE),
    ],
)
def test_engineers_are_not_limited_they_get_digests(sent: Sent, waits: timedelta) -> None:
    assert leaves("changed_staff", sent, staff=True) == waits


@pytest.mark.parametrize(
    "remains, sent, waits",
    [
        (8 * MINUTE, Sent(to_person_about_incident=NOW), 4 * MINUTE),
        (8 * MINUTE, Sent(staff_folding=10), 4 * MINUTE),
        (8 * MINUTE, Sent(), timedelta(0)),
        (HOUR, Sent(to_person_about_incident=NOW), 5 * MINUTE),
        (-MINUTE, Sent(to_person_about_incident=NOW), timedelta(0)),
    ],
)
def test_a_warning_is_not_held_beyond_half_of_what_remains(remains: timedelta, sent: Sent, waits: timedelta) -> None:
    assert leaves("sla_warning", sent, staff=True, due=NOW + remains) == waits


@pytest.mark.parametrize(
    "name, staff, known, monitored, counted",
    [
        ("assigned", True, True, False, CountedAs.NOTHING),
        ("assigned", True, True, True, CountedAs.MACHINES),
        ("unowned", True, True, True, CountedAs.MACHINES),
        ("machine_wrote", True, True, False, CountedAs.MACHINES),
        ("sla_late", True, True, True, CountedAs.LATE),
        ("sla_warning", True, True, False, CountedAs.STAFF),
        ("verdict", True, True, False, CountedAs.NOTHING),
        ("show", True, True, True, CountedAs.NOTHING),
        ("customer_wrote", True, True, True, CountedAs.NOTHING),
        ("answer", False, True, False, CountedAs.NOTHING),
        ("begun", False, True, False, CountedAs.KNOWN),
        ("begun", False, False, False, CountedAs.STRANGERS),
        ("acknowledgement", False, True, False, CountedAs.KNOWN),
        ("acknowledgement_stranger", False, False, False, CountedAs.STRANGERS),
    ],
)
def test_letters_are_counted_apart(name: str, staff: bool, known: bool, monitored: bool, counted: CountedAs) -> None:
    purpose = NoticePurpose(name)
    assert counted_as(purpose, PURPOSES[purpose], staff=staff, known=known, monitored=monitored) is counted


def test_a_storm_of_machines_becomes_a_digest() -> None:
    assert leaves("assigned", Sent(staff_folding=9), staff=True, monitored=True) == timedelta(0)
    assert leaves("assigned", Sent(staff_folding=10), staff=True, monitored=True) == 5 * MINUTE


def test_without_folding_nothing_waits_for_company() -> None:
    gate = replace(GATE, fold_within=0)
    traits = PURPOSES[NoticePurpose.CHANGED]
    assert leaves_at(traits, CountedAs.KNOWN, Sent(to_person_about_incident=NOW), gate, NOW) == NOW


TO_PARTNERS = {"vendor_asked", "vendor_closed", "bug_reported", "order_placed"}


def test_the_table_keeps_inside_what_is_inside() -> None:
    """A plain reply to what only staff may know never goes outside; whom it is for is clear for every letter."""
    for name, purpose in PURPOSES.items():
        if purpose.outside:
            leg = LegKind.VENDOR if name in TO_PARTNERS else LegKind.PUBLIC
            assert purpose.leg is leg and purpose.kind in ("", "c"), name
    inside = {name for name, purpose in PURPOSES.items() if not purpose.outside and purpose.leg is LegKind.PUBLIC}
    new = {"assigned", "unowned", "storm_joined", "watched"}
    assert inside == new | {"customer_wrote", "closure_requested", "answer_copy", "crossed"}
    assert {name for name, one in PURPOSES.items() if one.leg is LegKind.VENDOR} == {*TO_PARTNERS, "vendor_wrote"}
