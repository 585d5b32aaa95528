"""The occasions of letters about what is prepaid, for `cli/samples`."""

from __future__ import annotations

from typing import Any

from sitmail.domain.sentence import Sentence

_CONTRACT = {"contract": "acme-2026", "site": "Acme Ltd"}
LOW: dict[str, Any] = {
    "about": "service",
    **_CONTRACT,
    "service": "Block of calls",
    "left": Sentence("%(count)s incident", count=1),
    "all": Sentence("%(count)s incidents", count=10),
}
TOLD: tuple[dict[str, Any], ...] = (
    {"about": "short", **_CONTRACT, "service": "", "amount": "1h 30m"},
    {"about": "overdrawn", **_CONTRACT, "service": "Block of hours", "amount": "1h 30m"},
)
