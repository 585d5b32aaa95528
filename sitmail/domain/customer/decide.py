"""What a contact's or participant's mail does to an incident of his (S0-27, S0-28, S0-29; behaviour 3, 7).

His words are always logged and told; what he asks for beside them is answered, never guessed.
"""

from __future__ import annotations

import re
from dataclasses import replace

from sitmail.domain import commands, unmarked_quotes
from sitmail.domain.decision_builder import DecisionBuilder, changes, concerned, customers
from sitmail.domain.effects import Decision, Log, Retract
from sitmail.domain.endings import Ending, Rule
from sitmail.domain.facts import Case, Proof, Said
from sitmail.domain.incident import LABELS, Incident, Move, Status, moved
from sitmail.domain.leak_guard import may_leave
from sitmail.domain.mail import Mail
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.opening import enrol_copied, may_reopen, open_incident, promise
from sitmail.domain.people import Person
from sitmail.domain.trust import Power, customer_may
from sitmail.domain.update import Direction, Event, LegKind
from sitmail.domain.verbs import CUSTOMER

_THANKS = re.compile(
    r"(?:(?:many |ok,? |great,? |perfect,? )?(?:thanks?(?: you)?|thx|cheers|merci|danke|gracias|grazie)"
    r"(?:[ ,]+(?:a lot|very much|so much|again|all|you|for your help|for the help|schön|beaucoup))*"
    r"|ok(?:ay)?|great|perfect|super)[\s.!,:)-]*\Z",
    re.IGNORECASE,
)
NOTHING_SAID = Said()
_RULES = {
    Event.CUSTOMER: Rule.CUSTOMER_UPDATE,
    Event.CLOSURE_REQUESTED: Rule.CUSTOMER_CLOSURE_REQUESTED,
    Event.CLOSED: Rule.CUSTOMER_CLOSED,
    Event.REOPENED: Rule.CUSTOMER_REOPENED,
}
_YES = re.compile(r"(?:yes|y|ja|oui|si|sí|yes,? please|it works|it works now|confirmed?)[\s.!]*\Z", re.IGNORECASE)


def decide_party(builder: DecisionBuilder, case: Case, person: Person) -> Decision:
    """A contact or participant writes to an incident of his."""
    builder.mail = unmarked_quotes.without_pictures(builder.mail, builder.facts.pictures)
    if builder.facts.letters:  # what he was sent, where his program marked nothing of it
        new, quoted = unmarked_quotes.split(builder.mail.new_text, builder.facts.letters)
        builder.mail = replace(builder.mail, new_text=new, quoted_text=quoted)
    script = commands.read(builder.mail.new_text, CUSTOMER, strict=False)
    if script.commands and script.asks("help") and not script.words.strip():
        return _helped(builder, case, person)
    if not case.incident.open and not _opens_again(builder, case, script):
        if _bare_thanks(script):
            return _said(builder, case, person, script, case.incident, "closed: a bare thanks changes nothing")
        open_incident(builder, person, stranger=False, prior=case.incident.number)
        return builder.decision(Rule.NEW_AFTER_CLOSED, Ending.NEW, f"{case.incident.number} is closed for good")
    after, reason = _after(builder, case, script)
    return _said(builder, case, person, script, after, reason)


def _opens_again(builder: DecisionBuilder, case: Case, script: commands.Script) -> bool:
    return may_reopen(case, builder.policy, builder) and not _bare_thanks(script)


def _bare_thanks(script: commands.Script) -> bool:
    return not script.commands and bool(_THANKS.match(script.words.strip()))


def _after(builder: DecisionBuilder, case: Case, script: commands.Script) -> tuple[Incident, str]:
    """The incident as it stands after his mail, and why."""
    incident, trust = case.incident, builder.policy.trust
    words = script.words.strip()
    asked = next((c for c in script.commands if c.verb == "close"), None) if script.commands else None
    if incident.status is Status.AWAITING_CLOSURE:
        if asked or _YES.match(words):
            if customer_may(Power.CONFIRM_CLOSURE, builder.facts.proof, trust):
                return _closed(builder, incident), "closure confirmed"
            return _requested(builder, incident, asked.argument if asked else words), "closure confirmed without proof"
        if _bare_thanks(script):
            return incident, "a bare thanks changes nothing"
    if asked and not incident.open:
        return incident, "closed already"
    if asked:
        why = asked.argument or words
        if not why and not incident.reason_asked:
            return replace(_active(builder, incident), reason_asked=True), "closure requested without a reason"
        if builder.policy.closing.customer_may_close and customer_may(
            Power.CONFIRM_CLOSURE, builder.facts.proof, trust
        ):
            return _closed(builder, incident), "closed by the customer"
        return _requested(builder, _active(builder, incident), why), "closure requested"
    if incident.reason_asked and incident.closure_requested is None and words:
        return _requested(builder, _active(builder, incident), words), "closure requested, the reason given when asked"
    after = _active(builder, incident).having(closure_requested=None, closure_reason="", reason_asked=False)
    return after, "" if incident.open else "opened again"


def _active(builder: DecisionBuilder, incident: Incident) -> Incident:
    """Active again: whatever we waited for is over."""
    if not incident.open:
        status = moved(incident.status, Move.REOPEN) or incident.status
        return replace(
            incident, status=status, closing_status="", closed=None, cycle=incident.cycle + 1, cycle_opened=builder.now
        )
    status = moved(incident.status, Move.CUSTOMER_WROTE) or incident.status
    if status is Status.ACTIVE and not incident.owner and incident.status is Status.NEW:
        status = Status.NEW
    return incident.having(status=status, next_action="", next_action_at=None, customer_hold=False)


def _requested(builder: DecisionBuilder, incident: Incident, why: str) -> Incident:
    return replace(incident, closure_requested=builder.now, closure_reason=why[:500], reason_asked=False)


def _closed(builder: DecisionBuilder, incident: Incident) -> Incident:
    return replace(
        incident,
        status=Status.CLOSED,
        closing_status=incident.closing_status or "solved",
        closed=builder.now,
        closure_requested=None,
        next_action="",
        next_action_at=None,
    )


def _event(before: Incident, after: Incident) -> Event:
    if before is after:
        return Event.CUSTOMER
    if before.open and not after.open:
        return Event.CLOSED
    if not before.open and after.open:
        return Event.REOPENED
    requested = after.closure_requested is not None and after.closure_requested != before.closure_requested
    return Event.CLOSURE_REQUESTED if requested else Event.CUSTOMER


def _unread(mail: Mail) -> str:
    """What stands for the words of a mail that could not be read."""
    return mail.text if mail.kind == "unreadable" else ""


def _said(
    builder: DecisionBuilder, case: Case, person: Person, script: commands.Script, after: Incident, reason: str
) -> Decision:
    """His words in the log, and everybody told who is to hear them."""
    facts, mail, before = builder.facts, builder.mail, case.incident
    event = _event(before, after)
    log = builder.log(
        Log(
            before.number,
            LegKind.PUBLIC,
            event,
            Direction.IN,
            person,
            text=script.words.strip() or "\n".join(c.line for c in script.commands) or _unread(mail),
            quoted=mail.quoted_text,
            change=changes(before, after),
            attachments=mail.attachments,
            proof=facts.proof.label,
        )
    )
    present = tuple([party.person.id for party in case.parties])
    outsiders = enrol_copied(builder, before.number, present, person, case.site)
    if after.cycle != before.cycle:
        builder.do(Retract(before.number))
        promise(builder, after)
    _tell_staff(builder, case, after, event, log, outsiders, person)
    _tell_customers(builder, case, after, event, log, person, script)
    return builder.decision(_RULES[event], Ending.APPLIED, reason, before.number)


def _tell_staff(
    builder: DecisionBuilder, case: Case, after: Incident, event: Event, log: int, outsiders: list[str], person: Person
) -> None:
    facts = builder.facts
    purpose = NoticePurpose.CLOSURE_REQUESTED if event is Event.CLOSURE_REQUESTED else NoticePurpose.CUSTOMER_WROTE
    unverified = facts.proof is Proof.NONE
    for reader in concerned(after, case, facts, builder.policy):
        if set(reader.addresses).isdisjoint(person.addresses):  # nobody is told what he wrote himself
            builder.tell(
                reader,
                purpose,
                after.number,
                log,
                unverified=unverified,
                outsiders=outsiders,
                event=str(event),
                reason=after.closure_reason,
            )


def _tell_customers(
    builder: DecisionBuilder,
    case: Case,
    after: Incident,
    event: Event,
    log: int,
    person: Person,
    script: commands.Script,
) -> None:
    facts, trust = builder.facts, builder.policy.trust
    number, answerable = after.number, not builder.mail.unanswerable
    if answerable and event is Event.CLOSURE_REQUESTED:
        builder.tell(person, NoticePurpose.CLOSURE_NOTED, number, log, reason=after.closure_reason)
    elif answerable and after.reason_asked and not case.incident.reason_asked:
        builder.tell(person, NoticePurpose.CLOSURE_REASON, number, log)
    elif event is Event.CLOSED:
        builder.tell(person, NoticePurpose.CUSTOMER_CLOSED, number, log, closing_status=after.closing_status)
    elif event is Event.REOPENED and answerable:
        builder.tell(person, NoticePurpose.CHANGED, number, log, status=LABELS[after.status].customer)
    refused = [[m.line, m.hint] for m in _refused(script)] if script.commands else []
    if refused and answerable:
        builder.tell(person, NoticePurpose.CUSTOMER_REFUSED, number, log, verdicts=refused, what="refused")
    others = [party.person for party in customers(case) if party.person.id != person.id]
    if not others:
        return
    mail = builder.mail
    withheld = [a.sha256 for a in mail.attachments if mail.virus or not may_leave(a, NOTHING_SAID)]
    if (script.words.strip() or len(withheld) < len(mail.attachments)) and customer_may(
        Power.RELAY, facts.proof, trust
    ):
        for reader in others:
            builder.tell(reader, NoticePurpose.WORDS, number, log, withheld=withheld)


def _refused(script: commands.Script) -> list[commands.Mistake]:
    """Verbs that are his, but do nothing yet."""
    return [
        commands.Mistake(c.line, "not yet: this desk cannot do that by mail so far; write it in words")
        for c in script.commands
        if CUSTOMER[c.verb].later
    ]


def _helped(builder: DecisionBuilder, case: Case, person: Person) -> Decision:
    facts = builder.facts
    log = builder.log(
        Log(
            case.incident.number,
            LegKind.PUBLIC,
            Event.CUSTOMER,
            Direction.IN,
            person,
            text="/help",
            proof=facts.proof.label,
        )
    )
    if not builder.mail.unanswerable and facts.reads_last_hour < builder.policy.limits.reads_per_sender_hour:
        builder.tell(person, NoticePurpose.CUSTOMER_HELP, case.incident.number, log)
    return builder.decision(Rule.CUSTOMER_HELP, Ending.APPLIED, "", case.incident.number)
