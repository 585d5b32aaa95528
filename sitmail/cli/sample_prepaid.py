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
DRAWN = Sentence("%(amount)s drawn from %(service)s, %(left)s left", amount="1h", service="Block of hours", left="9h")
_SERVICE = ["Block of hours", "9h", "10h", "2026-12-31", "90 EUR"]
ASKED: tuple[dict[str, Any], ...] = (
    {**_CONTRACT, "amount": "1h 30m", "back": False, "services": [_SERVICE], "spent": [["Ana Lind", "1h 20m"]]},
    {**_CONTRACT, "amount": "1h", "back": True, "services": [["Block", "9h", "10h", "", ""]], "spent": []},
)
TOLD: tuple[dict[str, Any], ...] = (
    {"about": "short", **_CONTRACT, "service": "", "amount": "1h 30m"},
    {"about": "decided", **_CONTRACT, "by": "", "words": "", "said": [DRAWN]},
    {"about": "decided", **_CONTRACT, "by": "Ana Lind", "words": "That was our mistake.", "said": [DRAWN]},
    {"about": "overdrawn", **_CONTRACT, "service": "Block of hours", "amount": "1h 30m"},
)
