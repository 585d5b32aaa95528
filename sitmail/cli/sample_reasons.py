"""The last line of each sample: as it is for its reader, who owns the incident, or whose it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sitmail.domain.engineers import Engineer
from sitmail.domain.incident import Incident, Status
from sitmail.domain.notice_purposes import PURPOSES, NoticePurpose
from sitmail.domain.people import Kind, Person
from sitmail.domain.policy import Mailbox, Policy
from sitmail.domain.update import LegKind
from sitmail.domain.why_told import why

_NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
_ANA = Engineer("ana", "Ana Lind", ("ana@example.com",))
_POLICY = Policy("Example Desk", (Mailbox("support@example.com"),), engineers={"ana": _ANA})
_INCIDENT = Incident(12, "support@example.com", "", Status.ACTIVE, "", _NOW, _NOW, owner="ana", contact=2)
_STAFF = Person(1, Kind.ENGINEER, "ana", "Ana Lind", ("ana@example.com",))
_CUSTOMER = Person(2, Kind.CONTACT, "carla@example.com", "Carla Jones", ("carla@example.com",))
_VENDOR = Person(3, Kind.VENDOR, "lamps", "Lamps", ("help@lamps.example.com",))


def reason(purpose: NoticePurpose, detail: Mapping[str, Any], *, bound: bool) -> str:
    """`bound`: the sample is about an incident."""
    traits = PURPOSES[purpose]
    outside = _VENDOR if traits.leg is LegKind.VENDOR else _CUSTOMER
    return why(purpose, outside if traits.outside else _STAFF, _INCIDENT if bound else None, "", detail, _POLICY)
