"""Leave that somebody grants: what the letter that asks for it shows, and what the answer brings (behaviour 3.3).

An engineer with a manager who grants leave asks for it by `/away`; an absence notice of his mail program is put to
manager and substitute.  Nothing counts before the yes.  Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sitmail.domain.absence import OPEN_END, Absence, AbsenceState, end_of
from sitmail.domain.absence_effects import DecideAbsence
from sitmail.domain.decision_builder import DecisionBuilder
from sitmail.domain.effects import Decision, Tell
from sitmail.domain.endings import Ending, Rule
from sitmail.domain.facts import Confirmation, Facts
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.people import Person
from sitmail.domain.policy import Policy
from sitmail.domain.presence import Presence, presence_at, stand_in
from sitmail.domain.question_effects import Answered
from sitmail.domain.sentence import Sentence
from sitmail.domain.short_answers import is_no, is_yes_alone

ANSWERS = {
    AbsenceState.GRANTED: Sentence("it was answered before: yes"),
    AbsenceState.REFUSED: Sentence("it was answered before: no"),
}
ASKED_AGAIN = timedelta(days=14)
OVER = Sentence("it is over, or was taken back, so nothing is changed")


def manager_of(engineer: str, policy: Policy) -> str:
    """Who grants leave to an engineer; "" for nobody but himself."""
    manager = policy.engineers[engineer].manager
    return manager if manager in policy.engineers and manager != engineer else ""


def shown(engineer: str, since: datetime, until: datetime, policy: Policy, presence: Presence) -> dict[str, Any]:
    """Who, when, who would stand in, and who else of his teams is away then."""
    then = presence_at(max(since, presence.at or since), presence.absences, policy)
    other = stand_in(engineer, policy, then)
    mates = [one.id for one in policy.engineers.values() if set(one.teams) & set(policy.engineers[engineer].teams)]
    return {
        "who": policy.engineers[engineer].name,
        "begins": since.isoformat(),
        "due": "" if until >= OPEN_END else until.isoformat(),
        "instead": policy.engineers[other].name if other else "",
        "others": [
            [policy.engineers[one.engineer].name, one.since.isoformat(), one.until.isoformat()]
            for one in presence.absences
            if one.engineer in mates and one.engineer != engineer and one.granted and one.away
            if one.since < until and since < one.until and not one.endless
        ],
    }


def answered(builder: DecisionBuilder, asked: Confirmation, person: Person) -> Decision:
    """The yes or no of who was asked."""
    words = builder.mail.new_text
    line = words.strip().split("\n")[0][:80]
    found = next((one for one in builder.facts.presence.absences if one.id == asked.absence), None)
    if found is None or found.until <= builder.now or found.state in ANSWERS:
        builder.do(Answered(asked.id))
        says = OVER if found is None or found.until <= builder.now else ANSWERS[found.state]
        return _told(builder, person, line, says, Rule.CONFIRMATION_AGAIN)
    name = builder.policy.engineers[found.engineer].name
    if is_no(words):
        builder.do(Answered(asked.id), DecideAbsence(found.id, AbsenceState.REFUSED))
        _tell_engineer(builder, found, person, granted=False, words=words)
        says = Sentence("%(name)s counts as here", name=name)
        return _told(builder, person, line, says, Rule.CONFIRMATION_NO)
    if not is_yes_alone(words, person.name):
        how = Sentence("answer yes alone, or no; words may stand behind a no")
        builder.tell(
            person, NoticePurpose.VERDICT, None, verdicts=[[line, False, how]], refused=True, returned=words[:2000]
        )
        return builder.decision(Rule.CONFIRMATION_UNCLEAR, Ending.APPLIED)
    builder.do(Answered(asked.id), DecideAbsence(found.id, AbsenceState.GRANTED))
    _tell_engineer(builder, found, person, granted=True)
    says = Sentence("%(name)s is told", name=name)
    return _told(builder, person, line, says, Rule.CONFIRMATION_YES)


def _told(builder: DecisionBuilder, person: Person, line: str, says: str, rule: Rule) -> Decision:
    builder.tell(person, NoticePurpose.VERDICT, None, verdicts=[[line, True, says]])
    return builder.decision(rule, Ending.APPLIED)


def _tell_engineer(builder: DecisionBuilder, found: Absence, by: Person, *, granted: bool, words: str = "") -> None:
    """He hears what was decided; of a notice that his mail program sent only the yes."""
    proposed = found.state is AbsenceState.PROPOSED
    if proposed and not granted:
        return
    then = presence_at(max(found.since, builder.now), builder.facts.presence.absences, builder.policy)
    other = stand_in(found.engineer, builder.policy, then)
    builder.tell(
        builder.facts.staff.get(found.engineer),
        NoticePurpose.LEAVE_ANSWERED,
        None,
        cause=f"leave:{found.id}",
        silent=False,
        granted=granted,
        proposed=proposed,
        by=by.name or by.address,
        begins=found.since.isoformat(),
        due="" if found.endless else found.until.isoformat(),
        instead=builder.policy.engineers[other].name if other else "",
        words=words.strip()[:2000],
    )


def told_of_silence(absence: Absence, facts: Facts, policy: Policy) -> Decision:
    """It would have begun, and the manager has not answered: its engineer counts as here, and should know."""
    reader, manager = facts.staff.get(absence.engineer), policy.engineers.get(manager_of(absence.engineer, policy))
    detail = {
        "silent": True,
        "granted": False,
        "proposed": False,
        "by": manager.name if manager else "",
        "begins": absence.since.isoformat(),
        "due": absence.until.isoformat(),
        "instead": "",
        "words": "",
    }
    tells: tuple[Tell, ...] = ()
    if reader is not None:
        tells = (Tell(reader, NoticePurpose.LEAVE_ANSWERED, None, detail=detail, cause=f"silent:{absence.id}"),)
    return Decision(Rule.ENGINEER_AWAY, Ending.APPLIED, "the manager has not answered", tells)


def away_already(absences: Iterable[Absence], engineer: str, at: datetime) -> bool:
    """Whether he is known to be away then, or was asked about, whatever the answer.

    Without an end that counts for two weeks.
    """
    listed = list(absences)
    asked = [one for one in listed if one.engineer == engineer and one.away and not one.granted]
    ends = [min(one.until, one.since + ASKED_AGAIN) if one.endless else one.until for one in asked]
    return end_of(listed, engineer, at) is not None or any(
        one.since <= at < end for one, end in zip(asked, ends, strict=True)
    )
