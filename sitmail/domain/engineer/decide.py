"""What an engineer's mail does: words to the customer, notes, commands; all of it, or nothing (behaviour 3)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sitmail.domain import commands, unmarked_quotes
from sitmail.domain.decision_builder import DecisionBuilder, changes
from sitmail.domain.effects import Ask, Decision, Enrol, Hold, Log, Meet, Retract, Withdraw
from sitmail.domain.endings import Ending, HeldReason, Rule
from sitmail.domain.engineer.notices import answer_actor, tell
from sitmail.domain.engineer.request import Request, spread
from sitmail.domain.engineer.verbs import HANDLERS, OPEN_TO_ALL, READS, Work, may_act, start
from sitmail.domain.facts import Case
from sitmail.domain.incident import Incident, Move, Status, moved
from sitmail.domain.leak_guard import relayable
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.opening import promise
from sitmail.domain.people import Person
from sitmail.domain.policy import Engineer
from sitmail.domain.record import record
from sitmail.domain.trust import DIGEST, Power, lacking, staff_may
from sitmail.domain.update import Direction, Event, LegKind
from sitmail.domain.verbs import STAFF

MANY = 5  # more incidents than this in one mail want a confirmation
NO_SUCH = "there is no such incident for you"


@record
class Verdict:
    """One line of the transcript that the sender gets back."""

    line: str
    good: bool
    says: str


def decide_staff(builder: DecisionBuilder, case: Case, actor: Person, engineer: Engineer, leg: LegKind) -> Decision:
    """An engineer writes to an incident; `leg` is where a plain word of his goes."""
    mail = builder.mail
    mail = builder.mail = unmarked_quotes.without_pictures(mail, builder.facts.pictures)
    script = commands.read(mail.new_text, STAFF, strict=True)
    request = Request(start(case, actor, engineer, builder.facts, builder.policy, builder.now))
    mistakes = script.mistakes or commands.echoed(script, mail.text, builder.facts.said_by_others)
    verdicts = [Verdict(m.line, False, m.hint) for m in mistakes]
    verdicts += [_carried_out(request.work, command) for command in script.commands]
    public = leg is LegKind.PUBLIC if request.work.public is None else request.work.public
    spread(request, script, mail, builder.facts, public)
    if not script.commands and not mistakes and not (request.words or request.note or request.attachments):
        verdicts.append(Verdict("", False, "there were no new words and no file, so nothing was sent"))
    if mail.virus:
        verdicts.append(Verdict("", False, "its attachment was marked as a virus"))
    verdicts += _misplaced(request)
    return _settled(builder, [request], verdicts, case.incident.number)


def decide_numbered(builder: DecisionBuilder, actor: Person, engineer: Engineer) -> Decision:
    """Lines `N: /verb` and `N: words` to the command address, or in an answer to a digest."""
    script = commands.read_numbered(builder.mail.new_text, builder.mail.subject, STAFF)
    requests: dict[int, Request] = {}
    verdicts = [Verdict(m.line, False, m.hint) for m in script.mistakes]

    def request(number: int) -> Request | None:
        case = builder.facts.cases.get(number)
        if case is not None and number not in requests:
            requests[number] = Request(start(case, actor, engineer, builder.facts, builder.policy, builder.now))
        return requests.get(number)

    for command in script.commands:
        numbers = command.numbers or ((0,) if command.verb in READS else ())
        if not numbers:
            verdicts.append(Verdict(command.line, False, "for which incident? write its number first, as in 12: /take"))
        for number in numbers:
            there = request(number) if number else requests.get(0) or Request(_nowhere(builder, actor, engineer))
            verdicts.append(_carried_out(there.work, command) if there else Verdict(command.line, False, NO_SUCH))
            if there and not number:
                requests[0] = there
    for numbers, written in script.answers:
        words = relayable(written, builder.facts.said_to_sender)
        if not words:
            verdicts.append(Verdict(written, False, "there were no new words, so nothing was sent"))
            continue
        for number in numbers:
            there = request(number)
            if there is None:
                verdicts.append(Verdict(f"{number}: {words}", False, NO_SUCH))
            else:
                there.words = "\n\n".join(part for part in (there.words, words) if part)
                verdicts += _misplaced(there) or [Verdict(f"{number}: {words}", True, "sent to the customer")]
    if not verdicts:
        verdicts.append(Verdict("", False, "there was no line to carry out; write N: /verb or N: words, or help"))
    if len([n for n in requests if n]) > MANY and builder.facts.token_kind != DIGEST:
        next(iter(requests.values())).work.powers.add(Power.MANY)
    return _settled(builder, list(requests.values()), verdicts, 0)


def _nowhere(builder: DecisionBuilder, actor: Person, engineer: Engineer) -> Work:
    """Where `/help`, or `/show N`, stands alone: no incident is changed."""
    now = builder.now
    nothing = Incident(0, builder.policy.desk.address, "", Status.ACTIVE, builder.policy.priority, now, now)
    return start(Case(nothing), actor, engineer, builder.facts, builder.policy, now)


def _carried_out(work: Work, command: commands.Command) -> Verdict:
    verb = STAFF[command.verb]
    if verb.later:
        return Verdict(command.line, False, "not yet: that command comes in a later version")
    if command.verb not in OPEN_TO_ALL and not may_act(work):
        return Verdict(command.line, False, f"it belongs to the team {work.case.incident.team!r}; /take it first")
    try:
        says = HANDLERS[command.verb](work, command.argument)
    except ValueError as mistake:
        return Verdict(command.line, False, str(mistake))
    work.powers.add(verb.power)  # the least; a handler may want more
    return Verdict(command.line, True, says)


def _misplaced(request: Request) -> list[Verdict]:
    """Words and files that cannot go where they are meant to."""
    work, verdicts = request.work, []
    if request.words and not work.incident.open and work.case.incident.open is False:
        verdicts.append(Verdict("", False, "it is closed, so your answer was not sent; /reopen comes first"))
    if (request.words or request.note or request.attachments) and not may_act(work):
        verdicts.append(Verdict("", False, f"it belongs to the team {work.case.incident.team!r}; /take it first"))
    return verdicts


def _settled(builder: DecisionBuilder, requests: list[Request], verdicts: list[Verdict], number: int) -> Decision:
    """Refused as a whole, held for a proof, or applied."""
    facts = builder.facts
    actor = facts.engineer
    assert actor is not None
    rows = [[v.line, v.good, v.says] for v in verdicts]
    if not all(v.good for v in verdicts):
        return _refused(builder, actor, rows, number, "".join(e.leg for e in requests))
    powers = set().union(*(e.work.powers for e in requests)) if requests else set()
    for request in requests:
        powers |= {Power.ANSWER} if request.words else set()
        powers |= {Power.NOTE} if request.note or request.attachments else set()
    missing = lacking(sorted(powers, key=list(Power).index), facts.proof, builder.policy.trust)
    if missing is not None:
        return low_trust(builder, actor, number, rows, missing)
    if powers and powers <= {Power.READ} and facts.reads_last_hour >= builder.policy.limits.reads_per_sender_hour:
        return builder.decision(Rule.READS_LIMIT, Ending.IGNORED)
    for request in requests:
        _apply(builder, request, actor)
        answer_actor(builder, request, actor, rows)
    lines = "; ".join(v.line for v in verdicts if v.line)[:300]
    return builder.decision(Rule.STAFF_UPDATE, Ending.APPLIED, lines, number)


def _refused(builder: DecisionBuilder, actor: Person, rows: list[list[Any]], number: int, leg: str) -> Decision:
    """Nothing of the mail is applied or relayed; it stays in the log, and its author gets it back, on the same leg."""
    place: list[int] = []
    if number and staff_may(Power.NOTE, builder.facts.proof, builder.policy.trust):  # else anybody could write there
        place.append(
            builder.log(
                Log(
                    number,
                    LegKind.INTERNAL,
                    Event.REFUSED,
                    Direction.IN,
                    actor,
                    text=builder.mail.new_text,
                    quoted=builder.mail.quoted_text,
                    attachments=builder.mail.attachments,
                    proof=builder.facts.proof.label,
                )
            )
        )
    # without proof anybody may write in his name: he hears of it as often as he may ask to read
    often = builder.facts.returned_last_hour >= builder.policy.limits.reads_per_sender_hour
    if not builder.mail.unanswerable and not often:
        detail = {"verdicts": rows, "refused": True, "returned": builder.mail.new_text, "leg": leg}
        builder.tell(actor, NoticePurpose.VERDICT, number or None, *place, **detail)
    return builder.decision(Rule.STAFF_REFUSED, Ending.REFUSED, next(r[2] for r in rows if not r[1])[:300], number)


def low_trust(builder: DecisionBuilder, actor: Person, number: int, rows: list[list[Any]], missing: Power) -> Decision:
    """Kept until its author says yes; one letter asks him, at his registered address."""
    sentence = f"From is {actor.address}, but nothing proves it ({missing.value})"
    builder.do(Hold(HeldReason.LOW_TRUST, sentence, number, actor))
    if not builder.mail.machine:
        builder.do(
            Ask(actor, number or None, {"lines": [r[0] for r in rows if r[0]], "text": builder.mail.new_text[:2000]})
        )
    return builder.decision(Rule.STAFF_UNPROVEN, Ending.HELD, sentence, number)


def _apply(builder: DecisionBuilder, request: Request, actor: Person) -> None:
    work = request.work
    before, number = work.case.incident, work.case.incident.number
    if not number:
        return
    after = _status_after(request)
    builder.do(*(Meet(person.key, person.name, known=True) for person, *_ in work.joins if person.id == 0))
    builder.do(*(Enrol(number, person, role, leg) for person, role, leg in work.joins))
    builder.do(*(Withdraw(number, person) for person in work.leaves))
    logs = _write(builder, request, actor, before, after)
    if after.priority != before.priority or after.cycle != before.cycle:
        builder.do(Retract(number))
        promise(builder, after)
    tell(builder, request, actor, before, after, logs)
    request.log = logs[0] if logs else None


def _status_after(request: Request) -> Incident:
    """A public answer waits for the customer, unless the engineer said otherwise; who answers first owns it."""
    work, incident = request.work, request.work.incident
    if not request.words:
        return incident
    if not incident.owner:
        incident = replace(incident, owner=work.engineer.id)
    if work.status_named:
        return incident
    move = Move.TAKEN if work.keep else Move.ANSWERED
    return replace(incident, status=moved(incident.status, move) or incident.status)


def _write(builder: DecisionBuilder, request: Request, actor: Person, before: Incident, after: Incident) -> list[int]:
    """The log entries: the public words, the note, or the bare change."""
    mail, number, logs = builder.mail, before.number, []
    change = changes(before, after)
    proof = builder.facts.proof.label
    event = _event(before, after)
    if request.words:
        logs.append(
            builder.log(
                Log(
                    number,
                    LegKind.PUBLIC,
                    event if event is not Event.CHANGED else Event.ANSWER,
                    Direction.OUT,
                    actor,
                    text=request.words,
                    quoted=mail.quoted_text,
                    change=change,
                    attachments=request.attachments,
                    proof=proof,
                )
            )
        )
        change = {}
    if request.note or request.kept_back or (request.attachments and not request.words):
        kind = Event.NOTE if not change or event is Event.CHANGED else event
        logs.append(
            builder.log(
                Log(
                    number,
                    LegKind.INTERNAL,
                    kind,
                    Direction.NONE,
                    actor,
                    text=request.note,
                    quoted="" if logs else mail.quoted_text,
                    change=change,
                    attachments=request.kept_back if logs else request.attachments,
                    proof=proof,
                )
            )
        )
        change = {}
    joined = [p.address or p.key for p, role, _ in request.work.joins] + [p.address for p in request.work.leaves]
    if change or (not logs and joined):
        who = Event.JOINED if not change and request.work.joins else Event.LEFT if not change else event
        text = ", ".join(joined)
        logs.append(
            builder.log(
                Log(number, LegKind.INTERNAL, who, Direction.NONE, actor, text=text, change=change, proof=proof)
            )
        )
    return logs


def _event(before: Incident, after: Incident) -> Event:
    if before.open != after.open:
        return Event.REOPENED if after.open else Event.CLOSED
    return Event.ASSIGNED if after.owner != before.owner else Event.CHANGED
