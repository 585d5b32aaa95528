"""Who may do what (behaviour 7): one table, standing x reach.  Which proof a power needs is in `trust`.

A *standing* is how the one in From stands to the incident that a line is about; a *reach* is what a verb is about.  The
rules ask `may` and `refusal` and nothing else; docs/reference/who-may-do-what.md is made from the same table.
"""

from __future__ import annotations

from enum import StrEnum

from sitmail.domain.engineers import Engineer
from sitmail.domain.facts import Case, Proof
from sitmail.domain.incident import Incident
from sitmail.domain.people import Kind, Person
from sitmail.domain.policy import Policy, Trust
from sitmail.domain.record import record
from sitmail.domain.sentence import Sentence
from sitmail.domain.trust import Power, customer_may, staff_may


class Standing(StrEnum):
    """How somebody stands to an incident.  The first that fits counts."""

    ADMIN = "admin"
    MANAGER = "manager of its team"
    OWNER = "its owner"
    TEAM = "engineer of its team"
    OTHER_TEAM = "engineer or manager of another team"
    CONTACT = "its contact"
    PARTICIPANT = "participant"
    SITE_ADMIN = "admin contact of the site"
    OUTSIDE = "anybody else"


class Reach(StrEnum):
    """What a verb is about."""

    TEAM = "an incident of the own teams"
    ANY = "any incident"
    HELD = "a held mail"
    DESK = "the desk, or its writer himself"
    PARTY = "an incident that its writer is part of"
    READING = "what its writer may read"
    SITE = "the writer's own site and its contracts"
    AGAINST_PRESENCE = "giving work to somebody who is away"


STAFF = frozenset({Standing.ADMIN, Standing.MANAGER, Standing.OWNER, Standing.TEAM, Standing.OTHER_TEAM})
CUSTOMERS = frozenset({Standing.CONTACT, Standing.PARTICIPANT})
MAY: dict[Reach, frozenset[Standing]] = {
    Reach.TEAM: STAFF - {Standing.OTHER_TEAM},
    Reach.ANY: STAFF,
    Reach.HELD: STAFF,
    Reach.DESK: STAFF,
    Reach.PARTY: CUSTOMERS,
    Reach.READING: CUSTOMERS | {Standing.SITE_ADMIN, Standing.OUTSIDE},  # of whom the desk knows
    Reach.SITE: frozenset({Standing.SITE_ADMIN}),
    Reach.AGAINST_PRESENCE: frozenset({Standing.ADMIN, Standing.MANAGER}),
}


def may(reach: Reach, standing: Standing) -> bool:
    return standing in MAY[reach]


def standing(engineer: Engineer, incident: Incident) -> Standing:
    """Of one of staff.  An incident without a team is everybody's."""
    if engineer.role == "admin":
        return Standing.ADMIN
    own = not incident.team or incident.team in engineer.teams
    if own and engineer.role == "manager":
        return Standing.MANAGER
    if engineer.id in (incident.owner, incident.temporary_owner):
        return Standing.OWNER
    return Standing.TEAM if own else Standing.OTHER_TEAM


def standing_outside(person: Person | None, case: Case) -> Standing:
    """Of somebody who is not of staff."""
    party = case.party(person)
    if party is None:
        return Standing.OUTSIDE
    return Standing.CONTACT if party.role == "contact" else Standing.PARTICIPANT


def administers(person: Person) -> bool:
    """Whether somebody is an admin contact of a site: the directory's files say so, and nothing else does."""
    return person.kind is Kind.CONTACT and person.role == "admin" and bool(person.site)


def acts_on(engineer: Engineer, incident: Incident) -> bool:
    """Whether he may change it as it is; what is not his team's he takes first."""
    return may(Reach.TEAM, standing(engineer, incident))


class Outcome(StrEnum):
    """What becomes of a command, as far as it depends on who wrote it and what proves that."""

    ALLOWED = "carried out"
    TAKE_FIRST = "refused: another team's"
    CONFIRM = "held, and its author is asked"
    HELD = "held for staff"
    NO_SUCH = "as if there were no such incident"


def outcome(reach: Reach, power: Power, who: Standing, proof: Proof, trust: Trust) -> Outcome:
    """Every cell of the matrix proofs x verbs x standings; a verb has a reach and a power."""
    if who in STAFF:
        if not may(reach, who):
            return Outcome.TAKE_FIRST
        return Outcome.ALLOWED if staff_may(power, proof, trust) else Outcome.CONFIRM
    if not may(reach, who):
        return Outcome.NO_SUCH
    if customer_may(power, proof, trust):
        return Outcome.ALLOWED
    return Outcome.CONFIRM if power is Power.DIRECTORY else Outcome.HELD


@record
class Counted:
    """Of whose incidents somebody reads the figures.  `teams`: of these, and what has no team; `owner`: his own."""

    everything: bool = False
    teams: frozenset[str] = frozenset()
    owner: str = ""


def counted_for(engineer: Engineer, policy: Policy, *, team_wide: bool = False) -> Counted:
    """What the reports of an engineer are made of.  `team_wide`: it says what is there, and not how somebody works.

    A manager's teams are his own and those of his people.
    """
    if engineer.role == "admin":
        return Counted(everything=True)
    people = [one for one in policy.engineers.values() if one.manager == engineer.id]
    if engineer.role == "manager":
        return Counted(teams=frozenset({"", *engineer.teams, *(team for one in people for team in one.teams)}))
    return Counted(teams=frozenset({"", *engineer.teams})) if team_wide else Counted(owner=engineer.id)


def refusal(incident: Incident) -> str:
    """The sentence for who may not act on an incident that he may read."""
    return Sentence("it belongs to the team '%(team)s'; /take it first", team=incident.team)
