"""Who gets an incident: routes, mailboxes, teams and load (behaviour 3).

What else happens to it is not known here.
"""

from __future__ import annotations

from sitmail.domain.dictionary import mentions
from sitmail.domain.facts import Facts, Site
from sitmail.domain.mail import Mail
from sitmail.domain.people import Person
from sitmail.domain.policy import Mailbox, Policy, Route


def assign(facts: Facts, policy: Policy, mail: Mail, site: Site | None, contact: Person) -> tuple[str, str]:
    """(team, owner) of a new incident; "" is nobody.

    The owner is the route's, else the mailbox's, else the least loaded of the team, else the desk's default owner.
    """
    box = facts.route.mailbox
    route = next((r for r in policy.routes if _matches(r, mail, box, site, contact)), None)
    team = (route and route.team) or box.team or policy.team
    if box.assign == "queue":
        return team, ""
    barred = set(contact.addresses)
    for owner in ((route and route.owner) or "", "" if route and route.team else box.owner):
        if owner in policy.engineers:
            return team, owner
    owner = least_loaded(facts, policy, team, barred) if team else ""
    return team, owner or (policy.default_owner if policy.default_owner in policy.engineers else "")


def least_loaded(facts: Facts, policy: Policy, team: str, barred: set[str]) -> str:
    """Who of the team has the fewest open incidents; nobody gets his own.  Ties go to the one written first.

    Managers, and whoever else does not take incidents (`takes`), get none that way.
    """
    chosen, fewest = "", 0
    for one in policy.team_of(team):
        if not one.takes:
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
