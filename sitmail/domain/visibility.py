"""Who outside may read an incident: who takes part in it, and colleagues where the contract opens it (S0-25, S3-09)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sitmail.domain.facts import SiteContract
from sitmail.domain.incident import Incident
from sitmail.domain.people import Person


def may_read(
    person: Person,
    incident: Incident,
    takes_part: bool,
    contract: SiteContract | None,
    now: datetime,
    listed_days: int,
) -> bool:
    """Who takes part reads it at any time.

    A colleague of the same site reads it if its contract says so, and what is closed for `listed_days` (wall time)
    after that.
    """
    if takes_part:
        return True
    if not person.known or not person.site or person.site != incident.site or contract is None:
        return False
    if incident.closed is not None and now - incident.closed > timedelta(days=listed_days):
        return False
    return opens(contract, person)


def opens(contract: SiteContract, person: Person) -> bool:
    """Whether a contract lets somebody of its site read what his colleagues wrote."""
    return contract.visibility == "all" or (contract.visibility == "named" and names(contract, person.addresses))


def names(contract: SiteContract, addresses: Collection[str]) -> bool:
    """Whether a contract names somebody with one of these addresses (lower case)."""
    return not set(addresses).isdisjoint(contract.contacts)
