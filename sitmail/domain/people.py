"""Who writes and who reads: persons as the store knows them, whatever file or mail they came from."""

from __future__ import annotations

from enum import StrEnum

from sitmail.domain.record import record


class Kind(StrEnum):
    """What a person is to the desk.  A human may be two persons: an engineer and somebody's contact."""

    ENGINEER = "engineer"
    CONTACT = "contact"
    VENDOR = "vendor"
    TRACKER = "tracker"
    ORDER_DESK = "order_desk"
    ROBOT = "robot"
    STRANGER = "stranger"


STAFF = frozenset({Kind.ENGINEER})
PARTNERS = frozenset({Kind.VENDOR, Kind.TRACKER, Kind.ORDER_DESK})  # each has a leg of its own at an incident


@record
class Person:
    """`key` is the id that a file gives, else the registered address; `addresses[0]` is where we write to.

    `id` 0 stands for somebody whom the store does not know yet.  `level` is how much a contact wants to be told:
    all, important or replies.  `role` of a contact: contact or admin (of the site).
    """

    id: int
    kind: Kind
    key: str
    name: str
    addresses: tuple[str, ...]
    site: str = ""
    language: str = ""
    timezone: str = ""
    level: str = "all"
    role: str = ""
    phone: str = ""
    manager: str = ""
    do_not_mail: bool = False  # they get what people write, and nothing automatic
    known: bool = True  # a stranger is served, but not known until his first proof (behaviour 5)

    @property
    def address(self) -> str:
        return self.addresses[0] if self.addresses else ""

    @property
    def staff(self) -> bool:
        return self.kind in STAFF

    @property
    def partner(self) -> bool:
        return self.kind in PARTNERS
