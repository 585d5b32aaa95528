"""The directory as declared in files: sites, contacts, contracts, prepaid services, units.

`origin` says where a row stands: "file people.toml", or "import contacts.csv".
"""

from __future__ import annotations

from datetime import date

from sitmail.domain.record import record


@record
class DeclaredSite:
    """`free_incidents`: so many are covered without any contract."""

    id: str
    name: str
    domains: tuple[str, ...] = ()
    account_manager: str = ""
    territory: str = ""
    reference: str = ""  # a regular expression that finds the customer's own numbers
    calendar: str = ""
    timezone: str = ""
    language: str = ""
    internal: bool = False
    notes: str = ""
    service_level: str = ""
    free_incidents: int = 0
    feedback: bool = True
    origin: str = ""


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
    do_not_mail: bool = False
    feedback: bool = True
    origin: str = ""


@record
class DeclaredContract:
    """`contacts` None: everybody of the site.  Dates are included; None is open.  `ended`: the last day, if earlier."""

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
    ended: date | None = None
    named_max: int | None = None
    feedback: bool = True
    origin: str = ""

    @property
    def last_day(self) -> date | None:
        """The last day on which it covers anything; None: it has no end."""
        return min((day for day in (self.expires, self.ended) if day is not None), default=None)


@record
class DeclaredService:
    """Prepaid: `time` in minutes, or so many `incidents`.  Dates are included; None is open."""

    id: str
    contract: str
    name: str
    time: int | None = None
    incidents: int | None = None
    starts: date | None = None
    expires: date | None = None
    rate: str = ""
    order: str = ""
    notes: str = ""
    origin: str = ""


@record
class DeclaredUnit:
    serial: str
    item: str
    site: str = ""
    contract: str = ""
    warranty_until: date | None = None
    notes: str = ""
    origin: str = ""


@record
class Directory:
    sites: tuple[DeclaredSite, ...] = ()
    contacts: tuple[DeclaredContact, ...] = ()
    contracts: tuple[DeclaredContract, ...] = ()
    services: tuple[DeclaredService, ...] = ()
    units: tuple[DeclaredUnit, ...] = ()
