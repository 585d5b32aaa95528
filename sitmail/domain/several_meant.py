"""Mail that staff must place: it names several incidents, or one that is closed for good (behaviour 2.2 and 3.2)."""

from __future__ import annotations

from sitmail.domain.decision_builder import DecisionBuilder, concerned
from sitmail.domain.effects import Decision
from sitmail.domain.endings import HeldReason
from sitmail.domain.facts import Case, Facts
from sitmail.domain.policy import Policy
from sitmail.domain.refused_cover import held_politely
from sitmail.domain.sentence import Sentence, listed


def several_meant(builder: DecisionBuilder) -> Decision | None:
    """A subject that names more than one incident of its writer, where nothing better says which is meant."""
    facts = builder.facts
    case = facts.case
    if not facts.ambiguous or facts.release or case is None:
        return None
    cases = [case, *(facts.cases[number] for number in facts.ambiguous)]
    names = listed([builder.policy.reference(one.incident.number) for one in cases])
    says = Sentence("its subject names %(incidents)s: attach it to one of them", incidents=names)
    readers = [one for each in cases for one in concerned(each.incident, each, facts, builder.policy)]
    return held_politely(builder, HeldReason.AMBIGUOUS, says, readers, number=case.incident.number)


def which_one(facts: Facts, policy: Policy) -> str:
    """What an engineer is told whose subject names several; "" where it does not."""
    if not facts.ambiguous:
        return ""
    names = listed([policy.reference(number) for number in (facts.number, *facts.ambiguous)])
    return Sentence("the subject names %(incidents)s; leave the one that you mean, and send it again", incidents=names)


def closed_for_good(builder: DecisionBuilder, case: Case) -> Decision | None:
    """Words about an incident that no words open again, where `[closing] closed_for_good` wants a decision first."""
    facts, policy = builder.facts, builder.policy
    if facts.release or policy.closing.closed_for_good != "hold":
        return None
    reference = policy.reference(case.incident.number)
    says = Sentence("%(incident)s is closed for good; accepted, it opens a new one", incident=reference)
    readers = concerned(case.incident, case, facts, policy)
    return held_politely(builder, HeldReason.CLOSED, says, readers, number=case.incident.number)
