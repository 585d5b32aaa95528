"""An engineer's mail as a whole: refused, held until he proves that it is his, or applied to all incidents it names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sitmail.domain import pools
from sitmail.domain.decision_builder import DecisionBuilder, changes
from sitmail.domain.effects import Decision, Know, Log, Meet, Retract, Withdraw
from sitmail.domain.endings import Ending, Rule
from sitmail.domain.engineer import (
    airlock,
    children,
    deferring,
    holding,
    kb_verb,
    linking,
    promises,
    share_verb,
    to_partner,
    to_tracker,
    waiting_answer,
)
from sitmail.domain.engineer.classifying import put_right
from sitmail.domain.engineer.crossing import shown
from sitmail.domain.engineer.hold_for_proof import Row, hold_for_proof
from sitmail.domain.engineer.notices import answer_actor, tell
from sitmail.domain.engineer.request import Request
from sitmail.domain.engineer.split_verb import carry_out_split
from sitmail.domain.engineer.undo_verb import carry_out_undo
from sitmail.domain.engineer.waiting_answer import overtaken
from sitmail.domain.event_types import LoggedEvent
from sitmail.domain.incident import Incident, Move, Status, moved
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.people import Person
from sitmail.domain.policy import NOTHING
from sitmail.domain.promising import TIMING, promised
from sitmail.domain.record import record
from sitmail.domain.trust import Power, first_missing_power, staff_may
from sitmail.domain.undoing import CHANGING_NOTHING, UNDOABLE, KeepDeed
from sitmail.domain.update import Direction, Event, LegKind


@record
class Verdict:
    """One line of the transcript that the sender gets back."""

    line: str
    good: bool
    says: str


# What is asked about with a list, or the very words; what comes back to its author does so before that.
ASKED_WITH_A_LIST = frozenset({Power.MANY, Power.CHOSEN, Power.SHARE})


def conclude(
    builder: DecisionBuilder,
    actor: Person,
    requests: Sequence[Request],
    verdicts: Sequence[Verdict],
    number: int,
    question: Mapping[str, Any] = NOTHING,
) -> Decision:
    """One wrong line refuses the mail, a missing proof holds it.  `number` is the incident it answers, 0 if none.

    `question`: what its author is shown besides, if he is asked for a yes.
    """
    facts = builder.facts
    rows = [[v.line, v.good, v.says] for v in verdicts]
    question = {**question, **share_verb.question_of(requests)}
    if not all(v.good for v in verdicts):
        rows += [[leak.words, False, leak.says] for one in requests for leak in airlock.sent_back(one)]
        return _refused(builder, actor, rows, number, requests)
    powers = set[Power]().union(*(request.power() for request in requests))
    missing = first_missing_power(sorted(powers, key=list(Power).index), facts.staff_proof, builder.policy.trust)
    of_many = not powers.isdisjoint(ASKED_WITH_A_LIST)
    if missing is not None and missing not in ASKED_WITH_A_LIST:
        return hold_for_proof(builder, actor, number, rows, missing, question)
    if powers and powers <= {Power.READ} and facts.reads_last_hour >= builder.policy.limits.reads_per_sender_hour:
        return builder.decision(Rule.READS_LIMIT, Ending.IGNORED)
    agreed = of_many and facts.release is not None and facts.release.proved  # it was looked at before he was asked
    if not agreed and (returning := airlock.returning(builder, requests)):
        return _came_back(builder, actor, requests, returning)
    if missing is not None:
        return hold_for_proof(builder, actor, number, rows, missing, question)
    lacking = [one for one in requests if to_tracker.without_steps(one) == "ask"]
    if lacking and not builder.unanswerable:
        return _steps_asked(builder, actor, lacking[0])
    lines = "; ".join(v.line for v in verdicts if v.line)[:300]
    waits = next((one for one in requests if one.leaves_at is not None), None)
    if waits is not None:
        return waiting_answer.keep(builder, waits, rows, lines)
    together = sum(bool(one.case.incident.number) and not one.part for one in requests) > 1
    said = list(rows)
    for request in requests:
        logs = _apply(builder, request)
        if not request.part:
            place = builder.policy.reference(request.case.incident.number) if together else ""
            more = answer_actor(builder, request, rows, logs, alone=not together)
            said += [[line or place, good, says] for line, good, says in more]
    if together and not builder.unanswerable:
        builder.tell(actor, NoticePurpose.VERDICT, None, verdicts=said, **_paper(builder))
    verbs = {verb for request in requests for verb in request.verbs} - CHANGING_NOTHING
    if verbs and not (facts.release and facts.release.waited):  # when it was written is what counts
        builder.do(KeepDeed(actor, lines, undoable=verbs <= UNDOABLE))
    return builder.decision(Rule.STAFF_UPDATE, Ending.APPLIED, lines, number)


def _paper(builder: DecisionBuilder) -> dict[str, Any]:
    """A reply to what confirms lines of a morning paper is about the same lines."""
    return {"paper": builder.facts.route.number} if builder.facts.lines else {}


def _refused(
    builder: DecisionBuilder, actor: Person, rows: list[Row], number: int, requests: Sequence[Request]
) -> Decision:
    """Nothing of the mail is applied or relayed; it stays in the log, and its author gets it back, on the same leg."""
    facts, mail = builder.facts, builder.mail
    logs: list[int] = []
    if number and staff_may(Power.NOTE, facts.staff_proof, builder.policy.trust):  # else anybody could write there
        logs.append(_log_refused(builder, number, actor))
    # without proof anybody may write in his name: he hears of it as often as he may ask to read
    often = facts.returned_last_hour >= builder.policy.limits.reads_per_sender_hour
    if not builder.unanswerable and not often:
        # of what never reached a partner's leg it cannot be said whose leg that would be
        legs = {request.leg if request.leg != LegKind.VENDOR else "" for request in requests}
        detail: dict[str, Any] = {
            "verdicts": rows,
            "refused": True,
            "returned": mail.own_words or mail.text,
            "leg": min(legs, default=""),
            **_paper(builder),
        }
        builder.tell(actor, NoticePurpose.VERDICT, number or None, *logs, **detail)
    return builder.decision(Rule.STAFF_REFUSED, Ending.REFUSED, next(r[2] for r in rows if not r[1])[:300], number)


def _log_refused(builder: DecisionBuilder, number: int, actor: Person) -> int:
    """His words stay in the log, for staff to read, with all that stood in the mail."""
    mail = builder.mail
    entry = _entry(builder, number, Event.REFUSED, actor)
    refused = replace(entry, direction=Direction.IN, text=mail.own_words, attachments=mail.attachments)
    return builder.log(_with_quotation(builder, refused, mail.doubtful_text))


def _came_back(
    builder: DecisionBuilder, actor: Person, requests: Sequence[Request], returning: airlock.Returning
) -> Decision:
    """Nothing of the mail is done; its author gets it back with the reasons, and `send` releases it."""
    logs = {}
    for number in dict.fromkeys(one.case.incident.number for one in requests if one.words and not one.part):
        logs[number] = _log_refused(builder, number, actor)
    number = returning.incident if returning.incident in logs else min(logs)  # of a child: its parent
    new = [shown(*one) for one in returning.crossed]
    slips = [[slip.says, slip.words] for slip in returning.slips]
    returned = builder.mail.own_words or builder.mail.text
    builder.tell(actor, NoticePurpose.CROSSED, number, logs[number], new=new, slips=slips, returned=returned)
    if not new:
        reason = "; ".join(f"{slip.says} {slip.words}" for slip in returning.slips)[:300]
        return builder.decision(Rule.STAFF_RETURNED, Ending.REFUSED, reason, number)
    places = ", ".join(place for _, place, _ in new)
    return builder.decision(Rule.STAFF_CROSSED, Ending.REFUSED, f"newer than the letter it answers: {places}", number)


def _steps_asked(builder: DecisionBuilder, actor: Person, request: Request) -> Decision:
    """Nothing of the mail is done; its author is asked for the steps, once: what he sends then goes."""
    number, title = request.case.incident.number, request.partner_letter[1]["title"]
    log = _log_refused(builder, number, actor)
    returned = builder.mail.own_words or builder.mail.text
    builder.tell(actor, NoticePurpose.STEPS_ASKED, number, log, title=title, returned=returned)
    return builder.decision(Rule.STEPS_ASKED, Ending.REFUSED, title, number)


def _apply(builder: DecisionBuilder, request: Request) -> list[int]:
    """The effects of one request; returns the places of its log entries."""
    before, number = request.case.incident, request.case.incident.number
    builder.do(*request.effects)
    carry_out_undo(builder, request)
    if not number:
        return []
    after, departs = overtaken(before, _status_after(request).tidied(), builder.policy, spoken=False)
    builder.do(*departs)
    waiting_answer.remind(request)
    holding.ended(request, after)
    linking.reopened(request, before, after)
    builder.do(*(Meet(one.person.key, one.person.name, known=True) for one in request.joining if one.person.id == 0))
    strangers = [one.person for one in request.joining if one.person.id and not one.person.known]
    builder.do(*(Know(person) for person in strangers), *request.joining)  # an engineer vouches for them
    builder.do(*(Withdraw(number, person) for person in request.leaving), *to_partner.effects(request))
    put_right(builder, request)
    builder.do(*kb_verb.effects(request))
    logs = _log(builder, request, before, after)
    builder.do(*request.draws, *pools.followed(before, after), *linking.effects(request))
    if any(getattr(after, name) != getattr(before, name) for name in TIMING):
        builder.do(Retract(number, pinned_too=after.cycle != before.cycle))
        builder.do(*promised(after, builder.policy))
    builder.do(*request.promised)
    tell(builder, request, before, after, logs)
    share_verb.tell_authors(builder, request, logs)
    waiting_answer.tell_author(builder, request, logs)
    deferring.carry_out_fixed(builder, request)
    linking.tell_others(builder, request)
    children.ask(builder, request, before, after)
    carry_out_split(builder, request)
    return logs


def _status_after(request: Request) -> Incident:
    """A public answer waits for the customer, unless the engineer said otherwise or nobody reads it.

    Who answers first owns it, where the mailbox says so.
    """
    to_partner.waiting(request)
    incident = request.incident
    if not request.words:
        return _answered_by_colleague(request)
    incident = incident.having(reason_asked=False)  # what the customer writes next answers this, not our question
    if not incident.owner and request.first_reply_owns():
        incident = replace(incident, owner=request.engineer.id)
    if request.status_named:
        return incident
    move = Move.TAKEN if request.keep or request.unheard() else Move.ANSWERED
    return replace(incident, status=moved(incident.status, move) or incident.status)


def _answered_by_colleague(request: Request) -> Incident:
    """A note of the colleague who was asked is his answer: its owner has it again."""
    incident, asked = request.incident, request.case.incident.status is Status.AWAITING_COLLEAGUE
    says = bool(request.note or request.attachments) and not request.status_named
    if not asked or not says or incident.temporary_owner != request.engineer.id:
        return incident
    return replace(
        incident, status=moved(incident.status, Move.SET, Status.ACTIVE) or incident.status, temporary_owner=""
    )


# --- the log


def _log(builder: DecisionBuilder, request: Request, before: Incident, after: Incident) -> list[int]:
    """The public words and the note, else the change alone; the first entry bears the change and the quotation.

    Time he spent, and then what he logged by `/event`, come last, each in an entry of its own.
    """
    change, event = changes(before, after), _event(before, after)
    entries = [
        *_answer_entry(builder, request, event),
        *_partner_entry(builder, request, event),
        *_note_entry(builder, request, event if change and not request.leaving_words() else Event.CHANGED),
    ]
    if entries:
        entries[0] = replace(entries[0], change=change)
    else:
        entries = _change_entry(builder, request, event if change else None, change)
    entries += linking.entries(builder, request, before.number)
    entries += promises.entries(request) + share_verb.entries(builder, request)
    entries += kb_verb.entries(request, _entry(builder, before.number, Event.LINKED, request.actor))
    entries += _time_entries(builder, request)
    entries += [_event_entry(builder, request, one) for one in request.events]
    if request.part:  # what he quoted is about others
        return [builder.log(entry) for entry in entries]
    entries[:1] = [_with_quotation(builder, entry, request.withheld) for entry in entries[:1]]
    return [builder.log(entry) for entry in entries]


def _answer_entry(builder: DecisionBuilder, request: Request, event: Event) -> list[Log]:
    if not request.words:
        return []
    kind = Event.ANSWER if event is Event.CHANGED else event
    entry = _entry(builder, request.case.incident.number, kind, request.actor)
    entry = replace(entry, leg=LegKind.PUBLIC, direction=Direction.OUT)
    return [replace(entry, text=request.words, attachments=request.attachments)]


def _partner_entry(builder: DecisionBuilder, request: Request, event: Event) -> list[Log]:
    if not request.partner_words:
        return []
    kind = Event.VENDOR if event is Event.CHANGED else event
    entry = _entry(builder, request.case.incident.number, kind, request.actor)
    entry = replace(entry, leg=LegKind.VENDOR, direction=Direction.OUT, partner=request.partner)
    return [replace(entry, text=request.partner_words, attachments=request.attachments)]


def _note_entry(builder: DecisionBuilder, request: Request, event: Event) -> list[Log]:
    files = request.kept_back if request.leaving_words() else request.attachments
    if not request.note and not files:
        return []
    kind = Event.NOTE if event is Event.CHANGED else event
    entry = _entry(builder, request.case.incident.number, kind, request.actor)
    return [replace(entry, text=request.note, attachments=files)]


def _change_entry(
    builder: DecisionBuilder, request: Request, event: Event | None, change: dict[str, tuple[Any, Any]]
) -> list[Log]:
    """Where nothing was said: what changed, or who joined and left; `event` None: nothing changed."""
    people = [one.person.address or one.person.key for one in request.joining]
    people += [person.address for person in request.leaving]
    if request.contact is not None:
        people.append(f"contact: {request.contact.address}")
    if request.partner is not None and request.partner_named:
        people.append(
            f"{request.partner.kind}: {request.partner.name or request.partner.key} {request.partner_reference}".strip()
        )
    if event is None and not people:
        return []
    kind = event or (Event.LEFT if request.leaving and not (request.joining or request.contact) else Event.JOINED)
    entry = _entry(builder, request.case.incident.number, kind, request.actor)
    return [replace(entry, text=", ".join(people), change=change)]


def _time_entries(builder: DecisionBuilder, request: Request) -> list[Log]:
    """Each line about time spent is a fact of its own, whatever else the mail says."""
    entry = _entry(builder, request.case.incident.number, Event.TIME, request.actor)
    return [replace(entry, text=one.text, duration=one.minutes) for one in request.spent]


def _event_entry(builder: DecisionBuilder, request: Request, logged: LoggedEvent) -> Log:
    """A response went out to the customer, whoever may read about it; so the clock of the first response sees it."""
    entry = _entry(builder, request.case.incident.number, logged.type.id, request.actor)
    return replace(
        entry,
        leg=LegKind.PUBLIC if logged.type.visible else LegKind.INTERNAL,
        direction=Direction.OUT if logged.type.counts_as_response else Direction.NONE,
        text=logged.text,
        duration=logged.minutes or None,
    )


def _entry(builder: DecisionBuilder, number: int, event: str, actor: Person) -> Log:
    """An entry for staff to read, of an engineer, without words."""
    return Log(number, LegKind.INTERNAL, event, Direction.NONE, actor, proof=builder.facts.proof.label)


def _with_quotation(builder: DecisionBuilder, entry: Log, doubtful: str) -> Log:
    """What else stood in the mail, kept apart from the words."""
    mail = builder.mail
    return replace(entry, quoted=mail.quoted_text, signature=mail.signature, doubtful=doubtful)


def _event(before: Incident, after: Incident) -> Event:
    if before.open != after.open:
        return Event.REOPENED if after.open else Event.CLOSED
    return Event.ASSIGNED if after.owner != before.owner else Event.CHANGED
