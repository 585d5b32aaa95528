"""Who has no part in an incident, and hears of some of it where `[tell]` says so: managers, account managers, vendors.

The one place through which every decision passes, whoever or whatever made it; nobody hears twice, or of what he did.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sitmail.domain.effects import Log, Tell
from sitmail.domain.facts import Case
from sitmail.domain.incident import Incident
from sitmail.domain.logged_happenings import logged
from sitmail.domain.people import Kind, Person
from sitmail.domain.policy import Policy
from sitmail.domain.record import record
from sitmail.domain.update import Event
from sitmail.domain.who_is_told import Happening, Role, purpose_of


@record
class Onlookers:
    """The people who may be told of an incident as it is now."""

    manager: Person | None = None
    account_manager: Person | None = None
    vendors: tuple[Person, ...] = ()


def onlookers(
    incident: Incident, case: Case | None, account_manager: Person | None, staff: Mapping[str, Person], policy: Policy
) -> Onlookers:
    owner = policy.engineers.get(incident.owner)
    vendors = [one.person for one in case.partners() if one.person.kind is Kind.VENDOR] if case else []
    return Onlookers(staff.get(owner.manager) if owner else None, account_manager, tuple(vendors))


def highest(policy: Policy) -> str:
    """The priority that is critical; "" where there is but one."""
    return policy.priorities[-1].id if len(policy.priorities) > 1 else ""


def told(
    number: int,
    logs: Sequence[tuple[int, Log]],
    opened: Incident | None,
    people: Onlookers,
    others: Sequence[Tell],
    policy: Policy,
) -> Iterator[Tell]:
    """What one decision brings them.  `logs` are its entries with their numbers, `opened` the incident that it opens,
    `others` what is told of it already.
    """
    there = {one.person.id for one in others} | {log.author.id for _, log in logs if log.author is not None}
    roles = [
        (Role.MANAGER, people.manager),
        (Role.ACCOUNT_MANAGER, people.account_manager),
        *((Role.VENDOR, one) for one in people.vendors),
    ]
    for role, person in roles:
        if person is None or person.id in there:
            continue
        for place, log in logs:
            found = [
                purpose
                for what in sorted(_happened(log, opened, policy))
                if what in policy.tell.get(role, ()) and (purpose := purpose_of(what, role, person, policy.tell))
            ]
            if found:
                there.add(person.id)
                updates = (place,) if person.staff else ()
                yield Tell(person, found[0], number, updates, {"onlooker": str(role)}, cause=f"onlooker:{place}")
                break


def _happened(log: Log, opened: Incident | None, policy: Policy) -> set[Happening]:
    critical = highest(policy)
    new = opened is not None and log.event == Event.OPENED and opened.priority == critical
    return logged(log, critical) | ({Happening.CRITICAL} if new else set())
