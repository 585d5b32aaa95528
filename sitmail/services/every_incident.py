"""Tells those who have no part in an incident: admins who want to hear of every one, or of the exceptions (S3-18), and
managers, account managers and vendors where `[tell]` names them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sitmail.domain.effects import Log, Tell
from sitmail.domain.every_incident import ALL, EXCEPTIONS, copies, exceptions, wishing
from sitmail.domain.incident import Incident
from sitmail.domain.onlookers import onlookers, told
from sitmail.domain.people import Person
from sitmail.domain.who_is_told import Role
from sitmail.services.desk import sites, staff
from sitmail.services.unit_of_work import PendingDecision, UnitOfWork


def tell_others(unit: UnitOfWork, entry: PendingDecision, said: Sequence[Tell]) -> None:
    """Adds what one decision brings them; `said` is what it tells others."""
    policy = unit.desk.policy
    wished, configured = bool(wishing(policy, ALL, EXCEPTIONS)), any(policy.tell.values())
    if not wished and not configured:
        return
    people = staff(unit.connection, unit.desk)
    added = list(exceptions(said, people, policy)) if wished else []
    logs = [effect for effect in entry.decision.effects if type(effect) is Log]
    by_incident: dict[int, list[tuple[int, Log]]] = {}
    for place, log in zip(entry.updates, logs, strict=False):
        by_incident.setdefault(log.incident or entry.opened, []).append((place, log))
    for number, entries in by_incident.items():
        about = [one for one in (*said, *added) if one.incident == number]
        if wished:
            added += copies(number, entries, about, people, policy)
        if configured and (incident := _as_it_is(unit, entry, number, entries)) is not None:
            case = entry.facts.cases.get(number) or entry.facts.case
            case = case if case is not None and case.incident.number == number else None
            there = onlookers(incident, case, _account_manager(unit, incident), people, policy)
            opened = unit.opened.get(number) if number == entry.opened else None
            added += told(number, entries, opened, there, [*about, *added], policy)
    unit.tells += added


def _as_it_is(
    unit: UnitOfWork, entry: PendingDecision, number: int, entries: Sequence[tuple[int, Log]]
) -> Incident | None:
    """The incident with the owner that the decision leaves it."""
    case = entry.facts.cases.get(number) or entry.facts.case
    found = unit.opened.get(number) or (case.incident if case and case.incident.number == number else None)
    if found is None:
        return None
    owners = [log.change["owner"][1] for _, log in entries if "owner" in log.change]
    return replace(found, owner=owners[-1] or "") if owners else found


def _account_manager(unit: UnitOfWork, incident: Incident) -> Person | None:
    if not unit.desk.policy.tell.get(Role.ACCOUNT_MANAGER) or not incident.site:
        return None
    home = sites(unit.connection, unit.desk, [incident.site]).get(incident.site)
    return staff(unit.connection, unit.desk).get(home.account_manager) if home else None
