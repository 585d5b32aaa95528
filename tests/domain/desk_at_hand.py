"""The small desk of the letter cases as values, for the rules; one incident; what a mail and its facts are made of."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sitmail.domain.effects import Decision, Tell
from sitmail.domain.engineers import Engineer, Team
from sitmail.domain.facts import Case, Facts, Party, Proof, Release, Route, Site
from sitmail.domain.hours import ROUND_THE_CLOCK
from sitmail.domain.incident import Incident, Status
from sitmail.domain.mail import Address, Mail
from sitmail.domain.people import Kind, Person
from sitmail.domain.policy import Mailbox, Policy
from sitmail.domain.priorities import Priority
from sitmail.domain.update import LegKind
from tests.letters import script

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
BOX = Mailbox("support@example.com", team="helpdesk", reply="support+{}@example.com")
WORLD = script.world()
MORE = [
    {"id": "mia", "teams": ["helpdesk"]},  # rules ask which team a manager has
    {"id": "adam", "name": "Adam Adams", "addresses": ["adam@example.com"], "role": "admin"},
]
ENGINEERS = {
    row["id"]: Engineer(
        row["id"],
        row["name"],
        tuple(row["addresses"]),
        role=row.get("role", "engineer"),
        teams=tuple(row.get("teams", ())),
        manager=row.get("manager", ""),
    )
    for row in script.merged(WORLD["config"]["engineer"], MORE)
}
POLICY = Policy(
    name="Example Support",
    virus_header="X-Virus",
    mailboxes=(BOX,),
    team="helpdesk",
    calendars={"desk": ROUND_THE_CLOCK},
    calendar="desk",
    priorities=(Priority("low", "Low"), Priority("medium", "Medium"), Priority("high", "High")),
    teams={row["id"]: Team(row["id"], row["name"]) for row in WORLD["config"]["team"]},
    engineers=ENGINEERS,
)
STAFF = {
    key: Person(number, Kind.ENGINEER, key, one.name, one.addresses)
    for number, (key, one) in enumerate(ENGINEERS.items(), 1)
}
ANNA, BOB, NORA, MIA, ADAM = STAFF.values()


def contact(number: int, address: str, name: str, site: str) -> Person:
    return Person(number, Kind.CONTACT, address, name, (address,), site=site)


ROWS = [*WORLD["people"]["contact"], {"addresses": ["jill@acme.example.net"], "name": "Jill Poe", "site": "acme"}]
JANE, JOHN, KIM, JILL = (
    contact(number, row["addresses"][0], row["name"], row["site"]) for number, row in enumerate(ROWS, 11)
)
ACME, GLOBEX, _ = (Site(row["id"], row["name"], tuple(row["domains"])) for row in WORLD["people"]["site"])
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
