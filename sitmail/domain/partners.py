"""Partners: who speaks for one, how they call our incidents, and what becomes of their mail (behaviour 2.4; S0-19).

A partner has a leg of its own at each incident: what is said there is read by it and by staff, and by nobody else.  Its
words are told inside and have no power, so that they are taken from any of its people, proved or not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from sitmail.domain import own_words
from sitmail.domain.customer.notices import told_of_change
from sitmail.domain.decision_builder import DecisionBuilder, changes
from sitmail.domain.effects import Decision, Enrol, Log
from sitmail.domain.endings import Ending, Rule
from sitmail.domain.facts import Case
from sitmail.domain.fixed_bugs import note_fixed
from sitmail.domain.free_mail import is_free_mail
from sitmail.domain.incident import Move, moved
from sitmail.domain.opened_for_staff import sender_detail
from sitmail.domain.partner_kinds import PARTNER_KINDS
from sitmail.domain.partner_numbers import note_number
from sitmail.domain.people import Person
from sitmail.domain.policy import Policy
from sitmail.domain.staff_readers import told_inside
from sitmail.domain.update import Direction, Event, LegKind
from sitmail.domain.who_is_told import Happening

_WORDS = re.compile(r"[^\s\[\](){}<>,;\"']+")
LONGEST, MOST = 3, 40  # words of a reference; words of a subject that are looked at


def of_company(address: str, partners: Iterable[Person], policy: Policy) -> Person | None:
    """The partner for whom somebody speaks who writes from the domain of one of its addresses.

    Not where anybody gets an address at that domain, nor where several partners have it.
    """
    home = address.rpartition("@")[2]
    if not home or is_free_mail(home, policy.trust.free_mail):
        return None
    found = [one for one in partners if any(own.rpartition("@")[2] == home for own in one.addresses)]
    return found[0] if len(found) == 1 else None


def references_in(subject: str) -> set[str]:
    """What in a subject may be a reference: its words, and up to three in a row, as written and in capitals."""
    words = [word.strip(".:#*!?") for word in _WORDS.findall(subject)[:MOST]]
    runs = {" ".join(words[at : at + size]) for size in range(1, LONGEST + 1) for at in range(len(words))}
    return {form for run in runs if any(map(str.isdigit, run)) for form in (run, run.upper(), run.lower())}


def partners_update(builder: DecisionBuilder) -> Decision | None:
    """The rule: a partner writes about an incident in which it takes part, or staff attached its mail to one."""
    facts = builder.facts
    case, partner = facts.case, facts.partner
    if case is None or partner is None or facts.engineer is not None:
        return None
    if facts.contact is not None and facts.answered_as == facts.contact:
        return None
    party = next((one for one in case.partners() if one.person.id == partner.id), None)
    if party is None:
        if facts.release is None or facts.release.how != "attach":
            return None
        builder.do(Enrol(facts.number, partner, str(partner.kind), LegKind.VENDOR))
    return _logged_and_told(builder, case, partner)


def _logged_and_told(builder: DecisionBuilder, case: Case, partner: Person) -> Decision:
    mail = builder.mail = own_words.remembered(builder.mail, builder.facts.said)
    before, number = case.incident, case.incident.number
    moves = moved(before.status, Move.VENDOR_WROTE) if PARTNER_KINDS[partner.kind].waits else None
    after = replace(before, status=moves or before.status)
    entry = Log(
        number,
        LegKind.VENDOR,
        Event.VENDOR,
        Direction.IN,
        partner,
        text=mail.own_words or (mail.text if mail.kind == "unreadable" else ""),
        quoted=mail.quoted_text,
        signature=mail.signature,
        doubtful=mail.doubtful_text,
        change=changes(before, after),
        attachments=mail.attachments,
        proof=builder.facts.proof.label,
        partner=partner,
    )
    log = builder.log(entry)
    detail = sender_detail(mail)
    if given := note_number(builder, case, partner):
        detail["number"] = given
    if fixed := note_fixed(builder, case, partner):
        detail["fixed"] = fixed
    if mail.identity not in partner.addresses:
        detail["writer"] = mail.identity
    for reader, purpose in told_inside(Happening.VENDOR_WROTE, after, case, builder.facts, builder.policy):
        builder.tell(reader, purpose, number, log, **detail)
    for reader, purpose, seen in told_of_change(case, after, builder.policy):  # and nothing of what was said
        builder.tell(reader, purpose, number, **seen)
    return builder.decision(Rule.VENDOR_UPDATE, Ending.APPLIED, "", number)
