"""A bug is fixed: its tracker says so, or an engineer does, and every customer who waits for it hears it once (S2-28).

Who waits is everybody whose incident is linked to that bug, open or closed.  Nothing that the tracker wrote reaches
them.  A tracker's mail counts where it is certain that the tracker sent it (`partner_numbers.CERTAIN`, or a proof);
else staff read what it says, and that nobody was told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sitmail.domain.customer.notices import tell_customers
from sitmail.domain.decision_builder import DecisionBuilder, customers
from sitmail.domain.effects import Log
from sitmail.domain.facts import Case, Proof
from sitmail.domain.incident import REPORTED_BUG, Incident
from sitmail.domain.link_effects import BugFixed
from sitmail.domain.links import Link, open_bugs
from sitmail.domain.mail import Mail
from sitmail.domain.partner_numbers import CERTAIN, number_in
from sitmail.domain.people import Kind, Person
from sitmail.domain.policy import Policy
from sitmail.domain.sentence import Sentence, listed
from sitmail.domain.staff_readers import told_inside
from sitmail.domain.update import Direction, Event, LegKind
from sitmail.domain.who_is_told import Happening

NOT_PROVED = Sentence(
    "it says that the bug is fixed, but nothing proves who wrote it; /event bug-fixed tells the customers"
)
NOBODY = Sentence("the bug is fixed; no customer waits for it")


def says_fixed(mail: Mail, partner: Person, policy: Policy) -> bool:
    """Whether a tracker's mail says, in the words of its row, that a bug is fixed."""
    row = next((one for one in policy.partners_of(Kind.TRACKER) if one.id == partner.key), None)
    if row is None or row.fixed is None:
        return False
    return any(row.fixed.search(text) for text in (mail.subject, mail.own_words or mail.text))


def left_to_development(after: Incident, links: Iterable[Link]) -> dict[str, Any]:
    """What the letter about a closing says besides, where development has it."""
    return {"deferred": True} if after.closing_status == REPORTED_BUG and open_bugs(links) else {}


def note_fixed(builder: DecisionBuilder, case: Case, partner: Person) -> str:
    """Tells those who wait, where the mail at hand says that their bug is fixed; returns what staff are told, or ""."""
    facts, policy = builder.facts, builder.policy
    if partner.kind is not Kind.TRACKER or not says_fixed(builder.mail, partner, policy):
        return ""
    found = open_bugs(case.links)
    number = number_in(builder.mail, partner, policy)
    if number:
        found = [one for one in found if one.reference.casefold() == number.casefold()]
    if len(found) != 1:
        return ""
    if facts.proof is Proof.NONE and facts.evidence not in CERTAIN:
        return NOT_PROVED
    return tell_fixed(builder, case, found[0], partner)


def tell_fixed(builder: DecisionBuilder, case: Case, bug: Link, by: Person, words: str = "") -> str:
    """Marks the bug as fixed at every incident that is linked to it, and tells their customers and staff.

    `words` are what staff read of it in the log.
    """
    told: list[str] = []
    for other, link in _waiting(case, bug, builder.facts.cases):
        incident = other.incident
        log = builder.log(
            Log(
                incident.number, LegKind.INTERNAL, Event.BUG_FIXED, Direction.NONE, by, text=f"bug {link.called}{words}"
            )
        )
        builder.do(BugFixed(link.id))
        readers = [party.person for party in customers(other)]
        tell_customers(builder, readers, Happening.BUG_FIXED, incident)
        reference = builder.policy.reference(incident.number)
        told += [reference] if readers else []
        if incident.number == case.incident.number and not by.staff:
            continue  # its staff read the partner's mail itself
        says = FIXED_TOLD if readers else NOBODY
        detail: dict[str, Any] = {"by": by.name or by.address, "changed": [says]}
        for person, purpose in told_inside(Happening.BUG_FIXED, incident, other, builder.facts, builder.policy):
            if person.id != by.id:
                builder.tell(person, purpose, incident.number, log, **detail)
    if not told:
        return NOBODY
    return Sentence("the bug is fixed, which the customers of these were told: %(incidents)s", incidents=listed(told))


FIXED_TOLD = Sentence("the bug is fixed, and the customer was told")


def _waiting(case: Case, bug: Link, cases: Mapping[int, Case]) -> list[tuple[Case, Link]]:
    """Each incident with its link to that bug, this one first; those that went into another are asked there."""
    found = [(case, bug)]
    for number in sorted(cases):
        other = cases[number]
        if number == case.incident.number or other.incident.merged_into or not bug.reference:
            continue
        same = (one for one in open_bugs(other.links) if one.reference.casefold() == bug.reference.casefold())
        found += [(other, one) for one in list(same)[:1]]
    return found
