"""All reading before a decision, in one place: a batch of mails in, the facts about each out.

One SELECT a table serves the whole batch.  Nothing is decided here but which of our tables a mail points into.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from sitmail.domain import sent_again
from sitmail.domain.authority import administers
from sitmail.domain.chosen import Chosen
from sitmail.domain.facts import Case, Confirmation, Facts, HeldMail, Proof, Site
from sitmail.domain.mail import HEAD_ONLY
from sitmail.domain.merging import surviving
from sitmail.domain.people import Kind, Person
from sitmail.domain.policy import Policy
from sitmail.domain.presence import Presence
from sitmail.domain.trust import HELD, proves
from sitmail.domain.undoing import Deed
from sitmail.services import deeds, staff_text
from sitmail.services.answered_letters import with_later
from sitmail.services.blocking import blocked, is_blocked
from sitmail.services.cases import cases, linked_to, merged_with
from sitmail.services.desk import Desk, generations, load, staff
from sitmail.services.desk import sites as desk_sites
from sitmail.services.gather_articles import with_articles
from sitmail.services.gather_chosen import chosen
from sitmail.services.gather_cover import CoverFacts, read_cover
from sitmail.services.gather_feedback import with_feedback
from sitmail.services.gather_offers import with_offers
from sitmail.services.gather_partners import add_references, for_partner, same_bugs, with_partners
from sitmail.services.gather_similar import with_similar
from sitmail.services.gather_storms import with_storms
from sitmail.services.hints import Arrival, Hints, candidates, read_hints
from sitmail.services.letter_answered import ADDRESSED, letter_answered, mismatch
from sitmail.services.mail_history import asked, with_history
from sitmail.services.mentioned import with_mentioned
from sitmail.services.presence import presence
from sitmail.services.proofs import Issued, everybody, issued, prove
from sitmail.services.split_updates import with_splittable
from sitmail.store import directory_lookup, inbox, incidents, monitored
from sitmail.store.incidents import Covering

_SERVED = frozenset({Kind.CONTACT, Kind.STRANGER, Kind.ROBOT})
NUMBERED = frozenset({"cmd", "d", "h"})  # kinds of addresses to which lines begin with the number of an incident


@dataclass
class _Loaded:
    """What was read from the store for the whole batch."""

    people: Mapping[str, tuple[Person, ...]]
    formerly: Mapping[str, tuple[Person, ...]]  # who had it once, of addresses that answer us and are nobody's
    cases: Mapping[int, Case]
    issued: Issued
    sites: Mapping[str, Site]
    cover: CoverFacts
    questions: Mapping[int, Confirmation]
    held: Mapping[int, HeldMail]
    asked: Mapping[int, int]  # the open question of each person who can be asked
    copies: Mapping[str, inbox.Copy]
    covering: Mapping[str, Sequence[Covering]]  # what the readers of letters knew by them, by Message-ID
    monitored: Mapping[str, int]
    deeds: Mapping[int, Deed]  # the last command mail of each engineer who wants it undone
    familiar: Mapping[int, str]  # who owned the last incident of a contact
    chosen: Mapping[int, Mapping[str, Chosen]]  # by mail: what searches before its commands found


def facts_for(connection: Connection, desk: Desk, arrivals: Sequence[Arrival], now: datetime) -> list[Facts]:
    """The facts about each mail of a batch that holds no two of one conversation or sender."""
    voided = generations(connection, desk)
    hints = [read_hints(desk, arrival, voided) for arrival in arrivals]
    loaded = _load(connection, desk, hints, now)
    engineers = dict(staff(connection, desk))
    owners, here, among = load(connection, desk), presence(connection, desk, now), blocked(connection, desk)
    found = [
        replace(facts, units=loaded.cover.units[at]) if loaded.cover.units.get(at) else facts
        for at, facts in enumerate(
            _facts(desk, one, loaded, engineers, owners, here, among, voided, now) for one in hints
        )
    ]
    found = with_offers(connection, desk, with_similar(connection, desk, found, arrivals, now), arrivals)
    found = with_feedback(connection, with_storms(connection, desk, found, now))
    if desk.policy.partners:
        found = [with_partners(connection, *pair, loaded.covering) for pair in zip(found, arrivals, strict=True)]
    compared = [asked(one, arrival.mail, arrival.named) for one, arrival in zip(found, arrivals, strict=True)]
    before = staff_text.read(connection, compared)
    found = [
        with_history(connection, desk, facts, arrival, asks, before, now)
        for facts, arrival, asks in zip(found, arrivals, compared, strict=True)
    ]
    found = [
        with_mentioned(connection, desk, with_splittable(connection, facts, arrival, loaded.covering), arrival)
        for facts, arrival in zip(found, arrivals, strict=True)
    ]
    found = [with_articles(connection, desk, one, arrival, now) for one, arrival in zip(found, arrivals, strict=True)]
    if not loaded.covering:
        return found
    return [
        with_later(connection, facts, arrival, loaded.covering) if facts.engineer else facts
        for facts, arrival in zip(found, arrivals, strict=True)
    ]


# --- reading


def _load(connection: Connection, desk: Desk, hints: Sequence[Hints], now: datetime) -> _Loaded:
    wanted = {one.arrival.mail.identity for one in hints} | {a for one in hints for a in one.arrival.named.addresses}
    wanted |= {a.address.lower() for one in hints for a in one.copied} | {one.forwarded for one in hints}
    people = directory_lookup.people(connection, wanted - {""})
    answering = {one.arrival.mail.identity for one in hints if one.route.token or one.signed}
    formerly = directory_lookup.formerly(connection, answering - people.keys() - {""})
    by_staff = {address for address, found in people.items() if any(person.staff for person in found)}
    keys = {i for one in hints if one.arrival.mail.identity in by_staff for i in one.arrival.answers}
    keys |= {key for one in hints for key in (*one.foreign, *one.former, one.again)}
    seen = incidents.by_message_id(connection, keys - {""})
    known_reports = monitored.by_fingerprint(connection, {one.monitor_key for one in hints} - {""})
    numbers: set[int] = set()
    for one in hints:
        one.candidates = candidates(one, seen)
    if desk.policy.partners:
        add_references(connection, hints, people, desk.policy)
    for one in hints:
        one.letter = letter_answered(one, seen)
        numbers.update(number for number, _ in one.candidates)
        numbers.update(one.arrival.named.numbers)
    searched = {one.arrival.id: chosen(connection, desk, one, people, now) for one in hints}
    numbers.update(n for found_by in searched.values() for each in found_by.values() for n in each.numbers)
    done = deeds.last_deeds(connection, hints, people)
    numbers.update(number for one in done.values() for number in one.concerned)
    met = {p.id: p for found in people.values() for p in found}
    found = cases(connection, desk, numbers | set(known_reports.values()), met)
    found |= merged_with(connection, desk, found, met)
    found |= cases(connection, desk, same_bugs(connection, desk, hints, found), met)
    if any(one.arrival.named.links for one in hints):
        found |= linked_to(connection, desk, found, met)
    sites = {p.site for found in people.values() for p in found if p.site}
    askable = {p.id for found in people.values() for p in found if p.staff or administers(p)}
    contents = {one.arrival.content for one in hints if one.arrival.content and not one.arrival.release}
    return _Loaded(
        people=people,
        formerly=formerly,
        cases=found,
        issued=issued(connection, hints, {**people, **formerly}),
        sites=desk_sites(connection, desk, sites),
        cover=read_cover(connection, desk, hints, people, found),
        questions=incidents.confirmations(connection, {o.route.number for o in hints if o.route.kind == "c"}),
        held=incidents.held_mails(connection, {o.route.number for o in hints if o.route.kind == HELD}),
        asked=incidents.asked(connection, askable, now),
        copies=inbox.find_copies(connection, contents) if contents else {},
        covering=seen.covering,
        monitored=known_reports,
        familiar=_familiar(connection, desk.policy, hints, people),
        deeds=done,
        chosen=searched,
    )


def _familiar(
    connection: Connection, policy: Policy, hints: Sequence[Hints], people: Mapping[str, tuple[Person, ...]]
) -> Mapping[int, str]:
    """Who owned the last incident of each customer who writes, where that decides anything."""
    if not policy.familiar and not policy.other_languages:
        return {}
    writers = {p.id for one in hints for p in people.get(one.arrival.mail.identity, ()) if p.kind in _SERVED}
    return incidents.last_owners(connection, writers)


# --- one mail


def _facts(
    desk: Desk,
    hints: Hints,
    loaded: _Loaded,
    engineers: Mapping[str, Person],
    owners: Mapping[str, int],
    here: Presence,
    among: frozenset[str],
    voided: Mapping[tuple[int, int], int],
    now: datetime,
) -> Facts:
    arrival, mail, policy, route = hints.arrival, hints.arrival.mail, desk.policy, hints.route
    here_from = loaded.people.get(mail.identity, ())
    engineer, contact = _writers(here_from, policy)
    partner = next((p for p in here_from if p.partner), None) if policy.partners else None
    persons = [p for p in (engineer, contact, partner) if p is not None]
    past = loaded.formerly.get(mail.identity, ())
    shown = prove(desk, hints, persons or past, engineers.values(), loaded.cases, loaded.issued, voided, now)
    if not persons and shown.holder is not None:  # an answer to a letter that went to an address he had then
        contact, shown = shown.holder, replace(shown, proof=Proof.NONE)
    number, evidence, claimed = _routed(hints, loaded, engineer, contact, partner, shown.owner)
    if policy.partners and partner is None and not persons:
        partner, number, evidence = for_partner(hints, loaded.cases, shown.owner, policy, (number, evidence))
    others = _also_named(hints, loaded, number, engineer or contact) if evidence == "subject" else ()
    misaddressed = evidence == "address" and route.kind in ADDRESSED
    question = loaded.questions.get(route.number) if route.kind == "c" else None
    copy = loaded.copies.get(arrival.content)
    return Facts(
        route=route,
        engineer=engineer,
        contact=contact,
        partner=partner,
        proof=Proof.CONFIRMED if arrival.release and arrival.release.proved else shown.proof,
        answered_leg=shown.leg,
        answered_as=shown.holder,
        token_kind=shown.kind,
        answers_digest=shown.digest,
        token_owner=shown.owner if shown.owner is not partner else None,
        token_number=shown.number,
        number=number,
        evidence=evidence,
        claimed=claimed,
        ambiguous=others,
        mismatch=mismatch(hints, loaded.cases, persons) if misaddressed else None,
        cases=loaded.cases,
        staff=engineers,
        known=_known(hints, loaded),
        copied=tuple(hints.copied),
        blind=hints.blind,
        sites=loaded.sites,
        contracts=loaded.cover.contracts,
        unit_choices=loaded.cover.unit_choices,
        site_admins=loaded.cover.site_admins,
        load=owners,
        presence=here,
        familiar=loaded.familiar.get(contact.id, "") if contact is not None else "",
        deed=loaded.deeds.get(engineer.id) if engineer is not None else None,
        chosen=loaded.chosen[arrival.id],
        own=hints.own,
        blocked=is_blocked(mail.identity, among),
        held=loaded.held.get(route.number) if route.kind == HELD else None,
        release=arrival.release,
        confirmation=question,
        open_questions=loaded.asked,
        duplicate_of=copy.id if copy and 0 < copy.id < arrival.id else 0,
        arrived=arrival.envelope.received,
        head_only=arrival.envelope.door == HEAD_ONLY,
        bounced=_bounced(desk, hints, loaded, engineers, voided),
        monitor_key=hints.monitor_key,
        monitor_number=loaded.monitored.get(hints.monitor_key, 0),
    )


def _writers(here: Sequence[Person], policy: Policy) -> tuple[Person | None, Person | None]:
    """The engineer and the customer whose address the From is, the first of each."""
    engineer = contact = None
    for person in here:
        if contact is None and person.kind in _SERVED:
            contact = person
        elif engineer is None and person.staff and person.key in policy.engineers:
            engineer = person
    return engineer, contact


def _routed(
    hints: Hints,
    loaded: _Loaded,
    engineer: Person | None,
    contact: Person | None,
    partner: Person | None,
    owner: Person | None,
) -> tuple[int, str, int]:
    """(the incident it belongs to, the evidence, a number that it names without a right to it).

    Numbers and ids are hints: they lead to an incident only for those who are part of it, and engineers.
    """
    claimed = 0
    release = hints.arrival.release
    for named, evidence in hints.candidates:
        number = surviving(named, loaded.cases)
        case = loaded.cases.get(number)
        if evidence == sent_again.EVIDENCE and not _joins(case, hints, engineer or contact):
            continue
        if hints.passed_on and evidence not in ("address", "staff"):
            claimed = claimed or named  # a forward to other people does not belong to the incident that it quotes
        elif case is not None and (
            evidence == "staff"
            or owner is not None
            or hints.route.kind == "b"
            or hints.returned is not None
            or (engineer is not None and not _fresh_mail_of_contact(hints, evidence, contact))
            or case.party(contact) is not None
            or case.party(partner) is not None
        ):
            return number, evidence, 0
        elif evidence != "foreign id" or case is not None:
            claimed = claimed or named
    return 0, "", 0 if release else claimed


def _also_named(hints: Hints, loaded: _Loaded, number: int, writer: Person | None) -> tuple[int, ...]:
    """Other incidents that the subject names with the same right as the first."""
    named = [surviving(one, loaded.cases) for one, evidence in hints.candidates if evidence == "subject"]
    there = {one: loaded.cases[one] for one in named if one in loaded.cases and one != number}
    return tuple(one for one, case in there.items() if writer and (writer.staff or case.party(writer) is not None))


def _joins(case: Case | None, hints: Hints, writer: Person | None) -> bool:
    """Whether a mail that was sent before joins the incident of the first: within an hour, by the same person."""
    if case is None or writer is None or not sent_again.recent(case.incident, hints.arrival.envelope.received):
        return False
    return writer.staff or case.party(writer) is not None


def _fresh_mail_of_contact(hints: Hints, evidence: str, contact: Person | None) -> bool:
    """Who is both engineer and contact writes a fresh mail as a contact."""
    return contact is not None and contact.kind is Kind.CONTACT and evidence == "subject" and not hints.signed


def _known(hints: Hints, loaded: _Loaded) -> dict[str, Person]:
    """Contacts, and engineers, among those copied, named in /cc, or whose letter is passed on."""
    known: dict[str, Person] = {}
    if not (hints.copied or hints.arrival.named.addresses or hints.forwarded):
        return known
    named = {*hints.arrival.named.addresses, hints.forwarded}
    for address in {a.address.lower() for a in hints.copied} | named:
        found = loaded.people.get(address, ())
        person = next((p for p in found if p.kind is Kind.ENGINEER), None) or next(iter(found), None)
        if person is not None and (person.known or address in named):
            known[address] = person
    return known


def _bounced(
    desk: Desk,
    hints: Hints,
    loaded: _Loaded,
    engineers: Mapping[str, Person],
    voided: Mapping[tuple[int, int], int],
) -> Person | None:
    """Whose letter a delivery report is about: only a complete return path of ours tells that.

    Where addresses cannot carry a signature, the signed id of the letter that it returns does.
    """
    route, signed = hints.route, hints.returned
    if route.kind != "b" and signed is None:
        return None
    number = route.number if route.kind == "b" else signed.number if signed else 0
    persons = [*engineers.values(), *everybody(loaded.cases.get(number))]
    if route.kind == "b":
        holds = (p for p in persons if proves(desk.keys, route.token, "b", number, p.id, voided.get((p.id, number), 0)))
        return next(holds, None)
    return next((p for p in persons if signed is not None and p.id == signed.person), None)
