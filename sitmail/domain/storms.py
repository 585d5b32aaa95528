"""Storms: many people write about the same thing within minutes (behaviour 3.6).  What is like what, and who is asked.

A storm is proposed to one person, the lead; nothing is linked before he says yes.  Then one incident without a
customer, the parent, stands for all of them, and what he says there leaves to each customer in a letter of his own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta

from sitmail.domain import presence
from sitmail.domain.authority import acts_on
from sitmail.domain.engineers import Engineer
from sitmail.domain.incident import Incident
from sitmail.domain.policy import Policy
from sitmail.domain.presence import Presence
from sitmail.domain.similar import ENOUGH, alikeness, title_words
from sitmail.domain.storm import Opened, Storm

OF_A_PRODUCT = 0.25  # of all words of both, so many are in both, where both are about one product
REMEMBERED = timedelta(days=1)  # after the last like mail: so long it is the same storm, and a no counts
DESK = "the desk"  # who links what joins later, as the log names it
LISTED = 50  # incidents that the proposal names


def opened(incident: Incident, policy: Policy) -> Opened:
    one = incident
    return described(one.number, one.contact, one.title, one.unit, one.product, one.mailbox, policy)


def described(number: int, contact: int, title: str, unit: str, product: str, mailbox: str, policy: Policy) -> Opened:
    """What all mail to a mailbox is about tells nothing."""
    its_own = "" if product == policy.mailbox(mailbox).product else product
    return Opened(number, contact, frozenset(title_words(title)), unit, its_own)


def like(one: Opened | Storm, other: Opened) -> bool:
    """The same unit, or titles with the same words; about one product fewer words are enough."""
    if one.unit and one.unit == other.unit:
        return True
    enough = OF_A_PRODUCT if one.product and one.product == other.product else ENOUGH
    return alikeness(one.words, other.words) >= enough


def of_storm(new: Opened, storms: Iterable[Storm]) -> Storm | None:
    """The storm that a new incident belongs to, the latest of several."""
    return max((one for one in storms if like(one, new)), key=lambda one: one.id, default=None)


def people(members: Iterable[Opened]) -> int:
    """How many people wrote: one who writes twenty times makes no storm."""
    return len({one.contact for one in members})


def lead(team: str, incidents: Collection[Incident], policy: Policy, here: Presence) -> Engineer | None:
    """Who is asked: whose turn it is to be on duty, else the team's manager, else the first of the team; who is here.

    Only somebody who may act on these incidents can link them.
    """
    turns = policy.teams[team].on_duty if team in policy.teams else ()
    duty = presence.on_duty(team, policy, here) if turns else []
    members = [one.id for one in policy.team_of(team)]
    managers = [one.id for one in policy.engineers.values() if one.role == "manager" and team in one.teams]
    admins = [one.id for one in policy.engineers.values() if one.role == "admin"]
    for id_ in presence.those_here(dict.fromkeys((*duty, *managers, *members, *admins)), here):
        engineer = policy.engineers[id_]
        if all(acts_on(engineer, one) for one in incidents):
            return engineer
    return None


def shown(incidents: Iterable[Incident], customers: Mapping[int, str], policy: Policy) -> list[list[str]]:
    """For the lead: reference, title, and who wrote, by the incident's contact."""
    rows = [[policy.reference(one.number), one.title, customers.get(one.contact, "")] for one in incidents]
    return rows[:LISTED]
