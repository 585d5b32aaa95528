"""A contact's correction is put to the account manager of his site, whose yes makes it a change of the directory."""

from __future__ import annotations

from sitmail.domain import corrections
from sitmail.domain.customer.request import CustomerRequest
from sitmail.domain.customer.site_admin import approvers
from sitmail.domain.decision_builder import DecisionBuilder
from sitmail.domain.directory_effects import ChangeDirectory, Propose
from sitmail.domain.effects import Decision
from sitmail.domain.endings import Ending, Rule
from sitmail.domain.facts import Confirmation
from sitmail.domain.mismatch import about_another
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.people import Person
from sitmail.domain.question_effects import Answered
from sitmail.domain.sentence import Sentence
from sitmail.domain.short_answers import is_no, is_yes_alone
from sitmail.domain.trust import Power, customer_may

NOTED = Sentence("Thank you; one of us checks what you corrected about yourself.")


def propose(request: CustomerRequest) -> None:
    """Puts what he corrected in a reply to those who decide, where the desk asks for that and his mail is proved."""
    builder, person = request.builder, request.person
    facts, policy = builder.facts, builder.policy
    if not policy.corrections or not person.known or person.staff or about_another(facts) is not None:
        return
    if not customer_may(Power.RELAY, facts.proof, policy.trust):
        return
    found = corrections.corrected(builder.mail.own_words, person)
    if not found:
        return
    readers = tuple(approvers(builder, facts.sites.get(person.site)))
    detail = {
        "who": person.name or person.address,
        "address": person.address,
        "lines": corrections.shown(person, found),
    }
    builder.do(Propose(readers, corrections.changes(person, found, person.key), detail))
    request.done.append(NOTED)


def answered(builder: DecisionBuilder, asked: Confirmation, person: Person) -> Decision:
    """The yes or no of who was asked about it."""
    words = builder.mail.new_text
    if builder.now > asked.expires:
        return builder.decision(Rule.CONFIRMATION_UNKNOWN, Ending.IGNORED)
    if is_no(words):
        builder.do(Answered(asked.id))
        says = Sentence("nothing is changed")
        builder.tell(person, NoticePurpose.VERDICT, None, verdicts=[["no", True, says]])
        return builder.decision(Rule.CONFIRMATION_NO, Ending.APPLIED)
    if not is_yes_alone(words, person.name):
        says = Sentence("answer yes, and it is changed, or no")
        builder.tell(
            person, NoticePurpose.VERDICT, None, verdicts=[["", False, says]], refused=True, returned=words[:2000]
        )
        return builder.decision(Rule.CONFIRMATION_UNCLEAR, Ending.APPLIED)
    builder.do(Answered(asked.id), *(ChangeDirectory(*one) for one in asked.changes))
    builder.tell(person, NoticePurpose.VERDICT, None, verdicts=[["yes", True, Sentence("it is changed")]])
    return builder.decision(Rule.CONFIRMATION_YES, Ending.APPLIED)
