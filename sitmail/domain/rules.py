"""When mail arrives: the rules in their order; the first that returns a decision decides.

Machines first, then who wrote, then what is asked, else hold.  A rule is a function of the `DecisionBuilder` that
returns a decision or None.  The daemon, `sitmail explain` and `/why` agree, because nothing else decides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from sitmail.domain import leave, machines, recalling
from sitmail.domain.authority import Reach, may, standing_outside
from sitmail.domain.customer.decide import decide_party
from sitmail.domain.customer.reading import answered as told_what_is_asked
from sitmail.domain.customer.reading import at_command_address, may_ask, reading_alone
from sitmail.domain.customer.site_admin import of_own_site
from sitmail.domain.decision_builder import DecisionBuilder, concerned
from sitmail.domain.effects import Decision, Hold, Know, Log, Meet, Remember, Settle, Void
from sitmail.domain.endings import HOLDING, Ending, HeldReason, Rule
from sitmail.domain.engineer.article_reply import article_answered
from sitmail.domain.engineer.both_addresses import to_both
from sitmail.domain.engineer.decide import decide_staff
from sitmail.domain.engineer.forwarded import passed_on, passed_on_again
from sitmail.domain.engineer.fresh import commands_in_fresh_mail
from sitmail.domain.engineer.fresh_words import own_incident
from sitmail.domain.engineer.numbered import decide_numbered
from sitmail.domain.engineers import Engineer
from sitmail.domain.facts import Facts, Proof
from sitmail.domain.held_decisions import decide_held, decides, described, not_taken_up, with_outcome
from sitmail.domain.incident import Incident
from sitmail.domain.mail import Mail
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.opening import NEW, open_incident, served_contact, why_covered
from sitmail.domain.partner_kinds import PARTNER_KINDS
from sitmail.domain.partners import partners_update
from sitmail.domain.policy import Policy
from sitmail.domain.proposals import answered
from sitmail.domain.question_effects import Answered, AskAgain, AskNext
from sitmail.domain.refused_cover import refused_cover
from sitmail.domain.scanner_marks import marked
from sitmail.domain.sent_again import EVIDENCE
from sitmail.domain.sentence import Sentence
from sitmail.domain.several_meant import several_meant
from sitmail.domain.short_answers import is_no, is_yes_alone
from sitmail.domain.staff_readers import told_on_duty
from sitmail.domain.storm_answer import storm_answered
from sitmail.domain.too_large import too_large
from sitmail.domain.trust import CONFIRM, Power, customer_may
from sitmail.domain.update import Direction, Event, LegKind
from sitmail.domain.who_is_told import Happening

NOT_PROVED = Sentence("nothing proves who asks")


def decide(mail: Mail, facts: Facts, policy: Policy, now: datetime) -> Decision:
    """What is to be done with a mail.  Every mail gets a decision."""
    builder = DecisionBuilder(mail, facts, policy, now)
    for rule in RULES:
        decision = rule(builder)
        if decision is not None:
            return with_outcome(builder, decision) if facts.release else recalling.delayed(builder, decision)
    raise AssertionError("the last rule answers every mail")


# --- who wrote


def nobody(builder: DecisionBuilder) -> Decision | None:
    """Exactly one From with one mailbox, else the mail has no identity (behaviour 7)."""
    case, release = builder.facts.case, builder.facts.release
    if builder.mail.identity:
        return None
    if release is None or release.how != "attach" or case is None:
        ours = builder.mail.in_our_name
        says = Sentence("its From names nobody, or more than one: attach it, or reject it")
        if form := builder.mail.form:
            says = Sentence(
                "the form of %(address)s names no address of a customer: attach it, or reject it", address=form
            )
        elif ours:
            says = Sentence("its From names %(address)s, an address of ours: attach it, or reject it", address=ours)
        return _held(builder, HeldReason.UNKNOWN_SENDER, says, attach_only=True)
    mail, number = builder.mail, case.incident.number
    entry = Log(number, LegKind.INTERNAL, Event.NOTE, Direction.IN, actor="somebody unknown", text=mail.text)
    log = builder.log(replace(entry, attachments=mail.attachments))
    for reader in concerned(case.incident, case, builder.facts, builder.policy):
        builder.tell(reader, NoticePurpose.NOTE, number, log)
    return builder.decision(Rule.ATTACHED_NOBODY, Ending.APPLIED, f"attached by {release.by}", number)


def in_our_name(builder: DecisionBuilder) -> Decision | None:
    """What somebody sent with our address in From proves nothing: where a proof is needed it is held, never dropped."""
    ours, facts = builder.mail.in_our_name or builder.mail.form, builder.facts
    if not ours or facts.release or facts.route.beside or facts.route.kind not in ("c", "cmd", "d", "h"):
        return None
    says = Sentence(
        "%(writer)s wrote with %(address)s, an address of ours, in From", writer=builder.mail.identity, address=ours
    )
    return _held(builder, HeldReason.LOW_TRUST, says)


def foreign_token(builder: DecisionBuilder) -> Decision | None:
    """A token used from another From is no proof: held, and its owner is told."""
    owner, facts = builder.facts.token_owner, builder.facts
    if owner is None or facts.release:
        return None
    sentence = Sentence(
        "%(writer)s wrote to the reply address of %(name)s",
        writer=builder.mail.identity,
        name=owner.name or owner.address,
    )
    builder.do(Hold(HeldReason.FOREIGN_TOKEN, sentence, facts.number, owner, told=facts.case is not None))
    if owner.staff:
        builder.do(Void(owner, facts.token_number))
        if owner.key in facts.staff:  # he may have left
            builder.tell(owner, NoticePurpose.TOKEN_MISUSED, facts.number or None, writer=builder.mail.identity)
    else:
        builder.tell(owner, NoticePurpose.TOKEN_MISUSED_CUSTOMER, facts.number or None)
    if facts.case:
        for reader in concerned(facts.case.incident, facts.case, facts, builder.policy):
            why = {"reason": HeldReason.FOREIGN_TOKEN, "text": sentence, **described(builder)}
            builder.tell(reader, NoticePurpose.HELD, facts.number, **why)
    return builder.decision(Rule.FOREIGN_TOKEN, Ending.HELD, sentence, facts.number)


# --- what is asked


def confirmation(builder: DecisionBuilder) -> Decision | None:
    """The answer to "did you write this?": yes in time releases the held mail, a later yes asks once more."""
    facts = builder.facts
    if facts.route.kind != "c":
        return None
    asked = facts.confirmation
    person = next((one for one in (facts.engineer, facts.contact) if one and asked and one.id == asked.person), None)
    if asked is None or person is None or facts.token_kind != CONFIRM:
        return builder.decision(Rule.CONFIRMATION_UNKNOWN, Ending.IGNORED)
    if asked.answered:
        return builder.decision(Rule.CONFIRMATION_AGAIN, Ending.IGNORED)
    if facts.storms.asked is not None:
        return storm_answered(builder, asked, person, facts.storms.asked)
    if asked.absence:
        return leave.answered(builder, asked, person)
    if asked.changes:
        return answered(builder, asked, person)
    words = builder.mail.new_text
    if is_no(words):
        builder.do(Answered(asked.id), *(Settle(held, "reject", person.key) for held in asked.mails), AskNext(person))
        return builder.decision(Rule.CONFIRMATION_NO, Ending.APPLIED)
    if not is_yes_alone(words, person.name):  # "yes? I did not write that"
        builder.do(AskAgain(person, asked.id, "unclear"))
        return builder.decision(Rule.CONFIRMATION_UNCLEAR, Ending.APPLIED)
    if builder.now > asked.expires:
        builder.do(AskAgain(person, asked.id, "late"))
        return builder.decision(Rule.CONFIRMATION_LATE, Ending.APPLIED)
    builder.do(Answered(asked.id), *(Settle(held, "confirmed", person.key) for held in asked.mails), AskNext(person))
    return builder.decision(Rule.CONFIRMATION_YES, Ending.APPLIED)


def command_address(builder: DecisionBuilder) -> Decision | None:
    """`N: /verb` and `N: words`, at the command address or in an answer to a digest or a held letter."""
    facts = builder.facts
    if facts.route.kind not in ("cmd", "d", "h"):
        return None
    engineer = _engineer(facts, builder.policy)
    if engineer and facts.engineer:
        if facts.route.kind == "h" and decides(builder.mail):
            return decide_held(builder, facts.engineer, engineer)
        decided = to_both if facts.route.beside else decide_numbered
        return decided(builder, facts.engineer, engineer)
    if (answered_him := at_command_address(builder)) is not None:
        return answered_him
    if builder.facts.route.kind == "mailbox":
        return None  # it went to the desk as well
    return _held(builder, HeldReason.LOW_TRUST, NOT_PROVED)


def customers_question(builder: DecisionBuilder) -> Decision | None:
    """A fresh mail to the desk that asks to read what it has of its writer."""
    person, found = builder.facts.contact, reading_alone(builder)
    if person is None or not found:
        return None
    if not may_ask(builder):
        return _held(builder, HeldReason.LOW_TRUST, NOT_PROVED)
    return told_what_is_asked(builder, person, found)


def engineers_update(builder: DecisionBuilder) -> Decision | None:
    """An engineer answers a letter about an incident, or names it in a fresh mail."""
    facts = builder.facts
    case, engineer = facts.case, _engineer(facts, builder.policy)
    if case is None or engineer is None or facts.engineer is None:
        return None
    if facts.release and facts.release.how == "attach":
        return None
    # who is both engineer and contact: the leg of the letter answered decides; a fresh mail is a contact's
    if facts.contact is not None and case.party(facts.contact) and facts.answered_as in (None, facts.contact):
        return None
    return decide_staff(builder, case, facts.engineer, engineer, facts.answered_leg or LegKind.INTERNAL)


def customers_update(builder: DecisionBuilder) -> Decision | None:
    """A contact or participant writes to an incident of his."""
    facts, trust = builder.facts, builder.policy.trust
    case, person = facts.case, facts.contact
    if case is None or person is None or not may(Reach.PARTY, standing_outside(person, case)):
        return None
    again = facts.evidence == EVIDENCE  # as the first was, it is taken without proof
    if not customer_may(Power.SAY, facts.proof, trust) and not facts.release and not again:
        says = Sentence("From is %(address)s, but nothing proves it", address=person.address)
        return _held(builder, HeldReason.LOW_TRUST, says, case.incident)
    if (held := several_meant(builder)) is not None:
        return held
    if not person.known and customer_may(Power.RELAY, facts.proof, trust):
        builder.do(Know(person))
        person = replace(person, known=True)
    return decide_party(builder, case, person)


def attached(builder: DecisionBuilder) -> Decision | None:
    """Staff decided to which incident a held mail belongs."""
    facts = builder.facts
    if not facts.release or facts.release.how != "attach" or facts.case is None:
        return None
    person, _ = served_contact(builder)
    if person.id == 0:
        builder.do(Meet(person.key, person.name))
    return decide_party(builder, facts.case, person)


# --- somebody new


def unknown_sender(builder: DecisionBuilder) -> Decision | None:
    """About who: what `[trust] unknown_sender` says of people no file knows."""
    facts, trust = builder.facts, builder.policy.trust
    known = (facts.contact is not None and facts.contact.known) or facts.engineer is not None
    if known or facts.release or trust.unknown_sender == "open":
        return None
    if trust.unknown_sender == "reject":
        return builder.decision(Rule.UNKNOWN_SENDER, Ending.IGNORED)
    says = Sentence("%(address)s is not in the directory", address=builder.mail.identity)
    return _held(builder, HeldReason.UNKNOWN_SENDER, says)


def fresh_mail_of_partner(builder: DecisionBuilder) -> Decision | None:
    """A partner, who is no customer, names no incident: staff decide where its mail belongs."""
    facts = builder.facts
    if facts.partner is None or facts.contact is not None or facts.engineer is not None:
        return None
    name = facts.partner.name or facts.partner.address
    says = Sentence(
        "%(name)s (%(what)s) names no incident that we wrote about: attach it, or reject it",
        name=name,
        what=PARTNER_KINDS[facts.partner.kind].one,
    )
    return _held(builder, HeldReason.AMBIGUOUS, says, attach_only=True)


def cover(builder: DecisionBuilder) -> Decision | None:
    """About cover: what the mailbox's `intake` says of those without a contract."""
    return refused_cover(builder)


def spam(builder: DecisionBuilder) -> Decision | None:
    """What our mail server marked as spam waits, unanswered; who is proved to have a letter of ours wrote no spam.

    Those on duty are told only of people in the directory: a flood of spam is no flood of letters.
    """
    facts = builder.facts
    proved = facts.proof in (Proof.TOKEN, Proof.BOTH, Proof.LOGIN, Proof.CONFIRMED)
    if facts.release or proved or not marked(builder.mail.headers, builder.policy.spam_header):
        return None
    known = facts.engineer is not None or (facts.contact is not None and facts.contact.known)
    writer = builder.mail.identity or Sentence("somebody")
    return _held(
        builder, HeldReason.SPAM, Sentence("the mail of %(writer)s is marked as spam", writer=writer), told=known
    )


def new_incident(builder: DecisionBuilder) -> Decision | None:
    """Anything else opens an incident.  A number named without a right to it is a note to staff, nothing more."""
    person, stranger = served_contact(builder)
    open_incident(builder, person, stranger=stranger)
    if builder.facts.release is not None and builder.facts.release.remember:
        builder.do(Remember(person.key, person.site))
    reason = f"names {builder.facts.claimed}, which is not the writer's" if builder.facts.claimed else ""
    return builder.decision(Rule.NEW_INCIDENT, Ending.NEW, why_covered(builder, reason), NEW)


RULES: tuple[Callable[[DecisionBuilder], Decision | None], ...] = (
    not_taken_up,
    machines.blocked,
    machines.repeated,
    machines.own,
    machines.bounce,
    machines.automatic,
    too_large,
    spam,
    nobody,
    in_our_name,
    foreign_token,
    confirmation,
    of_own_site,
    customers_question,
    article_answered,
    command_address,
    passed_on_again,
    engineers_update,
    commands_in_fresh_mail,
    passed_on,
    own_incident,
    partners_update,
    attached,
    customers_update,
    fresh_mail_of_partner,
    unknown_sender,
    cover,
    new_incident,
)


def _engineer(facts: Facts, policy: Policy) -> Engineer | None:
    return policy.engineers.get(facts.engineer.key) if facts.engineer else None


def _held(
    builder: DecisionBuilder,
    reason: HeldReason,
    text: str,
    incident: Incident | None = None,
    *,
    attach_only: bool = False,
    told: bool = True,
) -> Decision:
    """Kept for a person to decide; those on call are told, the writer is not (he may be anybody)."""
    facts = builder.facts
    number = incident.number if incident else 0
    told = told and not builder.mail.machine
    builder.do(Hold(reason, text, number, facts.contact, attach_only, told))
    if told:
        for reader, purpose in told_on_duty(builder, Happening.HELD, incident):
            builder.tell(reader, purpose, number or None, reason=reason, text=text, **described(builder))
    return builder.decision(HOLDING[reason], Ending.HELD, text, number)
