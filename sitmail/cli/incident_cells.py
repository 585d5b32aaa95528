"""What the cells of a table of old incidents mean: moments, people and codes of this desk, by any of their names.

Each function raises ValueError with a sentence that says what was expected.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sitmail.domain import subject
from sitmail.domain.address import addr_spec
from sitmail.domain.choices import Choice, named
from sitmail.domain.dictionary import MAX_TAG, MAX_TAGS, pick, pick_specific
from sitmail.domain.hours import zone
from sitmail.domain.imported import LARGEST
from sitmail.domain.incident import ALSO_CALLED, CLOSING_STATUSES, Status
from sitmail.domain.policy import Policy
from sitmail.domain.update import LegKind

ALSO: Mapping[Status, tuple[str, ...]] = {
    Status.ACTIVE: ("open", "opened"),
    Status.CLOSED: ("resolved", "solved", "done"),
    Status.ON_HOLD: ("stalled",),
}
_NAMED = re.compile(r"(?P<name>[^<>]*)<(?P<address>[^<>]+)>\s*")
PLAN = 60  # characters of a cell that a sentence shows


class Writer(NamedTuple):
    """An engineer (by id), an address outside, or a name."""

    engineer: str = ""
    address: str = ""
    name: str = ""

    @property
    def staff(self) -> bool:
        return not self.address


def shown(cell: str) -> str:
    return repr(cell if len(cell) <= PLAN else cell[:PLAN] + "...")


def number(cell: str, policy: Policy) -> int:
    """The number that an incident gets: as it is written, moved by `former_offset`; one with our tag stays."""
    if cell.isascii() and cell.isdigit() and len(cell) <= subject.DIGITS:
        found: tuple[int, ...] = (int(cell) + policy.former_offset,)
    else:
        found = subject.references(cell, policy.tag, policy.former_tags, policy.former_offset)
    if len(found) != 1 or not 0 < found[0] <= LARGEST:
        raise ValueError(f"expected a number such as 1234, from 1 to {LARGEST}, not {shown(cell)}")
    return found[0]


def moment(cell: str, policy: Policy, now: datetime) -> datetime:
    """RFC 3339, or a date, or both with a blank between; without a zone it is the desk's."""
    try:
        found = datetime.fromisoformat(cell)
        found = found if found.tzinfo else found.replace(tzinfo=zone(policy.timezone))
        found = found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"expected a moment such as 2024-01-31 or 2024-01-31 14:05, not {shown(cell)}") from None
    if found > now + timedelta(days=1):
        raise ValueError(f"expected a moment in the past, not {shown(cell)}")
    return found


def status(cell: str, policy: Policy) -> str:
    labels = policy.dictionary.label
    also = {one: (*ALSO_CALLED.get(one, ()), *ALSO.get(one, ())) for one in Status}
    return named(cell, "status", [Choice(one, labels(one).internal, also[one]) for one in Status])


def closing_status(cell: str, policy: Policy) -> str:
    return named(cell, "closing status", [Choice(one, policy.dictionary.closing(one)) for one in CLOSING_STATUSES])


def priority(cell: str, policy: Policy) -> str:
    return named(cell, "priority", [Choice(one.id, one.name) for one in policy.priorities])


def product(cell: str, policy: Policy) -> str:
    return pick(policy.dictionary.products, "product", cell)


def reason(cell: str, policy: Policy) -> str:
    return pick_specific(policy.dictionary.reasons, "reason", cell)


def tags(cell: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(one.lower() for one in re.split(r"[\s,;|]+", cell) if one))
    if len(found) > MAX_TAGS or any(len(one) > MAX_TAG for one in found):
        raise ValueError(f"expected at most {MAX_TAGS} words of at most {MAX_TAG} characters")
    return found


def audience(cell: str) -> LegKind:
    if cell.lower() in (LegKind.PUBLIC, LegKind.INTERNAL):
        return LegKind(cell.lower())
    raise ValueError(f"expected public or internal, not {shown(cell)}")


def engineer(cell: str, policy: Policy) -> str:
    """The id of the engineer with that id, name or address, "" if there is none."""
    low = cell.strip().lower()
    for one in policy.engineers.values():
        if low in (one.id.lower(), one.name.lower(), *one.addresses):
            return one.id
    return ""


def owner(cell: str, policy: Policy, *, closed: bool) -> str:
    """An engineer's id.  Who owned what is closed may have left long ago, and keeps the name that is written."""
    found = engineer(cell, policy)
    if found or closed:
        return found or cell
    near = difflib.get_close_matches(cell.lower(), [name for one in policy.engineers.values() for name in (one.id,)], 1)
    hint = (
        f"did you mean {near[0]!r}?" if near else "an open incident belongs to somebody of the configuration, or nobody"
    )
    raise ValueError(f"no engineer {shown(cell)}; {hint}")


def contact(cell: str, policy: Policy) -> Writer:
    """An address, with or without a name."""
    found = address(cell)
    if not found.address:
        raise ValueError(f"expected a mail address, not {shown(cell)}")
    if policy.is_own(found.address) or policy.partner_at(found.address):
        raise ValueError(f"expected the address of a customer, not {shown(cell)}")
    return found


def writer(cell: str, policy: Policy, staff: Collection[str]) -> Writer:
    """Who wrote an update.  `staff`: addresses and @domains of colleagues whom the configuration does not name."""
    found = address(cell)
    known = engineer(found.address or cell, policy)
    if known:
        return Writer(engineer=known)
    if found.address and not is_staff(found.address, policy, staff):
        return found
    return Writer(name=cell)


def address(cell: str) -> Writer:
    """`Jane Doe <jane@example.com>`, or the address alone; a Writer without any where there is none."""
    named_ = _NAMED.fullmatch(cell)
    if named_ is None:
        return Writer(address=addr_spec(cell))
    return Writer(address=addr_spec(named_["address"].strip()), name=named_["name"].strip(' "'))


def is_staff(where: str, policy: Policy, staff: Collection[str]) -> bool:
    return policy.is_own(where) or where in staff or "@" + where.rpartition("@")[2] in staff
