"""An answer that came to the reply address of another incident or leg than the letter it answers (behaviour 2.4).

Which of the two was meant only its author knows: an engineer's words do not leave, and come back with the choice
(`engineer/misaddressed`); a customer's go to the incident of the address, and staff are told.
"""

from __future__ import annotations

from sitmail.domain.facts import Facts, Mismatch
from sitmail.domain.policy import Policy
from sitmail.domain.sentence import Sentence
from sitmail.domain.update import LegKind


def about_another(facts: Facts) -> Mismatch | None:
    """The mismatch, if what the mail answers is not about the incident of the address."""
    found, case = facts.mismatch, facts.case
    if found is None or case is None:
        return None
    return None if found.incident and found.incident.number == case.incident.number else found


def answered_instead(found: Mismatch, policy: Policy) -> str:
    """What the mail answers: the end of a sentence about it."""
    if found.incident is None:
        return Sentence("answers a letter that is about no single incident")
    named = f"{policy.reference(found.incident.number)} {found.incident.title}"
    if found.by_subject:
        return Sentence("its subject names %(incident)s", incident=named)
    if found.leg is LegKind.INTERNAL:
        return Sentence("answers an internal letter about %(incident)s", incident=named)
    return Sentence("answers a letter about %(incident)s", incident=named)
