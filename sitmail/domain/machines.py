"""The rules for mail that no person wrote: our own, bounces, automatic mail.  It is never answered and moves no clock.

They come before all other rules, because an answer that another rule gives to a machine may start a mail loop.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sitmail.domain.absence_notices import propose_absence
from sitmail.domain.decision_builder import DecisionBuilder, admins, concerned, on_duty
from sitmail.domain.effects import Decision, Log, Returned
from sitmail.domain.endings import Ending, Rule
from sitmail.domain.facts import Case
from sitmail.domain.fixed_bugs import note_fixed
from sitmail.domain.machine_reports import reported
from sitmail.domain.mail import Bounce
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.partner_numbers import note_number
from sitmail.domain.people import Person
from sitmail.domain.staff_readers import told_inside
from sitmail.domain.trust import Power, customer_may, staff_may
from sitmail.domain.update import Direction, Event, LegKind
from sitmail.domain.who_is_told import Happening


def blocked(builder: DecisionBuilder) -> Decision | None:
    identity, blocks = builder.mail.identity, builder.policy.blocks
    by_mail = builder.facts.blocked
    if by_mail or (blocks and identity and {identity, "@" + identity.rpartition("@")[2]} & set(blocks)):
        return builder.decision(Rule.BLOCKED, Ending.IGNORED)
    return None


def repeated(builder: DecisionBuilder) -> Decision | None:
    first = builder.facts.duplicate_of
    if first:
        sentence = f"the same mail came to another of our addresses as {first}"
        return builder.decision(Rule.SAME_MAIL, Ending.DUPLICATE, sentence)
    return None


def own(builder: DecisionBuilder) -> Decision | None:
    """A letter of ours came back: a loop, or somebody bounced it by hand."""
    if builder.facts.own:
        return builder.decision(Rule.OWN_MAIL, Ending.IGNORED)
    return None


def bounce(builder: DecisionBuilder) -> Decision | None:
    """A delivery report counts only at a valid return path of ours (a forged one does nothing)."""
    mail, facts = builder.mail, builder.facts
    if mail.kind != "bounce" or mail.bounce is None:
        return None
    if facts.bounced is None:
        return builder.decision(Rule.BOUNCE_UNPROVEN, Ending.IGNORED)
    if facts.case is None:
        return builder.decision(Rule.BOUNCE, Ending.IGNORED, f"a letter to {facts.bounced.address} was not delivered")
    return _returned(builder, mail.bounce, facts.bounced, facts.case)


def _returned(builder: DecisionBuilder, report: Bounce, person: Person, case: Case) -> Decision:
    """A letter to `person` came back, or is late.

    Where our own address or server was refused the person's address is none the worse, and the admins hear of it, too.
    """
    mail, facts, policy = builder.mail, builder.facts, builder.policy
    failed = ", ".join(r.address for r in report.recipients) or person.address
    log = builder.log(
        Log(
            facts.number,
            LegKind.INTERNAL,
            Event.BOUNCE,
            Direction.IN,
            person,
            text=f"{failed}: {report.action} {report.status} {report.reason}".strip(),
            quoted=mail.text[:4000],
        )
    )
    if report.action == "failed" and not report.ours:
        builder.do(Returned(person))
    told = told_inside(Happening.NOT_DELIVERED, case.incident, case, facts, policy)
    readers = [reader for reader, _ in told] + (admins(facts.staff, policy) if report.ours else [])
    detail: dict[str, Any] = {"late": report.action == "delayed", "ours": report.ours}
    if report.until:
        detail["due"] = report.until.isoformat()
    for reader in {reader.id: reader for reader in readers}.values():
        if reader.id != person.id:  # nor by a letter that can bounce again
            builder.tell(
                reader,
                NoticePurpose.DELIVERY_FAILED,
                facts.number,
                log,
                address=failed,
                before=facts.bounces,
                **detail,
            )
    return builder.decision(Rule.BOUNCE, Ending.APPLIED, report.reason, facts.number)


def automatic(builder: DecisionBuilder) -> Decision | None:
    """Automatic mail: a monitor's may open an incident; else it is an entry of the log, or nothing."""
    mail, facts = builder.mail, builder.facts
    if facts.monitor_key:  # whether its mails say so or not
        return reported(builder)
    if not mail.machine:
        return None
    if facts.engineer is not None:
        propose_absence(builder, facts.engineer)
    case, writer = facts.case, facts.contact or facts.engineer or facts.partner
    if case is None or writer is None or facts.token_owner is not None:
        return _ignored(builder, f"automatic mail: {mail.machine}")
    if case.party(writer) is None and not writer.staff:
        return _ignored(builder, f"automatic mail of no participant: {mail.machine}")
    trust = builder.policy.trust
    proved = staff_may(Power.NOTE, facts.proof, trust) if writer.staff else customer_may(Power.SAY, facts.proof, trust)
    if not proved:
        return _ignored(builder, f"automatic mail that nothing proves: {mail.machine}")
    log = builder.log(_noticed(builder, case, writer))
    given = note_number(builder, case, writer) if writer.partner else ""
    if not writer.staff:
        detail = {"number": given} if given else {}
        if writer.partner and (fixed := note_fixed(builder, case, writer)):
            detail["fixed"] = fixed
        for reader in concerned(case.incident, case, facts, builder.policy):
            builder.tell(reader, NoticePurpose.MACHINE_WROTE, facts.number, log, why=mail.machine, **detail)
    return builder.decision(Rule.AUTOMATIC, Ending.APPLIED, mail.machine, facts.number)


def _ignored(builder: DecisionBuilder, sentence: str) -> Decision:
    """Nothing is done with it; staff hear once a day that somebody they know sends such mail."""
    mail, contact = builder.mail, builder.facts.contact
    if contact is not None and contact.known and not builder.facts.ignored_told:
        detail: dict[str, Any] = {
            "writer": contact.address,
            "why": mail.machine,
            "title": mail.subject or "(no subject)",
        }
        for reader in on_duty(builder):
            builder.tell(
                reader, NoticePurpose.MACHINE_IGNORED, None, cause=ignored_today(contact, builder.now), **detail
            )
    return builder.decision(Rule.AUTOMATIC, Ending.IGNORED, sentence)


def ignored_today(contact: Person, now: datetime) -> str:
    """What makes the notice of a contact's automatic mail once a day, by UTC."""
    return f"ignored:{contact.id}:{now:%Y-%m-%d}"


def _noticed(builder: DecisionBuilder, case: Case, writer: Person) -> Log:
    mail, partner = builder.mail, writer if writer.partner else None
    return Log(
        case.incident.number,
        LegKind.VENDOR if partner else LegKind.INTERNAL,
        Event.AUTOMATIC,
        Direction.IN,
        writer,
        text=mail.own_words or mail.text,
        quoted=mail.quoted_text,
        attachments=mail.attachments,
        proof=builder.facts.proof.label,
        partner=partner,
    )
