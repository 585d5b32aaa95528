"""Invented data for letters about held mail and solved incidents: to authors, writers and staff (`cli/samples`)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.sentence import Sentence, beside

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SOLVED = [  # like the new one: how it was closed, its resolution, how the answer began, why it is like it
    [
        "[SIT-4] Printer",
        "solved",
        "Cable",
        "We changed the cable.",
        beside(Sentence("both titles say: %(words)s", words="printer"), Sentence("the same site")),
    ],
    ["[SIT-3] The printer", "solved", "", "", Sentence("both titles say: %(words)s", words="printer")],
]
HELD = {  # what the letter about a held mail tells
    "reason": "unknown-sender",
    "text": "Nobody knows dan@example.com",
    "held": 7,
    "sender": "Dan <dan@example.com>",
    "proof": "none",
    "subject": "Printer",
}
REFUSED = {
    "subject": "Printer",
    "contract": "acme-2026",
    "day": "2026-03-01",
    "count": 10,
    "ask": ["Ana Lind <ana@example.com>"],
}
QUESTION = {"subject": "Printer", "lines": ["/take"], "text": "Please.", "why": "unproven"}  # of a held mail
SHARED = [["12#5", ["Jane Doe", "John Roe"], "The spare part comes on Friday.", ["plan.pdf"]]]
LISTED: dict[str, Any] = {  # what a yes acts on
    "listed": [["[EX-1] Printer", "Bob Jones is the owner"], ["[EX-2] Lamp", ""]],
    "count": 2,
    "beside": ["Jane Roe also watches: [EX-7]"],
    "lines": [],
}
HOLDING: dict[NoticePurpose, tuple[dict[str, Any], ...]] = {
    NoticePurpose.CONFIRM: (
        {"mails": [QUESTION], "others": [], "waiting": 0, "again": ""},
        {
            "mails": [QUESTION | {"why": "confirm", "text": ""}] * 2,
            "others": ["Printer"],
            "waiting": 2,
            "again": "late",
        },
        {"mails": [QUESTION | {"why": "outsider-token"}], "others": [], "waiting": 1, "again": "unclear"},
        {"mails": [QUESTION | {"why": "directory"}], "others": [], "waiting": 0, "again": ""},
        {"mails": [QUESTION | {"why": "outsider-unread"}], "others": [], "waiting": 0, "again": ""},
        {"mails": [QUESTION | {"why": "outsider-authenticated"}], "others": [], "waiting": 0, "again": ""},
        {"mails": [QUESTION | {"why": "both"}], "others": [], "waiting": 0, "again": ""},
        {"mails": [QUESTION | {"why": "begin"}], "others": [], "waiting": 0, "again": ""},
        {"mails": [QUESTION | {"why": "many", "subject": "", "text": ""}], "others": [], "waiting": 0, "again": ""},
        {"mails": [QUESTION | {"why": "share", "shared": SHARED}], "others": [], "waiting": 0, "again": ""},
        {"mails": [QUESTION | {"why": "chosen"} | LISTED], "others": [], "waiting": 0, "again": ""},
        {"mails": [QUESTION | {"why": "many"} | LISTED | {"count": 1}], "others": [], "waiting": 0, "again": ""},
    ),
    NoticePurpose.CONFIRM_WAITS: ({"mails": [QUESTION]}, {"mails": []}),
    NoticePurpose.HELD: (
        HELD | {"words": "It smokes.", "cut": True, "files": [["photo.jpg", 20_000]]},
        HELD | {"words": "", "cut": False, "files": [], "subject": "", "due": NOW},
    ),
    NoticePurpose.HELD_REJECTED: (
        {"subject": "Printer", "why": "We serve Acme only.", "greeted": True},
        {"subject": "", "why": "We serve Acme only.", "greeted": False},
    ),
    NoticePurpose.NOT_COVERED: (
        {"reason": "used-up", **REFUSED, "prepaid": True},
        *({"reason": reason, **REFUSED} for reason in ("expired", "used-up", "unnamed-contact", "not-entitled")),
        {"reason": "triage"},
        {"reason": "not-entitled"},
    ),
}
