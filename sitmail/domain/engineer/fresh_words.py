"""An engineer's fresh mail without commands, where he is no contact: his own incident, or the way to open a customer's.

Colleagues need help like everybody else (S1-03): where the directory has a site with `internal = true` the mail opens
an incident of that site for him.  Without one it is not guessed for whom it may be meant.
"""

from __future__ import annotations

from dataclasses import replace

from sitmail.domain.decision_builder import DecisionBuilder
from sitmail.domain.effects import Decision
from sitmail.domain.engineer.carry_out import Verdict, conclude
from sitmail.domain.people import Kind, Person
from sitmail.domain.sentence import Sentence

SHOWN = Sentence(
    "it names no incident, so nothing was opened; for a customer write /new for ADDRESS on the first line, and what"
    " they said under it"
)


def own_incident(builder: DecisionBuilder) -> Decision | None:
    """The rule.  Who is also a contact of somebody's writes a fresh mail as one."""
    facts, mail = builder.facts, builder.mail
    engineer, contact = facts.engineer, facts.contact
    if engineer is None or facts.case is not None or facts.route.kind != "mailbox" or facts.release:
        return None
    if contact is not None and contact.kind is Kind.CONTACT:
        return None
    if facts.internal is None:
        return conclude(builder, engineer, [], [Verdict("", False, SHOWN)], 0)
    if contact is None:
        name = engineer.name or (mail.sender.name if mail.sender else "")
        contact = Person(0, Kind.CONTACT, mail.identity, name, (mail.identity,), known=True)
    builder.facts = replace(
        facts,
        contact=replace(contact, site=facts.internal.id),
        sites={**facts.sites, facts.internal.id: facts.internal},
    )
    return None
