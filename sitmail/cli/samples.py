"""One invented occasion for each letter, so that `check` can render them all.  Nothing here is anybody's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sitmail.domain.notices import PURPOSES
from sitmail.domain.verbs import CUSTOMER, STAFF
from sitmail.services.views import DeskView, FileView, IncidentView, ReaderView, Scene, TargetView, UpdateView

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
FILE = FileView(1, "photo.png", 20_480, "0" * 64, 1)
UPDATE = UpdateView(
    id="12#1",
    author="Carla Jones",
    at=NOW,
    did="wrote",
    public=True,
    text="The printer burns.\n",
    unverified=True,
    files=(FILE,),
    changed=("status: New -> Active",),
    rule="customer-update",
    reason="sample",
)
INCIDENT = IncidentView(
    number=12,
    reference="[SIT-12]",
    title="Printer burns",
    status="Active",
    priority="high",
    owner="Ana Lind",
    opened=NOW,
    contact="Carla Jones",
    contact_address="carla@example.com",
    site="acme",
    team="Support",
    service_level="gold",
    contract="acme-2026",
    next_action_at=NOW + timedelta(days=1),
    late=True,
    targets=(TargetView("first_response", NOW + timedelta(hours=2), "running"), TargetView("resolution", None, "met")),
    participants=("Dan Jones",),
)
# What the notices of a purpose tell besides; see the templates of the same names.
DETAILS: dict[str, dict[str, Any]] = {
    "answer": {"closing_status": "solved", "owner": "Ana Lind"},
    "changed": {"owner": "Ana Lind", "status": "Active"},
    "changed_staff": {"by": "Ana Lind"},
    "closure_noted": {"reason": "it works"},
    "closure_requested": {"reason": "it works"},
    "confirm": {"lines": ["/take"], "text": "Please."},
    "customer_refused": {"verdicts": [["/close", "say why"]]},
    "delivery_failed": {"address": "carla@example.com"},
    "digest": {"lines": [[12, "changed_staff"], [0, "held"]]},
    "held": {"reason": "unknown-sender", "text": "Nobody knows dan@example.com"},
    "quarantined": {"id": 7, "error": "it could not be read", "writer": "dan@example.com"},
    "show": {"what": "log", "number": 12},
    "sla_late": {"target": "resolution", "due": NOW},
    "sla_warning": {"target": "resolution", "due": NOW, "threshold": 0.75},
    "token_misused": {"writer": "dan@example.com"},
    "token_misused_customer": {"writer": "dan@example.com"},
    "verdict": {"refused": True, "verdicts": [["/tkae", False, "no such command"]], "returned": "/tkae"},
}


def samples() -> dict[str, dict[str, Any]]:
    """By purpose, everything its template may look at."""
    return {name: _scene(purpose.outside) | {"detail": DETAILS.get(name, {})} for name, purpose in PURPOSES.items()}


def _scene(outside: bool) -> dict[str, Any]:
    reader = (
        ReaderView("Carla Jones", "carla@example.com", False) if outside else ReaderView("Ana", "ana@example.com", True)
    )
    return Scene(
        desk=DeskView("Example Desk", "support@example.com", "support+cmd@example.com"),
        reader=reader,
        zone="UTC",
        now=NOW,
        plain_reply="Carla Jones <carla@example.com>",
        reply="support+i12.k@example.com",
        note="" if outside else "support+n12.k@example.com",
        incident=INCIDENT,
        updates=(UPDATE,),
        history=() if outside else (UPDATE,),
        files=(FILE,),
        kept_files=(FILE,),
        shown=None if outside else INCIDENT,
        listed=(FILE,),
        verbs=tuple(verb for verb in (CUSTOMER if outside else STAFF).values() if not verb.later),
    ).context()
