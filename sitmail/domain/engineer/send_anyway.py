"""`send`, in reply to the letter by which an engineer's answer came back: that answer leaves, come what may."""

from __future__ import annotations

from sitmail.domain.decision_builder import DecisionBuilder
from sitmail.domain.effects import Decision, Log, Resend
from sitmail.domain.endings import Ending, Rule
from sitmail.domain.engineer import crossing
from sitmail.domain.engineer.carry_out import Verdict, conclude
from sitmail.domain.engineer.hold_for_proof import hold_for_proof
from sitmail.domain.engineer.request import Request
from sitmail.domain.later_updates import Returned
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.sentence import Sentence
from sitmail.domain.trust import Power, first_missing_power
from sitmail.domain.update import Direction, Event, LegKind

LINE = "send"
BEFORE = Sentence("it was sent before")
KEPT = Sentence("the answer that came back is sent; what you wrote under that line is kept as an internal note")


def send_anyway(builder: DecisionBuilder, request: Request, returned: Returned, barred: str) -> Decision:
    """`barred`: the sentence that refuses it, "" if none does.  Whoever may answer may send what a colleague wrote."""
    number, actor = request.case.incident.number, request.actor
    wrong = barred or (BEFORE if returned.ending != Ending.REFUSED else "")
    if wrong:
        return conclude(builder, actor, [request], [Verdict(LINE, False, wrong)], number)
    missing = first_missing_power([Power.ANSWER], builder.facts.staff_proof, builder.policy.trust)
    if missing is not None:
        return hold_for_proof(builder, actor, number, [[LINE, True, ""]], missing)
    builder.do(Resend(returned.mail, actor.key))
    if rest := crossing.below(builder.mail.new_text):
        proof = builder.facts.proof.label
        log = builder.log(Log(number, LegKind.INTERNAL, Event.NOTE, Direction.NONE, actor, text=rest, proof=proof))
        builder.tell(actor, NoticePurpose.VERDICT, number, log, verdicts=[[LINE, True, KEPT]])
    return builder.decision(Rule.STAFF_SENT_ANYWAY, Ending.APPLIED, f"the mail {returned.mail} is sent", number)
