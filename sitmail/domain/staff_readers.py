"""Who of staff has which role at an incident, and by which letter the table tells him of what happened.

What the roles are told stands in `domain/who_is_told`.  While an owner is away his stand-in is told in his place; where
nobody owns it, or nobody stands in, those on call.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sitmail.domain import presence
from sitmail.domain.decision_builder import DecisionBuilder, on_call, on_duty
from sitmail.domain.facts import Case, Facts
from sitmail.domain.incident import Incident
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.people import Person
from sitmail.domain.policy import Policy
from sitmail.domain.who_is_told import Happening, Role, purpose_of

Told = tuple[Person, NoticePurpose]


def told_inside(what: Happening, incident: Incident, case: Case | None, facts: Facts, policy: Policy) -> list[Told]:
    """The staff whom it concerns: owner and watchers; without an owner who is here his stand-in, or those on call."""
    found = [*_taking_part(incident, case, facts), *_instead(incident, facts, policy)]
    return told_as(what, found, policy)


def told_with_a_part(
    what: Happening, incident: Incident, case: Case | None, facts: Facts, policy: Policy, joining: Iterable[Person] = ()
) -> list[Told]:
    """Owner, temporary owner and watchers alone: what staff do brings nobody else in.  `joining`: new watchers."""
    watching = ((Role.WATCHER, person) for person in joining)
    return told_as(what, [*_taking_part(incident, case, facts), *watching], policy)


def told_on_duty(builder: DecisionBuilder, what: Happening, incident: Incident | None = None) -> list[Told]:
    """Whom an incident concerns, else those on call for the mailbox that the mail came to."""
    return told_as(what, [(Role.ON_DUTY, one) for one in on_duty(builder, incident)], builder.policy)


def told_as(what: Happening, people: Iterable[tuple[Role, Person]], policy: Policy) -> list[Told]:
    """Each once, by the first of his roles that is told."""
    found: dict[int, Told] = {}
    for role, person in people:
        purpose = purpose_of(what, role, person, policy.tell)
        if purpose is not None and person.id not in found:
            found[person.id] = (person, purpose)
    return list(found.values())


def managers(incident: Incident, below: Iterable[Person], facts: Facts, policy: Policy) -> list[tuple[Role, Person]]:
    """The managers of its owners; where nobody owns it, of those told in their place."""
    owners = [e for e in (incident.owner, incident.temporary_owner) if e in policy.engineers]
    ids = owners or [person.key for person in below]
    found = {policy.engineers[e].manager for e in ids if e in policy.engineers}
    return [(Role.MANAGER, facts.staff[one]) for one in sorted(found) if one in facts.staff]


def former_owners(before: Incident, after: Incident, facts: Facts) -> list[Person]:
    """Whose it was until now, for good or for a while."""
    gone = [before.owner] if after.owner != before.owner else []
    gone += [before.temporary_owner] if after.temporary_owner != before.temporary_owner else []
    return [facts.staff[one] for one in gone if one in facts.staff]


def _taking_part(incident: Incident, case: Case | None, facts: Facts) -> Iterator[tuple[Role, Person]]:
    staff = facts.staff
    if incident.temporary_owner in staff:
        yield Role.TEMPORARY_OWNER, staff[incident.temporary_owner]
    if incident.owner in staff:
        yield Role.OWNER, staff[incident.owner]
    for party in case.parties if case else ():
        if party.role == "watcher" and party.person.key in staff:
            yield Role.WATCHER, party.person


def _instead(incident: Incident, facts: Facts, policy: Policy) -> Iterator[tuple[Role, Person]]:
    """Who is told where no owner is here."""
    owners = [one for one in (incident.temporary_owner, incident.owner) if one in facts.staff]
    if any(map(facts.presence.here, owners)):
        return
    other = presence.stand_in_for(incident, policy, facts.presence) if owners else ""
    if other in facts.staff:
        yield Role.OWNER, facts.staff[other]
        return
    for person in on_call(incident, facts, policy):
        yield Role.ON_DUTY, person
