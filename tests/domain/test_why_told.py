"""The last line of letters: there is one for each, and it is true for the part that its reader has."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from sitmail.domain.engineers import Engineer
from sitmail.domain.incident import Incident, Status
from sitmail.domain.notice_purposes import PURPOSES, NoticePurpose
from sitmail.domain.people import Kind, Person
from sitmail.domain.policy import Mailbox, Policy
from sitmail.domain.why_told import why

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)


def engineer(key: str, **more: Any) -> Engineer:
    return Engineer(key, f"{key.title()} Smith", (f"{key}@example.com",), **more)


ENGINEERS = {
    one.id: one
    for one in (
        engineer("anna", manager="mia"),
        engineer("bob"),
        engineer("eve"),
        engineer("nora"),
        engineer("mia", role="manager"),
        engineer("ada", role="admin", every_incident="all"),
    )
}
POLICY = Policy("Desk", (Mailbox("support@example.com"),), engineers=ENGINEERS)
INCIDENT = Incident(1, "support@example.com", "", Status.ACTIVE, "", AT, AT, owner="anna", contact=100)
STAFF = {key: Person(at, Kind.ENGINEER, key, key, (f"{key}@example.com",)) for at, key in enumerate(ENGINEERS, 1)}
JANE = Person(100, Kind.CONTACT, "jane@example.net", "Jane", ("jane@example.net",))
JOHN = Person(101, Kind.CONTACT, "john@example.net", "John", ("john@example.net",))
LAMPS = Person(102, Kind.VENDOR, "lamps", "Lamps", ("help@lamps.example.net",))
JARGON = ("leg", "token", "target", "status", "queue", "configuration", "[[", "on duty")


def line(purpose: str, reader: Person, role: str = "", incident: Incident | None = INCIDENT, **detail: Any) -> str:
    return why(NoticePurpose(purpose), reader, incident, role, detail, POLICY)


@pytest.mark.parametrize("bound", [True, False])
@pytest.mark.parametrize("purpose", PURPOSES)
def test_every_letter_has_one(purpose: NoticePurpose, bound: bool) -> None:
    outside = PURPOSES[purpose].outside
    said = line(purpose, JANE if outside else STAFF["nora"], incident=INCIDENT if bound else None)
    assert said.startswith("You get ")
    if outside:
        assert not [word for word in JARGON if word in said.lower().split()]


TRUE = [
    (line("changed", JANE, "contact"), "is yours. Write /level replies"),
    (line("changed", replace(JANE, level="replies"), "contact"), "Write /level all"),
    (line("answer", JOHN, "participant"), "you take part in [SIT-1]", "/stop for none"),
    (line("answer", replace(JOHN, level="important"), "participant"), "/level all", "/stop"),
    (line("customer_done", JOHN, ""), "because you wrote to us"),  # he may have left by that very mail
    (line("acknowledgement", JANE, "contact"), "[SIT-1] is yours"),
    (line("acknowledgement_stranger", replace(JANE, known=False)), "an email from this address"),
    (line("answer", replace(JANE, known=False), "contact"), "an email from this address"),
    (line("vendor_asked", LAMPS, "vendor"), "you work with us on [SIT-1]"),
    (line("customer_wrote", STAFF["anna"]), "you own [SIT-1]; /assign"),
    (line("sla_late", STAFF["anna"]), "you own [SIT-1]"),
    (line("note", STAFF["bob"], incident=replace(INCIDENT, temporary_owner="bob")), "for now; /back"),
    (line("answer_copy", STAFF["eve"], "watcher"), "you watch [SIT-1]; /watch off"),
    (line("watched", STAFF["nora"], watches="site"), '"/watch site off" in a reply ends that'),
    (line("changed_staff", STAFF["bob"], before={"owner": "bob"}), "was yours until now"),
    (line("changed_staff", STAFF["bob"], before={"owner": ""}), "nobody owned [SIT-1]"),
    (line("unowned", STAFF["bob"], incident=replace(INCIDENT, owner="")), "nobody owned [SIT-1]"),
    (line("sla_late", STAFF["mia"]), "Anna Smith reports to you"),
    (line("unanswered", STAFF["mia"], why="unresponsive"), "Anna Smith reports to you"),
    (line("every_incident", STAFF["mia"], onlooker="manager"), "its owner reports to you; [tell]"),
    (line("every_incident", STAFF["nora"], onlooker="account_manager"), "you look after its site; [tell]"),
    (line("every_incident", STAFF["ada"]), "you hear of every incident"),
    (line("sla_late", STAFF["ada"]), "you hear of every incident"),
    (line("note", STAFF["nora"]), "a colleague wrote it to you"),
    (line("customer_wrote", STAFF["nora"]), "in place of Anna Smith"),
    (line("escalated", STAFF["nora"]), "[[escalation]]"),
    (line("escalated", STAFF["anna"]), "you own [SIT-1]"),
    (line("verdict", STAFF["anna"]), "you wrote to the desk"),
    (line("held", STAFF["bob"], incident=None), "on duty for this mailbox"),
    (line("contract", STAFF["nora"], incident=None), "account_manager in [[site]]"),
    (line("trouble", STAFF["ada"], incident=None), "you look after the desk itself"),
]


@pytest.mark.parametrize("told", TRUE, ids=lambda told: str(told[1]))
def test_it_is_true_for_the_part(told: tuple[str, ...]) -> None:
    said, *holds = told
    assert [piece for piece in holds if piece not in said] == []
