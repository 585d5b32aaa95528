"""`/later D`: a public answer that is kept, and leaves at D unless the customer writes before (behaviour 3).

The mail is decided about twice.  First it is kept: its words stand in the log for staff to read, and its author hears
when they leave.  At D, or as soon as a customer writes or it is closed, it is processed again (`effects.Depart`), so
that files, Cc, proof and what is new meanwhile are judged as they are then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sitmail.domain import when
from sitmail.domain.decision_builder import DecisionBuilder, changes
from sitmail.domain.effects import Decision, Depart, Effect, Log, Tell
from sitmail.domain.endings import Ending, Rule
from sitmail.domain.engineer.request import Request
from sitmail.domain.escalating import CLOCK
from sitmail.domain.facts import Case, Facts
from sitmail.domain.incident import Incident
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.policy import Policy
from sitmail.domain.sentence import Moment, Sentence
from sitmail.domain.staff_readers import told_inside, told_with_a_part
from sitmail.domain.undoing import KeepDeed
from sitmail.domain.update import Direction, Event, LegKind
from sitmail.domain.who_is_told import Happening

VERB = "later"
MOST = timedelta(days=90)  # well within the time for which the proof of a reply holds
BESIDE = frozenset({VERB, "public", "keep", "cc"})  # what else a mail may say that waits: all of it is done then
NONE_WAITS: Mapping[str, Any] = {"answer_at": None, "answer_by": ""}
WHEN = Sentence("when? Write a time behind it, such as /later 2h or /later friday 9:00; /later off takes it back")
TOO_FAR = Sentence("90 days at most; write a nearer date, such as /later friday 9:00")
NOTHING_WAITS = Sentence("no answer waits here")
IN_A_REPLY = Sentence("write it in a reply to an email about the incident, so that it is certain what you had read")
ELSEWHERE = Sentence("the incident it waited on is a part of this one now; send it again if it is still true")
LEAVES = Sentence("your answer leaves now")
TAKEN_BACK = Sentence("the answer that waited does not leave")
NO_WORDS = Sentence("there are no words that could leave later; an answer to the customer stands under it")
WITH_OTHERS = Sentence(
    "an email that leaves later holds an answer, /public, /keep and /cc; send the rest by itself now"
)
AUTHOR_LEFT = "an answer that waited does not leave, since its author is not here any more"
DEPARTS = "the time has come for the answer that waited"


def later(request: Request, argument: str) -> str:
    """The line itself; what the mail holds beside it is looked at when all of it was read (`wrong`)."""
    request.need_open()
    incident, release = request.incident, request.facts.release
    if argument.strip().lower() == "off":
        if incident.answer_at is None:
            raise ValueError(NOTHING_WAITS)
        request.incident = incident.having(**NONE_WAITS)
        return TAKEN_BACK
    if release is not None and (release.waited or release.how == "send"):
        if release.waited not in (0, incident.number):
            raise ValueError(ELSEWHERE)
        return LEAVES
    if request.facts.answered_leg is None or request.facts.route.kind in ("cmd", "d", "h"):
        raise ValueError(IN_A_REPLY)
    if incident.answer_at is not None:
        raise ValueError(_one_waits(request, incident))
    if not argument.strip():
        raise ValueError(WHEN)
    at = when.until(argument, request.now, request.zone(), request.calendar())
    if at > request.now + MOST:
        raise ValueError(TOO_FAR)
    request.leaves_at = at
    return Sentence(
        "your answer leaves on %(moment)s, unless the customer writes before; /later off takes it back",
        moment=Moment(at, request.zone()),
    )


def _one_waits(request: Request, incident: Incident) -> Sentence:
    author = request.policy.engineers.get(incident.answer_by)
    assert incident.answer_at is not None
    moment = Moment(incident.answer_at, request.zone())
    name = author.name if author else incident.answer_by
    return Sentence("an answer of %(name)s leaves on %(moment)s; /later off takes it back", name=name, moment=moment)


def wrong(request: Request) -> str:
    """Why a mail cannot leave later, as a sentence; "" if it can."""
    if request.leaves_at is None:
        return ""
    if request.note or not set(request.verbs) <= BESIDE:
        return WITH_OTHERS
    if not request.words:
        return NO_WORDS
    why = request.unheard()
    return Sentence("there is nobody to send it to: %(why)s", why=why) if why else ""


def keep(builder: DecisionBuilder, request: Request, rows: Sequence[Sequence[Any]], lines: str) -> Decision:
    """It waits: nothing of it is done yet but that staff can read it."""
    mail, actor, before = builder.mail, request.actor, request.case.incident
    after = before.having(answer_at=request.leaves_at, answer_by=request.engineer.id)
    kept = Log(
        before.number,
        LegKind.INTERNAL,
        Event.LATER,
        Direction.IN,
        actor,
        text=request.words,
        quoted=mail.quoted_text,
        signature=mail.signature,
        doubtful=request.withheld,
        change=changes(before, after),
        attachments=request.attachments,
        proof=builder.facts.proof.label,
    )
    log = builder.log(kept)
    for person, purpose in told_with_a_part(Happening.NOTED, after, request.case, builder.facts, builder.policy):
        if person.id != actor.id:
            builder.tell(person, purpose, before.number, log, by=actor.name)
    if not builder.unanswerable:
        verdicts = [list(row) for row in rows]
        builder.tell(actor, NoticePurpose.VERDICT, before.number, log, verdicts=verdicts, leg=request.leg)
    builder.do(KeepDeed(actor, lines, undoable=True))
    return builder.decision(Rule.STAFF_LATER, Ending.APPLIED, lines, before.number)


def overtaken(before: Incident, after: Incident, policy: Policy, *, spoken: bool) -> tuple[Incident, list[Effect]]:
    """The incident afterwards, and the effects, where something happened before the time of an answer that waits.

    It comes back to its author at once if a customer said something (`spoken`), or the incident was closed.
    """
    waits = before.answer_at is not None and after.answer_at == before.answer_at
    if not waits or not (spoken or (before.open and not after.open)) or before.answer_by not in policy.engineers:
        return after, []
    return after.having(**NONE_WAITS), [Depart(before.number)]


def remind(request: Request) -> None:
    """Who answers now hears that another answer still waits."""
    incident = request.incident
    if request.words and incident.answer_at is not None:
        request.beside.append(_one_waits(request, incident))


def tell_author(builder: DecisionBuilder, request: Request, logs: Sequence[int]) -> None:
    """That somebody took his answer back."""
    before = request.case.incident
    author = builder.facts.staff.get(before.answer_by)
    if VERB not in request.verbs or author is None or request.incident.answer_at is not None:
        return
    if author.id != request.actor.id and before.answer_at is not None:
        detail: dict[str, Any] = {"by": request.actor.name, "changed": [TAKEN_BACK]}
        builder.tell(author, NoticePurpose.CHANGED_STAFF, before.number, *logs, **detail)


def departing(case: Case, log: int, facts: Facts, policy: Policy) -> list[Effect]:
    """Its time has come.  `log`: how many entries the decision has already."""
    before = case.incident
    here = before.answer_by in policy.engineers
    says = DEPARTS if here else AUTHOR_LEFT
    change = changes(before, before.having(**NONE_WAITS))
    entry = Log(before.number, LegKind.INTERNAL, Event.CHANGED, Direction.NONE, actor=CLOCK, text=says, change=change)
    if here:
        return [entry, Depart(before.number)]
    cause = f"left:{before.answer_at.isoformat() if before.answer_at else ''}"
    readers = told_inside(Happening.STATUS_CHANGED, before, case, facts, policy)
    tells = (Tell(one, purpose, before.number, (log,), {"woke": says}, cause=cause) for one, purpose in readers)
    return [entry, *tells]
