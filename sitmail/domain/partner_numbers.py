"""The numbers by which partners call our incidents, as they stand in their mails (behaviour 2.4, 3.5; S2-09, S4-11).

A number is where later mails lead, and a link for staff to read.  It is taken only from a mail of which it is certain
that it answers a letter of ours; it gives no right.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from sitmail.domain.decision_builder import DecisionBuilder
from sitmail.domain.effects import Log, Refer
from sitmail.domain.facts import Case, Proof
from sitmail.domain.link_effects import AddLink, EndLink
from sitmail.domain.links import LinkKind, unnumbered
from sitmail.domain.mail import Mail
from sitmail.domain.people import Kind, Person
from sitmail.domain.policy import Policy
from sitmail.domain.update import Direction, Event, LegKind

LONGEST = 60  # characters
NUMBERED_BY: Mapping[Kind, LinkKind] = {Kind.TRACKER: LinkKind.BUG, Kind.ORDER_DESK: LinkKind.ORDER}
CERTAIN = ("address", "own id")  # evidence that it answers a letter of ours


def number_in(mail: Mail, partner: Person, policy: Policy) -> str:
    """The first number that the partner's `reference` finds in subject or new words; "" if there is none."""
    row = next((one for one in policy.partners_of(partner.kind) if one.id == partner.key), None)
    if row is None or row.reference is None:
        return ""
    ours = re.compile(rf"\[?\b{re.escape(policy.tag)}-[0-9]+\]?", re.IGNORECASE)
    for text in (mail.subject, mail.own_words or mail.text):
        found = row.reference.search(ours.sub(" ", text))
        number = " ".join(str(found[1] or "").split()) if found else ""
        if number:
            return number[:LONGEST]
    return ""


def note_number(builder: DecisionBuilder, case: Case, partner: Person) -> str:
    """Keeps the number that a partner gives in the mail at hand, if it gave none before; returns it, or ""."""
    facts, number = builder.facts, case.incident.number
    if facts.proof is Proof.NONE and facts.evidence not in CERTAIN:
        return ""
    kind = NUMBERED_BY.get(partner.kind)
    waiting = next(iter(unnumbered(case.links, kind)), None) if kind else None
    party = case.party(partner)
    if kind is None and (party is None or party.reference):
        return ""
    if kind is not None and waiting is None:
        return ""
    found = number_in(builder.mail, partner, builder.policy)
    if not found or any(one.kind is kind and one.reference.casefold() == found.casefold() for one in case.links):
        return ""
    builder.do(Refer(number, partner, found))
    if kind is not None and waiting is not None:
        builder.do(EndLink(waiting.id), AddLink(number, kind, reference=found, detail=waiting.detail, by=waiting.by))
        text, proof = f"{kind} {found}", facts.proof.label
        builder.log(Log(number, LegKind.INTERNAL, Event.LINKED, Direction.NONE, partner, text=text, proof=proof))
    return found
