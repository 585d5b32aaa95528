"""Who gets an incident: routes, mailboxes, teams and load (behaviour 3).

What else happens to it is not known here.
"""

from __future__ import annotations

from sitmail.domain.dictionary import mentions
from sitmail.domain.facts import Facts, Site
from sitmail.domain.mail import Mail
from sitmail.domain.people import Person
from sitmail.domain.policy import Mailbox, Policy, Route
from sitmail.domain.presence import stand_in


def assign(facts: Facts, policy: Policy, mail: Mail, site: Site | None, contact: Person) -> tuple[str, str]:
    """(team, owner) of a new incident; "" is nobody.

    The owner is the route's, else the mailbox's, else the least loaded of the team, else the desk's default owner.  For
    whom of these is away his substitute stands in, or the next is asked.
    """
    box = facts.route.mailbox
    route = next((r for r in policy.routes if _matches(r, mail, box, site, contact)), None)
    team = (route and route.team) or box.team or policy.team
    if box.assign == "queue":
        return team, ""
    barred = set(contact.addresses)
    for owner in ((route and route.owner) or "", "" if route and route.team else box.owner):
        if owner := _here(owner, facts, policy):
            return team, owner
    owner = least_loaded(facts, policy, team, barred) if team else ""
    return team, owner or _here(policy.default_owner, facts, policy)


def _here(engineer: str, facts: Facts, policy: Policy) -> str:
    """The engineer, or who stands in for him while he is away; "" for nobody."""
    if engineer not in policy.engineers or facts.presence.here(engineer):
        return engineer if engineer in policy.engineers else ""
    return stand_in(engineer, policy, facts.presence)


def least_loaded(facts: Facts, policy: Policy, team: str, barred: set[str]) -> str:
    """Who of the team is here and has the fewest open incidents; nobody gets his own.  Ties go to the first one.

    Managers, and whoever else does not take incidents (`takes`), get none that way.
    """
    chosen, fewest = "", 0
    for one in policy.team_of(team):
        if not one.takes or not facts.presence.here(one.id):
            continue
        owned = facts.load.get(one.id, 0)
        if not (chosen and owned >= fewest) and one.id in facts.staff and barred.isdisjoint(one.addresses):
            chosen, fewest = one.id, owned
    return chosen


def _matches(route: Route, mail: Mail, box: Mailbox, site: Site | None, contact: Person) -> bool:
    words = f"{mail.subject}\n{mail.text}"
    return (
        route.mailbox in ("", box.address)
        and route.product in ("", box.product)
        and route.language in ("", contact.language)
        and route.territory in ("", site.territory if site else "")
        and not route.reason
        and not route.item
        and (not route.words or mentions(route.words, words))
    )
