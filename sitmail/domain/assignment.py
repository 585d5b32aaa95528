"""Who gets an incident: routes, request types, mailboxes, skills and load (behaviour 3).

What else happens to it is not known here.  The same facts give the same owner, and each choice says why.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sitmail.domain.classification import Classification
from sitmail.domain.dictionary import entry, mentions
from sitmail.domain.dictionary import skills as skills_for
from sitmail.domain.engineers import Engineer
from sitmail.domain.facts import Facts, Site
from sitmail.domain.incident import Incident
from sitmail.domain.people import Person
from sitmail.domain.policy import Mailbox, Policy, Route
from sitmail.domain.presence import stand_in
from sitmail.domain.record import record


@record
class Assignment:
    """`team` and `owner` by their ids, "" for none; `says` names the rule that chose, for `/why`."""

    team: str
    owner: str
    says: str


@record
class _Wish:
    """What one rule wants: its owner if he can, else the team's least loaded."""

    says: str
    owner: str = ""
    team: str = ""


def assign(
    facts: Facts, policy: Policy, sorted_as: Classification, site: Site | None, contact: Person, level: str = ""
) -> Assignment:
    """Owner and team of a new incident; `level` is the name of its service level.

    The first route that fits decides, else the request type, else the service level, else the mailbox; then who owned
    the contact's last incident (`familiar`), then skill and load in the team, then the desk's default owner.  Where one
    of these is away his substitute stands in, or the next is asked.
    """
    box = facts.route.mailbox
    wishes = list(_wishes(policy, sorted_as, box, site, contact, level))
    team, by = next(((one.team, one.says) for one in wishes if one.team), (policy.team, "the desk's team"))
    if box.assign == "queue":
        return Assignment(team, "", "the mailbox is a queue: whoever takes it owns it")
    skills = skills_for(policy.dictionary, sorted_as.product, sorted_as.reason)
    for wish in wishes:
        if owner := _here(wish.owner, facts, policy, skills):
            return Assignment(team, owner, wish.says)
        if wish.team:
            break
    barred = set(contact.addresses)
    if policy.familiar and (owner := _familiar(facts, policy, team, barred)):
        return Assignment(team, owner, "owned the last incident of the same contact")
    owner = least_loaded(facts, policy, team, barred, skills) if team or skills else ""
    if owner:
        skilled = bool(skills) and skills <= set(policy.engineers[owner].skills)
        how = f"has the skill {', '.join(sorted(skills))} and " if skilled else ""
        return Assignment(team, owner, f"{by}; {owner} {how}owns the fewest ({facts.load.get(owner, 0)})")
    owner = _here(policy.default_owner, facts, policy, skills)
    return Assignment(team, owner, "the default owner" if owner else "nobody can get it")


def _wishes(
    policy: Policy, sorted_as: Classification, box: Mailbox, site: Site | None, contact: Person, level: str
) -> Iterable[_Wish]:
    """What route, request type, service level and mailbox want, in this order."""
    for at, route in enumerate(policy.routes):
        if _matches(route, sorted_as, box, site, contact):
            yield _Wish(f"route[{at}]", route.owner, route.team)
            break
    if (wish := _of_type(policy, sorted_as.request_type, site)) is not None:
        yield wish
    if (wish := _of_level(policy, level)) is not None:
        yield wish
    yield _Wish("the mailbox", box.owner, box.team)


def reassigned(
    incident: Incident, policy: Policy, facts: Facts, site: Site | None, contact: Person
) -> Assignment | None:
    """Who gets an incident now that it has another request type or reason; None where no rule about these fits."""
    sorted_as = Classification(incident.product, incident.request_type, incident.reason)
    box = policy.mailbox(incident.mailbox)
    for at, route in enumerate(policy.routes):
        if (route.reason or route.request_type) and _matches(route, sorted_as, box, site, contact):
            return _given(incident, policy, facts, contact, _Wish(f"route[{at}]", route.owner, route.team))
    wish = _of_type(policy, incident.request_type, site)
    return _given(incident, policy, facts, contact, wish) if wish and (wish.owner or wish.team) else None


def _of_type(policy: Policy, request_type: str, site: Site | None) -> _Wish | None:
    kind = entry(policy.dictionary.request_types, request_type)
    if kind is None:
        return None
    manager = site.account_manager if kind.account_manager and site else ""
    says = f"request type {kind.id}" + (" (the account manager)" if manager else "")
    return _Wish(says, manager or kind.owner, kind.team)


def _of_level(policy: Policy, level: str) -> _Wish | None:
    known = policy.service_levels.get(level)
    return _Wish(f"service level {known.name}", known.owner, known.team) if known else None


def _given(incident: Incident, policy: Policy, facts: Facts, contact: Person, wish: _Wish) -> Assignment | None:
    """Who of the team owns it already keeps it."""
    team = wish.team or incident.team
    skills = skills_for(policy.dictionary, incident.product, incident.reason)
    if owner := _here(wish.owner, facts, policy, skills):
        return Assignment(team, owner, wish.says)
    owned_by = policy.engineers.get(incident.owner)
    if not wish.team or (owned_by is not None and wish.team in owned_by.teams):
        return Assignment(team, incident.owner, wish.says) if wish.team else None
    owner = least_loaded(facts, policy, wish.team, set(contact.addresses))
    return Assignment(team, owner, wish.says) if owner else None


def _here(engineer: str, facts: Facts, policy: Policy, skills: Collection[str]) -> str:
    """The engineer, or who stands in for him while he is away or takes no new work; "" for nobody."""
    if engineer not in policy.engineers or facts.presence.accepts(engineer):
        return engineer if engineer in policy.engineers else ""
    return stand_in(engineer, policy, facts.presence, skills)


def _familiar(facts: Facts, policy: Policy, team: str, barred: set[str]) -> str:
    """Who owned the contact's last incident, if he can get this one too."""
    one = policy.engineers.get(facts.familiar)
    if one is None or one.id not in facts.staff or not barred.isdisjoint(one.addresses):
        return ""
    return one.id if facts.presence.accepts(one.id) and (not team or team in one.teams) else ""


def least_loaded(
    facts: Facts, policy: Policy, team: str, barred: set[str], skills: set[str] | frozenset[str] = frozenset()
) -> str:
    """Who of the team takes new work and has the fewest open incidents; nobody gets his own.  Ties go to the first one.

    Those with the skills come first, if there are any.  Managers, and whoever else does not take incidents (`takes`),
    get none that way.
    """
    here = (one for one in policy.team_of(team) if one.takes and facts.presence.accepts(one.id))
    able = [one for one in here if one.id in facts.staff and barred.isdisjoint(one.addresses)]
    skilled: list[Engineer] = [one for one in able if skills <= set(one.skills)] if skills else []
    return min(skilled or able, key=lambda one: facts.load.get(one.id, 0)).id if able else ""


def _matches(route: Route, sorted_as: Classification, box: Mailbox, site: Site | None, contact: Person) -> bool:
    return (
        route.mailbox in ("", box.address)
        and route.product in ("", sorted_as.product)
        and route.language in ("", contact.language)
        and route.territory in ("", site.territory if site else "")
        and route.item in ("", sorted_as.item)
        and route.request_type in ("", sorted_as.request_type)
        and _same_reason(route.reason, sorted_as.reason)
        and (not route.words or mentions(route.words, sorted_as.text))
    )


def _same_reason(wanted: str, reason: str) -> bool:
    """A general reason fits all that is specific below it."""
    return wanted in ("", reason, reason.partition("/")[0])
