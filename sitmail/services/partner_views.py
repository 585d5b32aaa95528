"""What letters show of the legs of partners: to staff whose leg it is, to a partner its own and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sitmail.domain.incident import Incident
from sitmail.domain.people import Kind, Person
from sitmail.domain.policy import Policy
from sitmail.domain.sentence import Sentence
from sitmail.domain.update import LegKind
from sitmail.services.views import IncidentView, one_line
from sitmail.store.incidents import Participant
from sitmail.store.updates_log import Entered

Participants = Mapping[int, Sequence[Participant]]  # by incident
_PUBLIC = str(LegKind.PUBLIC)
_ALONE = {
    Kind.VENDOR: lambda name: Sentence("the vendor %(name)s alone", name=name),
    Kind.TRACKER: lambda name: Sentence("the tracker %(name)s alone", name=name),
    Kind.ORDER_DESK: lambda name: Sentence("the order desk %(name)s alone", name=name),
}
_BESIDE = {
    Kind.VENDOR: lambda name: Sentence("with the vendor %(name)s", name=name),
    Kind.TRACKER: lambda name: Sentence("with the tracker %(name)s", name=name),
    Kind.ORDER_DESK: lambda name: Sentence("with the order desk %(name)s", name=name),
}


def alone(partner: Person, name: str) -> Sentence:
    """Who reads what is said to it."""
    return _ALONE[partner.kind](name)


def beside(partner: Person, name: str) -> Sentence:
    """On whose leg something was said."""
    return _BESIDE[partner.kind](name)


def on_leg_of(person: Person, entry: Entered, participants: Participants) -> bool:
    """Whether somebody outside reads an update: a partner what was said on its leg, others what is public."""
    if not person.partner:
        return entry.leg == _PUBLIC
    people = participants.get(entry.incident, ())
    return entry.leg_id is not None and any(one.person == person.id and one.leg_id == entry.leg_id for one in people)


def whose_leg(entries: Iterable[Entered], participants: Participants, persons: Mapping[int, Person]) -> Person | None:
    """The partner on whose leg these updates of an incident stand; None if they are nobody's alone."""
    legs = {(entry.incident, entry.leg_id) for entry in entries if entry.leg_id}
    for number, leg in legs:
        for one in participants.get(number, ()):
            if one.leg_id == leg:
                return persons[one.person]
    return None


def for_partner(incident: Incident, policy: Policy, reader: Person, participants: Participants) -> IncidentView:
    """What a partner may know of an incident: our number, and its own."""
    people, number = participants.get(incident.number, ()), incident.number
    reference = next((one.reference for one in people if one.person == reader.id and one.reference), "")
    label = policy.dictionary.label(incident.status).customer
    return IncidentView(
        number, policy.reference(number), "", label, "", "", incident.opened, partner_reference=one_line(reference)
    )
