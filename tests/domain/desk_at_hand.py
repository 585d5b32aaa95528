"""A small desk as values, for the rules: people, one incident, and what a mail and its facts are made of."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sitmail.domain.effects import Decision, Tell
from sitmail.domain.facts import Case, Facts, Party, Proof, Release, Route, Site
from sitmail.domain.hours import ROUND_THE_CLOCK
from sitmail.domain.incident import Incident, Status
from sitmail.domain.mail import Address, Mail
from sitmail.domain.people import Kind, Person
from sitmail.domain.policy import Engineer, Mailbox, Named, Policy, Team
from sitmail.domain.update import LegKind

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
BOX = Mailbox("support@example.com", team="helpdesk", reply="support+{}@example.com")
ENGINEERS = {
    "anna": Engineer("anna", "Anna Smith", ("anna@example.com",), teams=("helpdesk",), manager="mia"),
    "bob": Engineer("bob", "Bob Jones", ("bob@example.com",), teams=("helpdesk",)),
    "nora": Engineer("nora", "Nora North", ("nora@example.com",), teams=("network",)),
    "mia": Engineer("mia", "Mia Moore", ("mia@example.com",), role="manager", teams=("helpdesk",)),
    "adam": Engineer("adam", "Adam Adams", ("adam@example.com",), role="admin"),
}
POLICY = Policy(
    name="Example Support",
    mailboxes=(BOX,),
    team="helpdesk",
    calendars={"desk": ROUND_THE_CLOCK},
    calendar="desk",
    priorities=(Named("low", "Low"), Named("medium", "Medium"), Named("high", "High")),
    teams={"helpdesk": Team("helpdesk", "Help desk"), "network": Team("network", "Network")},
    engineers=ENGINEERS,
)
STAFF = {
    key: Person(number, Kind.ENGINEER, key, one.name, one.addresses)
    for number, (key, one) in enumerate(ENGINEERS.items(), 1)
}
ANNA, BOB, NORA, MIA, ADAM = STAFF.values()


def contact(number: int, address: str, name: str, site: str) -> Person:
    return Person(number, Kind.CONTACT, address, name, (address,), site=site)


JANE = contact(11, "jane@acme.example.net", "Jane Doe", "acme")
JOHN = contact(12, "john@acme.example.net", "John Roe", "acme")
JILL = contact(13, "jill@acme.example.net", "Jill Poe", "acme")
KIM = contact(14, "kim@globex.example.org", "Kim Lee", "globex")
ACME = Site("acme", "Acme", ("acme.example.net",))
GLOBEX = Site("globex", "Globex", ("globex.example.org",))
INCIDENT = Incident(
    number=1,
    mailbox=BOX.address,
    title="Printer",
    status=Status.ACTIVE,
    priority="medium",
    opened=NOW - 2 * DAY,
    updated=NOW - DAY,
    owner="anna",
    team="helpdesk",
    contact=JANE.id,
    site="acme",
    updates=3,
)
CLOSED = replace(INCIDENT, status=Status.CLOSED, closing_status="solved", closed=NOW - DAY)
PARTIES = (Party(JANE, "contact"), Party(JOHN, "participant"))


def case_of(incident: Incident = INCIDENT, parties: tuple[Party, ...] = PARTIES) -> Case:
    return Case(incident, parties, ACME)


def letter(text: str, person: Person | str = JANE, **more: Any) -> Mail:
    """A mail with nothing in it but these words."""
    address = person if isinstance(person, str) else person.address
    base = Mail(
        message_id="<1@example.net>",
        subject="Re: Printer",
        sender=Address("", address),
        identity=address,
        text=text,
        new_text=text,
    )
    return replace(base, **more)


def facts_of(
    person: Person | None, proof: Proof = Proof.TOKEN, case: Case | None = None, leg: LegKind | None = None, **more: Any
) -> Facts:
    """`person` wrote; the mail leads to `case`, answering a letter of that leg."""
    release = Release("confirmed", "anna", held=5) if proof is Proof.CONFIRMED else None
    base = Facts(
        route=Route("mailbox", BOX),
        engineer=person if person and person.staff else None,
        contact=person if person and not person.staff else None,
        proof=proof,
        answered_leg=leg,
        answered_as=person if leg else None,
        number=case.incident.number if case else 0,
        cases={case.incident.number: case} if case else {},
        staff=STAFF,
        known={p.address: p for p in (JANE, JOHN, JILL, KIM)},
        sites={"acme": ACME, "globex": GLOBEX},
        load={"anna": 2, "bob": 1},
        release=release,
    )
    return replace(base, **more)


def told(decision: Decision, purpose: str = "") -> list[tuple[str, str]]:
    """(who, what) of every notice."""
    tells = [e for e in decision.effects if isinstance(e, Tell)]
    return sorted((t.person.address, t.purpose) for t in tells if purpose in ("", t.purpose))


def of(decision: Decision, kind: type) -> list[Any]:
    return [effect for effect in decision.effects if isinstance(effect, kind)]
