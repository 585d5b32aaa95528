"""What a contact's or participant's mail does to an incident of his (S0-27, S0-28, S0-29; behaviour 3 and 7).

His words are always logged and told; what he asks for beside them is answered, never guessed.
"""

from __future__ import annotations

from dataclasses import replace

from sitmail.domain import commands, own_words
from sitmail.domain.authority import administers
from sitmail.domain.classification import customer_reference
from sitmail.domain.customer.holding import tell_of_pause
from sitmail.domain.customer.notices import answer_writer, seen_by_customers, tell_customers
from sitmail.domain.customer.rating import rated
from sitmail.domain.customer.reading import READS, answer, only_reads, reading_rule
from sitmail.domain.customer.request import CustomerRequest
from sitmail.domain.customer.verbs import MOVING, carry_out
from sitmail.domain.customer_verbs import CUSTOMER, SITE_ADMIN
from sitmail.domain.decision_builder import DecisionBuilder, changes, customers
from sitmail.domain.effects import Decision, Log, Retract
from sitmail.domain.endings import Ending, Rule
from sitmail.domain.engineer.crossing import says_something
from sitmail.domain.engineer.waiting_answer import overtaken
from sitmail.domain.facts import Case
from sitmail.domain.fixed_bugs import left_to_development
from sitmail.domain.incident import Incident, Status
from sitmail.domain.leak_guard import may_leave
from sitmail.domain.link_effects import EndLink
from sitmail.domain.memory import NOTHING_SAID
from sitmail.domain.mismatch import about_another, answered_instead
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.opened_for_staff import sender_detail
from sitmail.domain.opening import (
    enrol_copied,
    may_reopen,
    open_incident,
    why_covered,
)
from sitmail.domain.people import Person
from sitmail.domain.pools import followed
from sitmail.domain.promising import promised
from sitmail.domain.proposals import propose
from sitmail.domain.questions import missing, with_answers
from sitmail.domain.refused_cover import refused_cover
from sitmail.domain.scanner_marks import marked
from sitmail.domain.sent_again import EVIDENCE
from sitmail.domain.several_meant import closed_for_good
from sitmail.domain.staff_readers import told_inside
from sitmail.domain.trust import Power, customer_may
from sitmail.domain.update import Direction, Event, LegKind
from sitmail.domain.who_is_told import Happening, Role, purpose_of

HAPPENED = {
    Event.CUSTOMER: Happening.WROTE,
    Event.CLOSURE_REQUESTED: Happening.CLOSURE_REQUESTED,
    Event.CLOSED: Happening.CLOSED,
    Event.REOPENED: Happening.REOPENED,
}
RULES = {
    Event.CUSTOMER: Rule.CUSTOMER_UPDATE,
    Event.CLOSURE_REQUESTED: Rule.CUSTOMER_CLOSURE_REQUESTED,
    Event.CLOSED: Rule.CUSTOMER_CLOSED,
    Event.REOPENED: Rule.CUSTOMER_REOPENED,
}


def decide_party(builder: DecisionBuilder, case: Case, person: Person) -> Decision:
    """A contact or participant writes to an incident of his."""
    mail = own_words.remembered(builder.mail, builder.facts.said)  # he was sent what he may quote
    mail = builder.mail = mail.without_pictures(builder.facts.pictures)
    verbs = {} if mail.in_our_name or mail.form else {**CUSTOMER, **SITE_ADMIN} if administers(person) else CUSTOMER
    script = commands.with_answers(commands.read(mail.new_text, verbs, strict=False), mail.answers)
    request = CustomerRequest(builder, case, person, script, case.incident)
    if (answered := rated(request)) is not None:
        return answered
    if _moves(request) and not case.incident.open and not may_reopen(case, builder.policy, builder):
        if (refused := refused_cover(builder, person)) is not None:
            return refused
        if (held := closed_for_good(builder, case)) is not None:
            return held
        open_incident(builder, person, stranger=False, prior=case.incident.number)
        reason = why_covered(builder, f"{case.incident.number} is closed for good")
        return builder.decision(Rule.NEW_AFTER_CLOSED, Ending.NEW, reason)
    if not _asks_only(request):
        carry_out(request)
    propose(request)
    codes = builder.policy.dictionary
    request.incident = with_answers(request.incident, codes, mail.own_words, mail.attachments)
    if not case.incident.customer_reference and (own := customer_reference(builder.policy, case.incident.site, mail)):
        request.incident = request.incident.having(customer_reference=own)
    if builder.facts.evidence == EVIDENCE:
        request.reason = request.reason or "the same mail came within the hour before, and opened it"
    return _conclude(request)


def _moves(request: CustomerRequest) -> bool:
    """Whether his mail opens again what is closed."""
    if request.about_feedback or request.only_people:
        return any(command.verb in MOVING for command in request.script.commands)
    return not request.bare_thanks and not _asks_only(request)


def _asks_only(request: CustomerRequest) -> bool:
    """A mail that is nothing but a question to the desk moves no status."""
    return not request.words and only_reads(request.script.commands)


def _conclude(request: CustomerRequest) -> Decision:
    """His words in the log, and everybody told who is to hear them."""
    builder, before = request.builder, request.case.incident
    entry = _entry(request, _event(before, request.incident))
    news = says_something(entry.proof, entry.text) and not _asks_only(request)
    after, departs = overtaken(before, request.incident.tidied(), builder.policy, spoken=news)
    request.incident, event = after, _event(before, after)
    log = builder.log(replace(entry, change=changes(before, after)))
    builder.do(*departs)
    logs = [log, *(builder.log(entry) for entry in _refused(request))]
    if _asks_only(request):
        _send_what_is_asked(request)
        return builder.decision(reading_rule(request.script.commands), Ending.APPLIED, "", before.number)
    present = tuple([one.id for one in (*(party.person for party in request.case.parties), *request.joined)])
    outsiders = request.outsiders + enrol_copied(builder, before.number, present, request.person, request.case.site)
    if (after.cycle, after.priority) != (before.cycle, before.priority):
        builder.do(Retract(before.number, pinned_too=after.cycle != before.cycle))
        builder.do(*promised(after, builder.policy))
    builder.do(*followed(before, after))
    if event is Event.REOPENED:
        _no_duplicate(request)
    _tell_staff(request, event, logs, outsiders)
    _answer_writer(request, event, log)
    _tell_others(request, event, log)
    tell_of_pause(request)
    tell_customers(builder, request.joined, Happening.JOINED, after)
    confirmed = event is Event.CLOSED and before.status is Status.AWAITING_CLOSURE
    rule = Rule.CONFIRMED if confirmed else RULES[event]
    return builder.decision(rule, Ending.APPLIED, request.reason, before.number)


def _no_duplicate(request: CustomerRequest) -> None:
    """What is worked on again is no duplicate any more."""
    builder, number = request.builder, request.case.incident.number
    for link in request.case.links:
        if link.end(number) == "duplicate-of":
            text = f"duplicate of {builder.policy.reference(link.other)}"
            builder.do(EndLink(link.id))
            builder.log(Log(number, LegKind.INTERNAL, Event.UNLINKED, Direction.NONE, request.person, text=text))


def _event(before: Incident, after: Incident) -> Event:
    if before is after:
        return Event.CUSTOMER
    if before.open and not after.open:
        return Event.CLOSED
    if not before.open and after.open:
        return Event.REOPENED
    requested = after.closure_requested is not None and after.closure_requested != before.closure_requested
    return Event.CLOSURE_REQUESTED if requested else Event.CUSTOMER


def _entry(request: CustomerRequest, event: Event) -> Log:
    mail = request.builder.mail
    unread = mail.text if mail.kind == "unreadable" else ""  # stands for words that could not be read
    return Log(
        request.case.incident.number,
        LegKind.PUBLIC,
        event,
        Direction.IN,
        request.person,
        text=request.words or "\n".join(command.line for command in request.script.commands) or unread,
        quoted=mail.quoted_text,
        signature=mail.signature,
        doubtful=mail.doubtful_text,
        change=changes(request.case.incident, request.incident),
        attachments=mail.attachments,
        proof=request.builder.facts.proof.label,
    )


def _refused(request: CustomerRequest) -> list[Log]:
    """The lines that he cannot have, where his words would hide them; for staff, as they are no words to anybody."""
    if not request.refused or not request.words:
        return []
    lines = "\n".join(line for line, _ in request.refused)
    number, proof = request.case.incident.number, request.builder.facts.proof.label
    return [Log(number, LegKind.INTERNAL, Event.REFUSED, Direction.IN, request.person, text=lines, proof=proof)]


def _tell_staff(request: CustomerRequest, event: Event, logs: list[int], outsiders: list[str]) -> None:
    builder, after = request.builder, request.incident
    if request.only_people and not (request.joined or request.left or request.outsiders):
        return  # there is nothing to hear but that a line lacked something
    what = Happening.CLOSURE_REQUESTED if event is Event.CLOSURE_REQUESTED else Happening.WROTE
    detail = {
        "outsiders": outsiders,
        **sender_detail(builder.mail),
        "event": str(event),
        "reason": after.closure_reason,
        "missing": missing(after, builder.policy.dictionary).detail.get("missing", []),
        "more": len(logs) > 1 or bool(outsiders) or request.words[:500] not in ("", after.closure_reason),
    }
    if request.wishes:
        detail["wishes"] = request.wishes
    if (other := about_another(builder.facts)) is not None:
        detail["another"] = answered_instead(other, builder.policy)
    for reader, purpose in told_inside(what, after, request.case, builder.facts, builder.policy):
        if set(reader.addresses).isdisjoint(request.person.addresses):  # nobody is told what he wrote himself
            builder.tell(reader, purpose, after.number, *logs, **detail)


def _answer_writer(request: CustomerRequest, event: Event, log: int) -> None:
    """What became of his mail."""
    builder, person, after = request.builder, request.person, request.incident
    number = after.number
    purpose = purpose_of(HAPPENED[event], Role.WRITER)
    if event is Event.CLOSURE_REQUESTED and purpose:
        answer_writer(builder, person, purpose, number, log, reason=after.closure_reason)
    elif after.reason_asked and not request.case.incident.reason_asked:
        answer_writer(builder, person, NoticePurpose.CLOSURE_REASON, number, log)
    elif event is Event.CLOSED and purpose:
        left = left_to_development(after, request.case.links)
        answer_writer(builder, person, purpose, number, log, **left)
    elif event is Event.REOPENED and purpose:
        status = builder.policy.dictionary.label(after.status).customer
        answer_writer(builder, person, purpose, number, log, status=status)
    if request.refused or request.missing:
        verdicts, missing = list(map(list, request.refused)), list(map(list, request.missing))
        refused = {"verdicts": verdicts, "missing": missing, "what": "refused"}
        answer_writer(builder, person, NoticePurpose.CUSTOMER_REFUSED, number, log, **refused)
    if request.done:
        answer_writer(builder, person, NoticePurpose.CUSTOMER_DONE, number, log, done=request.done, what="done")
    _send_what_is_asked(request)


def _send_what_is_asked(request: CustomerRequest) -> None:
    """What he wants to read of the desk, beside his words or without any."""
    reading = [command for command in request.script.commands if command.verb in READS]
    if reading:
        answer(request.builder, request.person, reading, request.case.incident.number)


def _tell_others(request: CustomerRequest, event: Event, log: int) -> None:
    """His words and files for the other customers, if the proof is enough to have them relayed; and what came of it."""
    builder, mail = request.builder, request.builder.mail
    gone = {request.person.id, *(person.id for person in request.left)}
    others = [party.person for party in customers(request.case) if party.person.id not in gone]
    attached = request.case.party(request.person) is None  # by staff: a mail of somebody who takes no part
    if not others or attached or about_another(builder.facts):
        return
    infected = marked(mail.headers, builder.policy.virus_header)
    withheld = [file.sha256 for file in mail.attachments if infected or not may_leave(file, NOTHING_SAID)]
    said = request.words or len(withheld) < len(mail.attachments)
    if said and customer_may(Power.RELAY, builder.facts.proof, builder.policy.trust):
        what = HAPPENED[event] if event is Event.CLOSURE_REQUESTED else Happening.WROTE
        tell_customers(builder, others, what, request.incident, log, withheld=withheld)
    if event in (Event.CLOSED, Event.REOPENED):
        seen = seen_by_customers(request.case.incident, request.incident, builder.policy)
        tell_customers(builder, others, HAPPENED[event], request.incident, **seen)
