"""What a decision about partners needs besides: read for mails of partners, and for staff who write to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from sitmail.domain.facts import Case, Facts
from sitmail.domain.links import LinkKind, open_bugs
from sitmail.domain.merging import surviving
from sitmail.domain.partner_kinds import PARTNERED
from sitmail.domain.partner_numbers import NUMBERED_BY
from sitmail.domain.partners import of_company, references_in
from sitmail.domain.people import Kind, Person
from sitmail.domain.policy import Policy
from sitmail.domain.update import LegKind
from sitmail.services.desk import Desk
from sitmail.services.hints import Arrival, Hints
from sitmail.store import directory_lookup, links, partner_legs
from sitmail.store.incidents import Covering

EVIDENCE = "partner's reference"


def add_references(
    connection: Connection, hints: Sequence[Hints], people: Mapping[str, tuple[Person, ...]], policy: Policy
) -> None:
    """Adds the incidents that a partner's subject names by the partner's own reference to where its mail may belong."""
    partners = {one.id: one for found in people.values() for one in found if one.partner}
    colleagues = _colleagues(connection, hints, people, policy)
    partners |= {one.id: one for found in colleagues.values() for one in found}
    for one in hints:
        writer = one.arrival.mail.identity
        found = [p.id for p in people.get(writer, ()) if p.id in partners] or [p.id for p in colleagues.get(writer, ())]
        references = references_in(one.arrival.mail.subject) if found else set()
        if not references:
            continue
        named = partner_legs.named(connection, found, references)
        for kind in {NUMBERED_BY[partners[one].kind] for one in found if partners[one].kind in NUMBERED_BY}:
            for link in links.by_reference(connection, kind, references):
                named.setdefault(link.reference, []).append(link.incident)
        longest = sorted(named, key=len, reverse=True)
        one.candidates += [(number, EVIDENCE) for reference in longest for number in named[reference]]


def same_bugs(connection: Connection, desk: Desk, hints: Sequence[Hints], cases: Mapping[int, Case]) -> set[int]:
    """The numbers of all incidents that wait for the bugs of these, where a mail may say that one is fixed."""
    trackers = any(one.fixed is not None for one in desk.policy.partners_of(Kind.TRACKER))
    asked = trackers or any("event" in one.arrival.named.verbs for one in hints)
    if not asked:
        return set()
    references = {one.reference for case in cases.values() for one in open_bugs(case.links) if one.reference}
    return {one.incident for one in links.by_reference(connection, LinkKind.BUG, references)} - cases.keys()


def _colleagues(
    connection: Connection, hints: Sequence[Hints], people: Mapping[str, tuple[Person, ...]], policy: Policy
) -> dict[str, tuple[Person, ...]]:
    """The partners for whom people write whom nobody knows, by address."""
    unknown = {one.arrival.mail.identity for one in hints} - people.keys() - {""}
    homes = {address.rpartition("@")[2] for one in policy.partners for address in one.addresses}
    unknown = {address for address in unknown if address.rpartition("@")[2] in homes}
    if not unknown:
        return {}
    partners = directory_lookup.partners(connection)
    found = {address: of_company(address, partners, policy) for address in unknown}
    return {address: (one,) for address, one in found.items() if one is not None}


def for_partner(
    hints: Hints, cases: Mapping[int, Case], owner: Person | None, policy: Policy, found: tuple[int, str]
) -> tuple[Person | None, int, str]:
    """The partner of whose people somebody unknown is, with the incident of the partner's to which his mail belongs."""
    for named, evidence in hints.candidates:
        number = surviving(named, cases)
        case = cases.get(number)
        partner = _speaks_for(hints.arrival.mail.identity, owner, case, policy)
        if partner is not None and case is not None and case.party(partner) is not None:
            return partner, number, evidence
    return (None, *found)


def _speaks_for(address: str, owner: Person | None, case: Case | None, policy: Policy) -> Person | None:
    """The partner from whose domain somebody writes; `owner` is the one to whom the letter was written."""
    if owner is not None:
        return of_company(address, [owner], policy) if owner.partner else None
    return of_company(address, [one.person for one in case.partners()], policy) if case else None


def with_partners(
    connection: Connection, facts: Facts, arrival: Arrival, covering: Mapping[str, Sequence[Covering]]
) -> Facts:
    """Of an engineer's mail: the partners that it may name, and on whose leg the letter stands that it answers."""
    if facts.engineer is None:
        return facts
    if not arrival.named.verbs.isdisjoint(PARTNERED):
        facts = replace(facts, partners=directory_lookup.partners(connection))
    if "bug" in arrival.named.verbs and facts.case is not None and facts.engineer is not None:
        asked = partner_legs.steps_asked(connection, facts.number, facts.engineer.id)
        facts = replace(facts, steps_asked=asked)
    if facts.case is None or facts.answered_leg is not LegKind.VENDOR:
        return facts
    answered = next((covering[one] for one in arrival.answers if one in covering), ())
    covers = next((one.covers for one in answered if one.incident == facts.number and one.covers), None)
    if covers is None:
        return facts
    return replace(facts, answered_partner=partner_legs.of_update(connection, facts.number, covers))
