"""What an engineer's mail does: words to the customer, notes, commands; all of it, or nothing (contract section 3)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sitmail.domain import commands, remembered
from sitmail.domain.draft import Draft, changes
from sitmail.domain.effects import Ask, Decision, Enrol, Hold, Log, Meet, Retract, Withdraw
from sitmail.domain.errand import Errand, spread
from sitmail.domain.facts import Case
from sitmail.domain.incident import Incident, Move, Status, moved
from sitmail.domain.opening import promise
from sitmail.domain.people import Person
from sitmail.domain.policy import Engineer
from sitmail.domain.record import record
from sitmail.domain.relaying import relayable
from sitmail.domain.told import answer_actor, tell
from sitmail.domain.trust import DIGEST, Power, lacking, staff_may
from sitmail.domain.update import Direction, Event, LegKind
from sitmail.domain.verbs import STAFF
from sitmail.domain.work import HANDLERS, OPEN_TO_ALL, READS, Work, may_act, start

MANY = 5  # more incidents than this in one mail want a confirmation
NO_SUCH = "there is no such incident for you"


@record
class Verdict:
    """One line of the transcript that the sender gets back."""

    line: str
    good: bool
    says: str


def decide_staff(draft: Draft, case: Case, actor: Person, engineer: Engineer, leg: LegKind) -> Decision:
    """An engineer writes to an incident; `leg` is where a plain word of his goes."""
    mail = draft.mail
    mail = draft.mail = remembered.without_pictures(mail, draft.facts.pictures)
    script = commands.read(mail.new_text, STAFF, strict=True)
    errand = Errand(start(case, actor, engineer, draft.facts, draft.policy, draft.now))
    mistakes = script.mistakes or commands.echoed(script, mail.text, draft.facts.said_by_others)
    verdicts = [Verdict(m.line, False, m.hint) for m in mistakes]
    verdicts += [_carried_out(errand.work, command) for command in script.commands]
    public = leg is LegKind.PUBLIC if errand.work.public is None else errand.work.public
    spread(errand, script, mail, draft.facts, public)
    if not script.commands and not mistakes and not (errand.words or errand.note or errand.attachments):
        verdicts.append(Verdict("", False, "there were no new words and no file, so nothing was sent"))
    if mail.virus:
        verdicts.append(Verdict("", False, "its attachment was marked as a virus"))
    verdicts += _misplaced(errand)
    return _settled(draft, [errand], verdicts, case.incident.number)


def decide_numbered(draft: Draft, actor: Person, engineer: Engineer) -> Decision:
    """Lines `N: /verb` and `N: words` to the command address, or in an answer to a digest."""
    script = commands.read_numbered(draft.mail.new_text, draft.mail.subject, STAFF)
    errands: dict[int, Errand] = {}
    verdicts = [Verdict(m.line, False, m.hint) for m in script.mistakes]

    def errand(number: int) -> Errand | None:
        case = draft.facts.cases.get(number)
        if case is not None and number not in errands:
            errands[number] = Errand(start(case, actor, engineer, draft.facts, draft.policy, draft.now))
        return errands.get(number)

    for command in script.commands:
        numbers = command.numbers or ((0,) if command.verb in READS else ())
        if not numbers:
            verdicts.append(Verdict(command.line, False, "for which incident? write its number first, as in 12: /take"))
        for number in numbers:
            there = errand(number) if number else errands.get(0) or Errand(_nowhere(draft, actor, engineer))
            verdicts.append(_carried_out(there.work, command) if there else Verdict(command.line, False, NO_SUCH))
            if there and not number:
                errands[0] = there
    for numbers, written in script.answers:
        words = relayable(written, draft.facts.said_to_sender)
        if not words:
            verdicts.append(Verdict(written, False, "there were no new words, so nothing was sent"))
            continue
        for number in numbers:
            there = errand(number)
            if there is None:
                verdicts.append(Verdict(f"{number}: {words}", False, NO_SUCH))
            else:
                there.words = "\n\n".join(part for part in (there.words, words) if part)
                verdicts += _misplaced(there) or [Verdict(f"{number}: {words}", True, "sent to the customer")]
    if not verdicts:
        verdicts.append(Verdict("", False, "there was no line to carry out; write N: /verb or N: words, or help"))
    if len([n for n in errands if n]) > MANY and draft.facts.token_kind != DIGEST:
        next(iter(errands.values())).work.powers.add(Power.MANY)
    return _settled(draft, list(errands.values()), verdicts, 0)


def _nowhere(draft: Draft, actor: Person, engineer: Engineer) -> Work:
    """Where `/help`, or `/show N`, stands alone: no incident is changed."""
    now = draft.now
    nothing = Incident(0, draft.policy.desk.address, "", Status.ACTIVE, draft.policy.priority, now, now)
    return start(Case(nothing), actor, engineer, draft.facts, draft.policy, now)


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


def _misplaced(errand: Errand) -> list[Verdict]:
    """Words and files that cannot go where they are meant to."""
    work, verdicts = errand.work, []
    if errand.words and not work.incident.open and work.case.incident.open is False:
        verdicts.append(Verdict("", False, "it is closed, so your answer was not sent; /reopen comes first"))
    if (errand.words or errand.note or errand.attachments) and not may_act(work):
        verdicts.append(Verdict("", False, f"it belongs to the team {work.case.incident.team!r}; /take it first"))
    return verdicts


def _settled(draft: Draft, errands: list[Errand], verdicts: list[Verdict], number: int) -> Decision:
    """Refused as a whole, held for a proof, or applied."""
    facts = draft.facts
    actor = facts.engineer
    assert actor is not None
    rows = [[v.line, v.good, v.says] for v in verdicts]
    if not all(v.good for v in verdicts):
        return _refused(draft, actor, rows, number, "".join(e.leg for e in errands))
    powers = set().union(*(e.work.powers for e in errands)) if errands else set()
    for errand in errands:
        powers |= {Power.ANSWER} if errand.words else set()
        powers |= {Power.NOTE} if errand.note or errand.attachments else set()
    missing = lacking(sorted(powers, key=list(Power).index), facts.proof, draft.policy.trust)
    if missing is not None:
        return low_trust(draft, actor, number, rows, missing)
    if powers and powers <= {Power.READ} and facts.reads_last_hour >= draft.policy.limits.reads_per_sender_hour:
        return draft.decision("reads-limit", "ignored", "more reading commands within an hour than the limit allows")
    for errand in errands:
        _apply(draft, errand, actor)
        answer_actor(draft, errand, actor, rows)
    return draft.decision("staff-update", "applied", "; ".join(v.line for v in verdicts if v.line)[:300], number)


def _refused(draft: Draft, actor: Person, rows: list[list[Any]], number: int, leg: str) -> Decision:
    """Nothing of the mail is applied or relayed; it stays in the log, and its author gets it back, on the same leg."""
    place: list[int] = []
    if number and staff_may(Power.NOTE, draft.facts.proof, draft.policy.trust):  # else anybody could write there
        place.append(
            draft.log(
                Log(
                    number,
                    LegKind.INTERNAL,
                    Event.REFUSED,
                    Direction.IN,
                    actor,
                    text=draft.mail.new_text,
                    quoted=draft.mail.quoted_text,
                    attachments=draft.mail.attachments,
                    proof=draft.facts.proof.label,
                )
            )
        )
    # without proof anybody may write in his name: he hears of it as often as he may ask to read
    often = draft.facts.returned_last_hour >= draft.policy.limits.reads_per_sender_hour
    if not draft.mail.unanswerable and not often:
        detail = {"verdicts": rows, "refused": True, "returned": draft.mail.new_text, "leg": leg}
        draft.tell(actor, "verdict", number or None, *place, **detail)
    return draft.decision("staff-refused", "refused", next(r[2] for r in rows if not r[1])[:300], number)


def low_trust(draft: Draft, actor: Person, number: int, rows: list[list[Any]], missing: Power) -> Decision:
    """Kept until its author says yes; one letter asks him, at his registered address."""
    sentence = f"From is {actor.address}, but nothing proves it ({missing.value})"
    draft.do(Hold("low-trust", sentence, number, actor))
    if not draft.mail.machine:
        draft.do(
            Ask(actor, number or None, {"lines": [r[0] for r in rows if r[0]], "text": draft.mail.new_text[:2000]})
        )
    return draft.decision("staff-unproven", "held", sentence, number)


def _apply(draft: Draft, errand: Errand, actor: Person) -> None:
    work = errand.work
    before, number = work.case.incident, work.case.incident.number
    if not number:
        return
    after = _status_after(errand)
    draft.do(*(Meet(person.key, person.name, known=True) for person, *_ in work.joins if person.id == 0))
    draft.do(*(Enrol(number, person, role, leg) for person, role, leg in work.joins))
    draft.do(*(Withdraw(number, person) for person in work.leaves))
    logs = _write(draft, errand, actor, before, after)
    if after.priority != before.priority or after.cycle != before.cycle:
        draft.do(Retract(number))
        promise(draft, after)
    tell(draft, errand, actor, before, after, logs)
    errand.log = logs[0] if logs else None


def _status_after(errand: Errand) -> Incident:
    """A public answer waits for the customer, unless the engineer said otherwise; who answers first owns it."""
    work, incident = errand.work, errand.work.incident
    if not errand.words:
        return incident
    if not incident.owner:
        incident = replace(incident, owner=work.engineer.id)
    if work.status_named:
        return incident
    move = Move.TAKEN if work.keep else Move.ANSWERED
    return replace(incident, status=moved(incident.status, move) or incident.status)


def _write(draft: Draft, errand: Errand, actor: Person, before: Incident, after: Incident) -> list[int]:
    """The log entries: the public words, the note, or the bare change."""
    mail, number, logs = draft.mail, before.number, []
    change = changes(before, after)
    proof = draft.facts.proof.label
    event = _event(before, after)
    if errand.words:
        logs.append(
            draft.log(
                Log(
                    number,
                    LegKind.PUBLIC,
                    event if event is not Event.CHANGED else Event.ANSWER,
                    Direction.OUT,
                    actor,
                    text=errand.words,
                    quoted=mail.quoted_text,
                    change=change,
                    attachments=errand.attachments,
                    proof=proof,
                    answered=True,
                )
            )
        )
        change = {}
    if errand.note or errand.kept_back or (errand.attachments and not errand.words):
        kind = Event.NOTE if not change or event is Event.CHANGED else event
        logs.append(
            draft.log(
                Log(
                    number,
                    LegKind.INTERNAL,
                    kind,
                    Direction.NONE,
                    actor,
                    text=errand.note,
                    quoted="" if logs else mail.quoted_text,
                    change=change,
                    attachments=errand.kept_back if logs else errand.attachments,
                    proof=proof,
                )
            )
        )
        change = {}
    joined = [p.address or p.key for p, role, _ in errand.work.joins] + [p.address for p in errand.work.leaves]
    if change or (not logs and joined):
        who = Event.JOINED if not change and errand.work.joins else Event.LEFT if not change else event
        text = ", ".join(joined)
        logs.append(
            draft.log(Log(number, LegKind.INTERNAL, who, Direction.NONE, actor, text=text, change=change, proof=proof))
        )
    return logs


def _event(before: Incident, after: Incident) -> Event:
    if before.open != after.open:
        return Event.REOPENED if after.open else Event.CLOSED
    return Event.ASSIGNED if after.owner != before.owner else Event.CHANGED
