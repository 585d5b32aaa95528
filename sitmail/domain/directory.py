"""The directory as declared in files: sites, contacts, contracts, units."""

from __future__ import annotations

from datetime import date

from sitmail.domain.record import record


@record
class DeclaredSite:
    id: str
    name: str
    domains: tuple[str, ...] = ()
    account_manager: str = ""
    territory: str = ""
    calendar: str = ""
    timezone: str = ""
    language: str = ""
    internal: bool = False
    notes: str = ""


@record
class DeclaredContact:
    """`addresses` in lower case; the first is the registered one, to which we write.

    `id` keeps them the same person when addresses change; "" if they have none.
    """

    addresses: tuple[str, ...]
    name: str
    site: str = ""
    language: str = ""
    level: str = "all"
    phone: str = ""
    manager: str = ""
    role: str = "contact"
    id: str = ""


@record
class DeclaredContract:
    """`contacts` None: everybody of the site.  Both dates are included; None is open."""

    id: str
    site: str
    product: str = ""
    service_level: str = ""
    calendar: str = ""
    starts: date | None = None
    expires: date | None = None
    incidents: int | None = None
    contacts: tuple[str, ...] | None = None
    visibility: str = "nobody"


@record
class DeclaredUnit:
    serial: str
    item: str
    site: str = ""
    contract: str = ""
    warranty_until: date | None = None


@record
class Directory:
    sites: tuple[DeclaredSite, ...] = ()
    contacts: tuple[DeclaredContact, ...] = ()
    contracts: tuple[DeclaredContract, ...] = ()
    units: tuple[DeclaredUnit, ...] = ()
