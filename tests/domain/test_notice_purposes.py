"""When a notice may become a letter: it may wait, and is never dropped."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from sitmail.domain.notice_purposes import PURPOSES, Gate, Sent, leaves_at
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
FULL = Sent(NOW, 1000, 1000, 1000, 1000, 1000)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.mark.parametrize("name", [n for n, p in PURPOSES.items() if p.words or not p.automatic])
@pytest.mark.parametrize("outside", [True, False])
def test_what_people_write_is_told_at_once(name: str, outside: bool) -> None:
    assert leaves_at(PURPOSES[name], outside, FULL, GATE, NOW) == NOW


@pytest.mark.parametrize("name", [n for n, p in PURPOSES.items() if p.automatic and not p.words])
@pytest.mark.parametrize("outside", [True, False])
def test_all_automatic_mail_waits_at_a_full_gate_and_for_a_time_only(name: str, outside: bool) -> None:
    if outside or not PURPOSES[name].asked:  # a colleague who asks gets the answer, never a line of a digest
        assert NOW < leaves_at(PURPOSES[name], outside, FULL, GATE, NOW) <= NOW + HOUR


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
    assert leaves_at(PURPOSES[name], True, sent, GATE, NOW) == NOW + waits


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
    assert leaves_at(PURPOSES["sla_warning"], False, sent, GATE, NOW) == NOW + waits


def test_without_folding_nothing_waits_for_company() -> None:
    gate = replace(GATE, fold_within=0)
    assert leaves_at(PURPOSES["changed"], True, Sent(to_person_about_incident=NOW), gate, NOW) == NOW


def test_the_table_keeps_inside_what_is_inside() -> None:
    """A plain reply to what only staff may know never goes outside; whom it is for is clear for every letter."""
    for name, purpose in PURPOSES.items():
        if purpose.outside:
            assert purpose.leg is LegKind.PUBLIC and not purpose.kind, name
    inside = {name for name, purpose in PURPOSES.items() if not purpose.outside and purpose.leg is LegKind.PUBLIC}
    assert inside == {"assigned", "unowned", "customer_wrote", "closure_requested", "answer_copy"}
