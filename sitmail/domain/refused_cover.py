"""Mail of people we serve that waits for a decision: its writer is told so, with the true reason, and so are staff.

Mostly nothing covers it (S0-21).  What covers a mail is decided in `domain/contract`; what becomes of held mail in
`domain/held_decisions`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sitmail.domain.contract import Cover, Refusal
from sitmail.domain.customer.notices import answer_writer
from sitmail.domain.decision_builder import DecisionBuilder, on_duty
from sitmail.domain.effects import Decision, Hold, Meet
from sitmail.domain.endings import HOLDING, Ending, HeldReason
from sitmail.domain.held_decisions import described
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.opening import cover_of, served_contact, title
from sitmail.domain.people import Person
from sitmail.domain.sentence import Sentence
from sitmail.domain.staff_readers import told_as
from sitmail.domain.who_is_told import Happening, Role

# Nothing is wrong: a person looks at it first.
LOOKED_AT = frozenset({HeldReason.TRIAGE, HeldReason.AMBIGUOUS, HeldReason.CLOSED})


def refused_cover(builder: DecisionBuilder, contact: Person | None = None) -> Decision | None:
    """The decision about a mail that would open an incident, where the `intake` of its mailbox does not allow that.

    None: it may.  `contact`: for whom, if that is not who wrote.  What staff released was decided about.
    """
    intake = builder.facts.route.mailbox.intake
    if builder.facts.release or intake == "open":
        return None
    if intake == "triage":
        return held_uncovered(builder, HeldReason.TRIAGE, Sentence("everything to this mailbox waits for a person"))
    found = cover_of(builder, contact or served_contact(builder)[0])
    if found.covered:
        return None
    why = found.refusal or Refusal(HeldReason.NOT_ENTITLED)
    says = Sentence("nothing covers %(address)s: %(why)s", address=builder.mail.identity, why=why.says)
    return held_uncovered(builder, why.reason, says, found)


def held_uncovered(builder: DecisionBuilder, reason: HeldReason, text: str, found: Cover | None = None) -> Decision:
    """Kept for a decision; those on duty and the site's account manager are told, and its writer, politely."""
    roles = [(Role.ON_DUTY, one) for one in on_duty(builder)]
    roles += [(Role.ACCOUNT_MANAGER, manager)] if (manager := account_manager(builder)) else []
    readers = [person for person, _ in told_as(Happening.REFUSED, roles, builder.policy)]
    return held_politely(builder, reason, text, readers, found)


def held_politely(
    builder: DecisionBuilder,
    reason: HeldReason,
    text: str,
    readers: Sequence[Person],
    found: Cover | None = None,
    number: int = 0,
) -> Decision:
    """Kept for a decision of these readers; its writer is told that it has arrived.  `number`: an incident it names."""
    facts, contact = builder.facts, builder.facts.contact
    builder.do(Hold(reason, text, number, contact, told=not builder.mail.machine))
    if not builder.mail.machine:
        for reader in {one.id: one for one in readers}.values():
            builder.tell(reader, NoticePurpose.HELD, number or None, reason=reason, text=text, **described(builder))
    if not builder.mail.in_our_name and facts.engineer is None:
        _tell_writer(builder, reason, found)
    return builder.decision(HOLDING[reason], Ending.HELD, text, number)


def account_manager(builder: DecisionBuilder) -> Person | None:
    """Who looks after the site of the mail's writer."""
    contact = builder.facts.contact
    site = builder.facts.sites.get(contact.site) if contact else None
    return builder.facts.staff.get(site.account_manager) if site else None


def _tell_writer(builder: DecisionBuilder, reason: HeldReason, found: Cover | None) -> None:
    """The reason, and whom to ask; who is not known reads neither names nor anything of his own."""
    if builder.unanswerable:
        return
    person, stranger = served_contact(builder)
    detail: dict[str, Any] = {"reason": str(reason)}
    if stranger:
        if person.id == 0:
            builder.do(Meet(person.key, person.name))
        answer_writer(builder, person, NoticePurpose.NOT_COVERED, None, **detail)
        return
    refusal = found.refusal if found else None
    contract = refusal.contract if refusal else None
    detail |= {
        "subject": title(builder.mail, builder.policy.tag),
        "contract": contract.id if contract else "",
        "day": refusal.day if refusal else "",
        "count": contract.incidents or 0 if contract else 0,
        "prepaid": refusal is not None and refusal.prepaid,
        "ask": _whom_to_ask(builder, person, reason),
    }
    answer_writer(builder, person, NoticePurpose.NOT_COVERED, None, **detail)


def _whom_to_ask(builder: DecisionBuilder, writer: Person, reason: HeldReason) -> list[str]:
    """Names and addresses: colleagues who are the site's admin contacts, and the account manager."""
    if reason in LOOKED_AT:
        return []
    admins = [one for one in builder.facts.site_admins if one.site == writer.site and one.id != writer.id]
    manager = account_manager(builder)
    return [f"{one.name or one.address} <{one.address}>" for one in (*admins[:2], *([manager] if manager else []))]
