"""A notice is checked again when it leaves: it says what is true then, or is dropped."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from sitmail.domain.departing import Dropped, Now, Promised, as_it_is
from sitmail.domain.effects import Tell
from sitmail.domain.engineers import Engineer
from sitmail.domain.incident import Incident, Status
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.people import Kind, Person
from tests.domain.desk_at_hand import NOW, POLICY

JANE = Person(1, Kind.CONTACT, "jane@example.org", "Jane", ("jane@example.org",))
ANNA = Person(2, Kind.ENGINEER, "anna", "Anna", ("anna@example.com",))
DUE = NOW + timedelta(hours=1)
INCIDENT = Incident(1, "support@example.com", "Printer", Status.RESEARCH, "medium", NOW, NOW, owner="anna")


def now(promise: Promised | None = None, asked: bool = True, parties: frozenset[int] = frozenset({1}), **changed: Any):  # type: ignore[no-untyped-def]
    return Now(
        incident=replace(INCIDENT, **changed),
        promises={"resolution": promise} if promise else {},
        parties=parties,
        policy=replace(POLICY, engineers={"anna": Engineer("anna", "Anna Smith", ("anna@example.com",))}),
        asked=asked,
    )


WARNING = Tell(ANNA, NoticePurpose.SLA_WARNING, 1, detail={"target": "resolution", "due": "2026-01-01T00:00:00+00:00"})
CHANGED = Tell(JANE, NoticePurpose.CHANGED, 1, detail={"before": {"status": "active", "owner": ""}})
STAFF = Tell(ANNA, NoticePurpose.CHANGED_STAFF, 1, detail={"by": "Bob", "before": {"status": "active", "owner": ""}})


@pytest.mark.parametrize(
    "tell, facts, why",
    [
        (WARNING, now(), Dropped.KEPT),
        (WARNING, now(Promised("met", DUE)), Dropped.KEPT),
        (WARNING, now(Promised("paused", None)), Dropped.PAUSED),
        (WARNING, now(Promised("late", DUE)), Dropped.LATE_BY_NOW),
        (WARNING, now(Promised("warned", DUE), status=Status.CLOSED), Dropped.CLOSED),
        (replace(WARNING, purpose=NoticePurpose.SLA_LATE), now(Promised("met", DUE)), Dropped.KEPT),
        (CHANGED, now(status=Status.ACTIVE, owner=""), Dropped.CHANGED_BACK),
        (CHANGED, now(status=Status.AWAITING_CUSTOMER, owner="", asked=False), Dropped.CHANGED_BACK),
        (CHANGED, now(parties=frozenset()), Dropped.READER_LEFT),
        (
            replace(WARNING, person=JANE, purpose=NoticePurpose.DELAYED),
            now(Promised("late", DUE), parties=frozenset()),
            Dropped.READER_LEFT,
        ),
        (replace(WARNING, person=JANE, purpose=NoticePurpose.DELAYED), now(Promised("met", DUE)), Dropped.KEPT),
        (STAFF, now(status=Status.ACTIVE, owner=""), Dropped.CHANGED_BACK),
        (replace(STAFF, detail={"woke": "call"}), now(status=Status.CLOSED), Dropped.CLOSED),
        (Tell(JANE, NoticePurpose.CUSTOMER_CLOSED, 1), now(), Dropped.REOPENED),
        (Tell(JANE, NoticePurpose.JOINED, 1), now(parties=frozenset()), Dropped.READER_LEFT),
        (Tell(ANNA, NoticePurpose.ASSIGNED, 1), now(owner="bob"), Dropped.OWNED),
        (Tell(ANNA, NoticePurpose.UNOWNED, 1), now(), Dropped.OWNED),
    ],
)
def test_what_is_no_longer_so_is_dropped(tell: Tell, facts: Now, why: Dropped) -> None:
    assert as_it_is(tell, facts) is why


def told(tell: Tell, facts: Now) -> dict[str, Any]:
    found = as_it_is(tell, facts)
    assert isinstance(found, Tell)
    return dict(found.detail)


def test_what_is_so_is_told_as_it_is_now() -> None:
    assert told(WARNING, now(Promised("warned", DUE)))["due"] == DUE.isoformat()
    detail = told(CHANGED, now())
    assert (detail["status"], detail["owner"]) == ("Researching", "Anna Smith")
    assert told(STAFF, now())["changed"] == ["owner: nobody -> Anna Smith", "status: Active -> Research needed"]
    assert "status" not in told(CHANGED, now(status=Status.AWAITING_CUSTOMER, asked=False))


@pytest.mark.parametrize(
    "purpose",
    [NoticePurpose.ANSWER, NoticePurpose.CUSTOMER_WROTE, NoticePurpose.VERDICT, NoticePurpose.ACKNOWLEDGEMENT],
)
def test_words_and_what_was_asked_for_are_never_dropped(purpose: NoticePurpose) -> None:
    tell = Tell(JANE, purpose, 1)
    assert as_it_is(tell, now(status=Status.CLOSED, parties=frozenset())) is tell
