"""What admins are told of every incident beside those whom it concerns, and what they are not."""

from __future__ import annotations

from sitmail.domain.effects import Log, Tell
from sitmail.domain.engineers import Engineer
from sitmail.domain.every_incident import copies, exceptions, wish_of, wishing, worth_telling
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.people import Kind, Person
from sitmail.domain.policy import Mailbox, Policy
from sitmail.domain.update import Direction, Event, LegKind

WISHES = {"al": "all", "di": "digest", "ex": "exceptions", "no": "none", "un": ""}
ADMINS = {key: Engineer(key, key, (f"{key}@example.com",), role="admin", every_incident=w) for key, w in WISHES.items()}
POLICY = Policy("Desk", (Mailbox("support@example.com"),), engineers=ADMINS)
STAFF = {
    key: Person(at, Kind.ENGINEER, key, key, (f"{key}@example.com",)) for at, key in enumerate([*ADMINS, "anna"], 1)
}
JANE = Person(99, Kind.CONTACT, "jane@example.net", "Jane", ("jane@example.net",))


def entry(event: Event, author: Person | None = None, **change: tuple[str, str]) -> Log:
    return Log(12, LegKind.PUBLIC, event, Direction.NONE, author, change=change)


def told_of(log: Log, *told: Tell) -> list[str]:
    return [one.person.key for one in copies(12, [(3, log)], told, STAFF, POLICY)]


def test_who_wants_what() -> None:
    assert [wish_of(one) for one in ADMINS.values()] == ["all", "digest", "exceptions", "none", "digest"]
    assert wish_of(Engineer("eve", "Eve", ())) == "none"
    assert wishing(POLICY, "digest") == ["di", "un"]


def test_events_of_the_whole_desk_are_told_and_notes_are_not() -> None:
    assert told_of(entry(Event.OPENED, JANE)) == told_of(entry(Event.ANSWER, STAFF["anna"])) == ["al"]
    assert told_of(entry(Event.CHANGED, STAFF["anna"], status=("active", "research"))) == ["al"]
    assert told_of(entry(Event.NOTE, STAFF["anna"])) == told_of(entry(Event.TIME, STAFF["anna"])) == []
    assert not worth_telling(Event.CHANGED, {"priority": ("low", "high")})


def test_nobody_is_told_twice_nor_of_what_he_did() -> None:
    assert told_of(entry(Event.ANSWER, STAFF["al"])) == []
    assert told_of(entry(Event.OPENED, JANE), Tell(STAFF["al"], NoticePurpose.ASSIGNED, 12)) == []


def test_exceptions_are_late_refused_and_failed() -> None:
    late = Tell(STAFF["anna"], NoticePurpose.SLA_LATE, 12, cause="sla:1")
    failed = Tell(STAFF["anna"], NoticePurpose.DELIVERY_FAILED, 12, cause="letter:4")
    refused = Tell(JANE, NoticePurpose.NOT_COVERED, None, detail={"reason": "not-entitled"}, cause="mail:7")
    usual = Tell(STAFF["anna"], NoticePurpose.SLA_WARNING, 12, cause="sla:0")
    found = list(exceptions([late, failed, refused, usual, late], STAFF, POLICY))
    assert [(one.person.key, one.purpose) for one in found] == [
        *((who, purpose) for purpose in (late.purpose, failed.purpose) for who in ("al", "ex")),
        *((who, NoticePurpose.EVERY_INCIDENT) for who in ("al", "ex")),
    ]
    assert found[-1].detail == {"refused": "not-entitled", "writer": "jane@example.net"}
    his = Tell(STAFF["ex"], NoticePurpose.SLA_LATE, 12, cause="sla:1")
    assert [one.person.key for one in exceptions([his, late], STAFF, POLICY)] == ["al"]
