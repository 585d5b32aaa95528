"""When the time after a closing is over: whether its contact is asked how the desk did.

Each incident is asked about once, however often it is closed again, and nobody is asked for each of his incidents.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sitmail.domain.effects import Decision, Effect, Log, Tell
from sitmail.domain.endings import Ending, Rule
from sitmail.domain.escalating import CLOCK
from sitmail.domain.facts import Case
from sitmail.domain.feedback import shown
from sitmail.domain.feedback_effects import AskedFeedback, FeedbackAgain
from sitmail.domain.incident import Incident
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.outside_readers import hears
from sitmail.domain.people import Kind, Person
from sitmail.domain.policy import Policy
from sitmail.domain.record import record
from sitmail.domain.update import Direction, Event, LegKind
from sitmail.domain.who_is_told import Happening, Role, purpose_of

TOO_LATE = timedelta(days=14)  # after its time a question is not asked any more, as where nothing ran meanwhile


@record
class Considered:
    """A closing whose time is over: when; whether contact, site or contract opted out; when he was last asked."""

    due: datetime
    opted_out: bool = False
    last_asked: datetime | None = None


def decide(case: Case, found: Considered, policy: Policy, now: datetime) -> Decision:
    """The contact is asked, or it is settled that nobody is."""
    incident, feedback = case.incident, policy.feedback
    if incident.open:
        return _decision(incident, FeedbackAgain(incident.number))
    person = next((one.person for one in case.parties if one.role == "contact"), None)
    lately = found.last_asked is not None and now - found.last_asked < timedelta(seconds=feedback.every)
    if person is None or found.opted_out or lately or now - found.due > TOO_LATE or not worth_asking(case, policy):
        return _decision(incident, AskedFeedback(incident.number, None))
    purpose = purpose_of(Happening.FEEDBACK_ASKED, Role.CONTACT, person, policy.tell)
    if purpose is None or not _may_be_asked(person, policy):
        return _decision(incident, AskedFeedback(incident.number, None))
    text = f"asked how we did: {person.name or person.address}"
    detail = {**shown(feedback.scale), "question": feedback.question}
    return _decision(
        incident,
        Log(incident.number, LegKind.INTERNAL, Event.FEEDBACK_ASKED, Direction.NONE, actor=CLOCK, text=text),
        AskedFeedback(incident.number, person, incident.owner, feedback.scale),
        Tell(person, purpose, incident.number, (), detail, cause="feedback"),
    )


def worth_asking(case: Case, policy: Policy) -> bool:
    """Whether it was closed as something that `[feedback]` names, and is no part of another incident."""
    incident = case.incident
    return incident.closing_status in policy.feedback.closed_as and not incident.merged_into


def _may_be_asked(person: Person, policy: Policy) -> bool:
    """Whether it is somebody who proved to be there, is no machine, and wants automatic mail."""
    knows = person.known and person.kind in (Kind.CONTACT, Kind.STRANGER)
    return knows and hears(person, NoticePurpose.FEEDBACK_ASKED, policy)


def _decision(incident: Incident, *effects: Effect) -> Decision:
    return Decision(Rule.FEEDBACK_ASKED, Ending.APPLIED, Rule.FEEDBACK_ASKED.meaning, effects, incident.number)
