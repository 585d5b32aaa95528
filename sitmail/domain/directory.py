"""The directory as declared in files: sites, contacts, contracts, units.  `store.directory` takes it into tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class DeclaredContact:
    """`addresses` in lower case; the first is the registered one, to which we write."""

    addresses: tuple[str, ...]
    name: str
    site: str = ""
    language: str = ""
    level: str = "all"
    phone: str = ""
    manager: str = ""
    role: str = "contact"


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class DeclaredUnit:
    serial: str
    item: str
    site: str = ""
    contract: str = ""
    warranty_until: date | None = None


@dataclass(frozen=True, slots=True)
class Directory:
    sites: tuple[DeclaredSite, ...] = ()
    contacts: tuple[DeclaredContact, ...] = ()
    contracts: tuple[DeclaredContract, ...] = ()
    units: tuple[DeclaredUnit, ...] = ()
