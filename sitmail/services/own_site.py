"""What is read where an admin contact writes about his own site."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection

from sitmail.domain.facts import OwnSite
from sitmail.domain.people import Person
from sitmail.store import directory_lookup, site_contacts

SHOWN = 300  # people of a site


def read(connection: Connection, admin: Person, addresses: Collection[str]) -> OwnSite | None:
    """His site, its people and contracts, and who of these addresses was one of them; None if it is retired."""
    site = directory_lookup.sites(connection, [admin.site]).get(admin.site)
    if site is None:
        return None
    people, count = site_contacts.people_of(connection, site.id, SHOWN)
    return OwnSite(
        site,
        tuple(people),
        max(0, count - len(people)),
        tuple(site_contacts.contracts_of(connection, site.id)),
        site_contacts.formerly_of(connection, site.id, addresses),
    )
