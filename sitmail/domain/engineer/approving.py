"""A manager's yes or no to what is to be drawn from prepaid services (`[prepaid] approve`, behaviour 5).

Yes stands alone, but for thanks or his name; a no may come with words.  Anything else is a note like any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sitmail.domain.decision_builder import DecisionBuilder
from sitmail.domain.effects import DecideBill, Decision, Log
from sitmail.domain.endings import Ending, Rule
from sitmail.domain.engineer.carry_out import Verdict, conclude
from sitmail.domain.engineer.hold_for_proof import hold_for_proof
from sitmail.domain.engineer.request import Request
from sitmail.domain.facts import AskedBill
from sitmail.domain.prepaid import DRAWN, REFUSED, REPLACED, WAITING
from sitmail.domain.sentence import Sentence
from sitmail.domain.short_answers import is_no, is_yes_alone
from sitmail.domain.trust import Power, first_missing_power
from sitmail.domain.update import Direction, Event, LegKind

BEFORE: Mapping[str, Sentence] = {
    DRAWN: Sentence("you said yes before, and it is drawn"),
    REFUSED: Sentence("you said no before, and nothing is drawn"),
    REPLACED: Sentence("it was closed again since, so that this question is void"),
}
UNDECIDED = Sentence("that is neither yes alone nor no, so the question about what is prepaid stays open")


def decide_bill(builder: DecisionBuilder, request: Request, bill: AskedBill) -> Decision | None:
    """None: his words answer nothing."""
    text, actor, number = builder.mail.own_words.strip(), request.actor, request.case.incident.number
    yes = is_yes_alone(text, actor.name)
    if not yes and not is_no(text):
        return None
    line = text.split("\n")[0][:80]
    if bill.state != WAITING:
        return conclude(builder, actor, [request], [Verdict(line, False, BEFORE[bill.state])], number)
    missing = first_missing_power([Power.ANSWER], builder.facts.staff_proof, builder.policy.trust)
    if missing is not None:
        return hold_for_proof(builder, actor, number, [[line, True, ""]], missing)
    mail, proof = builder.mail, builder.facts.proof.label
    entry = Log(number, LegKind.INTERNAL, Event.NOTE, Direction.NONE, actor, text=text, proof=proof)
    builder.log(replace(entry, quoted=mail.quoted_text, signature=mail.signature, doubtful=mail.doubtful_text))
    builder.do(DecideBill(bill.id, number, actor, yes, "" if yes else text))
    return builder.decision(Rule.STAFF_PREPAID, Ending.APPLIED, "yes" if yes else "no", number)
