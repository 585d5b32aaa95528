"""All reading before a decision, in one place: a batch of mails in, the facts about each out.

One SELECT a table serves the whole batch.  Nothing is decided here but which of our tables a mail points into.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from sitmail.domain import authentication, subject
from sitmail.domain.address import addr_spec
from sitmail.domain.facts import Case, Confirmation, Contract, Facts, Party, Proof, Release, Route, Site
from sitmail.domain.mail import Address, Envelope, Mail
from sitmail.domain.people import Kind, Person
from sitmail.domain.policy import Policy
from sitmail.domain.trust import SignedId, proves, read_message_id, still_proves
from sitmail.domain.update import LegKind
from sitmail.services import routing
from sitmail.services.desk import Desk, generations, load, staff
from sitmail.store import directory, inbox, incidents
from sitmail.store.blobs import BlobRow
from sitmail.store.incidents import Participant, Question

LEGS = {"i": LegKind.PUBLIC, "n": LegKind.INTERNAL, "v": LegKind.VENDOR, "h": LegKind.INTERNAL, "d": LegKind.INTERNAL}
ABOUT_INCIDENT = frozenset("invb")  # kinds whose number is an incident's
_NUMBERS = re.compile(r"(?m)^[ \t]*/(?:show|files|why)[ \t]+\[?(?:[A-Za-z]{2,10}-)?([0-9]{1,9})", re.IGNORECASE)
_LINE_NUMBERS = re.compile(r"(?m)^[ \t]*((?:\[?(?:[A-Za-z]{2,10}-)?[0-9]{1,9}\]?[ \t]*,?[ \t]*){1,20}):", re.ASCII)
_ADDED = re.compile(r"(?mi)^[ \t]*/cc[ \t]+(?:add|del)[ \t]+<?([^\s<>]+@[^\s<>]+)")
_READS = re.compile(r"(?mi)^[ \t]*/?(?:show|files|why|help)\b")
READING = frozenset({"show", "staff_help", "customer_help"})
SHORTEST_LINE = 8  # characters: a shorter line of a staff letter may well be written again


@dataclass(frozen=True)
class Arrival:
    """A kept mail that was parsed.  `content` is its fingerprint; `id` 0 is a mail only looked at (`explain`)."""

    id: int
    mail: Mail
    envelope: Envelope
    content: str = ""
    release: Release | None = None
    files: Mapping[str, BlobRow] = field(default_factory=dict)  # attachments too big for a row, safe on disk already
    foreign: tuple[str, ...] = ()  # ids it answers that are not ours


@dataclass
class _Looked:
    """What can be seen of one mail without the store."""

    arrival: Arrival
    route: Route
    signed: list[SignedId]  # the ids it answers that are ours, nearest first
    own: bool
    foreign: list[str]
    named: list[int]  # by the subject
    copied: list[Address]
    returned: SignedId | None = None  # the letter of ours that a bounce returns, where no address could tell
    asked: set[int] = field(default_factory=set)  # numbers its commands name
    added: list[str] = field(default_factory=list)


@dataclass
class _Books:
    """What the store said, for the whole batch."""

    people: Mapping[str, tuple[Person, ...]]
    by_id: Mapping[str, list[int]]
    cases: Mapping[int, Case]
    last_sent: Mapping[tuple[int, int], datetime]
    sites: Mapping[str, Site]
    contracts: Sequence[Contract]
    questions: Mapping[int, Question]
    asked: set[int]
    copies: Mapping[str, inbox.Copy]
    monitored: Mapping[str, int]


def facts_for(connection: Connection, desk: Desk, arrivals: Sequence[Arrival], now: datetime) -> list[Facts]:
    """The facts about each mail of a batch that holds no two of one conversation or sender."""
    given = generations(connection, desk)
    looked = [_look(desk, arrival, given) for arrival in arrivals]
    books = _open_books(connection, desk, looked, now)
    engineers = dict(staff(connection, desk))
    owners = load(connection, desk)
    return [_facts(connection, desk, one, books, engineers, owners, given, now) for one in looked]


def conversation(desk: Desk, arrival: Arrival) -> set[str]:
    """Keys by which two mails may touch the same incident or person: no batch holds two mails that share one."""
    mail = arrival.mail
    keys = {f"from:{mail.identity}", f"id:{mail.message_id}", *(f"id:{one}" for one in mail.ids())}
    found = routing.deciding(desk.policy, arrival.envelope.recipients)
    if found and found[1].number:
        keys.add(f"number:{found[1].number}" if found[1].kind in ABOUT_INCIDENT else found[0])
    for one in mail.ids():
        signed = read_message_id(desk.keys, one, desk.memory.generations or {})
        if signed:
            keys.add(f"number:{signed.number}")
    numbers = _subject_numbers(desk.policy, mail) + _command_numbers(mail)
    keys |= {f"number:{number}" for number in numbers}
    if arrival.content:
        keys.add(f"content:{arrival.content}")
    return keys - {"id:", "from:"}


# --- what can be seen without the store


def _look(desk: Desk, arrival: Arrival, given: Mapping[tuple[int, int], int]) -> _Looked:
    policy, mail = desk.policy, arrival.mail
    found = routing.deciding(policy, arrival.envelope.recipients)
    route = found[1] if found else Route("mailbox", policy.desk)
    signed, foreign = [], []
    for one in mail.ids():
        ours = read_message_id(desk.keys, one, given)
        (signed.append(ours) if ours else foreign.append(one))
    looked = _Looked(
        arrival,
        route,
        signed,
        own=bool(mail.message_id and read_message_id(desk.keys, mail.message_id, given)),
        foreign=foreign,
        named=_subject_numbers(policy, mail),
        copied=[a for a in (*mail.to, *mail.cc) if a.address and not routing.is_ours(policy, a.address)],
    )
    if mail.bounce and not route.mailbox.reply:
        looked.returned = read_message_id(desk.keys, mail.bounce.original_message_id, given)
    looked.asked = set(_command_numbers(mail))
    looked.added = [spec for spec in map(addr_spec, _ADDED.findall(mail.new_text)) if spec]
    return looked


def _subject_numbers(policy: Policy, mail: Mail) -> list[int]:
    return list(subject.references(mail.subject, policy.tag, policy.former_tags, policy.former_offset))


def _command_numbers(mail: Mail) -> list[int]:
    """Incidents that lines of commands name: `/show 12`, `12, 13: /close solved`."""
    text = mail.new_text[:20_000]
    numbers = [int(n) for n in _NUMBERS.findall(text)]
    for line in _LINE_NUMBERS.findall(f"{mail.subject}\n{text}")[:50]:
        numbers += [int(n) for n in re.findall(r"[0-9]{1,9}", line)]
    return numbers[:100]


def _candidates(looked: _Looked, by_id: Mapping[str, list[int]]) -> list[tuple[int, str]]:
    """Incidents a mail may mean and how that shows, best evidence first (contract section 2)."""
    release = looked.arrival.release
    found = [(release.number, "staff")] if release and release.number else []
    if looked.route.kind in ABOUT_INCIDENT and looked.route.number:
        found.append((looked.route.number, "address"))
    found += [(one.number, "own id") for one in looked.signed if one.kind in ABOUT_INCIDENT]
    found += [(looked.returned.number, "own id")] if looked.returned else []
    found += [(number, "foreign id") for one in looked.foreign for number in by_id.get(one, ())]
    found += [(number, "subject") for number in looked.named]
    return list(dict.fromkeys(found))


# --- the store's answers


def _open_books(connection: Connection, desk: Desk, looked: Sequence[_Looked], now: datetime) -> _Books:
    policy = desk.policy
    wanted = {one.arrival.mail.identity for one in looked} | {a for one in looked for a in one.added}
    wanted |= {a.address.lower() for one in looked for a in one.copied}
    people = directory.people(connection, wanted - {""})
    by_id = incidents.by_message_id(connection, {i for one in looked for i in one.foreign})
    keys = {key for one in looked if (key := monitor_key(policy, one.arrival.mail))}
    monitored = incidents.monitored(connection, keys)
    numbers = {n for one in looked for n, _ in _candidates(one, by_id)} | {n for one in looked for n in one.asked}
    found = cases(connection, numbers | set(monitored.values()))
    sites = {p.site for found in people.values() for p in found if p.site}
    today = now.astimezone(ZoneInfo(policy.timezone)).date()
    engineers = {p.id for found in people.values() for p in found if p.kind is Kind.ENGINEER}
    contents = {one.arrival.content for one in looked if one.arrival.content and not one.arrival.release}
    return _Books(
        people=people,
        by_id=by_id,
        cases=found,
        last_sent=incidents.last_sent(connection, _proving(looked)),
        sites={**directory.sites(connection, sites)} if sites else {},
        contracts=directory.contracts(connection, sites, today) if sites else (),
        questions=incidents.confirmations(connection, {o.route.number for o in looked if o.route.kind == "c"}),
        asked=incidents.asked(connection, engineers, now),
        copies=inbox.find_copies(connection, contents) if contents else {},
        monitored=monitored,
    )


def _proving(looked: Iterable[_Looked]) -> set[int]:
    """The incidents whose tokens or ids may prove something."""
    numbers = {one.route.number for one in looked if one.route.kind in ABOUT_INCIDENT}
    return numbers | {signed.number for one in looked for signed in one.signed}


def cases(connection: Connection, numbers: Collection[int]) -> dict[int, Case]:
    """These incidents with their parties and sites."""
    found = incidents.incidents(connection, numbers)
    if not found:
        return {}
    rows = incidents.participants(connection, found)
    persons = directory.persons(connection, {row.person for row in rows})
    sites = directory.sites(connection, {one.site for one in found.values() if one.site})
    parties: dict[int, list[Party]] = {}
    for row in rows:
        parties.setdefault(row.incident, []).append(_party(row, persons[row.person]))
    return {n: Case(one, tuple(parties.get(n, ())), sites.get(one.site)) for n, one in found.items()}


def _party(row: Participant, person: Person) -> Party:
    return Party(person, row.role, LegKind(row.leg), row.level)


# --- one mail


def _facts(
    connection: Connection,
    desk: Desk,
    looked: _Looked,
    books: _Books,
    engineers: Mapping[str, Person],
    owners: Mapping[str, int],
    given: Mapping[tuple[int, int], int],
    now: datetime,
) -> Facts:
    arrival, policy, route = looked.arrival, desk.policy, looked.route
    mail = arrival.mail
    here = books.people.get(mail.identity, ())
    engineer = next((p for p in here if p.kind is Kind.ENGINEER and p.key in policy.engineers), None)
    contact = next((p for p in here if p.kind in (Kind.CONTACT, Kind.STRANGER, Kind.ROBOT)), None)
    proof, leg, owner = _proof(desk, looked, books, (engineer, contact), engineers, given, now)
    number, evidence, claimed = _routed(looked, books, engineer, contact, owner)
    question = books.questions.get(route.number) if route.kind == "c" else None
    copy = books.copies.get(arrival.content)
    facts = Facts(
        route=route,
        engineer=engineer,
        contact=contact,
        proof=Proof.CONFIRMED if arrival.release and arrival.release.how != "attach" else proof,
        token_leg=leg,
        token_owner=owner,
        number=number,
        evidence=evidence,
        claimed=claimed,
        cases=books.cases,
        staff=engineers,
        known=_known(looked, books),
        copied=tuple(looked.copied),
        sites=books.sites,
        contracts=tuple(c for c in books.contracts if contact is not None and c.site == contact.site),
        load=owners,
        own=looked.own,
        release=arrival.release,
        confirmation=_question(question) if question else None,
        asked_already=engineer is not None and engineer.id in books.asked,
        duplicate_of=copy.id if copy and 0 < copy.id < arrival.id else 0,
        bounced=_bounced(desk, looked, books, engineers, given),
        monitor_key=monitor_key(policy, mail),
        monitor_number=books.monitored.get(monitor_key(policy, mail), 0),
    )
    return _with_history(connection, facts, mail, now)


def _proof(
    desk: Desk,
    looked: _Looked,
    books: _Books,
    persons: tuple[Person | None, Person | None],
    engineers: Mapping[str, Person],
    given: Mapping[tuple[int, int], int],
    now: datetime,
) -> tuple[Proof, LegKind | None, Person | None]:
    """What proves From, the leg of the letter answered, and whose token was used by somebody else."""
    route, mail = looked.route, looked.arrival.mail
    candidates = [p for p in persons if p is not None]
    method = authentication.authenticated(mail.header_order, mail.identity, desk.policy.trust) if mail.identity else ""
    token, leg, owner = False, None, None
    if route.token:
        holder = _holder(desk, route, candidates, given)
        if holder:
            token, leg = _in_time(route.kind, route.number, holder, books, now), LEGS.get(route.kind)
        else:
            others = [*engineers.values(), *_everybody(books.cases.get(route.number))]
            owner = _holder(desk, route, [p for p in others if p not in candidates], given)
    for signed in () if owner else looked.signed:
        if any(signed.person == p.id for p in candidates):
            holder = next(p for p in candidates if p.id == signed.person)
            token = token or _in_time(signed.kind, signed.number, holder, books, now)
            leg = leg or LEGS.get(signed.kind)
            break
        if not route.token and not _party_of(books.cases.get(signed.number), candidates):
            staff_or_party = [*engineers.values(), *_everybody(books.cases.get(signed.number))]
            owner = next((p for p in staff_or_party if p.id == signed.person), None)
        break
    proof = Proof.TOKEN if token else Proof.NONE
    if method:
        proof = Proof.BOTH if token else Proof.AUTHENTICATED
    return proof, leg, owner


def _holder(desk: Desk, route: Route, persons: Iterable[Person], given: Mapping[tuple[int, int], int]) -> Person | None:
    """To whom of these the token of an address was issued."""
    for person in persons:
        generation = given.get((person.id, route.number), 0)
        if proves(desk.keys, route.token, route.kind, route.number, person.id, generation):
            return person
    return None


def _in_time(kind: str, number: int, person: Person, books: _Books, now: datetime) -> bool:
    """Letters about an incident prove for a time; questions have a time of their own."""
    if kind not in ABOUT_INCIDENT:
        return True
    case = books.cases.get(number)
    closed = case.incident.closed if case else None
    return still_proves(books.last_sent.get((number, person.id)), closed, now)


def _everybody(case: Case | None) -> list[Person]:
    return [party.person for party in case.parties] if case else []


def _party_of(case: Case | None, persons: Iterable[Person]) -> bool:
    return case is not None and any(p.staff or case.party(p) is not None for p in persons)


def _routed(
    looked: _Looked, books: _Books, engineer: Person | None, contact: Person | None, owner: Person | None
) -> tuple[int, str, int]:
    """(the incident it goes to, how that was found, a number it only claims).

    Numbers and ids are hints: they lead to an incident only for those who are part of it, and engineers.
    """
    claimed = 0
    release = looked.arrival.release
    for number, evidence in _candidates(looked, books.by_id):
        case = books.cases.get(number)
        if case is not None and (
            evidence == "staff"
            or owner is not None
            or looked.route.kind == "b"
            or looked.returned is not None
            or (engineer is not None and not _fresh_mail_of_contact(looked, evidence, contact))
            or case.party(contact) is not None
        ):
            return number, evidence, 0
        if evidence != "foreign id" or case is not None:
            claimed = claimed or number
    return 0, "", 0 if release else claimed


def _fresh_mail_of_contact(looked: _Looked, evidence: str, contact: Person | None) -> bool:
    """Who is both engineer and contact writes a fresh mail as a contact."""
    return contact is not None and contact.kind is Kind.CONTACT and evidence == "subject" and not looked.signed


def _known(looked: _Looked, books: _Books) -> dict[str, Person]:
    """Contacts, and engineers, among those copied or named in /cc."""
    known = {}
    for address in {a.address.lower() for a in looked.copied} | set(looked.added):
        found = books.people.get(address, ())
        person = next((p for p in found if p.kind is Kind.ENGINEER), None) or next(iter(found), None)
        if person is not None and (person.known or address in looked.added):
            known[address] = person
    return known


def _bounced(
    desk: Desk,
    looked: _Looked,
    books: _Books,
    engineers: Mapping[str, Person],
    given: Mapping[tuple[int, int], int],
) -> Person | None:
    """Whose letter a report is about: only our own return path, whole, tells that.

    Where addresses cannot carry a signature, the signed id of the letter that it returns does.
    """
    if looked.route.kind == "b":
        everybody = [*engineers.values(), *_everybody(books.cases.get(looked.route.number))]
        return _holder(desk, looked.route, everybody, given)
    signed = looked.returned
    if signed is None:
        return None
    everybody = [*engineers.values(), *_everybody(books.cases.get(signed.number))]
    return next((p for p in everybody if p.id == signed.person), None)


def _question(row: Question) -> Confirmation:
    return Confirmation(row.id, row.person, row.held, row.issued, row.expires, row.answered is not None)


def _with_history(connection: Connection, facts: Facts, mail: Mail, now: datetime) -> Facts:
    """Rare questions, asked only where the answer matters: quoted staff letters, the hour's reading commands."""
    if facts.engineer is not None and facts.case is not None and mail.new_text:
        facts = replace(facts, said_to_sender=_said(connection, facts.engineer.id, facts.number))
    asks = facts.route.kind in ("cmd", "d", "h") or _READS.search(mail.new_text)
    person = facts.engineer or facts.contact
    if person is not None and asks:
        since = incidents.letters_since(connection, [person.id], now - timedelta(hours=1))
        facts = replace(facts, reads_last_hour=sum(row.purpose in READING for row in since))
    return facts


def _said(connection: Connection, person: int, number: int) -> frozenset[str]:
    """Lines of letters he was sent about the incident, less what was said in public anyway."""
    said = {line for text in incidents.letters_to(connection, person, number) for line in _lines(text)}
    if not said:
        return frozenset()
    public = {line for text in incidents.public_texts(connection, number) for line in _lines(text)}
    return frozenset(said - public)


def _lines(text: str) -> Iterable[str]:
    for line in text.split("\n"):
        bare = " ".join(line.lstrip("> ").split())
        if len(bare) >= SHORTEST_LINE:
            yield bare


def monitor_key(policy: Policy, mail: Mail) -> str:
    """The fingerprint of a machine's report: a header, a regular expression's match, else sender and subject with
    digits folded; "" if its sender is no monitor."""
    monitor = next((m for m in policy.monitors if mail.identity in m.addresses), None)
    if monitor is None:
        return ""
    values = mail.headers.get(monitor.header.lower(), ()) if monitor.header else ()
    if values:
        return f"{mail.identity} {values[0].strip()}"[:300]
    found = monitor.pattern.search(f"{mail.subject}\n{mail.text}"[:50_000]) if monitor.pattern else None
    if found:
        return f"{mail.identity} {found[0]}"[:300]
    return f"{mail.identity} {re.sub('[0-9]+', '0', mail.subject)}"[:300]
