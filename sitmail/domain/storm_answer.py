"""The lead's answer to a proposal: yes opens the parent and links what is open, no keeps it from being proposed again.

The question went to his registered address, so that its yes is the confirmation which acting on more than five
incidents needs (behaviour 7).
"""

from __future__ import annotations

from sitmail.domain.authority import acts_on
from sitmail.domain.decision_builder import DecisionBuilder
from sitmail.domain.effects import Decision, Enrol, Log, Open
from sitmail.domain.endings import Ending, Rule
from sitmail.domain.facts import Case, Confirmation
from sitmail.domain.incident import Incident, Status
from sitmail.domain.links import of_kind
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.opening import NEW
from sitmail.domain.people import Person
from sitmail.domain.question_effects import Answered
from sitmail.domain.sentence import Sentence
from sitmail.domain.short_answers import is_no, is_yes_alone
from sitmail.domain.storm import CHANNEL, State, Storm, StormAsked
from sitmail.domain.storm_effects import Adopt, AskLead, DecideStorm
from sitmail.domain.update import Direction, Event, LegKind

HOW = Sentence("answer yes, and they are linked, or no")
REFUSED = Sentence("nothing is linked, and it is not proposed again today")
NONE_LEFT = Sentence("none of them is open and without a parent any more, so nothing is linked")
REFUSED_BEFORE = Sentence("it was answered before, and nothing is linked")


def storm_answered(builder: DecisionBuilder, asked: Confirmation, person: Person, about: StormAsked) -> Decision:
    """The yes or no of a storm's lead."""
    words, storm = builder.mail.new_text, about.storm
    line = words.strip().split("\n")[0][:80]
    if storm.state is not State.PROPOSED:
        builder.do(Answered(asked.id))
        _tell(builder, person, line, True, _before(builder, storm))
        return builder.decision(Rule.STORM_DECIDED_BEFORE, Ending.APPLIED)
    if is_no(words):
        builder.do(Answered(asked.id), DecideStorm(storm.id, State.REFUSED))
        _tell(builder, person, line, True, REFUSED)
        return builder.decision(Rule.STORM_REFUSED, Ending.APPLIED)
    if not is_yes_alone(words, person.name):
        builder.tell(
            person, NoticePurpose.VERDICT, None, verdicts=[[line, False, HOW]], refused=True, returned=words[:2000]
        )
        return builder.decision(Rule.CONFIRMATION_UNCLEAR, Ending.APPLIED)
    if builder.now > asked.expires:
        builder.do(Answered(asked.id), AskLead(storm.id))
        return builder.decision(Rule.CONFIRMATION_LATE, Ending.APPLIED)
    children = _children(builder, person, about)
    if not children:
        builder.do(Answered(asked.id), DecideStorm(storm.id, State.REFUSED))
        _tell(builder, person, line, True, NONE_LEFT)
        return builder.decision(Rule.STORM_REFUSED, Ending.APPLIED)
    return _joined(builder, asked, person, storm, children)


def _before(builder: DecisionBuilder, storm: Storm) -> str:
    if storm.state is State.REFUSED:
        return REFUSED_BEFORE
    return Sentence(
        "they are linked already; their parent is %(incident)s", incident=builder.policy.reference(storm.parent)
    )


def _tell(builder: DecisionBuilder, person: Person, line: str, good: bool, says: str) -> None:
    builder.tell(person, NoticePurpose.VERDICT, None, verdicts=[[line, good, says]])


def _children(builder: DecisionBuilder, person: Person, about: StormAsked) -> list[Case]:
    """What is open, stands alone, and is his to act on."""
    engineer = builder.policy.engineers.get(person.key)
    cases = [builder.facts.cases[number] for number in about.members if number in builder.facts.cases]
    return [
        case
        for case in cases
        if engineer is not None
        and case.incident.open
        and acts_on(engineer, case.incident)
        and not of_kind(case.links, case.incident.number, "parent")
        and not of_kind(case.links, case.incident.number, "child")
    ]


def _joined(
    builder: DecisionBuilder, asked: Confirmation, person: Person, storm: Storm, children: list[Case]
) -> Decision:
    first = children[0].incident
    parent = Incident(
        number=NEW,
        mailbox=first.mailbox,
        title=storm.title,
        status=Status.ACTIVE,
        priority=_highest(builder, children),
        opened=builder.now,
        updated=builder.now,
        owner=person.key,
        team=first.team,
        product=storm.product,
        unit=storm.unit,
        channel=CHANNEL,
        cycle_opened=builder.now,
    )
    numbers = tuple(case.incident.number for case in children)
    builder.do(Answered(asked.id), Open(parent, None))
    owners = {e for c in children for e in (c.incident.owner, c.incident.temporary_owner)} - {"", person.key}
    staff = [builder.facts.staff[one] for one in sorted(owners) if one in builder.facts.staff]
    builder.do(*(Enrol(NEW, one, "watcher", LegKind.INTERNAL) for one in staff))
    names = ", ".join(map(builder.policy.reference, numbers))
    change = {"status": (None, str(parent.status)), "owner": (None, parent.owner)}
    log = builder.log(
        Log(NEW, LegKind.INTERNAL, Event.OPENED, Direction.NONE, person, text=names, change=change, proof="confirmed")
    )
    builder.do(DecideStorm(storm.id, State.JOINED), Adopt(numbers, person.key))
    begun = Sentence("it is the parent of %(incident)s", incident=names)
    for one in staff:
        builder.tell(one, NoticePurpose.CHANGED_STAFF, NEW, log, by=person.name, links=[begun])
    builder.tell(person, NoticePurpose.STORM_JOINED, NEW, log, count=len(numbers))
    return builder.decision(Rule.STORM_JOINED, Ending.NEW, f"the parent of {len(numbers)} incidents", NEW)


def _highest(builder: DecisionBuilder, children: list[Case]) -> str:
    """The gravest priority of the children."""
    order = [one.id for one in builder.policy.priorities]
    found = [case.incident.priority for case in children]
    return max(found, key=lambda name: order.index(name) if name in order else -1)
