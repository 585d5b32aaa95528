"""Tells admins of every incident, or of the exceptions, where they want that (S3-18)."""

from __future__ import annotations

from collections.abc import Sequence

from sitmail.domain.effects import Log, Tell
from sitmail.domain.every_incident import ALL, EXCEPTIONS, copies, exceptions, wishing
from sitmail.services.desk import staff
from sitmail.services.unit_of_work import PendingDecision, UnitOfWork


def tell_admins(unit: UnitOfWork, entry: PendingDecision, told: Sequence[Tell]) -> None:
    """Adds what one decision brings them; `told` is what it tells others."""
    policy = unit.desk.policy
    if not wishing(policy, ALL, EXCEPTIONS):
        return
    people = staff(unit.connection, unit.desk)
    added = list(exceptions(told, people, policy))
    logs = [effect for effect in entry.decision.effects if type(effect) is Log]
    by_incident: dict[int, list[tuple[int, Log]]] = {}
    for place, log in zip(entry.updates, logs, strict=False):
        by_incident.setdefault(log.incident or entry.opened, []).append((place, log))
    for number, entries in by_incident.items():
        about = [one for one in (*told, *added) if one.incident == number]
        added += copies(number, entries, about, people, policy)
    unit.tells += added
