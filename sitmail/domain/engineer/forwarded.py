"""An engineer passes a customer's mail on: the incident is the customer's, not the engineer's (S2-18).

Who the customer is stands in the forwarded block, which anybody can type; so only an engineer whose From is proved
opens an incident that way, and for a stranger such a block is just text.  The customer gets the block back in the
acknowledgement: what only staff were told stops it, as it stops an answer.
"""

from __future__ import annotations

from dataclasses import replace

from sitmail.domain import commands
from sitmail.domain.address import addr_spec
from sitmail.domain.decision_builder import DecisionBuilder
from sitmail.domain.effects import Decision, Know, Log
from sitmail.domain.endings import Ending, Rule
from sitmail.domain.engineer.carry_out import Verdict, conclude
from sitmail.domain.engineer.hold_for_proof import hold_for_proof
from sitmail.domain.leak_guard import leaks
from sitmail.domain.mail import Mail
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.opening import NEW, open_incident
from sitmail.domain.people import Kind, Person
from sitmail.domain.role_addresses import role
from sitmail.domain.sent_again import EVIDENCE
from sitmail.domain.sentence import Sentence
from sitmail.domain.trust import Power, first_missing_power
from sitmail.domain.update import Direction, Event, LegKind
from sitmail.domain.verbs import STAFF


def passed_on(builder: DecisionBuilder) -> Decision | None:
    """The rule: a proved engineer's fresh forward to a mailbox opens an incident for the one who wrote the letter."""
    facts, mail, policy = builder.facts, builder.mail, builder.policy
    engineer, inside = facts.engineer, mail.forwarded
    if engineer is None or inside is None or facts.case is not None or facts.route.kind != "mailbox":
        return None
    if facts.contact is not None and facts.contact.kind is Kind.CONTACT:
        return None  # who is both engineer and contact writes a fresh mail as a contact
    address = addr_spec(inside.sender.address) if inside.sender else ""
    if not address or any(address in e.addresses for e in policy.engineers.values()) or address == mail.identity:
        return None
    missing = first_missing_power([Power.NOTE], facts.staff_proof, policy.trust)
    if missing is not None:
        return hold_for_proof(builder, engineer, 0, [[f"(a forwarded mail of {address})", True, ""]], missing)
    if policy.is_own(address):
        says = Sentence(
            "%(address)s is our own address, so that no incident is opened for it; forward the customer's own mail",
            address=address,
        )
        return conclude(builder, engineer, [], [Verdict(f"(a forwarded mail of {address})", False, says)], 0)
    found = leaks([inside.subject, *inside.text.split("\n")], facts.said)  # the customer reads them in his letter
    if found:
        return conclude(builder, engineer, [], [Verdict(leak.words, False, leak.says) for leak in found], 0)
    script = commands.read(mail.new_text, STAFF, strict=True)  # no other verb than /note comes here (`fresh`)
    note = "\n\n".join(filter(None, (script.words, script.note)))
    said = replace(mail, subject=inside.subject or mail.subject, text=inside.text, new_text=inside.text)
    open_for(
        builder,
        engineer,
        vouched(builder, address, inside.sender.name if inside.sender else ""),
        said,
        note,
        facts.route.mailbox.channel or "email",
    )
    return builder.decision(Rule.ENGINEER_FORWARD, Ending.NEW, f"passed on by {engineer.key} for {address}", NEW)


def passed_on_again(builder: DecisionBuilder) -> Decision | None:
    """The rule: the same forward once more opens nothing."""
    facts, engineer = builder.facts, builder.facts.engineer
    if facts.evidence != EVIDENCE or facts.case is None or engineer is None or builder.mail.forwarded is None:
        return None
    if first_missing_power([Power.NOTE], facts.staff_proof, builder.policy.trust) is not None:
        return None
    number = facts.case.incident.number
    says = Sentence("the same mail came within the hour before, and opened this incident; nothing more was done")
    builder.tell(engineer, NoticePurpose.VERDICT, number, verdicts=[["", True, says]])
    return builder.decision(Rule.SENT_AGAIN, Ending.DUPLICATE, incident=number)


def vouched(builder: DecisionBuilder, address: str, name: str) -> Person:
    """A contact we know, else somebody new, for whom the engineer vouches."""
    known = builder.facts.known.get(address)
    if known is None or known.staff:
        return Person(0, Kind.CONTACT, address, name, (address,), known=True)
    if not known.known:
        builder.do(Know(known))
    return replace(known, known=True)


def open_for(
    builder: DecisionBuilder, engineer: Person, customer: Person, said: Mail, note: str, channel: str = "email"
) -> None:
    """Opens an incident for the customer who said that; the note is the engineer's, who is told of both."""
    mail = builder.mail
    no_person = role(customer.address)  # nor is any automatic letter sent there
    builder.mail = replace(said, marks="", unanswerable="role-address" if no_person else mail.unanswerable)
    moved = mail.forwarded is not None and channel != "email"
    open_incident(
        builder, customer, stranger=False, logged_by=engineer.key, by=engineer.name, channel=channel, moved=moved
    )
    builder.mail = mail
    logs = []
    if note:
        proof = builder.facts.proof.label
        entry = Log(NEW, LegKind.INTERNAL, Event.NOTE, Direction.NONE, engineer, text=note, proof=proof)
        logs.append(builder.log(entry))
    name = f"{customer.name or customer.address} <{customer.address}>"
    done = Sentence("an incident is open for %(customer)s, who has been told", customer=name)
    if no_person:
        done = Sentence(
            "an incident is open for %(customer)s; that address gets no automatic letter, so nobody there was told",
            customer=name,
        )
    builder.tell(engineer, NoticePurpose.VERDICT, NEW, *logs, verdicts=[["", True, done]])
