"""What proves From: the token of the address a mail came to, the signed ids it answers, and the results of our relay.

A letter of ours in the answer shows three things apart: whose letter it was (which leg a plain reply stays on), whether
that still proves anything, and whether somebody else used what was issued to him (behaviour 2 and 7).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime

from sqlalchemy import Connection

from sitmail.domain import authentication
from sitmail.domain.facts import Case, Proof
from sitmail.domain.mail import Mail
from sitmail.domain.merging import surviving
from sitmail.domain.people import Person
from sitmail.domain.policy import Trust
from sitmail.domain.record import record
from sitmail.domain.trust import (
    ARTICLE,
    CONFIRM,
    DIGEST,
    HELD,
    OF_DIGESTS,
    PROVES_FOR,
    Keys,
    counted_as,
    proves,
    still_proves,
)
from sitmail.domain.update import LegKind
from sitmail.services.desk import Desk
from sitmail.services.hints import ABOUT_INCIDENT, Hints
from sitmail.store import articles, incidents

LEGS = {
    "i": LegKind.PUBLIC,
    "n": LegKind.INTERNAL,
    "v": LegKind.VENDOR,
    "h": LegKind.INTERNAL,
    "d": LegKind.INTERNAL,
    "k": LegKind.INTERNAL,
}
OF_ITS_OWN = frozenset({ARTICLE, CONFIRM, DIGEST, HELD})  # an answer there is proved by that very letter
VOIDED = 5  # so many voided tokens back still tell the leg

Generations = Mapping[tuple[int, int], int]  # (person, number) -> how often tokens were voided


@record
class Issued:
    """When the last letters were sent, since their tokens prove for a limited time from then on."""

    about: Mapping[tuple[int, int], datetime] = field(default_factory=dict)  # (incident, person): the last one
    held: Mapping[int, datetime] = field(default_factory=dict)  # by number of the held mail
    others: Mapping[int, datetime] = field(default_factory=dict)  # by person: the last about no incident
    articles: Mapping[tuple[int, int], datetime] = field(default_factory=dict)  # (article, person): the last one


@record
class Answered:
    """`holder` is the one in From to whom the letter was written that he answers, `kind` that letter's if it proved.

    `digest`: it was a digest of incidents.  `owner` is somebody else whose token was used, for `number`.
    """

    proof: Proof = Proof.NONE
    leg: LegKind | None = None
    holder: Person | None = None
    kind: str = ""
    digest: bool = False
    owner: Person | None = None
    number: int = 0


def issued(connection: Connection, hints: Sequence[Hints], people: Mapping[str, Sequence[Person]]) -> Issued:
    """Reads what `prove` needs for a batch of mails.  `people` are the persons by address."""
    about: set[tuple[int, int]] = set()
    held: set[int] = set()
    others: set[int] = set()
    asked: set[tuple[int, int]] = set()
    for one in hints:
        named = {(signed.kind, signed.number) for signed in one.signed.values()}
        if one.route.token:
            named.add((one.route.kind, one.route.number))
        writers = people.get(one.arrival.mail.identity, ())
        for kind, number in named:
            if kind == HELD:
                held.add(number)
            if kind == ARTICLE:
                asked.update([(number, person.id) for person in writers])
            elif not number or kind == DIGEST:
                others.update([person.id for person in writers])
            elif kind in ABOUT_INCIDENT:
                about.update([(number, person.id) for person in writers])
    return Issued(
        incidents.last_sent(connection, about),
        incidents.held_since(connection, held),
        incidents.last_general(connection, others),
        articles.last_sent(connection, asked),
    )


def prove(
    desk: Desk,
    hints: Hints,
    persons: Sequence[Person],
    staff: Collection[Person],
    cases: Mapping[int, Case],
    written: Issued,
    generations: Generations,
    now: datetime,
) -> Answered:
    """What is proved about From.  `persons` are those whose address it is, `staff` all engineers."""
    mail = hints.arrival.mail
    if mail.in_our_name or mail.form:  # whoever sent it had the address, the ids and the server of others
        return Answered()
    method = authentication.authenticated(mail.header_order, mail.identity, desk.policy.trust) if mail.identity else ""
    known = _Known(hints, persons, staff, cases, written, now)
    found = _by_address(known, desk.keys, generations)
    if found.owner is None and not found.kind:
        by_id = _by_id(known)
        if found.holder is None or by_id.kind:
            both = replace(found, proof=by_id.proof, kind=by_id.kind, digest=by_id.digest)
            found = by_id if found.holder is None else both
    proof = found.proof
    if proof is Proof.TOKEN and any(p.staff for p in persons) and _disowned(mail, desk.policy.trust):
        proof = Proof.NONE  # whoever was copied has the token too, and may forge an engineer's From
    if method:
        proof = Proof.BOTH if proof is Proof.TOKEN else Proof.AUTHENTICATED
    proof = _after_login(proof, hints.arrival.envelope.login, persons, staff)
    return found if proof is found.proof else replace(found, proof=proof)


def _disowned(mail: Mail, trust: Trust) -> bool:
    return authentication.disowned_by_domain(mail.header_order, mail.identity, trust)


def _after_login(proof: Proof, login: str, writers: Iterable[Person], engineers: Iterable[Person]) -> Proof:
    """The proof after SMTP AUTH: a login as the writer proves From, a login as another engineer takes every proof away.

    Other names, such as those of scripts, change nothing."""
    if not login:
        return proof

    def named(person: Person) -> bool:
        return login in (person.key.lower(), *person.addresses)

    if any(map(named, writers)):
        return Proof.LOGIN
    return Proof.NONE if any(map(named, engineers)) else proof


@record
class _Known:
    """What is known of one mail, of those who may have written it, and of letters and incidents it may answer."""

    hints: Hints
    persons: Sequence[Person]
    staff: Collection[Person]
    cases: Mapping[int, Case]
    written: Issued
    now: datetime

    def others(self, number: int) -> Iterable[Person]:
        """To whom else letters about this incident were written."""
        return (*self.staff, *everybody(self.cases.get(number)))

    def in_time(self, kind: str, number: int, person: Person) -> bool:
        """Whether the letter is young enough to prove; questions (`CONFIRM`) have an expiry of their own."""
        if kind == CONFIRM:
            return True
        if kind == ARTICLE:
            written = self.written.articles.get((number, person.id))
            return written is not None and self.now - written <= PROVES_FOR
        if kind in (HELD, DIGEST) or not number:
            at = self.written.held.get(number) if kind == HELD else self.written.others.get(person.id)
            return at is not None and self.now - at <= PROVES_FOR
        case, last = self.cases.get(surviving(number, self.cases)), self.written.about.get((number, person.id))
        return still_proves(last, case.incident.closed if case else None, self.now)


def _by_address(known: _Known, keys: Keys, generations: Generations) -> Answered:
    """What the token in the address proves."""
    route = known.hints.route
    if not route.token:
        return Answered()

    def holds(person: Person, generation: int) -> bool:
        return proves(keys, route.token, route.kind, route.number, person.id, generation)

    counted = counted_as(route.kind, route.number)
    for person in known.persons:
        now_at = generations.get((person.id, counted), 0)
        if holds(person, now_at):
            return _answered(route.kind, route.number, person, known.in_time(route.kind, route.number, person))
        if any(holds(person, now_at - back) for back in range(1, min(now_at, VOIDED) + 1)):
            return _answered(route.kind, route.number, person, False)
    others = (p for p in known.others(route.number) if p not in known.persons)
    owner = next((p for p in others if holds(p, generations.get((p.id, counted), 0))), None)
    return Answered(owner=owner, number=counted)


def _by_id(known: _Known) -> Answered:
    """What the first of our ids that the mail answers proves."""
    route, signed = known.hints.route, known.hints.nearest
    if signed is None:
        return Answered()
    holder = next((p for p in known.persons if p.id == signed.person), None)
    if holder is not None:
        fits = route.kind not in OF_ITS_OWN or (signed.kind, signed.number) == (route.kind, route.number)
        proved = fits and known.in_time(signed.kind, signed.number, holder)
        return _answered(signed.kind, signed.number, holder, proved)
    case = known.cases.get(signed.number)
    if route.token or (case and any(p.staff or case.party(p) is not None for p in known.persons)):
        return Answered()  # one of the parties answered a copy: that proves nothing, and is no misuse
    owner = next((p for p in known.others(signed.number) if p.id == signed.person), None)
    return Answered(owner=owner, number=counted_as(signed.kind, signed.number))


def _answered(kind: str, number: int, holder: Person, proved: bool) -> Answered:
    if not proved:
        return Answered(Proof.NONE, LEGS.get(kind), holder)
    return Answered(Proof.TOKEN, LEGS.get(kind), holder, kind, digest=kind == DIGEST and number >= OF_DIGESTS)


def everybody(case: Case | None) -> list[Person]:
    return [party.person for party in case.parties] if case else []
