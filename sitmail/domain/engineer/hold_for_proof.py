"""An engineer's mail that lacks a proof: it waits, and its author is asked, with the true reason (behaviour 7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sitmail.domain.decision_builder import DecisionBuilder
from sitmail.domain.effects import Decision, Hold
from sitmail.domain.endings import Ending, HeldReason, Rule
from sitmail.domain.facts import Proof
from sitmail.domain.people import Person
from sitmail.domain.policy import NOTHING, Trust
from sitmail.domain.question_effects import Ask
from sitmail.domain.trust import Power, staff_may

Row = list[Any]  # of the letter to the author: line, whether it was good, the sentence beside it


def hold_for_proof(
    builder: DecisionBuilder,
    actor: Person,
    number: int,
    rows: list[Row],
    missing: Power,
    more: Mapping[str, Any] = NOTHING,
) -> Decision:
    """Kept until its author says yes; one letter asks him, at his registered address, and says why.

    `more` is what the question shows and keeps besides.
    """
    why = _why_asked(builder, missing)
    sentence = WHY_ASKED[why].format(address=actor.address)
    builder.do(Hold(HeldReason.LOW_TRUST, sentence, number, actor))
    if not builder.mail.machine:
        question = {
            "subject": builder.mail.subject[:200],
            "lines": [row[0] for row in rows if row[0]],
            "text": builder.mail.own_words[:2000],
            "why": why,
            **more,
        }
        builder.do(Ask(actor, question, shared=why == builder.policy.trust.commands))
    return builder.decision(Rule.STAFF_UNPROVEN, Ending.HELD, sentence, number)


def _why_asked(builder: DecisionBuilder, missing: Power) -> str:
    """The true reason for the question: a key of `WHY_ASKED`."""
    if builder.facts.proof is Proof.NONE:
        return "unproven"
    proof, trust = builder.facts.staff_proof, builder.policy.trust
    if missing is Power.ADD_OUTSIDER and not staff_may(missing, proof, Trust()):
        if proof is Proof.AUTHENTICATED:
            return "outsider-authenticated"
        return "outsider-token" if trust.authserv_id else "outsider-unread"
    if missing in (Power.MANY, Power.CHOSEN, Power.SHARE, Power.DIRECTORY) or (
        missing is Power.BEGIN and not staff_may(missing, proof, Trust())
    ):
        return str(missing)
    return trust.commands


_OUTSIDER = "it adds somebody from outside the customer's site, and of the two proofs which that needs"
WHY_ASKED = {
    "unproven": "From is {address}, but nothing proves that it is theirs",
    "both": 'commands = "both" wants two proofs that {address} wrote it, and it had one',
    "confirm": 'commands = "confirm" asks {address} for a yes before anything is carried out',
    "outsider-token": f"{_OUTSIDER} the signature of the mail server of {{address}} was missing",
    "outsider-unread": f"{_OUTSIDER} one cannot be read here (`authserv_id` is not set), so {{address}} is asked",
    "outsider-authenticated": f"{_OUTSIDER} one was missing: it answers no letter of ours to {{address}}",
    str(Power.DIRECTORY): "it changes who is known or blocked, which needs a yes of {address}",
    str(Power.BEGIN): "it writes to somebody whom the desk does not know, which needs a login or a yes of {address}",
    str(Power.MANY): "it acts on more than five incidents, which needs a yes of {address}",
    str(Power.SHARE): "it makes public what staff alone had read, which needs a yes of {address}",
    str(Power.CHOSEN): "it acts on what a search finds, which needs a yes of {address}",
}
