"""Invented data for the letters about changes of the directory: see `cli/samples`."""

from __future__ import annotations

from typing import Any

from sitmail.domain.customer.site_verbs import MEANS, WHOM
from sitmail.domain.notice_purposes import NoticePurpose

SITE_LINES = {"subject": "", "lines": ["/allow dan@example.com"], "text": "", "why": "directory"}
CHANGES: dict[NoticePurpose, tuple[dict[str, Any], ...]] = {
    NoticePurpose.APPROVAL: (
        {
            "who": "Carla Jones",
            "site": "Acme Ltd",
            "lines": ["/allow dan@example.net"],
            "outsiders": ["dan@example.net"],
            "held": 7,
        },
    ),
    NoticePurpose.CONFIRM_CUSTOMER: (
        {"mails": [SITE_LINES], "again": ""},
        {"mails": [SITE_LINES], "again": "late"},
        {"mails": [SITE_LINES], "again": "unclear"},
    ),
    NoticePurpose.CONFIRM_CUSTOMER_WAITS: ({"mails": [SITE_LINES]}, {"mails": []}),
    NoticePurpose.DIRECTORY_CHANGED: (
        {"who": "Carla Jones", "site": "Acme Ltd", "done": [["/visibility all", MEANS["all"]]]},
    ),
    NoticePurpose.PROPOSAL: (
        {
            "who": "Carla Jones",
            "address": "carla@example.com",
            "lines": [["Phone", "", "+44 20 7946 0001"], ["Email", "carla@example.com", "c.jones@example.com"]],
        },
    ),
    NoticePurpose.SITE_CONTACTS: (
        {
            "done": [],
            "site": "Acme Ltd",
            "people": [
                ["Carla Jones", "carla@example.com", "+44 20", True, "acme-1"],
                ["", "dan@example.com", "", False, ""],
            ],
            "more": 3,
            "contracts": [
                ["acme-1", False, 1, 5, "named", "2026-12-31"],
                ["acme-2", True, 0, None, "nobody", ""],
                ["acme-3", False, 2, None, "all", ""],
            ],
        },
        {"done": [["/visibility all", MEANS["all"]]]},
        {"refused": [["/allow", WHOM]]},
        {"waits": ["dan@example.net"], "asked": "Ana Lind"},
    ),
}
